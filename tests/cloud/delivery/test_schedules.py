"""The ticker: due is due, once, whatever the machine did meanwhile."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from chalice.cloud.delivery.schedules import Ticker, next_time

NOON = 1_795_521_600.0  # 2026-11-24T12:00:00Z


@dataclass
class Rule:
    expression: str
    since: float = NOON

    def due_after(self, moment: float) -> float | None:
        return next_time(self.expression, self.since, moment)


@dataclass
class Clock:
    """A clock that shows ``start`` when it is made, and can be set."""

    start: float
    made: float = field(default_factory=time.monotonic)

    def __call__(self) -> float:
        return self.start + time.monotonic() - self.made


class Bench:
    """A ticker at work, with what it fired."""

    def __init__(self, clock: Clock, *rules: Rule) -> None:
        self.clock, self.rules = clock, list(rules)
        self.fired: list[tuple[str, float]] = []
        self.ticker = Ticker(asyncio.get_running_loop(), lambda: list(self.rules), clock)
        self.task = asyncio.ensure_future(self.ticker.run(self._fire))

    def _fire(self, rule: Rule, due: float) -> None:
        self.fired.append((rule.expression, due))

    async def during(self, seconds: float) -> list[tuple[str, float]]:
        await asyncio.sleep(seconds)
        return self.fired


async def check_that_each_rule_fires_when_it_is_due() -> None:
    rules = Rule("rate(1 minute)"), Rule("cron(1 12 * * ? *)"), Rule("rate(1 hour)")
    bench = Bench(Clock(NOON + 59.8), *rules)
    assert await bench.during(0.1) == []
    expected = [("rate(1 minute)", NOON + 60), ("cron(1 12 * * ? *)", NOON + 60)]
    assert await bench.during(0.4) == expected
    bench.task.cancel()


async def check_that_a_new_rule_is_noticed() -> None:
    bench = Bench(Clock(NOON + 59.8))
    await bench.during(0.01)
    bench.rules.append(Rule("rate(1 minute)"))
    bench.ticker.wake()
    assert await bench.during(0.4) == [("rate(1 minute)", NOON + 60)]
    bench.task.cancel()


async def check_that_what_was_due_before_the_start_is_not_made_up_for() -> None:
    bench = Bench(Clock(NOON + 86_400.5), Rule("rate(1 minute)"), Rule("cron(* * * * ? *)"))
    assert await bench.during(0.2) == []
    bench.task.cancel()


async def check_that_what_was_due_while_the_machine_slept_happens_once() -> None:
    bench = Bench(Clock(NOON + 10), Rule("rate(1 minute)"))
    await bench.during(0.01)
    bench.clock.start += 86_400
    bench.ticker.wake()
    assert await bench.during(0.1) == [("rate(1 minute)", NOON + 60)]
    bench.clock.start -= 3600  # and when the clock is set back, nothing happens again
    bench.ticker.wake()
    assert len(await bench.during(0.1)) == 1
    bench.task.cancel()


async def check_that_a_rule_is_not_due_for_a_time_before_it_was_made() -> None:
    bench = Bench(Clock(NOON - 10))
    await bench.during(0.01)
    bench.clock.start += 20
    bench.rules.append(Rule("cron(0 12 * * ? *)", since=NOON + 5))
    bench.ticker.wake()
    assert await bench.during(0.1) == []
    bench.task.cancel()


def test_each_rule_fires_when_it_is_due() -> None:
    asyncio.run(check_that_each_rule_fires_when_it_is_due())


def test_a_new_rule_is_noticed() -> None:
    asyncio.run(check_that_a_new_rule_is_noticed())


def test_what_was_due_before_the_start_is_not_made_up_for() -> None:
    asyncio.run(check_that_what_was_due_before_the_start_is_not_made_up_for())


def test_what_was_due_while_the_machine_slept_happens_once() -> None:
    asyncio.run(check_that_what_was_due_while_the_machine_slept_happens_once())


def test_a_rule_is_not_due_for_a_time_before_it_was_made() -> None:
    asyncio.run(check_that_a_rule_is_not_due_for_a_time_before_it_was_made())


def test_a_rate_counts_from_when_the_rule_was_made() -> None:
    rule = Rule("rate(5 minutes)", since=NOON + 30)
    assert rule.due_after(NOON) == NOON + 330
    assert rule.due_after(NOON + 330) == NOON + 630


def test_a_schedule_of_the_past_is_never_due() -> None:
    assert Rule("cron(0 12 * * ? 2020)").due_after(NOON) is None
