"""Reads one stream for one function: every shard in order, several shards at a time.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

import asyncio

from chalice.cloud.control.event_source_mappings import ServedMapping
from chalice.cloud.delivery.lanes import Lane
from chalice.cloud.delivery.runner import Runner, wait
from chalice.cloud.delivery.shards import stream_of


class StreamPoller:
    """Reads a stream until it is cancelled. Each shard is read in as many lanes as are wanted."""

    def __init__(self, mapping: ServedMapping, runner: Runner) -> None:
        self._mapping = mapping
        self._runner = runner
        self._stream = stream_of(mapping)
        self._news = asyncio.Event()
        self._lanes: dict[str, list[tuple[Lane, asyncio.Task[None]]]] = {}
        self._lanes_each = 0
        self._stopped = False

    def wake(self) -> None:
        """There may be something to do."""
        self._news.set()
        for lanes in self._lanes.values():
            for lane, _ in lanes:
                lane.news.set()

    def stop(self) -> None:
        """The mapping is gone: begin nothing more."""
        self._stopped = True
        self._news.set()

    async def run(self) -> None:
        """Read the stream until stopped."""
        try:
            while not self._stopped:
                self._news.clear()
                await self._see_to_lanes()
                await wait(self._news, None)
        finally:
            for shard in list(self._lanes):
                await self._end(shard)

    async def _see_to_lanes(self) -> None:
        """Have the lanes of each shard whose turn it is."""
        wanted = int(self._mapping.settings["ParallelizationFactor"])
        shards = {shard.name: shard for shard in self._stream.shards()}
        for name in list(self._lanes):
            for _, task in self._lanes[name]:
                if task.done():
                    task.result()  # raises what the lane raised
            if name not in shards or wanted != self._lanes_each:
                await self._end(name)
        self._lanes_each = wanted
        for shard in shards.values():
            parents = [parent for parent in shard.parents if parent in shards]
            if shard.name not in self._lanes and all(map(self._is_read, parents)):
                self._begin(shard.name)

    def _is_read(self, name: str) -> bool:
        """Whether that shard was read to its end."""
        return name in self._lanes and all(task.done() for _, task in self._lanes[name])

    def _begin(self, name: str) -> None:
        positions = self._mapping.positions.setdefault(name, [0])
        if len(positions) != self._lanes_each:
            # Those that were ahead get some records again.
            self._mapping.positions[name] = [min(positions)] * self._lanes_each
        self._lanes[name] = []
        for number in range(self._lanes_each):
            lane = Lane(
                self._mapping,
                self._runner,
                self._stream,
                name,
                number,
                self._lanes_each,
                lambda: any(each.name == name and each.is_open for each in self._stream.shards()),
            )
            task = asyncio.create_task(lane.run())
            task.add_done_callback(lambda _: self._news.set())
            self._lanes[name].append((lane, task))

    async def _end(self, name: str) -> None:
        tasks = [task for _, task in self._lanes.pop(name)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
