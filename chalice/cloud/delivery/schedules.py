"""The clock of EventBridge: scheduled rules, each at its time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from chalice.cloud.delivery.cron import Rate, parse_schedule

_parse = lru_cache(maxsize=1024)(parse_schedule)
_MAX_SLEEP = 15.0  # seconds; a machine that slept, or whose clock was set, is noticed after these


class Scheduled(Protocol):
    """What has a schedule."""

    def due_after(self, moment: float) -> float | None:
        """Return when it is due next after ``moment``, None if never; seconds since 1970."""


_Rule = TypeVar("_Rule", bound=Scheduled)


class Ticker(Generic[_Rule]):
    """Says when a rule is due. Belongs to ``loop``.

    ``rules`` returns the enabled rules; ``clock`` is in seconds since 1970. What was due while
    the cloud did not run is not made up for, and what was due while the machine slept happens
    once.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        rules: Callable[[], Iterable[_Rule]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._loop = loop
        self._rules = rules
        self._clock = clock
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Look at the rules again; from any thread."""
        self._loop.call_soon_threadsafe(self._changed.set)

    async def run(self, fire: Callable[[_Rule, float], None]) -> None:
        """Call ``fire(rule, due)`` when a rule is due, until cancelled."""
        after = self._clock()
        while True:
            self._changed.clear()
            now = self._clock()
            times = [(rule.due_after(after), rule) for rule in self._rules()]
            for due, rule in times:
                if due is not None and due <= now:
                    fire(rule, due)
            after = max(after, now)
            upcoming = [rule.due_after(after) for _, rule in times]
            pause = min([due - now for due in upcoming if due is not None], default=_MAX_SLEEP)
            try:
                await asyncio.wait_for(self._changed.wait(), min(max(pause, 0.0), _MAX_SLEEP))
            except asyncio.TimeoutError:
                continue


def next_time(expression: str, since: float, after: float) -> float | None:
    """Return when ``rate(…)`` or ``cron(…)`` is due next after that second since 1970.

    ``since`` is when it began to count. None means never.
    """
    schedule = _parse(expression)
    began = datetime.fromtimestamp(since, timezone.utc)
    moment = datetime.fromtimestamp(max(after, since), timezone.utc)
    due = schedule.next(moment, began) if isinstance(schedule, Rate) else schedule.next(moment)
    return None if due is None else due.timestamp()
