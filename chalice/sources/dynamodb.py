"""Streams of DynamoDB tables: how ``@app.on_dynamodb_record`` is checked, deployed, permitted.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from chalice.model.resources import Resource
from chalice.model.values import Document
from chalice.runtime.events.dynamodb import DynamoDBEventConfig
from chalice.sources.base import Problem, Target
from chalice.sources.batches import lost_records, stream_mapping, stream_problems

_ACTIONS = (
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:DescribeStream",
)
_STREAM = re.compile(r"arn:[\w-]+:dynamodb:[\w-]+:\d+:table/[\w.-]+/stream/.+")


class DynamoDBSource:
    """Changes of a table."""

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
