from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Awaitable, Callable

import pytest

from chalice.local.threads import Threads


def run(work: Callable[[Threads[int]], Awaitable[None]], limit: int = 100, first: int = 1) -> None:
    async def main() -> None:
        await work(Threads(limit, first))

    asyncio.run(main())


def test_calls_that_wait_get_threads_of_their_own() -> None:
    together = threading.Barrier(50)

    async def work(threads: Threads[int]) -> None:
        numbers = await asyncio.gather(*(threads.run(lambda: together.wait(10)) for _ in range(50)))
        assert sorted(numbers) == list(range(50))

    run(work)


def test_there_are_no_more_threads_than_allowed() -> None:
    running: set[int] = set()

    def call() -> int:
        running.add(threading.get_ident())
        time.sleep(0.01)
        return len(running)

    async def work(threads: Threads[int]) -> None:
        await asyncio.gather(*(threads.run(call) for _ in range(60)))

    run(work, limit=3)
    assert len(running) == 3


def test_calls_that_only_compute_share_few_threads() -> None:
    running: set[int] = set()

    def call() -> int:
        running.add(threading.get_ident())
        return sum(range(1000))

    async def work(threads: Threads[int]) -> None:
        for _ in range(20):
            await asyncio.gather(*(threads.run(call) for _ in range(50)))

    run(work, first=2)
    assert len(running) < 25


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3)])
def test_what_a_call_raises_is_raised_to_who_waits(error: BaseException) -> None:
    def call() -> int:
        raise error

    async def work(threads: Threads[int]) -> None:
        future = threads.run(call)
        await asyncio.wait((future,))
        assert future.exception() is error
        assert await threads.run(lambda: 7) == 7

    run(work)


def test_a_call_whose_result_nobody_awaits_harms_no_other() -> None:
    async def work(threads: Threads[int]) -> None:
        threads.run(lambda: sys.maxsize).cancel()
        assert await threads.run(lambda: 7) == 7

    run(work)
