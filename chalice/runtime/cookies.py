"""Cookies as text: https://www.rfc-editor.org/rfc/rfc6265."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Literal, TypedDict

    class CookieAttributes(TypedDict, total=False):
        """Who gets a cookie back, and until when."""

        max_age: int | None
        expires: datetime | None
        path: str | None
        domain: str | None
        secure: bool
        httponly: bool
        samesite: Literal["Lax", "Strict", "None"] | None
        partitioned: bool


_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r'([!#-+\--:<-\[\]-~]*)|"[!#-+\--:<-\[\]-~]*"')
_PATH = re.compile(r"/[ -:<-~]*")
_DOMAIN = re.compile(r"\.?[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*")
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def parse_cookies(header: str) -> dict[str, str]:
    """The values by name from `a=1; b="2"`; of a name that repeats the first, most specific one."""
    cookies: dict[str, str] = {}
    for pair in header.split(";"):
        name, equals, value = pair.partition("=")
        if equals:
            value = value.strip()
            if len(value) > 1 and value[0] == value[-1] == '"':
                value = value[1:-1]
            cookies.setdefault(name.strip(), value)
    return cookies


def cookie_text(
    name: str,
    value: str,
    *,
    max_age: int | None = None,
    expires: datetime | None = None,
    path: str | None = "/",
    domain: str | None = None,
    secure: bool = True,
    httponly: bool = True,
    samesite: Literal["Lax", "Strict", "None"] | None = "Lax",
    partitioned: bool = False,
) -> str:
    """The value of a Set-Cookie header; raises ValueError for what browsers would not take."""
    _require(_NAME, "name", name)
    if _VALUE.fullmatch(value) is None:
        raise ValueError(
            f"the value of cookie {name!r} has characters that cookies cannot hold: {value!r}; "
            "encode it, with urllib.parse.quote for example"
        )
    pieces = [f"{name}={value}"]
    if max_age is not None:
        pieces.append(f"Max-Age={int(max_age)}")
    if expires is not None:
        pieces.append(f"Expires={_date(expires)}")
    if path is not None:
        pieces.append(f"Path={_require(_PATH, 'path', path)}")
    if domain is not None:
        pieces.append(f"Domain={_require(_DOMAIN, 'domain', domain)}")
    if secure:
        pieces.append("Secure")
    if httponly:
        pieces.append("HttpOnly")
    if samesite is not None:
        if samesite not in ("Lax", "Strict", "None"):
            raise ValueError(f"samesite must be 'Lax', 'Strict', 'None' or None, not {samesite!r}")
        pieces.append(f"SameSite={samesite}")
    if partitioned:
        pieces.append("Partitioned")
    if not secure and (samesite == "None" or partitioned or name.startswith("__Secure-")):
        raise ValueError(f"browsers refuse cookie {name!r} unless it is secure")
    if name.startswith("__Host-") and (not secure or path != "/" or domain is not None):
        raise ValueError(f"cookie {name!r} must be secure, with path / and without a domain")
    return "; ".join(pieces)


def with_cookie(headers: dict[str, Any], cookie: str) -> dict[str, Any]:
    """A copy of the headers, which may be shared with other responses, with one cookie more."""
    copy = {**headers}
    cookies = []
    for name in headers:
        if name.lower() == "set-cookie":
            value = copy.pop(name)
            cookies += value if isinstance(value, list) else [value]
    return {**copy, "Set-Cookie": [*cookies, cookie]}


def _require(pattern: re.Pattern[str], part: str, text: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(f"not the {part} of a cookie: {text!r}")
    return text


def _date(moment: datetime) -> str:
    if moment.utcoffset() is None:
        raise ValueError("expires needs a time zone")
    time = moment.utctimetuple()
    return (
        f"{_DAYS[time.tm_wday]}, {time.tm_mday:02} {_MONTHS[time.tm_mon - 1]} {time.tm_year:04} "
        f"{time.tm_hour:02}:{time.tm_min:02}:{time.tm_sec:02} GMT"
    )
