"""What the pollers run functions with, and ask moto by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from chalice.cloud.control.event_source_mappings import ServedMapping
from chalice.cloud.control.lookups import NoSuchFunctionError, find_function, parse_function_name
from chalice.cloud.functions import Executor, FunctionConfig, Invocation
from chalice.cloud.keeper import Keeper, Traffic

_T = TypeVar("_T")

_THREADS = 8
_AT_ONCE = 16  # batches that run at the same time; half of what the executor runs


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long pollers wait, in seconds.

    The first retry of a batch waits ``first``, each further one twice as long, up to ``longest``.
    ``idle`` is between two looks for what nobody announces: a function that comes back, say.
    """

    first: float = 0.2
    longest: float = 10.0
    idle: float = 1.0

    def before_retry(self, number: int) -> float:
        """Return the pause before the retry of that number, from 0."""
        return min(self.first * 2.0 ** min(number, 30), self.longest)


class Runner:
    """Runs functions on batches, not too many at once, so that other callers get their turn."""

    def __init__(
        self, executor: Executor, traffic: Traffic, keeper: Keeper, pauses: Pauses | None = None
    ) -> None:
        self.pauses = pauses or Pauses()
        self._executor = executor
        self._traffic = traffic
        self._keeper = keeper
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="poll")

    def find(self, mapping: ServedMapping) -> FunctionConfig | None:
        """Return the function of a mapping, ready to run, None while there is none."""
        try:
            function = find_function(parse_function_name(mapping.function_arn, ""))
        except NoSuchFunctionError:
            return None
        return function if self._executor.can_run(function) else None

    async def free(self) -> None:
        """Wait until a batch would run at once."""
        async with self._slots:
            pass

    async def run(
        self, function: FunctionConfig, prepare: Callable[[], bytes | None]
    ) -> Invocation | None:
        """Run the function once it is its turn. ``prepare`` gives the event then, None to not."""
        async with self._slots:
            payload = prepare()
            return None if payload is None else await self._executor.invoke(function, payload)

    async def ask(self, call: Callable[[], _T]) -> _T:
        """Call what reads or changes moto's state, in a thread, and not during a snapshot."""
        async with self._traffic.request():
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def touch(self) -> None:
        """Say that the state has changed."""
        self._keeper.touch()

    def close(self) -> None:
        """Accept no more calls."""
        self._threads.shutdown(wait=False, cancel_futures=True)


async def wait(event: asyncio.Event, timeout: float | None) -> None:
    """Wait for ``event``, which is set after so many seconds if that is not None."""
    if timeout is None:
        await event.wait()
        return
    timer = asyncio.get_running_loop().call_later(timeout, event.set)
    try:
        await event.wait()
    finally:
        timer.cancel()
