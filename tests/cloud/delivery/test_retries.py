"""Batches of a stream that fail: what is retried, what is given up, how far reading got."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chalice.cloud.delivery.retries import GivenUp, Item, Rules, Steps, deliver
from chalice.cloud.functions import Invocation


def items(count: int, arrived: float = 0.0) -> list[Item]:
    return [Item(number, "key", arrived, {"n": number}) for number in range(1, count + 1)]


def ok(_: Sequence[Item]) -> Invocation:
    return Invocation(payload=b"null", request_id="id")


def fails_with(*bad: int) -> Callable[[Sequence[Item]], Invocation]:
    def function(batch: Sequence[Item]) -> Invocation:
        failed = any(item.number in bad for item in batch)
        return Invocation(payload=b"{}", request_id="id", error="Unhandled" if failed else None)

    return function


def reports(*bad: int) -> Callable[[Sequence[Item]], Invocation]:
    def function(batch: Sequence[Item]) -> Invocation:
        failed = [{"itemIdentifier": str(each.number)} for each in batch if each.number in bad]
        payload = json.dumps({"batchItemFailures": failed}).encode()
        return Invocation(payload=payload, request_id="id")

    return function


@dataclass
class Delivery:
    """One delivery: a function in this process, and a clock that pauses move."""

    function: Callable[[Sequence[Item]], Invocation]
    now: float = 0.0
    batches: list[list[int]] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    given_up: list[tuple[list[int], str, int]] = field(default_factory=list)

    def run(self, batch: Sequence[Item], rules: Rules) -> Delivery:
        steps = Steps(
            invoke=self._invoke,
            pause=self._pause,
            advance=self.positions.append,
            give_up=self._give_up,
            clock=lambda: self.now,
        )
        asyncio.run(deliver(batch, lambda: rules, steps))
        return self

    async def _invoke(self, batch: Sequence[Item]) -> Invocation:
        self.batches.append([item.number for item in batch])
        return self.function(batch)

    async def _pause(self, number: int) -> None:
        self.now += 2.0**number

    async def _give_up(self, given_up: GivenUp) -> None:
        numbers = [item.number for item in given_up.items]
        self.given_up.append((numbers, given_up.condition, given_up.attempts))


def test_a_batch_that_succeeds_is_delivered_once() -> None:
    delivery = Delivery(ok).run(items(3), Rules())
    assert (delivery.batches, delivery.positions) == ([[1, 2, 3]], [3])


def test_a_batch_is_retried_as_often_as_the_mapping_says_and_then_given_up_as_a_whole() -> None:
    delivery = Delivery(fails_with(2)).run(items(3), Rules(retries=2))
    assert delivery.batches == [[1, 2, 3]] * 3
    assert delivery.given_up == [([1, 2, 3], "RetryAttemptsExhausted", 3)]
    assert delivery.positions == [3]
    assert delivery.now == 1 + 2


def test_no_retries_means_one_attempt() -> None:
    delivery = Delivery(fails_with(1)).run(items(1), Rules(retries=0))
    assert (delivery.batches, delivery.given_up[0][2]) == ([[1]], 1)


def test_records_that_grow_too_old_are_given_up() -> None:
    delivery = Delivery(fails_with(1, 2)).run(items(2), Rules(max_age=5))
    assert delivery.batches == [[1, 2]] * 3  # at 0, 1 and 3
    assert delivery.given_up == [([1, 2], "RecordAgeExceeded", 3)]
    assert delivery.positions == [2]


def test_a_record_that_is_too_old_is_never_delivered() -> None:
    batch = [Item(1, "key", 10.0, {}), Item(2, "key", 99.0, {})]
    delivery = Delivery(ok, now=100.0).run(batch, Rules(max_age=60))
    assert delivery.batches == [[2]]
    assert delivery.given_up == [([1], "RecordAgeExceeded", 0)]
    assert delivery.positions == [1, 2]


def test_halving_isolates_the_bad_record_and_keeps_the_order() -> None:
    delivery = Delivery(fails_with(3)).run(items(5), Rules(retries=0, bisect=True))
    assert delivery.batches == [[1, 2, 3, 4, 5], [1, 2], [3, 4, 5], [3], [4, 5]]
    assert delivery.given_up == [([3], "RetryAttemptsExhausted", 1)]
    assert delivery.positions == [2, 3, 5]


def test_retrying_goes_on_from_the_first_reported_failure() -> None:
    delivery = Delivery(reports(2, 4)).run(items(4), Rules(retries=1, reports=True))
    assert delivery.batches == [[1, 2, 3, 4], [2, 3, 4]]
    assert delivery.positions == [1, 4]
    assert delivery.given_up == [([2, 3, 4], "RetryAttemptsExhausted", 2)]


def test_reported_failures_and_halving_isolate_the_bad_record() -> None:
    delivery = Delivery(reports(2)).run(items(4), Rules(retries=0, bisect=True, reports=True))
    assert delivery.batches == [[1, 2, 3, 4], [2, 3, 4], [2], [3, 4]]
    assert delivery.positions == [1, 2, 4]
    assert delivery.given_up == [([2], "RetryAttemptsExhausted", 1)]


def test_reports_are_not_read_unless_the_mapping_says_so() -> None:
    delivery = Delivery(reports(2)).run(items(3), Rules())
    assert (delivery.batches, delivery.positions) == ([[1, 2, 3]], [3])


def test_throttling_counts_as_no_attempt() -> None:
    answers = [Invocation(payload=b"{}", request_id="id", throttled=True)] * 3
    answers.append(Invocation(payload=b"null", request_id="id"))
    delivery = Delivery(lambda _: answers.pop(0)).run(items(1), Rules(retries=0))
    assert delivery.batches == [[1]] * 4
    assert (delivery.given_up, delivery.positions) == ([], [1])
