"""The HTTP answer of a view, and its form in API Gateway's proxy integration.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

from chalice.runtime.encoding import base64_text, json_chunks, text_or_base64
from chalice.runtime.errors import ChaliceError
from chalice.runtime.mediatypes import JSON, MediaTypes, content_type_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from typing_extensions import Unpack

    from chalice.runtime.cookies import CookieAttributes


_VERBATIM = (str, bytes)
_join = "".join


class Response:
    """An answer: any body that JSON can hold, or str and bytes that are sent as they are.

    A header whose value is a list is sent once for each of its elements.
    """

    def __init__(
        self, body: Any, headers: dict[str, Any] | None = None, status_code: int = 200
    ) -> None:
        self.body = body
        self.headers: dict[str, Any] = {} if headers is None else headers
        self.status_code = status_code

    def set_cookie(
        self, name: str, value: str = "", **attributes: Unpack[CookieAttributes]
    ) -> None:
        """Have the browser keep a cookie: `max_age` seconds, until `expires`, else while it runs.

        Unless told otherwise it is Secure, HttpOnly, SameSite=Lax, and for all paths. `expires` is
        a datetime with a time zone. Raises ValueError for a cookie that browsers would not take.
        """
        from chalice.runtime.cookies import cookie_text  # noqa: PLC0415

        self.headers = _with_cookie(self.headers, cookie_text(name, value, **attributes))

    def delete_cookie(self, name: str, **attributes: Unpack[CookieAttributes]) -> None:
        """Have the browser forget a cookie that was set with the same path and domain."""
        attributes["max_age"] = 0
        self.set_cookie(name, **attributes)

    def to_dict(self, binary_types: Sequence[str] | None = None) -> dict[str, Any]:
        """API Gateway's form of the answer; None for `binary_types` leaves bytes as they are.

        `{"headers": {...}, "multiValueHeaders": {...}, "statusCode": 200, "body": "..."}`, and
        `"isBase64Encoded": True` if it is. Raises TypeError for what JSON cannot hold and
        ValueError for text with a binary Content-Type.
        """
        headers = self.headers
        body = json_text(self.body)
        single = {**headers}
        multi = {}
        for name, value in headers.items():
            if isinstance(value, list):
                multi[name] = single.pop(name)
        answer = {
            "headers": single,
            "multiValueHeaders": multi,
            "statusCode": self.status_code,
            "body": body,
        }
        if binary_types is not None:
            if not isinstance(binary_types, MediaTypes):
                binary_types = MediaTypes(binary_types)
            content_type = content_type_of(headers) if headers else None
            if binary_types.matches(content_type or ""):
                answer["body"] = _base64_body(body, content_type)
                answer["isBase64Encoded"] = True
            elif isinstance(body, bytes):
                answer["body"], is_base64 = text_or_base64(body)
                if is_base64:
                    answer["isBase64Encoded"] = True
        return answer


def _with_cookie(headers: dict[str, Any], cookie: str) -> dict[str, Any]:
    """A copy of the headers, which may be shared with other responses, with one cookie more."""
    copy = {**headers}
    cookies = []
    for name in headers:
        if name.lower() == "set-cookie":
            value = copy.pop(name)
            cookies += value if isinstance(value, list) else [value]
    return {**copy, "Set-Cookie": [*cookies, cookie]}


def as_response(value: Any) -> Response:
    """What a view or middleware returned, as the Response that it stands for."""
    return value if isinstance(value, Response) else Response(value)


def awaited(value: Any) -> Any:
    """The value; of a coroutine, what it returns."""
    if not hasattr(value, "__await__"):
        return value
    from chalice.runtime.coroutines import run  # noqa: PLC0415

    return run(value)


def json_text(body: Any) -> Any:
    """The body as JSON text; str and bytes as they are, but for what UTF-8 cannot hold."""
    if not isinstance(body, _VERBATIM):
        return _join(json_chunks(body, 0))
    if isinstance(body, str) and not body.isascii() and not _is_sendable(body):
        # JSON of clients can hold half of a character that takes two in UTF-16.
        return body.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return body


def _is_sendable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _base64_body(body: str | bytes, content_type: str | None) -> str:
    if isinstance(body, str) and (content_type is None or JSON in content_type.lower()):
        body = body.encode()
    if not isinstance(body, bytes):
        raise ValueError(
            "Expected bytes type for body with binary Content-Type. "
            f"Got {type(body)} type body instead."
        )
    return base64_text(body)


def error_response(
    message: str, error_code: str, http_status_code: int, headers: dict[str, Any] | None = None
) -> Response:
    """The answer `{"Code": error_code, "Message": message}`."""
    return Response(
        {"Code": error_code, "Message": message}, headers=headers, status_code=http_status_code
    )


def sendable_headers(headers: dict[str, Any]) -> dict[str, Any]:
    """The headers with numbers as text and without those that are None.

    Raises ChaliceError for one that would break out of its line or is no text that UTF-8 can hold.
    """
    for name, value in headers.items():
        if type(value) is not str or not (name + value).isprintable():
            break
    else:
        return headers
    return {
        _one_line(name, name): [_one_line(name, element) for element in value]
        if isinstance(value, list)
        else _one_line(name, value)
        for name, value in headers.items()
        if value is not None
    }


def _one_line(name: str, value: object) -> str:
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str) or "\n" in value or "\r" in value or not _is_sendable(value):
        raise ChaliceError(f"Bad value for header {name!r}: {value!r}")
    return value


def merge_cors(headers: dict[str, Any], cors: dict[str, str]) -> dict[str, Any]:
    """The headers of an answer, with those of `cors` that it does not set itself in any case."""
    present = {name.lower() for name in headers}
    missing = {name: value for name, value in cors.items() if name.lower() not in present}
    return {**headers, **missing}
