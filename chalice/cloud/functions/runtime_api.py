"""The Lambda Runtime API of one execution environment, on a loopback port of its own.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

One port each rather than a shared one with an id in the path: awslambdaric's native client takes
a path prefix in ``AWS_LAMBDA_RUNTIME_API``, but the client it posts init errors with does not.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Protocol

import httptools

from chalice.cloud.functions.outcomes import (
    MAX_RESPONSE,
    Answer,
    Outcome,
    init_failed,
    response_too_large,
)

_PREFIX = "/2018-06-01/runtime/"
_JSON = "Content-Type: application/json\r\n"
_ACCEPTED = f'HTTP/1.1 202 Accepted\r\n{_JSON}Content-Length: 15\r\n\r\n{{"status":"OK"}}'.encode()


@dataclass(frozen=True, slots=True)
class Event:
    """One invocation as the runtime client gets it. ``deadline_ms`` is since the epoch.

    ``client_context`` is a JSON document, or None.
    """

    request_id: str
    payload: bytes
    arn: str
    deadline_ms: int
    trace_id: str
    client_context: str | None

    def encode(self) -> bytes:
        """The HTTP response to ``GET invocation/next``."""
        context = ""
        if self.client_context is not None:
            # A line break is white space between JSON tokens, and would end the header.
            text = " ".join(self.client_context.splitlines())
            context = f"Lambda-Runtime-Client-Context: {text}\r\n"
        head = (
            f"HTTP/1.1 200 OK\r\n{_JSON}"
            f"Lambda-Runtime-Aws-Request-Id: {self.request_id}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {self.deadline_ms}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {self.arn}\r\n"
            f"Lambda-Runtime-Trace-Id: {self.trace_id}\r\n"
            f"{context}Content-Length: {len(self.payload)}\r\n\r\n"
        )
        return head.encode() + self.payload


class Listener(Protocol):
    """The execution environment, told what its runtime client does."""

    def asks_next(self) -> bool:
        """The client waits for an event; False when it has not ended the one it has."""

    def answers(self, request_id: str, outcome: Outcome) -> bool:
        """The client ends that invocation; False when it is not the one that runs."""

    def fails_to_initialise(self, outcome: Outcome) -> None:
        """The client could not load the handler and will exit."""

    def disconnects(self) -> None:
        """A connection of the client is gone."""


class RuntimeApi:
    """The server. ``address`` is the value for ``AWS_LAMBDA_RUNTIME_API``."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.connections: set[_Connection] = set()
        self.waiting: _Connection | None = None
        self._server: asyncio.Server | None = None
        self.address = ""

    async def open(self) -> None:
        """Listen on a free port of the loopback interface."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.address = f"{host}:{port}"

    def send(self, event: Event) -> None:
        """Answer the client that waits for its next event."""
        assert self.waiting is not None
        connection, self.waiting = self.waiting, None
        connection.write(event.encode())

    def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self.connections):
            connection.abort()


class _Connection(asyncio.Protocol):
    """One connection of the runtime client: HTTP/1.1 with keep-alive."""

    def __init__(self, api: RuntimeApi) -> None:
        self._api = api
        self._parser = httptools.HttpRequestParser(self)
        self._path = b""
        self._body: list[bytes] = []
        self._size = 0

    # asyncio calls these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._api.connections.add(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError:
            raise  # a fault of ours, which asyncio logs; the connection ends
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._reply(400, "BadRequest", "this is not an HTTP request")
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._api.connections.discard(self)
        if self._api.waiting is self:
            self._api.waiting = None
        self._api.listener.disconnects()

    # httptools calls these.

    def on_message_begin(self) -> None:
        self._path, self._body, self._size = b"", [], 0

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"expect" and value.lower() == b"100-continue":
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size <= MAX_RESPONSE:
            self._body.append(body)

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode("latin-1")
        path = self._path.decode("latin-1")
        match method, path.removeprefix(_PREFIX).split("/") if path.startswith(_PREFIX) else []:
            case "GET", ["invocation", "next"]:
                self._next()
            case "POST", ["invocation", request_id, "response" | "error" as kind]:
                self._answer(request_id, error=kind == "error")
            case "POST", ["init", "error"]:
                self._accept()
                self._api.listener.fails_to_initialise(init_failed(b"".join(self._body)))
            case _:
                self._reply(404, "NotFound", f"no operation {method} {path}")

    def _next(self) -> None:
        if self._api.waiting is None and self._api.listener.asks_next():
            self._api.waiting = self
        else:
            self._reply(403, "InvalidStateTransition", "an event is awaited or handled already")

    def _answer(self, request_id: str, *, error: bool) -> None:
        outcome: Outcome
        if self._size > MAX_RESPONSE:
            outcome = response_too_large(self._size)
        else:
            outcome = Answer(b"".join(self._body), error)
        if not self._api.listener.answers(request_id, outcome):
            self._reply(400, "InvalidRequestID", "Invalid request ID")
        elif isinstance(outcome, Answer):
            self._accept()
        else:
            self._reply(413, "RequestEntityTooLarge", outcome.message)

    def _accept(self) -> None:
        self.write(_ACCEPTED)

    def _reply(self, status: int, error_type: str, message: str) -> None:
        body = json.dumps({"errorType": error_type, "errorMessage": message}).encode()
        head = f"HTTP/1.1 {status} {error_type}\r\n{_JSON}Content-Length: {len(body)}\r\n\r\n"
        self.write(head.encode() + body)

    def write(self, data: bytes) -> None:
        """Send bytes, unless the client is gone."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def abort(self) -> None:
        """Drop the connection at once."""
        self._transport.abort()
