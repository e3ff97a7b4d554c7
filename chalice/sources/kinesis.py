"""Kinesis streams: how ``@app.on_kinesis_record`` is checked, deployed and permitted.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalice.model.resources import Resource
from chalice.model.values import Arn, Document, Value
from chalice.runtime.events.kinesis import KinesisEventConfig
from chalice.sources.base import Problem, Target
from chalice.sources.batches import (
    bodies,
    fitting,
    lost_records,
    stream_mapping,
    stream_problems,
)
from chalice.sources.examples import merge
from chalice.sources.given import Given
from chalice.sources.occasions import Occasion

_ACTIONS = (
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:ListShards",
)


class KinesisSource:
    """Records of a Kinesis stream."""

    kind = "kinesis"

    def problems(self, trigger: KinesisEventConfig) -> Iterable[Problem]:
        """Return what is wrong with the stream's name and with the numbers."""
        if "/" in trigger.stream or ":" in trigger.stream:
            bare = trigger.stream.rpartition("/")[2]
            yield Problem(
                f"`stream` is no name of a stream: `{trigger.stream}`",
                f"use the bare name `{bare}`, of a stream in the region being deployed to",
            )
        yield from stream_problems(trigger)

    def resources(self, trigger: KinesisEventConfig, target: Target) -> Iterable[Resource]:
        """Return the mapping."""
        name = f"{trigger.name}-kinesis-event-source"
        yield stream_mapping(trigger, name, _arn(trigger), target)

    def statements(self, trigger: KinesisEventConfig) -> Iterable[Document]:
        """Return what lets Lambda read the stream."""
        yield {"Effect": "Allow", "Action": list(_ACTIONS), "Resource": [_arn(trigger)]}
        yield {"Effect": "Allow", "Action": ["kinesis:ListStreams"], "Resource": ["*"]}
        yield from lost_records(trigger)

    def options(self, trigger: KinesisEventConfig) -> Mapping[str, str]:
        """Return what can be said of records."""
        return {
            "data": "what each record carries, as text",
            "key": "the partition key",
            "count": f"how many records come at once, up to {trigger.batch_size}",
        }

    def sample(
        self, trigger: KinesisEventConfig, given: Given, occasion: Occasion
    ) -> dict[str, Any]:
        """Return a batch of records that a filter lets through."""
        fields = fitting(trigger.filters)
        nested = fields.pop("kinesis", None)
        details: dict[str, Any] = nested if isinstance(nested, dict) else {}
        wanted = fields.pop("data", None) or details.pop("data", None)
        if "partitionKey" in fields:
            details["partitionKey"] = fields.pop("partitionKey")
        count = given.number("count", 1, 1, trigger.batch_size)
        data = [text.encode() for text in bodies(given, "data", wanted, count)]
        key = given.text("key", str(details.pop("partitionKey", "sample")))
        made = event(occasion.arn(_arn(trigger)), data, occasion, partition_key=key)
        for record in made["Records"]:
            merge(record, {**fields, "kinesis": details})
        return made


def _arn(trigger: KinesisEventConfig) -> Value:
    return Arn("kinesis", (f"stream/{trigger.stream}",))


def event(
    stream_arn: str, data: Sequence[bytes], occasion: Occasion, *, partition_key: str
) -> dict[str, Any]:
    """Return a batch of records of one shard."""
    first = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898
    role = f"arn:{occasion.place.partition}:iam::{occasion.place.account}:role/sample"
    return {
        "Records": [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": partition_key,
                    "sequenceNumber": str(first + number),
                    "data": base64.b64encode(content).decode("ascii"),
                    "approximateArrivalTimestamp": round(occasion.now, 3),
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": f"shardId-000000000000:{first + number}",
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": role,
                "awsRegion": occasion.place.region,
                "eventSourceARN": stream_arn,
            }
            for number, content in enumerate(data)
        ]
    }
