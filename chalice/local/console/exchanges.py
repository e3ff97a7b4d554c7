"""What happened: requests and their answers, with the invocations and lines in between."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from chalice.gateway.answers import Answer
from chalice.gateway.invoker import InvocationResult
from chalice.gateway.request import Request, Scope, raw_path
from chalice.local.console.bodies import MOST, body_of, kept, shown
from chalice.local.console.stacks import Stack

_MOST_LINES = 500
_EPOCH = time.time() - time.perf_counter()
"""What is to be added to the clock that times things, to have the time of day."""


class Line:
    """A line that the app printed or logged. ``level`` is empty for what was printed.

    ``exchange`` is the id of what it was part of, None for nothing.
    """

    __slots__ = ("at", "exchange", "id", "level", "logger", "stack", "text")

    def __init__(self, id: int, text: str, exchange: int | None) -> None:
        self.id = id
        self.at = time.time()
        self.text = text
        self.exchange = exchange
        self.level = ""
        self.logger = ""
        self.stack: Stack | None = None

    def data(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return {
            "id": self.id,
            "at": self.at,
            "text": self.text,
            "level": self.level,
            "logger": self.logger,
            "exchange": self.exchange,
            "stack": self.stack,
        }


class Invocation:
    """A run of a function. ``ms`` is None while it runs, and ``result`` until it gave one."""

    ms: float | None = None
    result: InvocationResult | None = None
    size = 0
    """Characters of the event's body, if not all of them are kept."""

    def __init__(self, function: str, event: Any) -> None:
        body = event.get("body") if isinstance(event, Mapping) else None
        if type(body) is str and len(body) > MOST:  # it would be kept as long as the event is
            self.size = len(body)
            event = {**event, "body": body[:MOST]}
        self.function = function
        self.event = event
        self.started = time.perf_counter()

    def end(self, result: InvocationResult) -> None:
        """Note what it gave."""
        self.ms = (time.perf_counter() - self.started) * 1000
        if len(result.payload) > MOST:
            result = InvocationResult(kept(result.payload), result.error)
        self.result = result

    def data(self) -> dict[str, object]:
        """Return it as JSON has it."""
        result = self.result
        return {
            "function": self.function,
            "event": _json(self.event),
            "body_cut": self.size > 0,
            "ms": self.ms,
            "error": None if result is None else result.error,
            "result": None if result is None else result.payload.decode("utf-8", "replace"),
        }


class Exchange:
    """A request and its answer, or a function that something else than a request invoked.

    ``scope`` is that of the request, None without one; ``sent`` its body where that is known
    before a function gets it.
    """

    ms: float | None = None
    gone = False
    request: Request | None = None
    answer: Answer | None = None
    size = 0
    """Bytes of the body of the answer."""
    sent: bytes | None = None
    invocations: Sequence[Invocation] = ()
    lines: Sequence[Line] = ()

    # What most requests have none of is not set for each: this is made for all of them.
    def __init__(self, id: int, scope: Scope | None) -> None:
        self.id = id
        self.scope = scope
        self.started = time.perf_counter()

    @property
    def at(self) -> float:
        """When it began, in seconds since the epoch."""
        return _EPOCH + self.started

    def end(self, request: Request | None, answer: Answer | None) -> None:
        """Note how it ended; without an answer the client left before there was one."""
        self.ms = (time.perf_counter() - self.started) * 1000
        self.request = request
        if answer is None:
            self.gone = self.scope is not None
            return
        self.size = len(answer.body)
        if self.size > MOST:
            answer = Answer(answer.status, answer.headers, kept(answer.body), answer.is_identified)
        self.answer = answer

    def add(self, line: Line) -> None:
        """Note a line that was written in it."""
        if len(self.lines) < _MOST_LINES:
            self.lines = [*self.lines, line]

    def summary(self) -> dict[str, object]:
        """Return a row of the list."""
        scope = self.scope
        name = self.invocations[0].function if self.invocations else ""
        return {
            "id": self.id,
            "kind": "invocation" if scope is None else "http",
            "at": self.at,
            "ms": self.ms,
            "method": "EVENT" if scope is None else scope["method"],
            "path": name if scope is None else _target(scope),
            "status": None if self.answer is None else self.answer.status,
            "state": self._state(),
            "node": self._node(),
        }

    def detail(self) -> dict[str, object]:
        """Return all that is known of it."""
        request, answer = self.request, self.answer
        return {
            **self.summary(),
            "request_id": None if request is None else request.id,
            "headers": [] if self.scope is None else _headers(self.scope["headers"]),
            "body": self._body(),
            "answer": None
            if answer is None
            else {
                "status": answer.status,
                "headers": _headers(answer.headers),
                "body": shown(answer.body, self.size),
            },
            "invocations": [each.data() for each in self.invocations],
            "lines": [line.data() for line in self.lines],
        }

    def _state(self) -> str:
        """Return ``running``, ``failed``, ``gone`` or ``done``."""
        if self.ms is None:
            return "running"
        failed = any(each.result is not None and each.result.error for each in self.invocations)
        if failed or any(line.stack for line in self.lines):
            return "failed"
        if self.answer is not None and self.answer.status >= 500:
            return "failed"
        return "gone" if self.gone else "done"

    def _node(self) -> str | None:
        """Return what the map calls that through which it came: ``route:GET /users/{id}``."""
        if self.scope is None:
            return f"handler:{self.invocations[0].function}" if self.invocations else None
        for each in reversed(self.invocations):
            if isinstance(each.event.get("resource"), str):
                return f"route:{each.event['httpMethod']} {each.event['resource']}"
            if isinstance(each.event.get("routeKey"), str):
                return f"route:{each.event['routeKey']}"
        return None

    def _body(self) -> dict[str, object] | None:
        """Return the body of the request; None where nobody read it."""
        if self.sent is not None:
            return shown(kept(self.sent), len(self.sent))
        for each in self.invocations:
            if isinstance(each.event, Mapping) and "body" in each.event:
                body = body_of(each.event)
                return shown(body, len(body) + max(0, each.size - MOST))
        return None


def _target(scope: Scope) -> str:
    query: bytes = scope["query_string"]
    path = raw_path(scope)
    return f"{path}?{query.decode('utf-8', 'replace')}" if query else path


def _headers(raw: list[tuple[bytes, bytes]]) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in raw]


def _json(event: Any) -> object:
    """Return the event as it is, or as text where the function put into it what is not JSON."""
    try:
        return json.loads(json.dumps(event))
    except (TypeError, ValueError, RecursionError):
        return repr(event)
