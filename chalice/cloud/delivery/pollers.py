"""Every event source mapping that is read, from its creation to its deletion.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from moto.awslambda.models import lambda_backends

from chalice.cloud.control.event_source_mappings import ServedMapping
from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.delivery.queue_poller import QueuePoller
from chalice.cloud.delivery.runner import Runner
from chalice.cloud.delivery.stream_poller import StreamPoller

LOGGER = logging.getLogger(__name__)

_AFTER_DEFECT = 5.0  # seconds until a poller that broke begins again


class Poller(Protocol):
    """Reads one source for one function."""

    def wake(self) -> None:
        """There may be something to do."""

    def stop(self) -> None:
        """The mapping is gone: begin nothing more."""

    async def run(self) -> None:
        """Read until stopped, and then until what is under way has ended."""


class Pollers:
    """Has a task for each mapping. Made and used in the loop, but told of news by any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._runner: Runner | None = None
        self._pollers: dict[str, tuple[ServedMapping, Poller]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sources: frozenset[str] = frozenset()

    def start(self, runner: Runner) -> None:
        """Begin to read what the mappings that exist are of."""
        self._runner = runner
        self._reconcile()

    async def close(self) -> None:
        """Stop reading. What functions are dealing with now is read again by the next cloud."""
        if self._runner is None:
            return
        self._runner.close()
        self._runner = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def changed(self) -> None:
        """Look at the mappings again; from any thread."""
        self._loop.call_soon_threadsafe(self._reconcile)

    def arrived(self, source_arn: str) -> None:
        """Read that source; from any thread."""
        if source_arn in self._sources:
            self._loop.call_soon_threadsafe(self._wake, source_arn)

    def _wake(self, source_arn: str) -> None:
        for mapping, poller in self._pollers.values():
            if _source(mapping) == source_arn:
                poller.wake()

    def _reconcile(self) -> None:
        if self._runner is None:
            return
        wanted = {
            mapping.uuid: mapping
            for backend in list(lambda_backends[ACCOUNT].values())
            for mapping in backend.list_event_source_mappings("", "")
            if isinstance(mapping, ServedMapping)
        }
        for uuid in [uuid for uuid in self._pollers if uuid not in wanted]:
            self._pollers.pop(uuid)[1].stop()
        for uuid, mapping in wanted.items():
            if uuid in self._pollers:
                self._pollers[uuid][1].wake()
                continue
            poller = _poller(mapping, self._runner)
            if poller is not None:
                self._pollers[uuid] = mapping, poller
                task = self._loop.create_task(_run(mapping, poller))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        self._sources = frozenset(_source(mapping) for mapping, _ in self._pollers.values())


def _poller(mapping: ServedMapping, runner: Runner) -> Poller | None:
    """Return what reads the source of a mapping: nothing reads Kafka and other brokers."""
    match mapping.kind:
        case "sqs" | "sqs-fifo":
            return QueuePoller(mapping, runner)
        case "kinesis" | "dynamodb":
            return StreamPoller(mapping, runner)
        case _:
            return None


def _source(mapping: ServedMapping) -> str:
    return mapping.event_source_arn.split("/consumer/")[0]


async def _run(mapping: ServedMapping, poller: Poller) -> None:
    while True:
        try:
            return await poller.run()
        except Exception:
            LOGGER.exception("%s is read again in a while", mapping.arn)
            await asyncio.sleep(_AFTER_DEFECT)
