"""Changes of a DynamoDB table, from its stream.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
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


class DynamoDBRecord(BaseLambdaEvent):
    """One change of an item; images and keys are in DynamoDB's form: `{"Id": {"N": "101"}}`.

    `event_name` is `INSERT`, `MODIFY` or `REMOVE`; an image is None if the stream's view type
    leaves it out. `timestamp` is in UTC without a time zone, None if the event has none, as AWS's
    sample events have.
    """

    timestamp: datetime | Any
    keys: dict[str, Any] | None
    new_image: dict[str, Any] | None
    old_image: dict[str, Any] | None
    sequence_number: str
    size_bytes: int
    stream_view_type: str
    aws_region: str
    event_id: str
    event_name: str
    event_source_arn: str

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        from chalice.runtime.events.kinesis import naive_utc  # noqa: PLC0415

        change = event_dict["dynamodb"]
        timestamp = change.get("ApproximateCreationDateTime")
        self.timestamp = None if timestamp is None else naive_utc(timestamp)
        self.keys = change.get("Keys")
        self.new_image = change.get("NewImage")
        self.old_image = change.get("OldImage")
        self.sequence_number = change["SequenceNumber"]
        self.size_bytes = change["SizeBytes"]
        self.stream_view_type = change["StreamViewType"]
        self.aws_region = event_dict["awsRegion"]
        self.event_id = event_dict["eventID"]
        self.event_name = event_dict["eventName"]
        self.event_source_arn = event_dict["eventSourceARN"]

    @property
    def table_name(self) -> str:
        """The name of the table, empty if the record's ARN names none."""
        _, *fields = self.event_source_arn.split(":", 5)
        parts = fields[4].split("/") if len(fields) == 5 else []
        return parts[1] if len(parts) > 1 else ""


class DynamoDBEvent(BaseLambdaEvent):
    """One or more changes, oldest first: iterate over them."""

    EVENT_SOURCE = "aws:dynamodb"

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        pass

    def __iter__(self) -> Iterator[DynamoDBRecord]:
        for record in self._event_dict["Records"]:
            yield DynamoDBRecord(record, self.context)


class DynamoDBEventConfig(BaseEventSourceConfig):
    """A table's stream, by ARN, that triggers a function.

    `starting_position` is `LATEST` or `TRIM_HORIZON`. `each`: the first failed record is reported.
    `filters`: only records that match one of these event filter patterns count, None for all.
    `options` are those of StreamOptions that were given.
    """

    def __init__(
        self,
        name: str,
        handler_string: str,
        stream_arn: str,
        batch_size: int,
        starting_position: str,
        maximum_batching_window_in_seconds: int,
        each: bool = False,
        filters: list[dict[str, Any]] | None = None,
        **options: Unpack[StreamOptions],
    ) -> None:
        super().__init__(name, handler_string)
        self.stream_arn = stream_arn
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
        DynamoDBRecord, lambda record: str(record["dynamodb"]["SequenceNumber"]), stop_at_failure
    )


class Triggers(Registrar):
    """The decorator of functions that changes of a table trigger."""

    _event_type: str = "dynamodb"
    _record: str = "DynamoDBEventConfig"

    if TYPE_CHECKING:

        @overload
        def on_dynamodb_record(
            self,
            stream_arn: str,
            batch_size: int = 100,
            starting_position: str = "LATEST",
            name: str | None = None,
            maximum_batching_window_in_seconds: int = 0,
            *,
            each: Literal[True],
            filters: Filters | None = None,
            **options: Unpack[StreamOptions],
        ) -> Decorate[DynamoDBRecord, DynamoDBEvent]: ...

        @overload
        def on_dynamodb_record(
            self,
            stream_arn: str,
            batch_size: int = 100,
            starting_position: str = "LATEST",
            name: str | None = None,
            maximum_batching_window_in_seconds: int = 0,
            *,
            each: Literal[False] = False,
            filters: Filters | None = None,
            **options: Unpack[StreamOptions],
        ) -> Decorate[DynamoDBEvent, DynamoDBEvent]: ...

    def on_dynamodb_record(
        self,
        stream_arn: str,
        batch_size: int = 100,
        starting_position: str = "LATEST",
        name: str | None = None,
        maximum_batching_window_in_seconds: int = 0,
        *,
        each: bool = False,
        filters: Filters | None = None,
        **options: Unpack[StreamOptions],
    ) -> Decorate[Any, DynamoDBEvent]:
        """Call the function with changes of a table, given by the ARN of its stream.

        `each` and `filters` are as in on_kinesis_record.
        """
        settings = {
            "stream_arn": stream_arn,
            "batch_size": batch_size,
            "starting_position": starting_position,
            "maximum_batching_window_in_seconds": maximum_batching_window_in_seconds,
            "each": each,
            "filters": filters,
            **options,
        }
        one_by_one = batch() if each else None
        return event_handler(self, "on_dynamodb_record", name, DynamoDBEvent, settings, one_by_one)
