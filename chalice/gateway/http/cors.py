"""CORS as the gateway does it by itself for HTTP APIs and function URLs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice.gateway.answers import Answer, Headers
from chalice.gateway.request import Request
from chalice.iam.evaluation_patterns import matches

_PREFIX = b"access-control-"


class Cors:
    """A CORS configuration, ``{"allowOrigins": ["*"], "maxAge": 600}``; Lambda begins the names
    with capitals.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        lowered = {name[:1].lower() + name[1:]: value for name, value in settings.items()}
        self._origins = [str(each) for each in lowered.get("allowOrigins") or ()]
        self._methods = _join(lowered.get("allowMethods"))
        self._headers = _join(lowered.get("allowHeaders"))
        self._exposed = _join(lowered.get("exposeHeaders"))
        age = lowered.get("maxAge")
        self._max_age = b"" if age is None else str(age).encode("ascii")
        self._credentials = bool(lowered.get("allowCredentials"))

    def preflight(self, request: Request) -> Answer:
        """Return the answer to a preflight."""
        headers = self._common(request.headers.get("Origin", ""))
        if headers:
            for name, value in (
                (b"access-control-allow-methods", self._methods),
                (b"access-control-allow-headers", self._headers),
                (b"access-control-max-age", self._max_age),
            ):
                if value:
                    headers.append((name, value))
        return Answer(204, headers)

    def apply(self, answer: Answer, request: Request) -> Answer:
        """Return an answer with the headers of this configuration, and no others of CORS."""
        kept = [pair for pair in answer.headers if not pair[0].startswith(_PREFIX)]
        headers = self._common(request.headers.get("Origin", ""))
        if headers and self._exposed:
            headers.append((b"access-control-expose-headers", self._exposed))
        return Answer(answer.status, kept + headers, answer.body)

    def _common(self, origin: str) -> Headers:
        """Return what both kinds of answers say, nothing to an origin that is not allowed."""
        if not origin or not any(matches(each.lower(), origin.lower()) for each in self._origins):
            return []
        everyone = "*" in self._origins and not self._credentials
        allowed = b"*" if everyone else origin.encode("latin-1", "replace")
        headers = [(b"access-control-allow-origin", allowed)]
        if not everyone:
            headers.append((b"vary", b"Origin"))
        if self._credentials:
            headers.append((b"access-control-allow-credentials", b"true"))
        return headers


def is_preflight(request: Request) -> bool:
    """Say whether a browser asks what it may ask."""
    return (
        request.method == "OPTIONS"
        and "Origin" in request.headers
        and "Access-Control-Request-Method" in request.headers
    )


def _join(values: Any) -> bytes:
    return ",".join(str(each) for each in values or ()).encode("latin-1", "replace")
