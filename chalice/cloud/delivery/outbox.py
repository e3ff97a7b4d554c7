"""Work that goes on after the request that caused it was answered: one thing after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

from chalice.cloud.keeper import Traffic

LOGGER = logging.getLogger(__name__)

Work: TypeAlias = Callable[[], object]

_ASIDE = 8  # threads for work that waits for others
_PATIENCE = 2.0  # seconds that waiting work gets when the cloud stops


class Outbox:
    """Does work in a thread, in the order in which it was given, as the requests themselves do.

    Work is a matter of milliseconds; what it raises is logged. What waits for others, an HTTP
    endpoint say, is ``aside``. ``changed`` is called in the loop after work.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, traffic: Traffic, changed: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._traffic = traffic
        self._changed = changed
        self._waiting: list[Work] = []
        self._worker: asyncio.Task[None] | None = None
        self._aside: set[asyncio.Future[None]] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="delivery")
        # Its own threads: asyncio waits for those of its default executor when it ends.
        self._threads = ThreadPoolExecutor(_ASIDE, thread_name_prefix="delivery-aside")

    def later(self, work: Work) -> None:
        """Do ``work`` soon; from any thread."""
        self._loop.call_soon_threadsafe(self._add, work)

    def aside(self, work: Work) -> None:
        """Do ``work`` soon, while other work goes on; from any thread."""
        self._loop.call_soon_threadsafe(self._add_aside, work)

    async def close(self) -> None:
        """Do what waits, unless it takes long, and end."""
        await asyncio.sleep(0)  # for work that a thread has just given
        under_way = {*self._aside, *([self._worker] if self._worker else [])}
        if under_way:
            _, unfinished = await asyncio.wait(under_way, timeout=_PATIENCE)
            for each in unfinished:
                each.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        for threads in (self._thread, self._threads):
            threads.shutdown(wait=False, cancel_futures=True)

    def _add(self, work: Work) -> None:
        self._waiting.append(work)
        if self._worker is None:
            self._worker = self._loop.create_task(self._work())

    def _add_aside(self, work: Work) -> None:
        future = self._loop.run_in_executor(self._threads, _do, [work])
        self._aside.add(future)
        future.add_done_callback(self._aside.discard)

    async def _work(self) -> None:
        try:
            while self._waiting:
                async with self._traffic.request():
                    batch, self._waiting = self._waiting, []
                    await self._loop.run_in_executor(self._thread, _do, batch)
                self._changed()
                await asyncio.sleep(0)  # for work that this work has given
        finally:
            self._worker = None


def _do(batch: list[Work]) -> None:
    for work in batch:
        try:
            work()
        except Exception:
            LOGGER.exception("a delivery failed")
