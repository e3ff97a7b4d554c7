"""What a handler wants of what its source has: filters, patterns, and batches.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from chalice.app import (
    BaseEventSourceConfig,
    DynamoDBEventConfig,
    KafkaEventConfig,
    KinesisEventConfig,
    SNSEventConfig,
    SQSEventConfig,
)
from chalice.errors import ToolError

Event: TypeAlias = dict[str, Any]
Batched: TypeAlias = SQSEventConfig | KinesisEventConfig | DynamoDBEventConfig


def batches(trigger: Batched, event: Event) -> Iterator[Event]:
    """Yield events of records that a filter lets through, none with more than a batch has."""
    records = event["Records"]
    if trigger.filters:
        filters = _filters(trigger, trigger.filters)
        records = [record for record in records if filters(record)]
    for batch in _split(records, trigger.batch_size):
        yield {"Records": batch}


def _split(records: Sequence[Event], size: int) -> Iterator[Sequence[Event]]:
    for start in range(0, len(records), size):
        yield list(records[start : start + size])


def _filters(trigger: Batched, patterns: Iterable[Mapping[str, Any]]) -> Callable[[Event], bool]:
    from chalice.cloud.delivery.filters import Filters  # noqa: PLC0415  # few tests need it
    from chalice.cloud.delivery.patterns import InvalidPatternError  # noqa: PLC0415

    try:
        return Filters(
            {"Filters": [{"Pattern": json.dumps(each)} for each in patterns]}
        ).let_through
    except InvalidPatternError as error:
        raise ToolError(f"a filter of `{trigger.name}` means nothing: {error}") from None


def kafka_batches(trigger: KafkaEventConfig, event: Event) -> Iterator[Event]:
    """Yield events of records of one partition, as `batches` does."""
    ((partition, records),) = event["records"].items()
    wanted = [record for record in records if _wants_record(trigger, record)]
    for batch in _split(wanted, trigger.batch_size):
        yield {**event, "records": {partition: batch}}


def _wants_record(trigger: KafkaEventConfig, record: Event) -> bool:
    filters: Sequence[Mapping[str, Any]] = trigger.filters or ()
    about: Event = dict(record)
    for name in ("key", "value"):
        if name in record:
            text = base64.b64decode(record[name]).decode("utf-8", "replace")
            about[name] = _json_or_text(text)
    return not filters or any(matches(trigger, each, about) for each in filters)


def matches(trigger: BaseEventSourceConfig, pattern: Mapping[str, Any], about: object) -> bool:
    """Whether the trigger's pattern lets an event or a record through. Raises ToolError."""
    from chalice.cloud.delivery.patterns import InvalidPatternError, Pattern  # noqa: PLC0415

    try:
        return Pattern(pattern).matches(about)
    except InvalidPatternError as error:
        raise ToolError(f"the pattern of `{trigger.name}` means nothing: {error}") from None


def is_subscribed(
    trigger: SNSEventConfig, message: str, typed: Mapping[str, Mapping[str, str]]
) -> bool:
    """Whether the filter policy of a subscription lets a message with these attributes through."""
    if not trigger.filter_policy:
        return True
    about: object = {name: _plain(each) for name, each in typed.items()}
    if trigger.filter_policy_scope == "MessageBody":
        about = _json_or_text(message)
    return isinstance(about, dict) and matches(trigger, trigger.filter_policy, about)


def _plain(attribute: Mapping[str, str]) -> object:
    """Return what a filter policy compares an attribute by."""
    kind, text = attribute["Type"], attribute["Value"]
    return _parsed(text) if kind in ("Number", "String.Array") else text


def _json_or_text(text: str) -> object:
    value = _parsed(text)
    return value if isinstance(value, (dict, list)) else text


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
