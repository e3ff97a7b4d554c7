"""How a batch of a stream is retried: in order, from the first record that failed.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-errors.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from chalice.cloud.control.mapping_settings import REPORTS
from chalice.cloud.delivery.reported_failures import failed_items
from chalice.cloud.functions import Invocation

Condition: TypeAlias = Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]


@dataclass(frozen=True, slots=True)
class Item:
    """One record of a stream.

    ``number`` is its sequence number, ``key`` what decides its place among parallel batches,
    ``arrived`` in seconds since 1970, ``record`` what the function gets, ``size`` in bytes.
    """

    number: int
    key: str
    arrived: float
    record: Mapping[str, Any] = field(repr=False)
    size: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """How often, and how long, a batch is retried. -1 is for ever."""

    retries: int = -1
    max_age: float = -1
    bisect: bool = False
    reports: bool = False

    @classmethod
    def of(cls, settings: Mapping[str, Any], retention: float) -> Rules:
        """Read the rules from the settings of a mapping. A stream ends with its ``retention``."""
        max_age = settings.get("MaximumRecordAgeInSeconds", -1)
        return cls(
            retries=settings.get("MaximumRetryAttempts", -1),
            max_age=max_age if max_age >= 0 else retention,
            bisect=bool(settings.get("BisectBatchOnFunctionError")),
            reports=REPORTS in (settings.get("FunctionResponseTypes") or []),
        )


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Records that no function will get any more. ``last`` is the last invocation, if any."""

    items: Sequence[Item]
    condition: Condition
    attempts: int
    last: Invocation | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Steps:
    """What delivering a batch consists of.

    ``invoke`` runs the function on records, ``pause`` waits before the retry of that number,
    ``advance`` is told of the last record that was dealt with, ``give_up`` takes what failed.
    """

    invoke: Callable[[Sequence[Item]], Awaitable[Invocation]]
    pause: Callable[[int], Awaitable[None]]
    advance: Callable[[int], None]
    give_up: Callable[[GivenUp], Awaitable[None]]
    clock: Callable[[], float]


async def deliver(items: Sequence[Item], rules: Callable[[], Rules], steps: Steps) -> None:
    """Deliver ``items``, and return once each of them was dealt with."""
    waiting = [(items, 0)]  # what comes first is at the end
    in_vain = 0  # attempts since the last progress
    last: Invocation | None = None
    while waiting:
        now = rules()
        batch, attempts = waiting.pop()
        batch = await _drop_old(batch, attempts, last, now, steps)
        if not batch:
            continue
        last = await steps.invoke(batch)
        if last.throttled:
            waiting.append((batch, attempts))
            await steps.pause(in_vain)
            in_vain += 1
            continue
        failed = _first_failure(batch, last, now)
        if failed:
            steps.advance(batch[failed - 1].number)
            in_vain = 0
        batch = batch[failed:]
        if not batch:
            continue
        if now.bisect and failed:
            waiting.append((batch, 0))  # it is divided where the first failure is
            continue
        if now.bisect and len(batch) > 1:
            half = len(batch) // 2
            waiting += [(batch[half:], attempts), (batch[:half], attempts)]
            continue
        attempts = 1 if failed else attempts + 1
        if -1 < now.retries < attempts:
            await steps.give_up(GivenUp(batch, "RetryAttemptsExhausted", attempts, last))
            steps.advance(batch[-1].number)
            in_vain = 0
            continue
        waiting.append((batch, attempts))
        await steps.pause(in_vain)
        in_vain += 1


async def _drop_old(
    batch: Sequence[Item], attempts: int, last: Invocation | None, rules: Rules, steps: Steps
) -> Sequence[Item]:
    if rules.max_age < 0:
        return batch
    oldest = steps.clock() - rules.max_age
    old = [item for item in batch if item.arrived < oldest]
    if not old:
        return batch
    await steps.give_up(GivenUp(old, "RecordAgeExceeded", attempts, last if attempts else None))
    steps.advance(old[-1].number)
    return batch[len(old) :]


def _first_failure(batch: Sequence[Item], result: Invocation, rules: Rules) -> int:
    """Return where in the batch the first record is that failed, its length if none did."""
    if result.error is not None:
        return 0
    if not rules.reports:
        return len(batch)
    failed = failed_items(result.payload, [str(item.number) for item in batch])
    places = (place for place, item in enumerate(batch) if str(item.number) in failed)
    return next(places, len(batch))
