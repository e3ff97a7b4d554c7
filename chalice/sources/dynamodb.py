"""Streams of DynamoDB tables: how ``@app.on_dynamodb_record`` is checked, deployed, permitted.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from chalice.model.resources import Resource
from chalice.model.values import Document
from chalice.runtime.events.dynamodb import DynamoDBEventConfig
from chalice.sources.base import Problem, Target
from chalice.sources.batches import fitting, lost_records, stream_mapping, stream_problems
from chalice.sources.examples import merge
from chalice.sources.given import Given
from chalice.sources.occasions import Occasion, hexadecimal

_ACTIONS = (
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:DescribeStream",
)
_CHANGES = ("INSERT", "MODIFY", "REMOVE")
_TYPES = frozenset(("S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"))
_STREAM = re.compile(r"arn:[\w-]+:dynamodb:[\w-]+:\d+:table/[\w.-]+/stream/.+")


class DynamoDBSource:
    """Changes of a table."""

    kind = "dynamodb"

    def problems(self, trigger: DynamoDBEventConfig) -> Iterable[Problem]:
        """Return what is wrong with the stream's ARN and with the numbers."""
        arn = trigger.stream_arn
        if not _STREAM.fullmatch(arn):
            yield Problem(
                f"`stream_arn` is no ARN of a table's stream: `{arn}`",
                "turn on the table's stream and use what `aws dynamodb describe-table` calls its "
                "LatestStreamArn: `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/TIME`",
            )
        yield from stream_problems(trigger)

    def resources(self, trigger: DynamoDBEventConfig, target: Target) -> Iterable[Resource]:
        """Return the mapping."""
        name = f"{trigger.name}-dynamodb-event-source"
        yield stream_mapping(trigger, name, trigger.stream_arn, target)

    def statements(self, trigger: DynamoDBEventConfig) -> Iterable[Document]:
        """Return what lets Lambda read the stream."""
        arn = trigger.stream_arn
        yield {"Effect": "Allow", "Action": list(_ACTIONS), "Resource": [arn]}
        yield {"Effect": "Allow", "Action": ["dynamodb:ListStreams"], "Resource": ["*"]}
        yield from lost_records(trigger)

    def options(self, trigger: DynamoDBEventConfig) -> Mapping[str, str]:
        """Return what can be said of changes."""
        return {
            "event": f"what happened, one of {', '.join(_CHANGES)}",
            "keys": 'the key of the item: {"id": "7"}, or {"id": {"S": "7"}}',
            "new": "the item after the change, written like its key",
            "old": "the item before the change",
            "count": f"how many changes come at once, up to {trigger.batch_size}",
        }

    def sample(
        self, trigger: DynamoDBEventConfig, given: Given, occasion: Occasion
    ) -> dict[str, Any]:
        """Return a batch of changes that a filter lets through."""
        fields = fitting(trigger.filters)
        name = str(fields.pop("eventName", "INSERT"))
        name = given.choice("event", _CHANGES, name if name in _CHANGES else "INSERT")
        keys = given.document("keys", {"id": "sample"})
        images = {
            "new": given.document("new", {**keys, "value": 1}) if name != "REMOVE" else None,
            "old": given.document("old", {**keys, "value": 0}) if name != "INSERT" else None,
        }
        change = change_event(
            trigger.stream_arn,
            name,
            typed_item(keys),
            {
                which: None if image is None else typed_item(image)
                for which, image in images.items()
            },
            occasion,
        )
        (record,) = change["Records"]
        merge(record, fields)
        count = given.number("count", 1, 1, trigger.batch_size)
        return {"Records": [_numbered(record, number) for number in range(count)]}


def typed_item(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item in DynamoDB's form: ``{"id": {"S": "7"}}`` of ``{"id": "7"}``.

    Attributes that have that form already stay.
    """
    return {name: _typed(value) for name, value in plain.items()}


def _typed(value: Any) -> dict[str, Any]:
    match value:
        case dict() if len(value) == 1 and _TYPES.issuperset(value):
            return value
        case dict():
            return {"M": typed_item(value)}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case list():
            return {"L": [_typed(each) for each in value]}
        case None:
            return {"NULL": True}
        case _:
            return {"N": json.dumps(value)}


def change_event(
    stream_arn: str,
    name: str,
    keys: Mapping[str, Any],
    images: Mapping[str, Mapping[str, Any] | None],
    occasion: Occasion,
) -> dict[str, Any]:
    """Return one change of an item; of the ``images`` ``new`` and ``old`` those that are None are
    not in the event.
    """
    new, old = images.get("new"), images.get("old")
    size = len(json.dumps([keys, new, old]))
    change = {
        "ApproximateCreationDateTime": float(int(occasion.now)),
        "Keys": dict(keys),
        **({} if new is None else {"NewImage": dict(new)}),
        **({} if old is None else {"OldImage": dict(old)}),
        "SequenceNumber": "4421584500000000017450439091",
        "SizeBytes": size,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    record = {
        "eventID": hexadecimal(32, stream_arn, name, 0).lower(),
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": occasion.place.region,
        "dynamodb": change,
        "eventSourceARN": stream_arn,
    }
    return {"Records": [record]}


def _numbered(record: Mapping[str, Any], number: int) -> dict[str, Any]:
    change = record["dynamodb"]
    later = int(change["SequenceNumber"]) + number
    return {
        **record,
        "eventID": hexadecimal(32, record["eventSourceARN"], record["eventName"], number).lower(),
        "dynamodb": {**change, "SequenceNumber": str(later)},
    }
