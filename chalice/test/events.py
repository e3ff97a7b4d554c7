"""Events as AWS's services send them, with what matters to a test filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from chalice.app import Chalice
from chalice.model.values import Place
from chalice.sources import dynamodb, eventbridge, kafka, kinesis, s3, schedule, sns, sqs, websocket
from chalice.sources.examples import merge
from chalice.sources.occasions import Occasion

REGION = "us-west-2"
ACCOUNT = "123456789012"
_OCCASION = Occasion(1545084650.987, Place("aws", REGION, ACCOUNT))
_SNS: Mapping[str, Any] = {
    "EventSubscriptionArn": "arn:subscription-arn",
    "Sns": {
        "MessageId": "abcdefgh-51e4-5ae2-9964-b296c8d65d1a",
        "Signature": "signature",
        "SigningCertUrl": "https://sns.us-west-2.amazonaws.com/cert.pem",
        "Timestamp": "2018-06-26T19:41:38.695Z",
        "UnsubscribeUrl": "https://unsubscribe-url/",
    },
}
_S3: Mapping[str, Any] = {
    "eventTime": "2018-05-22T04:41:23.823Z",
    "eventVersion": "2.0",
    "requestParameters": {"sourceIPAddress": "1.1.1.1"},
    "responseElements": {"x-amz-id-2": "request-id-2", "x-amz-request-id": "request-id-1"},
    "s3": {
        "bucket": {"ownerIdentity": {"principalId": "ABCD"}},
        "configurationId": "config-id",
        "object": {
            "eTag": "d41d8cd98f00b204e9800998ecf8427e",
            "sequencer": "005B039F73C627CE8B",
            "size": 0,
        },
    },
    "userIdentity": {"principalId": "AWS:XYZ"},
}
_SQS: Mapping[str, Any] = {
    "attributes": {
        "ApproximateFirstReceiveTimestamp": "1530576251596",
        "SenderId": "sender-id",
        "SentTimestamp": "1530576251595",
    },
    "md5OfBody": "754ac2f7a12df38320e0c5eafd060145",
}
_EVENTBRIDGE: Mapping[str, Any] = {
    "version": 0,
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "time": "2015-11-11T21:29:54Z",
}
_KINESIS: Mapping[str, Any] = {"invokeIdentityArn": "arn:aws:iam::123:role/lambda-role"}
_DYNAMODB: Mapping[str, Any] = {
    "dynamodb": {"SequenceNumber": "12345", "SizeBytes": 12},
    "eventID": "da037887f71a88a1f6f4cfd149709d5a",
}


class TestEventsClient:
    """Makes events for handlers, which `client.lambda_.invoke` and the handlers themselves take.

    They are those of `chalice.sources`; what AWS would make up is always the same here.
    """

    __test__ = False  # pytest shall not collect it

    def __init__(self, app: Chalice) -> None:
        self._app = app

    def generate_sns_event(
        self,
        message: str,
        subject: str = "",
        message_attributes: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return a message of an SNS topic.

        `message_attributes` are `{"name": {"Type": "String", "Value": "…"}}`.
        """
        if message_attributes is None:
            message_attributes = {"AttributeKey": {"Type": "String", "Value": "AttributeValue"}}
        topic = "arn:aws:sns:us-west-2:12345:TopicName"
        return _with(_SNS, sns.event(topic, message, subject, message_attributes, _OCCASION))

    def generate_s3_event(
        self, bucket: str, key: str, event_name: str = "ObjectCreated:Put"
    ) -> dict[str, Any]:
        """Return what S3 sends about an object. The event has the key as S3 quotes it."""
        return _with(_S3, s3.event(bucket, key, event_name, _OCCASION))

    def generate_sqs_event(
        self,
        message_bodies: Sequence[str],
        queue_name: str = "queue-name",
        message_attributes: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return a batch of messages of an SQS queue.

        `message_attributes` are those of each message: `{"name": "text", "other": 1}`. The queue
        is a FIFO queue if its name ends in `.fifo`.
        """
        queue = f"arn:aws:sqs:us-west-2:12345:{queue_name}"
        event = sqs.event(queue, message_bodies, _OCCASION, attributes=message_attributes)
        for index, record in enumerate(event["Records"]):
            record["messageId"] = _numbered("message-id", index)
            record["receiptHandle"] = _numbered("receipt-handle", index)
        return _with(_SQS, event)

    def generate_cw_event(
        self,
        source: str,
        detail_type: str,
        detail: Mapping[str, Any],
        resources: Sequence[str],
        region: str = REGION,
    ) -> dict[str, Any]:
        """Return an event of EventBridge, formerly CloudWatch Events."""
        occasion = Occasion(_OCCASION.now, Place("aws", region, ACCOUNT))
        event = eventbridge.event(source, detail_type, detail, resources, occasion)
        return {**event, **_EVENTBRIDGE}

    def generate_schedule_event(
        self, rule_name: str = "rule-name", region: str = REGION
    ) -> dict[str, Any]:
        """Return what a scheduled rule sends."""
        rule = f"arn:aws:events:{region}:{ACCOUNT}:rule/{rule_name}"
        occasion = Occasion(_OCCASION.now, Place("aws", region, ACCOUNT))
        return {**schedule.scheduled_event(rule, occasion), **_EVENTBRIDGE}

    def generate_kinesis_event(
        self, message_bodies: Sequence[bytes], stream_name: str = "stream-name"
    ) -> dict[str, Any]:
        """Return a batch of records of a Kinesis stream, whose data these bodies are."""
        stream = f"arn:aws:kinesis:us-east-2:123:stream/{stream_name}"
        event = kinesis.event(stream, message_bodies, _OCCASION, partition_key="1")
        for index, record in enumerate(event["Records"]):
            record["kinesis"]["sequenceNumber"] = str(12345 + index)
            record["eventID"] = f"shardId-000000000006:{12345 + index}"
        return _with(_KINESIS, event)

    def generate_dynamodb_event(
        self,
        event_name: Literal["INSERT", "MODIFY", "REMOVE"],
        keys: Mapping[str, Any],
        new_image: Mapping[str, Any] | None = None,
        old_image: Mapping[str, Any] | None = None,
        table_name: str = "table-name",
    ) -> dict[str, Any]:
        """Return one change of a DynamoDB table, in a batch of one.

        Keys and images are as DynamoDB has them: `{"id": {"S": "7"}}`. An image that is None
        is not in the event.
        """
        table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table_name}"
        stream = f"{table}/stream/2018-12-17T22:10:50.987"
        images = {"new": new_image, "old": old_image}
        return _with(_DYNAMODB, dynamodb.change_event(stream, event_name, keys, images, _OCCASION))

    def generate_kafka_event(
        self,
        message_values: Sequence[bytes],
        topic: str = "topic-name",
        key: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return a batch of records of a Kafka topic, whose values these are.

        `key` and `headers` are those of each record.
        """
        cluster = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/cluster-name/cluster-id"
        return kafka.event(
            topic, message_values, _OCCASION, cluster_arn=cluster, key=key, headers=headers
        )

    def generate_ws_connect_event(
        self, connection_id: str = "connection-id", headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Return what a WebSocket API sends when a client connects."""
        return websocket.connect_event(connection_id, headers or {}, _OCCASION)

    def generate_ws_message_event(
        self, body: str, connection_id: str = "connection-id"
    ) -> dict[str, Any]:
        """Return what a WebSocket API sends when a client sends a message."""
        return websocket.message_event(connection_id, "$default", body, _OCCASION)

    def generate_ws_disconnect_event(self, connection_id: str = "connection-id") -> dict[str, Any]:
        """Return what a WebSocket API sends when a client is gone."""
        return websocket.disconnect_event(connection_id, 1000, "", _OCCASION)


def _with(constant: Mapping[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """Return an event whose records all have these fields."""
    for record in event["Records"]:
        merge(record, constant)
    return event


def _numbered(name: str, index: int) -> str:
    """Return a name for one of several records: `name`, `name-2`, `name-3`."""
    return f"{name}-{index + 1}" if index else name
