"""The calls that functions made, the last ones, for whoever asks what their roles need."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from chalice.cloud.access.principals import Principal
from chalice.cloud.functions.sandbox.callers import HEADER

KEPT = 10_000
"""How many calls are remembered."""


@dataclass(frozen=True, slots=True)
class RecordedAction:
    """One action that a call needed on one resource, and whether policies allow it."""

    action: str
    resource: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """A line of a function that made a call, or called what made it: ``file`` is its path in the
    package, ``function`` the name of what it is in.
    """

    file: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call. ``time`` is in seconds since 1970. ``service`` and ``operation`` are botocore's
    names; of a call to the gateway ``execute-api`` and the name of the action. ``allowed`` is
    what the policies say of the whole call; ``enforced`` is false while nothing is refused.
    ``stack`` is the code that made the call, the innermost line last; empty when nobody asked.
    """

    time: float
    principal: str
    role: str
    function: str
    service: str
    operation: str
    region: str
    actions: Sequence[RecordedAction]
    allowed: bool
    enforced: bool
    stack: Sequence[Frame] = ()


def record(
    *,
    now: float,
    principal: Principal,
    service: str,
    operation: str,
    region: str,
    actions: Sequence[RecordedAction],
    enforced: bool,
    stack: Sequence[Frame] = (),
) -> CallRecord:
    """Return what is remembered of a call of a function. ``now`` is in seconds since 1970."""
    return CallRecord(
        time=now,
        principal=principal.arn,
        role=str(principal.role),
        function=str(principal.function),
        service=service,
        operation=operation,
        region=region,
        actions=actions,
        allowed=all(action.allowed for action in actions),
        enforced=enforced,
        stack=stack,
    )


def stack_of(headers: Iterable[tuple[str, str]]) -> Sequence[Frame]:
    """Return the stack that a request tells; none when it tells none that can be read."""
    text = next((value for name, value in headers if name == HEADER), "[]")
    try:
        return [Frame(str(file), int(line), str(name)) for file, line, name in json.loads(text)]
    except (ValueError, TypeError):
        return ()


class Records:
    """The last calls, numbered from 1; safe from threads."""

    def __init__(self, kept: int = KEPT) -> None:
        self._calls: deque[tuple[int, CallRecord]] = deque(maxlen=kept)
        self._last = 0
        self._lock = threading.Lock()

    def add(self, call: CallRecord) -> None:
        """Remember a call, and forget the oldest when there are too many."""
        with self._lock:
            self._last += 1
            self._calls.append((self._last, call))

    def clear(self) -> None:
        """Forget all calls. Numbers go on."""
        with self._lock:
            self._calls.clear()

    def since(self, cursor: int, limit: int = KEPT) -> Mapping[str, object]:
        """Return the calls after number ``cursor``, the number of the last of them, and whether
        calls between were forgotten already: ``{"cursor": 7, "missed": false, "calls": […]}``.
        """
        with self._lock:
            found = [(number, call) for number, call in self._calls if number > cursor][:limit]
            oldest = self._calls[0][0] if self._calls else self._last + 1
        return {
            "cursor": found[-1][0] if found else max(cursor, oldest - 1),
            "missed": cursor < oldest - 1,
            "calls": [asdict(call) for _, call in found],
        }
