"""What a type checker knows of event handlers; mypy checks this file, pytest runs it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from typing_extensions import assert_type

from chalice import Blueprint, Chalice, Cron, Rate
from chalice.app import (
    CloudWatchEvent,
    DynamoDBEvent,
    DynamoDBRecord,
    EventSourceHandler,
    KinesisEvent,
    KinesisRecord,
    LambdaFunctionEvent,
    S3Event,
    SNSEvent,
    SQSEvent,
    SQSRecord,
    WebsocketAPI,
    WebsocketEvent,
    WebsocketEventSourceHandler,
)
from tests.runtime.events import new_app
from tests.runtime.lambda_events import (
    CONTEXT,
    dynamodb_event,
    kinesis_event,
    s3_event,
    scheduled_event,
    sns_event,
    sqs_event,
    websocket_event,
)


@pytest.mark.parametrize("api", [new_app(), Blueprint("part")])
def test_handlers_are_of_their_event(api: Chalice | Blueprint) -> None:
    @api.on_s3_event(bucket="b")
    def objects(event: S3Event) -> str:
        return event.key

    @api.on_sns_message(topic="t", filter_policy={"a": ["b"]})
    def messages(event: SNSEvent) -> str:
        return event.message

    @api.on_sqs_message(queue="q")
    def batches(event: SQSEvent) -> list[str]:
        return [record.body for record in event]

    @api.on_kinesis_record("s")
    def stream(event: KinesisEvent) -> list[bytes]:
        return [record.data for record in event]

    @api.on_dynamodb_record("arn")
    def table(event: DynamoDBEvent) -> list[str]:
        return [record.table_name for record in event]

    @api.on_cw_event({"source": ["aws.ec2"]})
    def rule(event: CloudWatchEvent) -> str:
        return event.source

    @api.schedule(Rate(1, unit=Rate.HOURS))
    def hourly(event: CloudWatchEvent) -> str:
        return event.time

    @api.lambda_function()
    def own(event: dict[str, Any], context: Any) -> None:
        """Does nothing."""

    @api.on_ws_message()
    def chat(event: WebsocketEvent) -> None:
        """Does nothing."""

    assert_type(objects, EventSourceHandler[S3Event])
    assert_type(messages, EventSourceHandler[SNSEvent])
    assert_type(batches, EventSourceHandler[SQSEvent])
    assert_type(stream, EventSourceHandler[KinesisEvent])
    assert_type(table, EventSourceHandler[DynamoDBEvent])
    assert_type(rule, EventSourceHandler[CloudWatchEvent])
    assert_type(hourly, EventSourceHandler[CloudWatchEvent])
    assert_type(own, EventSourceHandler[LambdaFunctionEvent])
    assert_type(chat, WebsocketEventSourceHandler)
    assert_type(objects.event_class, type[S3Event])
    assert objects(s3_event("k"), CONTEXT) == "k"


def test_each_gives_records() -> None:
    app = new_app()

    @app.on_sqs_message(queue="q", each=True, filters=[{"body": ["a"]}])
    def message(record: SQSRecord) -> None:
        assert_type(record.body, str)

    @app.on_kinesis_record("s", each=True)
    def record(record: KinesisRecord) -> None:
        assert_type(record.data, bytes)

    @app.on_dynamodb_record("arn", each=True)
    def change(record: DynamoDBRecord) -> None:
        assert_type(record.event_name, str)

    assert_type(message, EventSourceHandler[SQSEvent])
    assert_type(record, EventSourceHandler[KinesisEvent])
    assert_type(change, EventSourceHandler[DynamoDBEvent])


def test_a_function_of_another_event_is_an_error_of_types() -> None:
    app = new_app()

    def messages(event: SQSEvent) -> None:
        """Does nothing."""

    def message(record: SQSRecord) -> None:
        """Does nothing."""

    app.on_s3_event("b", name="a")(messages)  # type: ignore[arg-type]
    app.on_sqs_message("q", name="b", each=True)(messages)  # type: ignore[arg-type]
    app.on_sqs_message("q", name="c")(message)  # type: ignore[arg-type]
    app.on_ws_message(name="d")(messages)  # type: ignore[arg-type]
    assert list(app.handler_map) == ["a", "b", "c", "d"]


def test_attributes_of_events_have_types() -> None:
    objects = S3Event(s3_event(), CONTEXT)
    assert_type(objects.bucket, str)
    assert_type(objects.key, str | Any)
    assert_type(objects.to_dict(), dict[str, Any])
    topic = SNSEvent(sns_event(), CONTEXT)
    assert_type(topic.message, str)
    assert_type(topic.subject, str | None)
    assert_type(topic.message_attributes, dict[str, Any])
    [message] = SQSEvent(sqs_event("a"), CONTEXT)
    assert_type(message, SQSRecord)
    assert_type(message.receipt_handle, str)
    [record] = KinesisEvent(kinesis_event("YQ=="), CONTEXT)
    assert_type(record.data, bytes)
    assert_type(record.timestamp, datetime)
    change, _ = DynamoDBEvent(dynamodb_event(), CONTEXT)
    assert_type(change.new_image, dict[str, Any] | None)
    assert_type(change.size_bytes, int)
    event = CloudWatchEvent(scheduled_event(), CONTEXT)
    assert_type(event.detail, dict[str, Any])
    assert_type(event.resources, list[str])
    text = WebsocketEvent(websocket_event(body="1"), CONTEXT)
    assert_type(text.connection_id, str)
    assert_type(text.body, str | Any)
    assert_type(new_app().websocket_api, WebsocketAPI)


def test_middleware_keeps_its_type() -> None:
    def watch(event: SQSEvent, get_response: Callable[[SQSEvent], None]) -> None:
        get_response(event)

    app = new_app()
    assert_type(app.middleware("sqs")(watch)(SQSEvent({}, None), print), None)


def test_schedules_are_text_or_objects() -> None:
    app = new_app()
    for expression in ("rate(1 day)", Rate(1, Rate.DAYS), Cron(0, 0, "*", "*", "?", "*")):
        app.schedule(expression, name=str(expression))(lambda event: event.time)
    assert len(app.event_sources) == 3


def test_a_scheduled_function_may_take_nothing() -> None:
    @new_app().schedule("rate(1 day)")
    def daily() -> str:
        return "done"

    assert_type(daily, EventSourceHandler[CloudWatchEvent])
    assert daily(scheduled_event(), CONTEXT) == "done"
