"""Kinesis streams: how ``@app.on_kinesis_record`` is checked, deployed and permitted.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

from collections.abc import Iterable

from chalice.model.resources import Resource
from chalice.model.values import Arn, Document, Value
from chalice.runtime.events.kinesis import KinesisEventConfig
from chalice.sources.base import Problem, Target
from chalice.sources.batches import lost_records, stream_mapping, stream_problems

_ACTIONS = (
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:ListShards",
)


class KinesisSource:
    """Records of a Kinesis stream."""

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


def _arn(trigger: KinesisEventConfig) -> Value:
    return Arn("kinesis", (f"stream/{trigger.stream}",))
