"""The last requests, invocations and lines of an app, noted as they happen."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from chalice.gateway.answers import Answer
from chalice.gateway.invoker import InvocationResult
from chalice.gateway.request import Request, Scope
from chalice.local.console.exchanges import Exchange, Invocation, Line
from chalice.local.console.stacks import stack_of
from chalice.local.console.stream import Stream
from chalice.local.invoker import invoke
from chalice.local.served import Function

MOST_EXCHANGES = 200
MOST_LINES = 2000

_current: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


class Journal:
    """Keeps what happened last. All that is noted here is noted for each request: it is quick.

    ``identify`` is told the events of invocations that are not part of a request.
    """

    def __init__(
        self,
        project: Path,
        stream: Stream,
        identify: Callable[[Mapping[str, object]], None] = lambda event: None,
    ) -> None:
        self._project = project
        self._identify = identify
        self._stream = stream
        self._exchange_ids = itertools.count(1)
        self._line_ids = itertools.count(1)
        self._exchanges: deque[Exchange] = deque(maxlen=MOST_EXCHANGES)
        self._server = 0
        self._lines: deque[Line] = deque(maxlen=MOST_LINES)

    def exchanges(self) -> list[Exchange]:
        """Return what is kept, the oldest first."""
        return list(self._exchanges)

    def exchange(self, id: int) -> Exchange | None:
        """Return one that is kept."""
        return next((each for each in self._exchanges if each.id == id), None)

    def lines(self) -> list[Line]:
        """Return the lines that are kept, the oldest first."""
        return list(self._lines)

    def clear(self) -> None:
        """Forget requests and lines, but for those under way."""
        under_way = [each for each in self._exchanges if each.ms is None]
        self._exchanges.clear()
        self._exchanges.extend(under_way)
        self._lines.clear()

    def begin(self, scope: Scope | None) -> Exchange:
        """Note a request; what is invoked from here on in this task is part of it."""
        if not self._server:
            self._server = threading.get_ident()
        exchange = self._add(scope)
        _current.set(exchange)
        return exchange

    def end(self, request: Request | None, answer: Answer | None) -> None:
        """Note how the request of this task ended."""
        exchange = _current.get()
        if exchange is not None and exchange.ms is None:
            exchange.end(request, answer)
            if self._stream.is_heard:
                self._stream.tell("exchange", exchange.id, exchange.summary)

    def prepare(
        self, function: Function, event: Mapping[str, object]
    ) -> Callable[[], InvocationResult]:
        """Return what runs a function, and notes that."""
        return self.note(function.name, event, lambda: invoke(function, event))

    def note(
        self, name: str, event: Any, work: Callable[[], InvocationResult]
    ) -> Callable[[], InvocationResult]:
        """Return what does the work of a function of that name on an event, and notes that.

        Where this task serves no request, it is an exchange of its own.
        """
        exchange, stream = _current.get(), self._stream
        is_alone = exchange is None
        if exchange is None:
            exchange = self._add(None)
            if isinstance(event, Mapping):
                self._identify(event)
        invocation = Invocation(name, event)
        exchange.invocations = (*exchange.invocations, invocation)
        owner = exchange

        def run() -> InvocationResult:
            _current.set(owner)
            try:
                result = work()
            finally:
                _current.set(None)
            invocation.end(result)
            if is_alone:
                owner.end(None, None)
            if stream.is_heard:
                stream.tell("exchange", owner.id, owner.summary)
            return result

        return run

    def write(
        self, text: str, level: str = "", logger: str = "", error: BaseException | None = None
    ) -> None:
        """Note a line that this thread wrote."""
        exchange = _current.get()
        line = Line(next(self._line_ids), text, None if exchange is None else exchange.id)
        line.level, line.logger = level, logger
        if error is not None:
            line.stack = stack_of(error, self._project)
        self._lines.append(line)
        if exchange is not None:
            exchange.add(line)
        self._stream.tell("line", line.id, line.data)

    def is_handling(self) -> bool:
        """Whether a function runs here, rather than the server that has asked for it."""
        return _current.get() is not None and threading.get_ident() != self._server

    def _add(self, scope: Scope | None) -> Exchange:
        exchange = Exchange(next(self._exchange_ids), scope)
        self._exchanges.append(exchange)
        if self._stream.is_heard:
            self._stream.tell("exchange", exchange.id, exchange.summary)
        return exchange
