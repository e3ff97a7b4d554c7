"""Records of a Kinesis data stream.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

from chalice.runtime.events import (
    BaseEventSourceConfig,
    BaseLambdaEvent,
    checked_filters,
    checked_options,
)
from chalice.runtime.events.handler import Registrar, event_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Any, Literal, overload

    from typing_extensions import Unpack

    from chalice.runtime.events.batch import Batch
    from chalice.runtime.events.handler import Decorate, Filters
    from chalice.runtime.events.streams import StreamOptions


class KinesisRecord(BaseLambdaEvent):
    """One record; `timestamp` is when the stream got it, in UTC without a time zone."""

    data: bytes
    sequence_number: str
    partition_key: str
    schema_version: str
    timestamp: datetime

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        from base64 import b64decode  # noqa: PLC0415

        kinesis = event_dict["kinesis"]
        self.data = b64decode(kinesis["data"])
        self.sequence_number = kinesis["sequenceNumber"]
        self.partition_key = kinesis["partitionKey"]
        self.schema_version = kinesis["kinesisSchemaVersion"]
        self.timestamp = naive_utc(kinesis["approximateArrivalTimestamp"])


class KinesisEvent(BaseLambdaEvent):
    """One or more records of one shard, oldest first: iterate over them."""

    EVENT_SOURCE = "aws:kinesis"

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        pass

    def __iter__(self) -> Iterator[KinesisRecord]:
        for record in self._event_dict["Records"]:
            yield KinesisRecord(record, self.context)


class KinesisEventConfig(BaseEventSourceConfig):
    """A stream, by name, that triggers a function.

    `starting_position` is `LATEST` or `TRIM_HORIZON`. `each`: the first failed record is reported.
    `filters`: only records that match one of these event filter patterns count, None for all.
    `options` are those of StreamOptions that were given.
    """

    def __init__(
        self,
        name: str,
        handler_string: str,
        stream: str,
        batch_size: int,
        starting_position: str,
        maximum_batching_window_in_seconds: int,
        each: bool = False,
        filters: list[dict[str, Any]] | None = None,
        **options: Unpack[StreamOptions],
    ) -> None:
        super().__init__(name, handler_string)
        self.stream = stream
        self.batch_size = batch_size
        self.starting_position = starting_position
        self.maximum_batching_window_in_seconds = maximum_batching_window_in_seconds
        self.each = each
        self.filters = checked_filters(filters)
        self.options = checked_options(options)


def batch() -> Batch:
    """One by one up to the first that fails."""
    from chalice.runtime.events.batch import Batch, stop_at_failure  # noqa: PLC0415

    return Batch(
        KinesisRecord, lambda record: str(record["kinesis"]["sequenceNumber"]), stop_at_failure
    )


def naive_utc(timestamp: float) -> datetime:
    """Seconds since 1970 as a time in UTC that has no time zone."""
    from datetime import datetime, timezone  # noqa: PLC0415

    return datetime.fromtimestamp(timestamp, timezone.utc).replace(tzinfo=None)


class Triggers(Registrar):
    """The decorator of functions that a stream triggers."""

    _event_type: str = "kinesis"
    _record: str = "KinesisEventConfig"

    if TYPE_CHECKING:

        @overload
        def on_kinesis_record(
            self,
            stream: str,
            batch_size: int = 100,
            starting_position: str = "LATEST",
            name: str | None = None,
            maximum_batching_window_in_seconds: int = 0,
            *,
            each: Literal[True],
            filters: Filters | None = None,
            **options: Unpack[StreamOptions],
        ) -> Decorate[KinesisRecord, KinesisEvent]: ...

        @overload
        def on_kinesis_record(
            self,
            stream: str,
            batch_size: int = 100,
            starting_position: str = "LATEST",
            name: str | None = None,
            maximum_batching_window_in_seconds: int = 0,
            *,
            each: Literal[False] = False,
            filters: Filters | None = None,
            **options: Unpack[StreamOptions],
        ) -> Decorate[KinesisEvent, KinesisEvent]: ...

    def on_kinesis_record(
        self,
        stream: str,
        batch_size: int = 100,
        starting_position: str = "LATEST",
        name: str | None = None,
        maximum_batching_window_in_seconds: int = 0,
        *,
        each: bool = False,
        filters: Filters | None = None,
        **options: Unpack[StreamOptions],
    ) -> Decorate[Any, KinesisEvent]:
        """Call the function with records of a stream.

        With `each` it gets one KinesisRecord at a time, and after one for which it raises Lambda
        goes on from there. `filters` are event filter patterns, of which a record must match one.
        The other keywords, of failures and of parallel work, are those of StreamOptions.
        """
        settings = {
            "stream": stream,
            "batch_size": batch_size,
            "starting_position": starting_position,
            "maximum_batching_window_in_seconds": maximum_batching_window_in_seconds,
            "each": each,
            "filters": filters,
            **options,
        }
        one_by_one = batch() if each else None
        return event_handler(self, "on_kinesis_record", name, KinesisEvent, settings, one_by_one)
