"""The decorators of functions that something else than HTTP triggers.

Apps and blueprints inherit them from `decorators`, which imports this module when one is used.
"""

from __future__ import annotations

from chalice.runtime.events.handler import event_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, TypeAlias, TypeVar, overload

    from chalice.runtime.decorators import RegistrationOptions
    from chalice.runtime.events import BaseLambdaEvent
    from chalice.runtime.events.dynamodb import DynamoDBEvent, DynamoDBRecord
    from chalice.runtime.events.eventbridge import CloudWatchEvent
    from chalice.runtime.events.function import LambdaFunctionEvent
    from chalice.runtime.events.handler import BaseLambdaHandler, EventSourceHandler
    from chalice.runtime.events.kinesis import KinesisEvent, KinesisRecord
    from chalice.runtime.events.s3 import S3Event
    from chalice.runtime.events.schedule import ScheduleExpression
    from chalice.runtime.events.sns import SNSEvent
    from chalice.runtime.events.sqs import SQSEvent, SQSRecord
    from chalice.runtime.websocket import WebsocketEvent, WebsocketEventSourceHandler

    Argument = TypeVar("Argument")
    Event = TypeVar("Event", bound=BaseLambdaEvent)
    Decorate: TypeAlias = Callable[
        [Callable[[Argument], Any] | BaseLambdaHandler[Any]], EventSourceHandler[Event]
    ]
    DecorateScheduled: TypeAlias = Callable[
        [Callable[[CloudWatchEvent], Any] | Callable[[], Any] | BaseLambdaHandler[Any]],
        EventSourceHandler[CloudWatchEvent],
    ]
    WebsocketDecorate: TypeAlias = Callable[
        [Callable[[WebsocketEvent], Any] | BaseLambdaHandler[Any]], WebsocketEventSourceHandler
    ]
    Filters: TypeAlias = list[dict[str, Any]]


class TriggerDecorators:
    """What apps and blueprints have for functions that are neither views nor authorizers."""

    def lambda_function(
        self, name: str | None = None
    ) -> Callable[
        [Callable[[Any, Any], Any] | BaseLambdaHandler[Any]],
        EventSourceHandler[LambdaFunctionEvent],
    ]:
        """Deploy the function as it is: Lambda calls it with `(event, context)`."""
        from chalice.runtime.events.function import lambda_function  # noqa: PLC0415

        return lambda_function(self, name)

    def schedule(
        self, expression: str | ScheduleExpression, name: str | None = None, description: str = ""
    ) -> DecorateScheduled:
        """Call the function at these points in time: a Rate, a Cron, or AWS's text for one.

        The function takes the event or nothing.
        """
        from chalice.runtime.events.eventbridge import CloudWatchEvent  # noqa: PLC0415
        from chalice.runtime.events.schedule import taking_event  # noqa: PLC0415

        settings = {"schedule_expression": expression, "description": description}
        return event_handler(self, "schedule", name, CloudWatchEvent, settings, adapt=taking_event)

    def on_cw_event(
        self, event_pattern: dict[str, Any], name: str | None = None
    ) -> Decorate[CloudWatchEvent, CloudWatchEvent]:
        """Call the function with events of EventBridge that match the pattern."""
        from chalice.runtime.events.eventbridge import CloudWatchEvent  # noqa: PLC0415

        settings = {"event_pattern": event_pattern}
        return event_handler(self, "on_cw_event", name, CloudWatchEvent, settings)

    def on_s3_event(
        self,
        bucket: str,
        events: list[str] | None = None,
        prefix: str | None = None,
        suffix: str | None = None,
        name: str | None = None,
    ) -> Decorate[S3Event, S3Event]:
        """Call the function when objects of the bucket change, if None when they are created.

        Only those count whose key starts with `prefix` and ends in `suffix`.
        """
        from chalice.runtime.events.s3 import S3Event  # noqa: PLC0415

        settings = {
            "bucket": bucket,
            "events": ["s3:ObjectCreated:*"] if events is None else events,
            "prefix": prefix,
            "suffix": suffix,
        }
        return event_handler(self, "on_s3_event", name, S3Event, settings)

    def on_sns_message(
        self, topic: str, name: str | None = None, *, filter_policy: dict[str, Any] | None = None
    ) -> Decorate[SNSEvent, SNSEvent]:
        """Call the function with each message of a topic, given by name or ARN."""
        from chalice.runtime.events.sns import SNSEvent  # noqa: PLC0415

        settings = {"topic": topic, "filter_policy": filter_policy}
        return event_handler(self, "on_sns_message", name, SNSEvent, settings)

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
        from chalice.runtime.events.sqs import SQSEvent, batch  # noqa: PLC0415

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
    ) -> Decorate[Any, KinesisEvent]:
        """Call the function with records of a stream.

        With `each` it gets one KinesisRecord at a time, and after one for which it raises Lambda
        goes on from there. `filters` are event filter patterns, of which a record must match one.
        """
        from chalice.runtime.events.kinesis import KinesisEvent, batch  # noqa: PLC0415

        settings = {
            "stream": stream,
            "batch_size": batch_size,
            "starting_position": starting_position,
            "maximum_batching_window_in_seconds": maximum_batching_window_in_seconds,
            "each": each,
            "filters": filters,
        }
        one_by_one = batch() if each else None
        return event_handler(self, "on_kinesis_record", name, KinesisEvent, settings, one_by_one)

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
    ) -> Decorate[Any, DynamoDBEvent]:
        """Call the function with changes of a table, given by the ARN of its stream.

        `each` and `filters` are as in on_kinesis_record.
        """
        from chalice.runtime.events.dynamodb import DynamoDBEvent, batch  # noqa: PLC0415

        settings = {
            "stream_arn": stream_arn,
            "batch_size": batch_size,
            "starting_position": starting_position,
            "maximum_batching_window_in_seconds": maximum_batching_window_in_seconds,
            "each": each,
            "filters": filters,
        }
        one_by_one = batch() if each else None
        return event_handler(self, "on_dynamodb_record", name, DynamoDBEvent, settings, one_by_one)

    def on_ws_connect(self, name: str | None = None) -> WebsocketDecorate:
        """Call the function when a client connects."""
        from chalice.runtime.websocket import websocket_handler  # noqa: PLC0415

        return websocket_handler(self, "on_ws_connect", name)

    def on_ws_message(self, name: str | None = None) -> WebsocketDecorate:
        """Call the function when a client sends a message."""
        from chalice.runtime.websocket import websocket_handler  # noqa: PLC0415

        return websocket_handler(self, "on_ws_message", name)

    def on_ws_disconnect(self, name: str | None = None) -> WebsocketDecorate:
        """Call the function when a client has left."""
        from chalice.runtime.websocket import websocket_handler  # noqa: PLC0415

        return websocket_handler(self, "on_ws_disconnect", name)

    def _register_handler(
        self,
        handler_type: str,
        name: str,
        user_handler: Callable[..., Any],
        wrapped_handler: Callable[..., Any],
        kwargs: dict[str, Any],
        options: RegistrationOptions | None = None,
    ) -> None:
        raise NotImplementedError("_register_handler")
