"""HTTP on a port of uvicorn, an answer's head and body in one packet."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 256 * 1024
"""Bytes of a head that are read. API Gateway refuses far shorter ones, and says so."""
SLOWEST = 500.0
"""Bytes a second at which a body must come at least."""
PATIENCE = 30.0
"""Seconds after which it is looked whether a request comes fast enough."""


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
    """One connection. It ends when the head of a request is too long to be answered at all, and
    when a request takes too long to come.

    ``patience`` is in seconds: within that the whole head must have come, and again and again so
    much of the body as `SLOWEST` says.
    """

    def __init__(self, *args: Any, patience: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._patience = patience
        self._head_size = 0  # since a request began, as long as its head has not ended
        self._received = 0  # bytes since the last look
        self._look_later: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection."""
        super().connection_made(JoinedWrites(transport, self.loop))  # type: ignore[arg-type]
        self._look_later = self.loop.call_later(self.timeout_keep_alive, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._forget_look()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what a client sent."""
        if not self._head_size:  # a request begins
            self._forget_look()
        self._head_size += len(data)
        self._received += len(data)
        super().data_received(data)
        if self._head_size > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("Request head too long.")
        elif self._head_size and self._look_later is None:  # there is more to come
            self._received = 0
            self._look_later = self.loop.call_later(self._patience, self._look)

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to another protocol."""
        super().handle_websocket_upgrade()
        self._head_size = 0

    def on_headers_complete(self) -> None:
        """Begin to answer."""
        super().on_headers_complete()
        self._head_size = -sys.maxsize  # what comes now is the body

    def on_message_complete(self) -> None:
        """Note that the next request may begin."""
        super().on_message_complete()
        self._head_size = 0
        self._forget_look()

    def _look(self) -> None:
        """End the connection if its request comes too slowly, or none has come."""
        self._look_later = None
        if self._head_size < 0 and (self._received >= SLOWEST * self._patience or self._waits()):
            self._received = 0
            self._look_later = self.loop.call_later(self._patience, self._look)
        else:
            self.transport.close()

    def _waits(self) -> bool:
        """Whether it is us who do not read the body, or have not asked for it yet."""
        return self.flow.read_paused or self.cycle.waiting_for_100_continue

    def _forget_look(self) -> None:
        if self._look_later is not None:
            self._look_later.cancel()
            self._look_later = None
