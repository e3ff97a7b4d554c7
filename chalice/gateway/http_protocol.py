"""HTTP on a port of uvicorn, an answer's head and body in one packet."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 256 * 1024
"""Bytes of a head that are read. API Gateway refuses far shorter ones, and says so."""


class JoinedWrites:
    """A transport that sends at the end of a turn of the event loop what was written in it.

    Each sending is a call of the operating system, and those cost more than all else here.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pieces: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send data soon."""
        if not self._pieces:
            self._loop.call_soon(self.flush)
        self._pieces.append(data)

    def flush(self) -> None:
        """Send what was written."""
        pieces = self._pieces
        if pieces:
            self._pieces = []
            self._transport.write(pieces[0] if len(pieces) == 1 else b"".join(pieces))

    def close(self) -> None:
        """Send what was written, and close."""
        self.flush()
        self._transport.close()


class HttpProtocol(HttpToolsProtocol):
    """One connection. It ends when the head of a request is too long to be answered at all."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_size = 0  # since a request began, as long as its head has not ended

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection."""
        super().connection_made(JoinedWrites(transport, self.loop))  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        """Take what a client sent."""
        self._head_size += len(data)
        super().data_received(data)
        if self._head_size > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("Request head too long.")

    def on_headers_complete(self) -> None:
        """Begin to answer."""
        super().on_headers_complete()
        self._head_size = -sys.maxsize  # what comes now is the body

    def on_message_complete(self) -> None:
        """Note that the next request may begin."""
        super().on_message_complete()
        self._head_size = 0
