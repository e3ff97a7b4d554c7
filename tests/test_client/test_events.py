"""Every event is handled by a handler of its kind, and has the shape that is documented."""

from __future__ import annotations

from typing import Any

import pytest

from chalice import Chalice
from chalice.app import (
    CloudWatchEvent,
    DynamoDBEvent,
    KinesisEvent,
    S3Event,
    SNSEvent,
    SQSEvent,
    WebsocketEvent,
)
from chalice.test import Client, TestEventsClient


@pytest.fixture
def app() -> Chalice:
    app = Chalice("tested", configure_logs=False)
    app.websocket_api.configure("example.com", "api")
    return app


@pytest.fixture
def events(app: Chalice) -> TestEventsClient:
    return Client(app).events


def test_a_message_of_a_topic(app: Chalice, events: TestEventsClient) -> None:
    @app.on_sns_message(topic="topic")
    def handle(event: SNSEvent) -> Any:
        return [event.message, event.subject, event.message_attributes]

    default = {"AttributeKey": {"Type": "String", "Value": "AttributeValue"}}
    assert handle(events.generate_sns_event("hi"), None) == ["hi", "", default]
    given = {"a": {"Type": "String", "Value": "b"}}
    assert handle(events.generate_sns_event("hi", "you", given), None) == ["hi", "you", given]
    assert events.generate_sns_event("hi") == {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventSubscriptionArn": "arn:subscription-arn",
                "EventVersion": "1.0",
                "Sns": {
                    "Message": "hi",
                    "MessageAttributes": default,
                    "MessageId": "abcdefgh-51e4-5ae2-9964-b296c8d65d1a",
                    "Signature": "signature",
                    "SignatureVersion": "1",
                    "SigningCertUrl": "https://sns.us-west-2.amazonaws.com/cert.pem",
                    "Subject": "",
                    "Timestamp": "2018-06-26T19:41:38.695Z",
                    "TopicArn": "arn:aws:sns:us-west-2:12345:TopicName",
                    "Type": "Notification",
                    "UnsubscribeUrl": "https://unsubscribe-url/",
                },
            }
        ]
    }


@pytest.mark.parametrize("key", ["plain/key.txt", "a b+c%20d/✓?.txt", "%"])
def test_an_object_of_a_bucket(app: Chalice, events: TestEventsClient, key: str) -> None:
    @app.on_s3_event(bucket="bucket")
    def handle(event: S3Event) -> Any:
        return [event.bucket, event.key]

    assert handle(events.generate_s3_event("bucket", key), None) == ["bucket", key]


def test_the_shape_of_a_bucket_event(events: TestEventsClient) -> None:
    assert events.generate_s3_event("b", "k/1", event_name="ObjectRemoved:Delete") == {
        "Records": [
            {
                "awsRegion": "us-west-2",
                "eventName": "ObjectRemoved:Delete",
                "eventSource": "aws:s3",
                "eventTime": "2018-05-22T04:41:23.823Z",
                "eventVersion": "2.0",
                "requestParameters": {"sourceIPAddress": "1.1.1.1"},
                "responseElements": {
                    "x-amz-id-2": "request-id-2",
                    "x-amz-request-id": "request-id-1",
                },
                "s3": {
                    "bucket": {
                        "arn": "arn:aws:s3:::b",
                        "name": "b",
                        "ownerIdentity": {"principalId": "ABCD"},
                    },
                    "configurationId": "config-id",
                    "object": {
                        "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                        "key": "k/1",
                        "sequencer": "005B039F73C627CE8B",
                        "size": 0,
                    },
                    "s3SchemaVersion": "1.0",
                },
                "userIdentity": {"principalId": "AWS:XYZ"},
            }
        ]
    }


def test_messages_of_a_queue(app: Chalice, events: TestEventsClient) -> None:
    @app.on_sqs_message(queue="queue")
    def handle(event: SQSEvent) -> Any:
        return [record.body for record in event]

    assert handle(events.generate_sqs_event(["a", "b"], queue_name="queue"), None) == ["a", "b"]
    assert events.generate_sqs_event(["a"]) == {
        "Records": [
            {
                "attributes": {
                    "ApproximateFirstReceiveTimestamp": "1530576251596",
                    "ApproximateReceiveCount": "1",
                    "SenderId": "sender-id",
                    "SentTimestamp": "1530576251595",
                },
                "awsRegion": "us-west-2",
                "body": "a",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-west-2:12345:queue-name",
                "md5OfBody": "754ac2f7a12df38320e0c5eafd060145",
                "messageAttributes": {},
                "messageId": "message-id",
                "receiptHandle": "receipt-handle",
            }
        ]
    }


def test_messages_can_be_told_apart(app: Chalice, events: TestEventsClient) -> None:
    @app.on_sqs_message(queue="queue", batch_size=10, each=True)
    def handle(record: Any) -> None:
        if record.body == "bad":
            raise LookupError

    answer: Any = handle(events.generate_sqs_event(["good", "bad", "good", "bad"]), None)
    failed = [item["itemIdentifier"] for item in answer["batchItemFailures"]]
    assert failed == ["message-id-2", "message-id-4"]


