"""What handlers read from events: one class a source."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from chalice.app import (
    BadRequestError,
    BaseLambdaEvent,
    CloudWatchEvent,
    DynamoDBEvent,
    KinesisEvent,
    LambdaFunctionEvent,
    S3Event,
    SNSEvent,
    SQSEvent,
    WebsocketEvent,
)
from tests.runtime.lambda_events import (
    CONTEXT,
    S3_TEST_EVENT,
    dynamodb_event,
    kinesis_event,
    s3_event,
    scheduled_event,
    sns_event,
    sqs_event,
    websocket_event,
)


def test_the_base_of_all_events_is_abstract() -> None:
    with pytest.raises(NotImplementedError, match="_extract_attributes"):
        BaseLambdaEvent({}, None)


@pytest.mark.parametrize(
    ("event_class", "event"),
    [
        (S3Event, s3_event()),
        (SNSEvent, sns_event()),
        (SQSEvent, sqs_event("a")),
        (KinesisEvent, kinesis_event("YQ==")),
        (DynamoDBEvent, dynamodb_event()),
        (CloudWatchEvent, scheduled_event()),
        (WebsocketEvent, websocket_event()),
        (LambdaFunctionEvent, {"any": "thing"}),
    ],
)
def test_an_event_keeps_the_original_and_the_context(
    event_class: type[BaseLambdaEvent], event: dict[str, Any]
) -> None:
    made = event_class(event, CONTEXT)
    assert made.to_dict() is event
    assert made.context is CONTEXT
    assert event_class.recognizes(event)


def test_an_event_of_eventbridge_has_all_fields() -> None:
    event = CloudWatchEvent(scheduled_event(), CONTEXT)
    assert (event.version, event.account, event.region) == ("0", "123456789012", "us-east-2")
    assert (event.detail, event.detail_type) == ({}, "Scheduled Event")
    assert (event.source, event.time) == ("aws.events", "2019-03-01T01:23:45Z")
    assert event.event_id == "cdc73f9d-aea9-11e3-9d5a-835b769c0d9c"
    assert event.resources == ["arn:aws:events:us-east-2:123456789012:rule/my-schedule"]


@pytest.mark.parametrize("field", list(scheduled_event()))
def test_an_event_of_eventbridge_needs_all_fields(field: str) -> None:
    event = scheduled_event()
    del event[field]
    with pytest.raises(KeyError, match=field):
        CloudWatchEvent(event, CONTEXT)


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("my-image.jpg", "my-image.jpg"),
        ("file+with+spaces", "file with spaces"),
        ("%E2%9C%93", "✓"),
        ("a%2Bb", "a+b"),
    ],
)
def test_the_key_of_an_object_is_decoded(sent: str, key: str) -> None:
    event = S3Event(s3_event(sent), CONTEXT)
    assert (event.bucket, event.key) == ("amzn-s3-demo-bucket", key)
    assert event.to_dict()["Records"][0]["s3"]["object"]["key"] == sent


def test_the_test_notification_of_a_bucket_has_no_key() -> None:
    event = S3Event(S3_TEST_EVENT, CONTEXT)
    assert (event.bucket, event.key) == ("amzn-s3-demo-bucket", None)


def test_a_message_of_a_topic() -> None:
    event = SNSEvent(sns_event(), CONTEXT)
    assert (event.message, event.subject) == ("Hello from SNS!", "Invoke")
    assert event.message_attributes["Test"] == {"Type": "String", "Value": "TestString"}
    assert SNSEvent(sns_event(subject=None), CONTEXT).subject is None


@pytest.mark.parametrize("field", ["Message", "Subject", "MessageAttributes"])
def test_a_message_of_a_topic_needs_all_fields(field: str) -> None:
    event = sns_event()
    del event["Records"][0]["Sns"][field]
    with pytest.raises(KeyError, match=field):
        SNSEvent(event, CONTEXT)


def test_messages_of_a_queue_are_iterated_over_again_and_again() -> None:
    event = SQSEvent(sqs_event("one", "two"), CONTEXT)
    first, second = event
    assert [record.body for record in event] == ["one", "two"]
    assert first is not next(iter(event))
    assert second.receipt_handle == "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a-1"
    assert second.context is CONTEXT
    assert second.to_dict() is event.to_dict()["Records"][1]


def test_events_with_records_are_read_when_iterated_over() -> None:
    SQSEvent(sns_event(), CONTEXT)
    for event_class in (SQSEvent, KinesisEvent, DynamoDBEvent):
        event = event_class({}, CONTEXT)
        with pytest.raises(KeyError, match="Records"):
            list(event)


def test_a_record_of_a_stream() -> None:
    [record] = KinesisEvent(kinesis_event("SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg=="), CONTEXT)
    assert record.data == b"Hello, this is a test."
    assert (record.sequence_number, record.partition_key) == ("number-0", "1")
    assert record.schema_version == "1.0"
    assert record.timestamp == datetime(2018, 12, 17, 22, 10, 50, 987000)
    assert record.context is CONTEXT


def test_changes_of_a_table() -> None:
    added, removed = DynamoDBEvent(dynamodb_event(), CONTEXT)
    assert added.timestamp == datetime(2020, 9, 28, 18, 19)
    assert added.keys == {"Id": {"N": "101"}}
    assert added.new_image == {"Message": {"S": "New item!"}, "Id": {"N": "101"}}
    assert added.old_image is None
    assert (added.sequence_number, added.size_bytes) == ("111", 26)
    assert added.stream_view_type == "NEW_AND_OLD_IMAGES"
    assert (added.aws_region, added.event_id, added.event_name) == ("us-west-2", "1", "INSERT")
    assert added.table_name == "MyTable"
    assert added.context is CONTEXT
    assert removed.timestamp is None
    assert removed.new_image is None
    assert removed.old_image is not None


@pytest.mark.parametrize("arn", ["", "arn:aws:dynamodb", "arn:aws:dynamodb:us-west-2:1:table"])
def test_an_arn_without_a_table_names_none(arn: str) -> None:
    event = dynamodb_event()
    event["Records"][0]["eventSourceARN"] = arn
    record = next(iter(DynamoDBEvent(event, CONTEXT)))
    assert (record.event_source_arn, record.table_name) == (arn, "")


def test_a_message_over_a_websocket() -> None:
    event = WebsocketEvent(websocket_event(body='{"a": [1]}'), CONTEXT)
    assert event.domain_name == "abcd1234.execute-api.us-east-1.amazonaws.com"
    assert (event.stage, event.connection_id) == ("dev", "JHlLzdS1PHcCGHA=")
    assert event.body == '{"a": [1]}'
    assert event.json_body == {"a": [1]}
    assert event.json_body is event.json_body
    assert WebsocketEvent(websocket_event(body="null"), CONTEXT).json_body is None


@pytest.mark.parametrize("body", [{}, {"body": None}])
def test_a_connection_has_no_body(body: dict[str, Any]) -> None:
    event = WebsocketEvent(websocket_event("$connect", **body), CONTEXT)
    assert event.body is None


@pytest.mark.parametrize("body", [{}, {"body": ""}, {"body": "{"}, {"body": "[" * 100_000}])
def test_a_message_that_is_no_json_is_a_bad_request(body: dict[str, Any]) -> None:
    event = WebsocketEvent(websocket_event(**body), CONTEXT)
    with pytest.raises(BadRequestError, match="Error Parsing JSON"):
        _ = event.json_body


@pytest.mark.parametrize("event", [None, 1, "text", [], {}, {"Records": []}, {"Records": [1]}])
def test_events_of_nobody_are_recognized_by_no_source(event: Any) -> None:
    for event_class in (S3Event, SNSEvent, SQSEvent, KinesisEvent, DynamoDBEvent, CloudWatchEvent):
        assert not event_class.recognizes(event)
    assert not WebsocketEvent.recognizes(event)
    assert not WebsocketEvent.recognizes({"requestContext": None})
