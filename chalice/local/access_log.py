"""A line for each request, in the common log format."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import lru_cache

from chalice.gateway.answers import Answer
from chalice.gateway.request import Request

_INSTANT = 0.02  # seconds


class AccessLog:
    """Gives lines to ``report``, those of an instant at once: printing takes its time."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._lines: list[str] = []

    def add(self, request: Request, answer: Answer) -> None:
        """Note a request and its answer."""
        query = f"?{request.query}" if request.query else ""
        line = (
            f"{request.source_ip} - - [{_time(int(request.now))}] "
            f'"{request.method} {request.path}{query} {request.protocol}" {answer.status} -'
        )
        if not self._lines:
            asyncio.get_running_loop().call_later(_INSTANT, self._flush)
        # What a client sent is shown without the control characters that a terminal would obey.
        self._lines.append(line if line.isprintable() else ascii(line)[1:-1])

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        self._report("\n".join(lines))


@lru_cache(maxsize=4)
def _time(now: int) -> str:
    return time.strftime("%d/%b/%Y %H:%M:%S", time.localtime(now))
