"""Threads that run handlers, so that none blocks another or the server."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")

_LOOK = 0.004
"""Seconds after which it is looked whether calls are being taken."""
_PATIENCE = 10
"""Looks after which threads are added even to a process that computes."""


class Threads(Generic[T]):
    """Runs calls that give a T; used in the thread of one event loop alone.

    A few threads take the calls as they come, which is fastest for handlers that only compute.
    When none is taken any more because the handlers wait for something, threads are added, up to
    ``limit``. They are daemons: none keeps the program from ending.
    """

    def __init__(self, limit: int, first: int = 4) -> None:
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
            self._look_later(0)
        return future

    def _look_later(self, idle: int) -> None:
        seen = self._taken, time.perf_counter(), time.process_time()
        self._loop.call_later(_LOOK, self._look, seen, idle)

    def _look(self, seen: tuple[int, float, float], idle: int) -> None:
        """Add threads if calls wait and none was taken since the last look, the ``idle``-th such.

        A process that computes all the time would only do it more slowly with more threads.
        """
        waiting = self._calls.qsize()
        self._is_looking = waiting > 0
        if not waiting:
            return
        taken, wall, cpu = seen
        idle = idle + 1 if self._taken == taken else 0
        took = time.perf_counter() - wall
        # One that is late here has something to do as well, or others keep the processor from it.
        computes = took > 1.5 * _LOOK or time.process_time() - cpu > took / 2
        if idle and (not computes or idle > _PATIENCE):
            for _ in range(min(waiting, self._count, self._limit - self._count)):
                self._add()
        self._look_later(idle)

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
            if future.done():  # nobody waits for it any more
                continue
            if error is None:
                future.set_result(result)  # type: ignore[arg-type]  # a T, there being no error
            else:
                future.set_exception(error)
