"""News for whoever looks at the console: server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from typing import TypeAlias

_INSTANT = 0.05
"""Seconds: what changes within them is told at once."""
_MOST = 400
"""Things that are told at once; of more, the last."""
_BEHIND = 64
"""Messages that somebody may be behind. One who reads more slowly is sent away, and comes back."""
_HEARTBEAT = 15.0

Read: TypeAlias = Callable[[], object]


class Stream:
    """Tells all subscribers what changed. ``is_heard`` while there are some."""

    is_heard = False

    def __init__(self) -> None:
        self._subscribers: set[asyncio.Queue[bytes | None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed: dict[tuple[str, object], Read] = {}
        self._is_woken = False

    def tell(self, kind: str, key: object, read: Read) -> None:
        """Say that something changed, from any thread; ``read`` returns what it is then."""
        if not self.is_heard or self._loop is None:
            return
        self._changed[kind, key] = read
        if not self._is_woken:
            self._is_woken = True
            self._loop.call_soon_threadsafe(self._soon)

    async def subscribe(self) -> AsyncGenerator[bytes, None]:
        """Yield messages until the stream is closed."""
        self._loop = asyncio.get_running_loop()
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(_BEHIND)
        self._subscribers.add(queue)
        self.is_heard = True
        try:
            yield b"retry: 500\n\n"
            while True:
                try:
                    message = await asyncio.wait_for(queue.get(), _HEARTBEAT)
                except asyncio.TimeoutError:
                    yield b":\n\n"
                    continue
                if message is None:
                    return
                yield message
        finally:
            self._subscribers.discard(queue)
            self.is_heard = bool(self._subscribers)

    def close(self) -> None:
        """Send all subscribers away, from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end)

    def _soon(self) -> None:
        asyncio.get_running_loop().call_later(_INSTANT, self._flush)

    def _flush(self) -> None:
        self._is_woken = False
        changed, self._changed = self._changed, {}
        items = list(changed.items())[-_MOST:]
        news = [{"kind": kind, "data": read()} for (kind, _), read in items]
        message = b"data: %s\n\n" % json.dumps(news).encode()
        for queue in list(self._subscribers):
            try:
                queue.put_nowait(message)
            except asyncio.QueueFull:
                self._send_away(queue)

    def _end(self) -> None:
        for queue in list(self._subscribers):
            self._send_away(queue)

    def _send_away(self, queue: asyncio.Queue[bytes | None]) -> None:
        self._subscribers.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
