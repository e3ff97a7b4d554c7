"""The app's handlers as functions of the embedded cloud, run in this process."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeAlias

from chalice.app import Chalice
from chalice.config import Config
from chalice.gateway.invoker import InvocationResult
from chalice.graph.handlers import function_name
from chalice.local.context import LambdaContext
from chalice.local.invoker import MOST_AT_ONCE, limit_time, run
from chalice.local.served import Function, calls
from chalice.local.threads import Threads

Note: TypeAlias = Callable[
    [str, Any, Callable[[], InvocationResult]], Callable[[], InvocationResult]
]


def functions_of(app: Chalice, config: Config) -> Mapping[str, Function]:
    """Return all functions that the app would be deployed as, by their names in AWS."""
    found = {}
    for short, call in calls(app, app).items():
        scope = config.scope(config.chalice_stage, short)
        name = function_name(config, short)
        found[name] = Function(name, call, scope.lambda_memory_size, scope.lambda_timeout)
    return found


class EventHandlers:
    """Runs the functions that were shown last, each invocation in a thread.

    ``report`` gets a line for each. Belongs, but for ``show``, to one event loop.
    """

    note: Note | None = None
    """Returns what does some work in a way that is noted, None is for just that work."""

    def __init__(self, report: Callable[[str], None], is_debugged: Callable[[], bool]) -> None:
        self._report = report
        self._is_debugged = is_debugged
        self._functions: Mapping[str, Function] = {}
        self._prefix = ""
        self._threads: Threads[InvocationResult] | None = None

    def show(self, functions: Mapping[str, Function], prefix: str) -> None:
        """Run these from the next event on; lines go without that prefix of their names."""
        self._functions, self._prefix = functions, prefix

    async def run(self, name: str, payload: bytes, about: Mapping[str, Any]) -> InvocationResult:
        """Run a function on an event; see ``chalice.cloud.companion.Owner``."""
        function = self._functions.get(name)
        if function is None:
            said = {"errorType": "Runtime.Unknown", "errorMessage": f"{name} is no more"}
            return InvocationResult(json.dumps(said).encode(), error="Unhandled")
        threads = self._threads
        if threads is None:
            threads = self._threads = Threads(MOST_AT_ONCE)
        event = json.loads(payload)
        context = _context(function, about)
        began = time.perf_counter()
        work = partial(run, function, event, context)
        if self.note is not None:
            future = threads.run(self.note(name.removeprefix(self._prefix), event, work))
        else:
            future = threads.run(work)
        limit_time(function, future, self._is_debugged)
        try:
            result = await future
        finally:
            took = (time.perf_counter() - began) * 1000
        self._report(
            f"{name.removeprefix(self._prefix)}: {_what(event)}{_how(result)} in {took:.0f} ms"
        )
        return result


def _context(function: Function, about: Mapping[str, Any]) -> LambdaContext:
    context = LambdaContext(function.name, function.memory, function.timeout * 1000)
    context.aws_request_id = about["request"]
    context.invoked_function_arn = about["arn"]
    if about.get("context"):
        given = json.loads(about["context"])
        context.client_context = SimpleNamespace(
            custom=given.get("custom"),
            env=given.get("env"),
            client=SimpleNamespace(**given.get("client") or {}),
        )
    return context


def _what(event: object) -> str:
    """Return what an event is, as far as it tells: ``3 records of aws:sqs, ``."""
    if not isinstance(event, dict):
        return ""
    records = event.get("Records")
    if isinstance(records, list) and records and isinstance(records[0], dict):
        source = records[0].get("eventSource") or records[0].get("EventSource")
        number = len(records)
        return f"{number} {'record' if number == 1 else 'records'} of {source}, "
    if isinstance(event.get("detail-type"), str):
        return f"{event['detail-type']} of {event.get('source')}, "
    return ""


def _how(result: InvocationResult) -> str:
    if result.error is not None:
        return "failed"
    if b"batchItemFailures" in result.payload:
        answer = json.loads(result.payload)
        failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
        if failures:
            return f"done but for {len(failures)}"
    return "done"
