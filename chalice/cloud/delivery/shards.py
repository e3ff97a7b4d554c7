"""The shards of Kinesis and of DynamoDB's streams, read alike.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-example.html
https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-example.html
"""

from __future__ import annotations

import base64
import calendar
import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import lambda_backends
from moto.dynamodb.models import dynamodb_backends
from moto.kinesis.models import Record, kinesis_backends

from chalice.cloud.control.event_source_mappings import ServedMapping
from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.control.streams import ServedStream
from chalice.cloud.control.tables import RETENTION, ServedTableBackend
from chalice.cloud.delivery.retries import Item


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard. Its ``parents`` are read to their end before it; a closed one gets no more."""

    name: str
    parents: tuple[str, ...] = ()
    is_open: bool = True


class Stream(Protocol):
    """A stream, asked from any thread."""

    batch_name: str
    """What AWS calls the description of a failed batch."""

    def retention(self) -> float:
        """Return for how many seconds records are kept."""

    def shards(self) -> list[Shard]:
        """Return the shards; none while the stream is not there."""

    def read(self, shard: str, after: int, limit: int) -> list[Item]:
        """Return up to ``limit`` records that come after that sequence number."""


def stream_of(mapping: ServedMapping) -> Stream:
    """Return what the mapping reads."""
    return KinesisStream(mapping) if mapping.kind == "kinesis" else TableStream(mapping)


class KinesisStream:
    """A Kinesis stream."""

    batch_name = "KinesisBatchInfo"

    def __init__(self, mapping: ServedMapping) -> None:
        self._mapping = mapping
        self._arn = mapping.event_source_arn.split("/consumer/")[0]
        self._region = self._arn.split(":")[3]

    def retention(self) -> float:
        """Return for how many seconds records are kept."""
        stream = self._stream()
        return 3600.0 * (stream.retention_period_hours if stream else 24)

    def shards(self) -> list[Shard]:
        """Return the shards; none while the stream is not there."""
        stream = self._stream()
        if stream is None:
            return []
        return [
            Shard(
                shard.shard_id,
                tuple(each for each in (shard.parent, shard.adjacent_parent) if each),
                shard.is_open,
            )
            for shard in list(stream.shards.values())
        ]

    def read(self, shard: str, after: int, limit: int) -> list[Item]:
        """Return up to ``limit`` records that come after that sequence number."""
        stream = self._stream()
        if stream is None or shard not in stream.shards:
            return []
        role = _role(self._mapping.function_arn)
        return [self._item(shard, record, role) for record in stream.read(shard, after, limit)]

    def _stream(self) -> ServedStream | None:
        stream = kinesis_backends[ACCOUNT][self._region].streams.get(self._arn.rpartition("/")[2])
        return stream if isinstance(stream, ServedStream) else None

    def _item(self, shard: str, record: Record, role: str) -> Item:
        number = str(record.sequence_number)
        event = {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record.partition_key,
                "sequenceNumber": number,
                "data": record.data,
                "approximateArrivalTimestamp": round(record.created_at, 3),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard}:{number}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": role,
            "awsRegion": self._region,
            "eventSourceARN": self._mapping.event_source_arn,
        }
        size = len(record.data) + 512
        return Item(int(number), record.partition_key, record.created_at, event, size)


class TableStream:
    """The stream of a DynamoDB table."""

    batch_name = "DDBStreamBatchInfo"

    def __init__(self, mapping: ServedMapping) -> None:
        self._arn = mapping.event_source_arn
        self._region = self._arn.split(":")[3]

    def retention(self) -> float:
        """Return for how many seconds records are kept."""
        return RETENTION

    def shards(self) -> list[Shard]:
        """Return the one shard; none while the stream is not there."""
        shard = self._backend().find_shard(self._arn)
        return [] if shard is None else [Shard(shard.id)]

    def read(self, shard: str, after: int, limit: int) -> list[Item]:
        """Return up to ``limit`` records that come after that sequence number."""
        return [self._item(each) for each in self._backend().read_stream(self._arn, after, limit)]

    def _backend(self) -> ServedTableBackend:
        backend = dynamodb_backends[ACCOUNT][self._region]
        assert isinstance(backend, ServedTableBackend)
        return backend

    def _item(self, record: Mapping[str, Any]) -> Item:
        change = dict(record["dynamodb"])
        made: datetime.datetime = change["ApproximateCreationDateTime"]
        arrived = calendar.timegm(made.timetuple())
        change["ApproximateCreationDateTime"] = arrived
        event = {
            **_without_bytes(dict(record, dynamodb=change)),
            "eventSourceARN": self._arn,
        }
        key = json.dumps(event["dynamodb"]["Keys"], sort_keys=True)
        size = len(json.dumps(event))
        return Item(int(change["SequenceNumber"]), key, arrived, event, size)


def _role(function_arn: str) -> str:
    """Return the role of a function, empty when that is gone."""
    parts = function_arn.split(":")
    backend = lambda_backends[ACCOUNT][parts[3]]
    try:
        return str(backend.get_function(parts[6], parts[7] if len(parts) > 7 else None).role)
    except LambdaClientError:
        return ""


def _without_bytes(value: Any) -> Any:
    """Return JSON: what is binary in base64."""
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case dict():
            return {name: _without_bytes(each) for name, each in value.items()}
        case list() | set() | tuple():
            return [_without_bytes(each) for each in value]
        case _:
            return value
