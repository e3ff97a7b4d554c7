"""What queues and streams have in common: records that Lambda reads in batches."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalice.model.triggers import ALL_RETRIES, EventSourceMapping
from chalice.model.values import Value
from chalice.runtime.events.dynamodb import DynamoDBEventConfig
from chalice.runtime.events.kinesis import KinesisEventConfig
from chalice.runtime.events.streams import DEFAULTS
from chalice.sources.base import Problem, Target
from chalice.sources.examples import example
from chalice.sources.given import Given

LONGEST_WINDOW = 300  # seconds
MOST_RECORDS = 10_000
POSITIONS = ("LATEST", "TRIM_HORIZON")
_LIMITS: Mapping[str, tuple[int, int]] = {
    "maximum_retry_attempts": (-1, 10_000),
    "maximum_record_age_in_seconds": (-1, 604_800),
    "parallelization_factor": (1, 10),
    "tumbling_window_in_seconds": (0, 900),
}


def number_problem(name: str, value: int | None, least: int, most: int) -> Iterable[Problem]:
    """Yield a problem if a number, unless it is None, is not within what Lambda takes."""
    if value is not None and not least <= value <= most:
        yield Problem(f"`{name}` is {value}", f"Lambda takes {least:,} to {most:,}")


def stream_problems(trigger: KinesisEventConfig | DynamoDBEventConfig) -> Iterable[Problem]:
    """Yield what is wrong with the numbers and names that both kinds of streams have."""
    yield from number_problem("batch_size", trigger.batch_size, 1, MOST_RECORDS)
    window = trigger.maximum_batching_window_in_seconds
    yield from number_problem("maximum_batching_window_in_seconds", window, 0, LONGEST_WINDOW)
    if trigger.starting_position not in POSITIONS:
        summary = f"`starting_position` is `{trigger.starting_position}`"
        yield Problem(summary, f"use one of {', '.join(POSITIONS)}")
    options: Mapping[str, Any] = trigger.options
    for name, (least, most) in _LIMITS.items():
        yield from number_problem(name, options.get(name), least, most)
    lost = options.get("on_failure")
    if lost is not None and not lost.startswith("arn:"):
        yield Problem(f"`on_failure` is no ARN: `{lost}`", "use the ARN of a queue or a topic")


def stream_mapping(
    trigger: KinesisEventConfig | DynamoDBEventConfig, name: str, source: Value, target: Target
) -> EventSourceMapping:
    """Return the mapping of a stream to its function."""
    options: Mapping[str, Any] = {**DEFAULTS, **trigger.options}
    attempts, age = options["maximum_retry_attempts"], options["maximum_record_age_in_seconds"]
    return EventSourceMapping(
        name=name,
        function=target.function,
        source=source,
        batch_size=trigger.batch_size,
        maximum_batching_window_in_seconds=trigger.maximum_batching_window_in_seconds,
        starting_position=trigger.starting_position,
        filters=tuple(trigger.filters or ()),
        reports_failures=trigger.each,
        maximum_retry_attempts=ALL_RETRIES if attempts is None else attempts,
        maximum_record_age_in_seconds=ALL_RETRIES if age is None else age,
        bisect_batch_on_function_error=options["bisect_batch_on_function_error"],
        parallelization_factor=options["parallelization_factor"],
        tumbling_window_in_seconds=options["tumbling_window_in_seconds"],
        on_failure=options["on_failure"] or "",
    )


def lost_records(trigger: KinesisEventConfig | DynamoDBEventConfig) -> Iterable[dict[str, Any]]:
    """Yield the statement that lets Lambda tell of records that were given up."""
    lost = trigger.options.get("on_failure")
    if lost:
        action = "sns:Publish" if lost.split(":")[2:3] == ["sns"] else "sqs:SendMessage"
        yield {"Effect": "Allow", "Action": [action], "Resource": [lost]}


def fitting(filters: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """Return fields of a record that the first filter lets through; none without filters."""
    return example(filters[0]) if filters else {}


def bodies(given: Given, name: str, wanted: object, count: int) -> Sequence[str]:
    """Return what ``count`` records carry: what option ``name`` says, or what a filter wants
    (None for anything).
    """
    if wanted is None:
        texts = [json.dumps({"sample": number + 1}) for number in range(count)]
    else:
        texts = [wanted if isinstance(wanted, str) else json.dumps(wanted)] * count
    return [given.text(name, text) for text in texts]
