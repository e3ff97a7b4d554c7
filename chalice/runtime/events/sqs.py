"""Messages of an SQS queue.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

from chalice.runtime.events import BaseEventSourceConfig, BaseLambdaEvent, checked_filters
from chalice.runtime.events.handler import Registrar, event_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Literal, overload

    from chalice.runtime.events.batch import Batch, Records
    from chalice.runtime.events.handler import Decorate, Filters


class SQSRecord(BaseLambdaEvent):
    """One message; `body` is its text."""

    body: str
    receipt_handle: str

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        self.body = event_dict["body"]
        self.receipt_handle = event_dict["receiptHandle"]


class SQSEvent(BaseLambdaEvent):
    """One or more messages: iterate over them."""

    EVENT_SOURCE = "aws:sqs"

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        pass

    def __iter__(self) -> Iterator[SQSRecord]:
        for record in self._event_dict["Records"]:
            yield SQSRecord(record, self.context)


class SQSEventConfig(BaseEventSourceConfig):
    """A queue, by name or by ARN, that triggers a function.

    Up to `batch_size` messages come at once, at most `maximum_batching_window_in_seconds` after the
    first. `each`: failed messages are reported one by one. `filters`: only messages that match one
    of these event filter patterns count, None for all.
    """

    def __init__(
        self,
        name: str,
        handler_string: str,
        queue: str | None,
        queue_arn: str | None,
        batch_size: int,
        maximum_batching_window_in_seconds: int,
        maximum_concurrency: int | None,
        each: bool = False,
        filters: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(name, handler_string)
        self.queue = queue
        self.queue_arn = queue_arn
        self.batch_size = batch_size
        self.maximum_batching_window_in_seconds = maximum_batching_window_in_seconds
        self.maximum_concurrency = maximum_concurrency
        self.each = each
        self.filters = checked_filters(filters)


def batch(queue: str) -> Batch:
    """One by one; in a FIFO queue, by name or by what the messages say, none after a failed one."""
    from chalice.runtime.events.batch import Batch  # noqa: PLC0415

    def give_up(messages: Records, position: int) -> Records | None:
        is_fifo = queue.endswith(".fifo") or _is_of_fifo_queue(messages[0])
        return messages[position:] if is_fifo else None

    return Batch(SQSRecord, lambda message: str(message["messageId"]), give_up)


def _is_of_fifo_queue(message: dict[str, Any]) -> bool:
    arn = message.get("eventSourceARN")
    if isinstance(arn, str):  # standard queues may have message groups too
        return arn.endswith(".fifo")
    return "MessageGroupId" in message.get("attributes", {})


class Triggers(Registrar):
    """The decorator of functions that a queue triggers."""

    _event_type: str = "sqs"
    _record: str = "SQSEventConfig"

    if TYPE_CHECKING:

        @overload
        def on_sqs_message(
            self,
            queue: str | None = None,
            batch_size: int = 1,
            name: str | None = None,
            queue_arn: str | None = None,
            maximum_batching_window_in_seconds: int = 0,
            maximum_concurrency: int | None = None,
            *,
            each: Literal[True],
            filters: Filters | None = None,
        ) -> Decorate[SQSRecord, SQSEvent]: ...

        @overload
        def on_sqs_message(
            self,
            queue: str | None = None,
            batch_size: int = 1,
            name: str | None = None,
            queue_arn: str | None = None,
            maximum_batching_window_in_seconds: int = 0,
            maximum_concurrency: int | None = None,
            *,
            each: Literal[False] = False,
            filters: Filters | None = None,
        ) -> Decorate[SQSEvent, SQSEvent]: ...

    def on_sqs_message(
        self,
        queue: str | None = None,
        batch_size: int = 1,
        name: str | None = None,
        queue_arn: str | None = None,
        maximum_batching_window_in_seconds: int = 0,
        maximum_concurrency: int | None = None,
        *,
        each: bool = False,
        filters: Filters | None = None,
    ) -> Decorate[Any, SQSEvent]:
        """Call the function with messages of a queue, given by name or ARN.

        With `each` it gets one SQSRecord at a time, and only messages for which it raises come
        again; of a FIFO queue also those after them. Without it the whole SQSEvent succeeds or
        comes again. `filters` are event filter patterns, of which a message must match one.
        """
        if not queue and not queue_arn:
            raise ValueError(
                "Must provide either `queue` or `queue_arn` to the `on_sqs_message` decorator."
            )
        settings = {
            "queue": queue,
            "queue_arn": queue_arn,
            "batch_size": batch_size,
            "maximum_batching_window_in_seconds": maximum_batching_window_in_seconds,
            "maximum_concurrency": maximum_concurrency,
            "each": each,
            "filters": filters,
        }
        one_by_one = batch(queue or queue_arn or "") if each else None
        return event_handler(self, "on_sqs_message", name, SQSEvent, settings, one_by_one)
