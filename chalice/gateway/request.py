"""A request as API Gateway sees it.

Header names: a client may send any spelling, ASGI servers hand on lower case. Functions get each
word capitalised (``X-Api-Key``), which is how HTTP/1.1 clients write nearly all of them. Header
values are read as Latin-1. In the query ``+`` and ``%20`` are spaces, ``;`` separates as ``&``
does, and blank values are kept. Bytes that are not UTF-8 become U+FFFD.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import quote, unquote_plus
from uuid import UUID

from chalice.gateway.answers import (
    HEADERS_TOO_LARGE,
    REQUEST_TOO_LARGE,
    URI_TOO_LONG,
    RefusedError,
)

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

MAXIMUM_BODY = 10 * 1024 * 1024
MAXIMUM_HEAD = 10_240
"""Bytes in the request line and all header values."""

# About the connection to the gateway, so nothing for the function.
_HOP_BY_HOP = frozenset(
    b"connection expect keep-alive proxy-authenticate proxy-authorization proxy-connection te "
    b"trailer transfer-encoding upgrade".split()
)
_SEPARATOR = re.compile("[&;]")


class ClientGoneError(Exception):
    """The client closed the connection before it had sent the whole body."""


@lru_cache(maxsize=1024)
def header_name(name: bytes) -> str:
    """Return the name as functions see it, empty when they do not: ``x-api-key``, ``X-Api-Key``."""
    lower = name.lower()
    return "" if lower in _HOP_BY_HOP else lower.decode("latin-1").title()


class Request:
    """The head of a request, with the headers API Gateway adds.

    ``headers`` has the last value of each, ``multi_headers`` all of them, ``raw_headers`` those
    that the client sent. ``path`` is percent-encoded; ``now`` is in seconds since the epoch.
    """

    __slots__ = (
        "extended_id",
        "head_size",
        "headers",
        "host",
        "id",
        "method",
        "multi_headers",
        "now",
        "path",
        "protocol",
        "query",
        "raw_headers",
        "source_ip",
        "trace_id",
        "uri_size",
    )

    def __init__(self, scope: Scope, request_id: UUID, now: float) -> None:
        path = raw_path(scope)
        raw_query: bytes = scope["query_string"]
        self.id = str(request_id)
        self.extended_id = base64.b64encode(request_id.bytes[:11]).decode("ascii")
        self.now = now
        self.method: str = scope["method"]
        self.protocol = f"HTTP/{scope['http_version']}"
        self.path = path
        self.query = raw_query.decode("utf-8", "replace")
        client = scope.get("client")
        self.source_ip: str = client[0] if client else "127.0.0.1"
        self.headers: dict[str, str] = {}
        self.multi_headers: dict[str, list[str]] = {}
        self.uri_size = len(path) + len(raw_query)
        self.raw_headers: list[tuple[bytes, bytes]] = scope["headers"]
        self.head_size = self.uri_size + self._read_headers(self.raw_headers)
        self.host = self.headers.get("Host", "")
        self._add_headers(scope)

    def check_size(self) -> None:
        """Raise RefusedError when the head is larger than API Gateway takes."""
        if self.uri_size > MAXIMUM_HEAD:
            raise RefusedError(URI_TOO_LONG)
        if self.head_size > MAXIMUM_HEAD:
            raise RefusedError(HEADERS_TOO_LARGE)

    def _read_headers(self, raw: list[tuple[bytes, bytes]]) -> int:
        size = 0
        for raw_name, raw_value in raw:
            size += len(raw_value)
            name = header_name(raw_name)
            if name:
                value = raw_value.decode("latin-1")
                self.headers[name] = value
                self.multi_headers.setdefault(name, []).append(value)
        return size

    def _add_headers(self, scope: Scope) -> None:
        server = scope.get("server")
        before = ", ".join(self.multi_headers.get("X-Forwarded-For", ()))
        digits = self.id.replace("-", "")
        self.trace_id = self.headers.get(
            "X-Amzn-Trace-Id", f"Root=1-{int(self.now):08x}-{digits[:24]}"
        )
        for name, value in (
            ("X-Amzn-Trace-Id", self.trace_id),
            ("X-Forwarded-For", f"{before}, {self.source_ip}" if before else self.source_ip),
            ("X-Forwarded-Port", str(server[1]) if server and server[1] else "443"),
            ("X-Forwarded-Proto", scope.get("scheme", "http")),
        ):
            self.headers[name] = value
            self.multi_headers[name] = [value]


def raw_path(scope: Scope) -> str:
    """Return the path that was asked for, percent-encoded."""
    path: bytes = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
    return path.decode("utf-8", "replace")


def parse_query(query: str) -> dict[str, list[str]]:
    """Return the decoded values of each name: ``a=1&a=&b`` is ``{"a": ["1", ""], "b": [""]}``."""
    values: dict[str, list[str]] = {}
    for part in _SEPARATOR.split(query):
        if part:
            name, _, value = part.partition("=")
            values.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return values


async def read_body(receive: Receive, content_length: str | None) -> bytes:
    """Return the body. Raises RefusedError over 10 MiB, ClientGoneError when it does not end.

    A body that is too long is not read further: the server discards what still comes.
    """
    if content_length and content_length.isdecimal() and int(content_length) > MAXIMUM_BODY:
        raise RefusedError(REQUEST_TOO_LARGE)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > MAXIMUM_BODY:
            raise RefusedError(REQUEST_TOO_LARGE)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)
