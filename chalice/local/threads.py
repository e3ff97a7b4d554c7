"""Threads that run handlers, so that none blocks another or the server."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")

_LOOK = 0.002
"""Seconds after which a call that nobody took gets a thread of its own."""


class Threads(Generic[T]):
    """Runs calls that give a T; used in the thread of one event loop alone.

    A few threads take the calls as they come, which is fastest for those that only compute. When
    one waits because others wait for something else, threads are added, up to ``limit``; they
    are daemons, so none of them keeps the program from ending.
    """

    def __init__(self, limit: int, first: int = 1) -> None:
        self._loop = asyncio.get_running_loop()
        self._limit = limit
        self._count = 0
        self._taken = 0
        self._is_looking = False
        self._calls: SimpleQueue[tuple[Callable[[], T], asyncio.Future[T]]] = SimpleQueue()
        self._done: deque[tuple[asyncio.Future[T], T | None, BaseException | None]] = deque()
        self._is_woken = False
        for _ in range(first):
            self._add()

    def run(self, call: Callable[[], T]) -> asyncio.Future[T]:
        """Return what the call will give, or raise. An unfinished call cannot be cancelled."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._calls.put((call, future))
        if not self._is_looking:
            self._is_looking = True
            self._loop.call_later(_LOOK, self._look, self._taken)
        return future

    def _look(self, taken: int) -> None:
        """Add a thread for each call that waits, if none was taken since the last look."""
        waiting = self._calls.qsize()
        self._is_looking = waiting > 0
        if not waiting:
            return
        if self._taken == taken:
            for _ in range(min(waiting, self._limit - self._count)):
                self._add()
        self._loop.call_later(_LOOK, self._look, self._taken)

    def _add(self) -> None:
        self._count += 1
        name = f"handler-{self._count}"
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        take, done = self._calls.get, self._done.append
        while True:
            call, future = take()
            self._taken += 1  # several threads may count as one: all that matters is that it moves
            try:
                result = call()
            except BaseException as error:  # sys.exit() in a handler ends the call, not the thread
                done((future, None, error))
            else:
                done((future, result, None))
                del result
            del call, future
            if not self._is_woken:
                self._is_woken = True
                with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
                    self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        """Tell those who wait; one wake-up of the loop may be for many of them."""
        self._is_woken = False
        done = self._done
        while done:
            future, result, error = done.popleft()
            if future.cancelled():
                continue
            if error is None:
                future.set_result(result)  # type: ignore[arg-type]  # a T, there being no error
            else:
                future.set_exception(error)
