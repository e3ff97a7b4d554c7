"""What the gateway answers, and the answers it makes by itself.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

Headers: TypeAlias = "list[tuple[bytes, bytes]]"

JSON_TYPE = (b"content-type", b"application/json")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response. Header names are lower-case; length, date and server are not among them.
    ``is_identified``: it has the id of the request in its headers, in the way of those it is for.
    """

    status: int
    headers: Headers
    body: bytes = b""
    is_identified: bool = False


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """An answer of the gateway itself. ``error_type`` is the value of ``x-amzn-ErrorType``,
    ``kind`` the name under which an API may define its own: ``UNAUTHORIZED``.
    """

    status: int
    error_type: str
    body: bytes
    kind: str = ""

    def answer(self) -> Answer:
        """Return it as a response."""
        error_type = (b"x-amzn-errortype", self.error_type.encode("ascii"))
        return Answer(self.status, [JSON_TYPE, error_type], self.body)


class RefusedError(Exception):
    """The request ends here, with that response."""

    def __init__(self, response: GatewayResponse) -> None:
        super().__init__(response.error_type)
        self.response = response


def _message(
    status: int, error_type: str, message: str | None, kind: str, key: str = "message"
) -> GatewayResponse:
    body = json.dumps({key: message}, separators=(",", ":"), ensure_ascii=False)
    return GatewayResponse(status, error_type, body.encode(), kind)


_FAILED = "Internal server error"
_MISSING_TOKEN = "Missing Authentication Token"  # noqa: S105
_DENIED = "User is not authorized to access this resource"
_EXPLICITLY = " with an explicit deny"

FORBIDDEN = _message(403, "ForbiddenException", "Forbidden", "")
INVALID_API_KEY = _message(403, "ForbiddenException", "Forbidden", "INVALID_API_KEY")
UNAUTHORIZED = _message(401, "UnauthorizedException", "Unauthorized", "UNAUTHORIZED")
EXPIRED_TOKEN = _message(
    401, "UnauthorizedException", "The incoming token has expired", "EXPIRED_TOKEN"
)
UNSUPPORTED_MEDIA_TYPE = _message(
    415, "BadRequestException", "Unsupported Media Type", "UNSUPPORTED_MEDIA_TYPE"
)
REQUEST_TOO_LARGE = _message(
    413, "RequestTooLargeException", "Request Too Long", "REQUEST_TOO_LARGE"
)
URI_TOO_LONG = _message(414, "RequestTooLargeException", "Request-URI Too Long", "")
HEADERS_TOO_LARGE = _message(431, "RequestTooLargeException", "Request Header Fields Too Large", "")
THROTTLED = _message(429, "TooManyRequestsException", "Too Many Requests", "THROTTLED")
QUOTA_EXCEEDED = _message(429, "LimitExceededException", "Limit Exceeded", "QUOTA_EXCEEDED")
AUTHORIZER_CONFIGURATION_ERROR = _message(
    500, "AuthorizerConfigurationException", None, "AUTHORIZER_CONFIGURATION_ERROR"
)
INTERNAL_ERROR = _message(500, "InternalServerErrorException", _FAILED, "API_CONFIGURATION_ERROR")
BAD_GATEWAY = _message(502, "InternalServerErrorException", _FAILED, "INTEGRATION_FAILURE")
INTEGRATION_TIMEOUT = _message(
    504, "InternalServerErrorException", "Endpoint request timed out", "INTEGRATION_TIMEOUT"
)
MISSING_TOKEN = _message(
    403,
    "MissingAuthenticationTokenException",
    _MISSING_TOKEN,
    "MISSING_AUTHENTICATION_TOKEN",
)


def denied(sentence: str = _DENIED, *, explicitly: bool) -> GatewayResponse:
    """Return the answer to somebody whom a policy keeps out, which AWS spells with a capital M."""
    text = sentence + _EXPLICITLY if explicitly else sentence
    return _message(403, "AccessDeniedException", text, "ACCESS_DENIED", "Message")


ACCESS_DENIED = denied(explicitly=False)
EXPLICITLY_DENIED = denied(explicitly=True)


def unsigned(error_type: str, sentence: str) -> GatewayResponse:
    """Return the answer to a request whose signature does not hold."""
    kind = "EXPIRED_TOKEN" if error_type == "ExpiredTokenException" else "INVALID_SIGNATURE"
    return _message(403, error_type, sentence, kind)


def no_such_method(authorization: str | None, *, dated: bool) -> GatewayResponse:
    """Return the answer for a path or method that the API does not have.

    ``dated`` says whether the request has a date header.
    """
    message = no_such_method_message(authorization, dated=dated)
    if message == _MISSING_TOKEN:
        return MISSING_TOKEN
    return _message(403, "IncompleteSignatureException", message, "INVALID_SIGNATURE")


def no_such_method_message(authorization: str | None, *, dated: bool) -> str:
    """Return what that answer says.

    API Gateway takes such a request for a call of an AWS API, and reads its ``Authorization``
    header as a signature.
    """
    if not authorization:
        return _MISSING_TOKEN
    faults = [
        f"Authorization header requires '{part}' parameter."
        for part in ("Credential", "Signature", "SignedHeaders")
        if f"{part}=" not in authorization
    ]
    if not dated:
        faults.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    if not faults:
        return _MISSING_TOKEN
    return f"{' '.join(faults)} Authorization={authorization}"


# What a function may not set: https://docs.aws.amazon.com/apigateway/latest/developerguide/
# api-gateway-known-issues.html
_REMAPPED = frozenset(
    b"authorization connection content-length content-md5 date expect host max-forwards server "
    b"user-agent www-authenticate x-amzn-requestid".split()
)
_DROPPED = frozenset(
    b"keep-alive proxy-authenticate proxy-connection te trailer transfer-encoding upgrade via "
    b"x-amz-apigw-id x-amzn-trace-id".split()
)
_CONNECTION = frozenset(
    b"connection content-length date keep-alive proxy-connection server te trailer "
    b"transfer-encoding upgrade".split()
)
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@lru_cache(maxsize=1024)
def _name(name: str) -> bytes:
    """Return the name under which a function's header is sent, empty for not at all."""
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"not a header name: {name!r}")
    lower = name.lower().encode("ascii")
    if lower in _DROPPED:
        return b""
    return b"x-amzn-remapped-" + lower if lower in _REMAPPED else lower


@lru_cache(maxsize=1024)
def _kept_name(name: str) -> bytes:
    """Return the name of a header that no API Gateway changes, empty for not at all."""
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"not a header name: {name!r}")
    lower = name.lower().encode("ascii")
    return b"" if lower in _CONNECTION else lower


def encode_headers(pairs: Iterable[tuple[str, str]], *, remap: bool = True) -> Headers:
    """Return headers ready to send, those remapped or dropped that REST APIs keep to themselves;
    without ``remap`` only what is about the connection is dropped.

    Raises ValueError for a name or a value that cannot be a header: one with a line break, say.
    """
    headers: Headers = []
    for name, value in pairs:
        encoded = _name(name) if remap else _kept_name(name)
        if _CONTROL.search(value) is not None:
            raise ValueError(f"control character in the value of header {name}: {value!r}")
        if encoded:
            headers.append((encoded, value.strip(" \t").encode("utf-8", "replace")))
    return headers
