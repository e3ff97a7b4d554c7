"""Queues: how ``@app.on_sqs_message`` is checked, deployed and permitted.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalice.model.resources import Resource
from chalice.model.triggers import EventSourceMapping
from chalice.model.values import Arn, Document, Value
from chalice.runtime.events.sqs import SQSEventConfig
from chalice.sources.base import Problem, Target
from chalice.sources.batches import (
    LONGEST_WINDOW,
    MOST_RECORDS,
    bodies,
    fitting,
    number_problem,
)
from chalice.sources.examples import merge
from chalice.sources.given import Given
from chalice.sources.occasions import Occasion, unique_id

_ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_UNBUFFERED = 10
"""How many messages come at once without a batching window, and ever from a FIFO queue."""


class SQSSource:
    """Messages of a queue."""

    kind = "sqs"

    def problems(self, trigger: SQSEventConfig) -> Iterable[Problem]:
        """Return what is wrong with how the queue is named, and with the numbers."""
        queue, arn = trigger.queue or "", trigger.queue_arn
        if queue.startswith("arn:"):
            yield Problem(
                f"`queue` is an ARN: `{queue}`",
                f"pass it as `queue_arn=`, or use the bare name `{queue.rpartition(':')[2]}`",
            )
        elif queue.startswith("https:"):
            bare = queue.rpartition("/")[2]
            yield Problem(f"`queue` is a URL: `{queue}`", f"use the bare name `{bare}`")
        if arn and not arn.startswith("arn:"):
            hint = "it begins with `arn:`; pass a bare name as `queue=`"
            yield Problem(f"`queue_arn` is no ARN: `{arn}`", hint)
        is_fifo = (arn or queue).endswith(".fifo")
        most = _UNBUFFERED if is_fifo else MOST_RECORDS
        window = trigger.maximum_batching_window_in_seconds
        yield from number_problem("batch_size", trigger.batch_size, 1, most)
        yield from number_problem("maximum_batching_window_in_seconds", window, 0, LONGEST_WINDOW)
        yield from number_problem("maximum_concurrency", trigger.maximum_concurrency, 2, 1000)
        if not is_fifo and trigger.batch_size > _UNBUFFERED and not window:
            yield Problem(
                f"`batch_size` is {trigger.batch_size} and no batching window is set",
                f"more than {_UNBUFFERED} messages at once need a "
                "`maximum_batching_window_in_seconds` of 1 or more",
            )

    def resources(self, trigger: SQSEventConfig, target: Target) -> Iterable[Resource]:
        """Return the mapping."""
        yield EventSourceMapping(
            name=f"{trigger.name}-sqs-event-source",
            function=target.function,
            source=_arn(trigger),
            batch_size=trigger.batch_size,
            maximum_batching_window_in_seconds=trigger.maximum_batching_window_in_seconds,
            maximum_concurrency=trigger.maximum_concurrency,
            filters=tuple(trigger.filters or ()),
            reports_failures=trigger.each,
        )

    def statements(self, trigger: SQSEventConfig) -> Iterable[Document]:
        """Return what lets Lambda read the queue."""
        yield {"Effect": "Allow", "Action": list(_ACTIONS), "Resource": [_arn(trigger)]}

    def options(self, trigger: SQSEventConfig) -> Mapping[str, str]:
        """Return what can be said of messages."""
        return {
            "body": "the text of each message",
            "count": f"how many messages come at once, up to {trigger.batch_size}",
            "attributes": 'the attributes of each message: {"name": "text", "other": 1}',
            "group": "the message group; messages of FIFO queues always have one",
        }

    def sample(self, trigger: SQSEventConfig, given: Given, occasion: Occasion) -> dict[str, Any]:
        """Return a batch of messages that a filter lets through."""
        count = given.number("count", 1, 1, trigger.batch_size)
        fields = fitting(trigger.filters)
        made = event(
            occasion.arn(_arn(trigger)),
            bodies(given, "body", fields.pop("body", None), count),
            occasion,
            attributes=given.document("attributes", {}),
            group=given.text("group", "") or None,
        )
        for record in made["Records"]:
            merge(record, fields)
        return made


def _arn(trigger: SQSEventConfig) -> Value:
    return trigger.queue_arn or Arn("sqs", (trigger.queue or "",))


def event(
    queue_arn: str,
    texts: Sequence[str],
    occasion: Occasion,
    *,
    attributes: Mapping[str, Any] | None = None,
    group: str | None = None,
) -> dict[str, Any]:
    """Return a batch of messages, each with ``attributes``: ``{"name": "text", "other": 1}``."""
    is_fifo = queue_arn.endswith(".fifo")
    sent = str(occasion.milliseconds)
    typed = {name: _attribute(value) for name, value in (attributes or {}).items()}
    records: list[dict[str, Any]] = []
    for number, text in enumerate(texts):
        system = {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": sent,
            "SenderId": "AIDASAMPLESENDER0001",
            "ApproximateFirstReceiveTimestamp": str(occasion.milliseconds + 1),
        }
        if is_fifo:
            system["SequenceNumber"] = str(18_849_496_460_467_696_128 + 256 * number)
            system["MessageDeduplicationId"] = hashlib.sha256(text.encode()).hexdigest()
        if is_fifo or group:
            system["MessageGroupId"] = group or "sample"
        record: dict[str, Any] = {
            "messageId": unique_id(queue_arn, text, number),
            "receiptHandle": f"receipt-{unique_id(text, number)}",
            "body": text,
            "attributes": system,
            "messageAttributes": typed,
            "md5OfBody": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
            "eventSource": "aws:sqs",
            "eventSourceARN": queue_arn,
            "awsRegion": queue_arn.split(":")[3],
        }
        records.append(record)
    return {"Records": records}


def _attribute(value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and "dataType" in value:
        return value
    is_text = isinstance(value, (str, bool))
    return {
        "stringValue": value if isinstance(value, str) else json.dumps(value),
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": "String" if is_text else "Number",
    }
