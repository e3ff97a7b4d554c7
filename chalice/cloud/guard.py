"""Which requests the AWS port refuses: those that a web page sent, or could have.

Everything on this machine may talk to the cloud, and browsers are on this machine: a page from
anywhere can make them send requests to loopback. A page cannot hide where it is from, so

- ``Host`` must be a name of loopback (a page may bind its own name to 127.0.0.1),
- ``Origin``, which browsers add to what pages send, must be one too,
- ``Sec-Fetch-Site`` must not say that another site caused the request (images, links, forms).

Pages served from this machine, and every other program on it, are let through.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit


def refusal(headers: Mapping[str, str]) -> str | None:
    """Return why a request with these headers is refused, None if it is not.

    The keys of ``headers`` are lower-case.
    """
    host, origin = headers.get("host", ""), headers.get("origin")
    if not _is_loopback(f"//{host}"):
        return f"`{host}` is not a name of this machine's loopback"
    if origin is not None and not _is_loopback(origin):
        return f"the request comes from a page of `{origin}`"
    if headers.get("sec-fetch-site") == "cross-site":
        return "the request comes from a page of another site"
    return None


def _is_loopback(url: str) -> bool:
    try:
        name = urlsplit(url).hostname or ""
        return name == "localhost" or name.endswith(".localhost") or ip_address(name).is_loopback
    except ValueError:
        return False
