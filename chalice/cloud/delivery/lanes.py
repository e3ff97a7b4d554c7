"""Reads one shard of a stream in order, or those records of it that have some partition keys."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections.abc import Callable, Sequence

from chalice.cloud.control.event_source_mappings import ServedMapping
from chalice.cloud.delivery.failed_batches import describe, send
from chalice.cloud.delivery.filters import Filters
from chalice.cloud.delivery.retries import GivenUp, Item, Rules, Steps, deliver
from chalice.cloud.delivery.runner import Runner, wait
from chalice.cloud.delivery.shards import Stream
from chalice.cloud.functions import FunctionConfig, Invocation

_MAX_BYTES = 6_000_000  # of the records of a batch; an event has at most 6 MiB
_MAX_READ = 10_000


class Lane:
    """One of ``count`` lanes of a shard: keys are dealt out by their hash.

    ``news`` is set when there may be something to read. ``is_open`` says whether the shard may
    still get records. The position is in the mapping, which is part of moto's state.
    """

    def __init__(
        self,
        mapping: ServedMapping,
        runner: Runner,
        stream: Stream,
        shard: str,
        number: int,
        count: int,
        is_open: Callable[[], bool],
    ) -> None:
        self.news = asyncio.Event()
        self._mapping = mapping
        self._runner = runner
        self._stream = stream
        self._shard = shard
        self._number = number
        self._count = count
        self._is_open = is_open
        self._criteria: object = None
        self._filters = Filters(None)

    async def run(self) -> None:
        """Read until the end of a closed shard."""
        while True:
            self.news.clear()
            was_open = self._is_open()
            if not self._mapping.enabled:
                await wait(self.news, None)
                continue
            begin = self._position
            batch, end = await self._gather(begin)
            if batch:
                await deliver(batch, self._rules, self._steps())
            if end > begin:
                self._advance(end)
            elif not was_open:
                return
            else:
                await wait(self.news, None)

    @property
    def _position(self) -> int:
        return self._mapping.positions[self._shard][self._number]

    def _advance(self, number: int) -> None:
        self._mapping.positions[self._shard][self._number] = number
        self._runner.touch()

    async def _gather(self, end: int) -> tuple[list[Item], int]:
        """Return the batch after ``end``, empty if there is none, and how far the shard was read.

        A batch that is not full waits for more until the batching window has passed.
        """
        batch: list[Item] = []
        deadline: float | None = None
        while True:
            settings = self._mapping.settings
            size = int(settings["BatchSize"])
            found, end = await self._read(end, size - len(batch), sum(each.size for each in batch))
            batch += found
            if not batch or len(batch) >= size or sum(each.size for each in batch) >= _MAX_BYTES:
                return batch, end
            now = time.monotonic()
            if deadline is None:
                deadline = now + float(settings["MaximumBatchingWindowInSeconds"])
            if now >= deadline:
                return batch, end
            await wait(self.news, deadline - now)
            self.news.clear()

    async def _read(self, after: int, count: int, bytes_before: int) -> tuple[list[Item], int]:
        """Return the next records of this lane that the function wants, and the last one seen."""
        limit = min(count * self._count, _MAX_READ)
        unread = await self._runner.ask(lambda: self._stream.read(self._shard, after, limit))
        since = float(self._mapping.settings.get("StartingPositionTimestamp") or 0)
        criteria = self._mapping.settings.get("FilterCriteria")
        if criteria is not self._criteria:
            self._criteria, self._filters = criteria, Filters(criteria)
        wanted: list[Item] = []
        size = bytes_before
        for item in unread:
            if (
                item.arrived >= since
                and zlib.crc32(item.key.encode()) % self._count == self._number
                and self._filters.let_through(item.record)
            ):
                size += item.size
                if len(wanted) == count or (size > _MAX_BYTES and size > item.size):
                    break
                wanted.append(item)
            after = item.number
        return wanted, after

    def _rules(self) -> Rules:
        return Rules.of(self._mapping.settings, self._stream.retention())

    def _steps(self) -> Steps:
        return Steps(
            invoke=self._invoke,
            pause=self._pause,
            advance=self._advance,
            give_up=self._give_up,
            clock=time.time,
        )

    async def _invoke(self, items: Sequence[Item]) -> Invocation:
        payload = json.dumps({"Records": [item.record for item in items]}).encode()
        function = await self._function()
        result = await self._runner.run(function, lambda: payload)
        assert result is not None
        if not result.throttled:
            failed = result.error is not None
            self._mapping.last_result = "PROBLEM: Function call failed" if failed else "OK"
        return result

    async def _function(self) -> FunctionConfig:
        """Return the function once it is there and the mapping enabled."""
        while True:
            self.news.clear()
            function = self._runner.find(self._mapping)
            if function is not None and self._mapping.enabled:
                return function
            await wait(self.news, self._runner.pauses.idle)

    async def _pause(self, number: int) -> None:
        await asyncio.sleep(self._runner.pauses.before_retry(number))

    async def _give_up(self, given_up: GivenUp) -> None:
        document = describe(self._mapping, self._stream.batch_name, self._shard, given_up)
        await self._runner.ask(lambda: send(self._mapping, document, self._shard, given_up))
