"""Invocations that the gateway waits for, up to a point."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from chalice.gateway.invoker import InvocationResult, Invoker


class InvocationTimeoutError(Exception):
    """The function did not answer in time."""


class Invocations:
    """Runs functions. An invocation that takes too long goes on by itself, as it does on AWS.

    While ``is_debugged`` says so none takes too long: somebody may be looking at it.
    """

    def __init__(self, invoker: Invoker, is_debugged: Callable[[], bool] = lambda: False) -> None:
        self._invoker = invoker
        self._is_debugged = is_debugged
        self._running: set[asyncio.Future[InvocationResult]] = set()

    async def run(
        self, function: str, event: Mapping[str, object], timeout: float
    ) -> InvocationResult:
        """Return the result. Raises InvocationTimeoutError after ``timeout`` seconds."""
        task = asyncio.ensure_future(self._invoker(function, event))
        self._running.add(task)
        task.add_done_callback(self._forget)
        if not task.done():
            await _wait(task, timeout)
            while not task.done():
                if not self._is_debugged():
                    raise InvocationTimeoutError(function)
                await _wait(task, timeout)
        return task.result()

    async def close(self) -> None:
        """Cancel what still runs, and wait until it has ended."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _forget(self, task: asyncio.Future[InvocationResult]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # Nobody may be left to look at it, and asyncio would complain.


async def _wait(task: asyncio.Future[InvocationResult], timeout: float) -> None:
    """Wait until a task is done or the time is over: `asyncio.wait`, for one, in half the time."""
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[None] = loop.create_future()

    def release(_: object = None) -> None:
        if not waiter.done():
            waiter.set_result(None)

    timer = loop.call_later(timeout, release)
    task.add_done_callback(release)
    try:
        await waiter
    finally:
        timer.cancel()
        task.remove_done_callback(release)
