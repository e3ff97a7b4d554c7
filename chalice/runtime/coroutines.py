"""Runs `async def` code of handlers on one event loop, kept from one invocation to the next.

Each thread that serves has a loop of its own, made when it is first needed. A task that a handler
leaves behind goes on when the next coroutine runs.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import local
from weakref import finalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, TypeVar

    T = TypeVar("T")


class _Kept:
    """A loop that is closed when its thread or the program ends."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        finalize(self, self.loop.close)


class _Thread(local):
    """Its attributes are of the thread that reads them, and go when that ends."""

    def __init__(self) -> None:
        self.kept = _Kept()


_thread = _Thread()


def run(awaitable: Awaitable[T]) -> T:
    """What a coroutine returns; it sees the context variables of the caller.

    Where another event loop runs already, as in a test that is async itself, a thread runs the
    coroutine while the caller waits.
    """
    result: T
    if _loop_runs_here():
        result = _in_a_thread(run, awaitable)
        return result
    result = _thread.kept.loop.run_until_complete(_result(awaitable))
    return result


def run_middleware(
    middleware: Callable[[Any, Any], Awaitable[T]], event: Any, get_response: Callable[[Any], Any]
) -> T:
    """What async middleware returns, which awaits its `get_response`.

    The rest of the chain runs while the loop stands still, so that it may use the loop itself.
    """
    result: T
    if _loop_runs_here():
        result = _in_a_thread(run_middleware, middleware, event, get_response)
        return result
    loop = _thread.kept.loop
    questions: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []
    wake = loop.create_future()

    def stir(_done: object = None) -> None:
        if not wake.done():
            wake.set_result(None)

    async def ask(event: Any) -> Any:
        context = copy_context()
        answer = loop.create_future()
        questions.append((lambda: context.run(get_response, event), answer))
        stir()
        response, error = await answer
        if error is not None:
            raise error
        return response

    task = loop.create_task(_result(middleware(event, ask)))
    task.add_done_callback(stir)
    while not task.done():
        if not questions:
            wake = loop.create_future()
            try:
                loop.run_until_complete(wake)
            except BaseException:  # SystemExit, say: the loop lets it through
                if task.done() and not task.cancelled():
                    task.exception()  # seen, so that nothing logs it
                raise
            continue
        question, answer = questions.pop(0)
        outcome = _outcome(question)
        if not answer.done():  # the middleware may have stopped waiting
            answer.set_result(outcome)
    result = task.result()
    return result


async def _result(awaitable: Awaitable[T]) -> T:
    return await awaitable


def _outcome(call: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return call(), None
    except BaseException as error:
        return None, error


def _loop_runs_here() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _in_a_thread(function: Callable[..., T], *arguments: Any) -> T:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(copy_context().run, function, *arguments).result()
