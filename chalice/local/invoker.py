"""Functions that run in this process: the handlers of the app that is served."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

from chalice.gateway.invoker import FunctionNotFoundError, InvocationResult
from chalice.local.context import LambdaContext
from chalice.local.served import Function, Served
from chalice.local.threads import Threads

log = logging.getLogger(__name__)

Prepare: TypeAlias = Callable[[Function, Mapping[str, object]], Callable[[], InvocationResult]]

_OWN = str(Path(__file__).parent.parent)
MOST_AT_ONCE = 1000
"""Invocations, as Lambda has it for a whole account."""


class AppInvoker:
    """Runs the functions of what is served, each invocation in a thread.

    ``find`` returns what was served under a generation, None when that is gone. An invocation that
    takes longer than its function may has failed, though its thread goes on; not so while
    ``is_debugged`` says that somebody may be looking at it. ``prepare`` returns what runs a
    function, None is for just that.
    """

    def __init__(
        self,
        find: Callable[[str], Served | None],
        is_debugged: Callable[[], bool],
        prepare: Prepare | None = None,
    ) -> None:
        self._find = find
        self._is_debugged = is_debugged
        self._prepare = prepare or _plainly
        self._threads: Threads[InvocationResult] | None = None

    def __call__(
        self, function: str, event: Mapping[str, object], /
    ) -> asyncio.Future[InvocationResult]:
        """Return what the function will give; an ARN of a function ends in its generation."""
        threads = self._threads
        if threads is None:  # the first call is the first time that a loop runs
            threads = self._threads = Threads(MOST_AT_ONCE)
        served = self._find(function.rpartition(":")[2])
        found = None if served is None else served.functions.get(function)
        if found is None:
            missing: asyncio.Future[InvocationResult] = asyncio.get_running_loop().create_future()
            missing.set_exception(FunctionNotFoundError(function))
            return missing
        future = threads.run(self._prepare(found, event))
        limit_time(found, future, self._is_debugged)
        return future


def limit_time(
    function: Function, future: asyncio.Future[InvocationResult], is_debugged: Callable[[], bool]
) -> None:
    """Let an invocation fail that is not done in time, unless somebody debugs it."""

    def end() -> None:
        if not future.done() and not is_debugged():
            said = f"Task timed out after {function.timeout:.2f} seconds"
            log.error("%s: %s", function.name, said)
            payload = {"errorType": "Sandbox.Timedout", "errorMessage": f"Error: {said}"}
            result = InvocationResult(json.dumps(payload).encode(), error="Unhandled")
            future.set_result(result)

    timer = asyncio.get_running_loop().call_later(function.timeout, end)
    future.add_done_callback(lambda _: timer.cancel())


def _plainly(function: Function, event: Mapping[str, object]) -> Callable[[], InvocationResult]:
    return lambda: invoke(function, event)


def invoke(function: Function, event: Mapping[str, object]) -> InvocationResult:
    """Run a function as Lambda does; what it raises is part of the result.

    The event is the function's own, except for the mappings that callers read again.
    """
    own: dict[str, Any] = dict(event)
    for name in ("headers", "multiValueHeaders"):
        if isinstance(own.get(name), dict):
            own[name] = dict(own[name])
    return run(
        function, own, LambdaContext(function.name, function.memory, function.timeout * 1000)
    )


def run(function: Function, event: Any, context: LambdaContext) -> InvocationResult:
    """Run a function on an event, any JSON; what it raises is part of the result."""
    try:
        answer = function.handler(event, context)
    except BaseException as error:
        if str(error) != "Unauthorized":  # which is how an authorizer says no
            shown = (type(error), error, _from_the_user_on(error.__traceback__))
            log.error("%s failed", function.name, exc_info=shown)
        return _failed(type(error).__name__, str(error), error)
    try:
        return InvocationResult(json.dumps(answer).encode())
    except (TypeError, ValueError, RecursionError) as error:
        return _failed("Runtime.MarshalError", f"Unable to marshal response: {error}", error)


def _from_the_user_on(trace: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the frames of chalice that it begins with, if others follow."""
    first = trace
    while first is not None and first.tb_frame.f_code.co_filename.startswith(_OWN):
        first = first.tb_next
    return first or trace


def _failed(kind: str, message: str, error: BaseException) -> InvocationResult:
    payload = {
        "errorMessage": message,
        "errorType": kind,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }
    return InvocationResult(json.dumps(payload).encode(), error="Unhandled")