def test_an_event_of_a_bus(app: Chalice, events: TestEventsClient) -> None:
    @app.on_cw_event({"source": ["aws.ec2"]})
    def handle(event: CloudWatchEvent) -> Any:
        return [event.source, event.detail_type, event.detail, event.resources, event.region]

    event = events.generate_cw_event("aws.ec2", "Change", {"state": "up"}, ["arn"], "eu-west-1")
    assert handle(event, None) == ["aws.ec2", "Change", {"state": "up"}, ["arn"], "eu-west-1"]
    assert event == {
        "version": 0,
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": "Change",
        "source": "aws.ec2",
        "account": "123456789012",
        "time": "2015-11-11T21:29:54Z",
        "region": "eu-west-1",
        "resources": ["arn"],
        "detail": {"state": "up"},
    }


def test_a_scheduled_event(app: Chalice, events: TestEventsClient) -> None:
    @app.schedule("rate(1 hour)")
    def handle(event: CloudWatchEvent) -> Any:
        return [event.source, event.detail_type, event.detail, event.resources]

    rule = "arn:aws:events:us-west-2:123456789012:rule/hourly"
    event = events.generate_schedule_event("hourly")
    assert handle(event, None) == ["aws.events", "Scheduled Event", {}, [rule]]


def test_records_of_a_stream(app: Chalice, events: TestEventsClient) -> None:
    @app.on_kinesis_record(stream="stream")
    def handle(event: KinesisEvent) -> Any:
        return [(record.data, record.sequence_number) for record in event]

    event = events.generate_kinesis_event([b"a", b"\xff"], stream_name="stream")
    assert handle(event, None) == [(b"a", "12345"), (b"\xff", "12346")]
    assert events.generate_kinesis_event([b"a"]) == {
        "Records": [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": "1",
                    "sequenceNumber": "12345",
                    "data": "YQ==",
                    "approximateArrivalTimestamp": 1545084650.987,
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": "shardId-000000000006:12345",
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": "arn:aws:iam::123:role/lambda-role",
                "awsRegion": "us-west-2",
                "eventSourceARN": "arn:aws:kinesis:us-east-2:123:stream/stream-name",
            }
        ]
    }


def test_a_change_of_a_table(app: Chalice, events: TestEventsClient) -> None:
    @app.on_dynamodb_record(stream_arn="arn")
    def handle(event: DynamoDBEvent) -> Any:
        return [
            [
                record.event_name,
                record.table_name,
                record.keys,
                record.old_image,
                record.new_image,
                record.timestamp.isoformat(),
            ]
            for record in event
        ]

    key, old, new = {"id": {"S": "1"}}, {"n": {"N": "1"}}, {"n": {"N": "2"}}
    at = "2018-12-17T22:10:50"
    changed = events.generate_dynamodb_event("MODIFY", key, new, old, table_name="table")
    assert handle(changed, None) == [["MODIFY", "table", key, old, new, at]]
    added = events.generate_dynamodb_event("INSERT", key, new)
    assert handle(added, None) == [["INSERT", "table-name", key, None, new, at]]


def test_the_life_of_a_connection(app: Chalice, events: TestEventsClient) -> None:
    seen: list[Any] = []

    @app.on_ws_connect()
    def connect(event: WebsocketEvent) -> Any:
        seen.append(("connect", event.connection_id, event.to_dict()["headers"]))

    @app.on_ws_message()
    def message(event: WebsocketEvent) -> Any:
        seen.append(("message", event.connection_id, event.json_body))

    @app.on_ws_disconnect()
    def disconnect(event: WebsocketEvent) -> Any:
        seen.append(("disconnect", event.connection_id, event.body))

    connect(events.generate_ws_connect_event("one", {"Origin": "here"}), None)
    message(events.generate_ws_message_event("[1]", "one"), None)
    disconnect(events.generate_ws_disconnect_event("one"), None)
    assert seen == [
        ("connect", "one", {"Origin": "here"}),
        ("message", "one", [1]),
        ("disconnect", "one", None),
    ]


def test_handlers_stacked_on_a_function_know_their_events(
    app: Chalice, events: TestEventsClient
) -> None:
    def handle(event: Any) -> str:
        return type(event).__name__

    handler: Any = handle
    for decorate in (
        app.on_sns_message(topic="topic"),
        app.on_kinesis_record(stream="stream"),
        app.on_dynamodb_record(stream_arn="arn"),
        app.on_s3_event(bucket="bucket"),
        app.on_sqs_message(queue="queue"),
        app.on_cw_event({"source": ["own"]}),
        app.schedule("rate(1 hour)"),
    ):
        handler = decorate(handler)
    invoke = Client(app).lambda_.invoke
    handled = [
        invoke("handle", event).payload
        for event in (
            events.generate_schedule_event(),
            events.generate_cw_event("own", "Change", {}, []),
            events.generate_sqs_event(["a"]),
            events.generate_s3_event("bucket", "key"),
            events.generate_dynamodb_event("REMOVE", {"id": {"S": "1"}}),
            events.generate_kinesis_event([b"a"]),
            events.generate_sns_event("a"),
        )
    ]
    assert handled == [
        "CloudWatchEvent",
        "CloudWatchEvent",
        "SQSEvent",
        "S3Event",
        "DynamoDBEvent",
        "KinesisEvent",
        "SNSEvent",
    ]
