"""Events as AWS's services send them, with what matters to a test filled in."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote_plus

from chalice.app import Chalice

REGION = "us-west-2"
ACCOUNT = "123456789012"


class TestEventsClient:
    """Makes events for handlers, which `client.lambda_.invoke` and the handlers themselves take."""

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
        notification = {
            "Message": message,
            "MessageAttributes": message_attributes,
            "MessageId": "abcdefgh-51e4-5ae2-9964-b296c8d65d1a",
            "Signature": "signature",
            "SignatureVersion": "1",
            "SigningCertUrl": "https://sns.us-west-2.amazonaws.com/cert.pem",
            "Subject": subject,
            "Timestamp": "2018-06-26T19:41:38.695Z",
            "TopicArn": "arn:aws:sns:us-west-2:12345:TopicName",
            "Type": "Notification",
            "UnsubscribeUrl": "https://unsubscribe-url/",
        }
        record = {
            "EventSource": "aws:sns",
            "EventSubscriptionArn": "arn:subscription-arn",
            "EventVersion": "1.0",
            "Sns": notification,
        }
        return {"Records": [record]}

    def generate_s3_event(
        self, bucket: str, key: str, event_name: str = "ObjectCreated:Put"
    ) -> dict[str, Any]:
        """Return what S3 sends about an object. The event has the key as S3 quotes it."""
        record = {
            "awsRegion": REGION,
            "eventName": event_name,
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
                    "arn": f"arn:aws:s3:::{bucket}",
                    "name": bucket,
                    "ownerIdentity": {"principalId": "ABCD"},
                },
                "configurationId": "config-id",
                "object": {
                    "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                    "key": quote_plus(key, safe="/"),
                    "sequencer": "005B039F73C627CE8B",
                    "size": 0,
                },
                "s3SchemaVersion": "1.0",
            },
            "userIdentity": {"principalId": "AWS:XYZ"},
        }
        return {"Records": [record]}

    def generate_sqs_event(
        self, message_bodies: Sequence[str], queue_name: str = "queue-name"
    ) -> dict[str, Any]:
        """Return a batch of messages of an SQS queue."""
        return {
            "Records": [
                {
                    "attributes": {
                        "ApproximateFirstReceiveTimestamp": "1530576251596",
                        "ApproximateReceiveCount": "1",
                        "SenderId": "sender-id",
                        "SentTimestamp": "1530576251595",
                    },
                    "awsRegion": REGION,
                    "body": body,
                    "eventSource": "aws:sqs",
                    "eventSourceARN": f"arn:aws:sqs:us-west-2:12345:{queue_name}",
                    "md5OfBody": "754ac2f7a12df38320e0c5eafd060145",
                    "messageAttributes": {},
                    "messageId": _numbered("message-id", index),
                    "receiptHandle": _numbered("receipt-handle", index),
                }
                for index, body in enumerate(message_bodies)
            ]
        }

    def generate_cw_event(
        self,
        source: str,
        detail_type: str,
        detail: Mapping[str, Any],
        resources: Sequence[str],
        region: str = REGION,
    ) -> dict[str, Any]:
        """Return an event of EventBridge, formerly CloudWatch Events."""
        return {
            "version": 0,
            "id": "7bf73129-1428-4cd3-a780-95db273d1602",
            "detail-type": detail_type,
            "source": source,
            "account": ACCOUNT,
            "time": "2015-11-11T21:29:54Z",
            "region": region,
            "resources": resources,
            "detail": detail,
        }

    def generate_schedule_event(
        self, rule_name: str = "rule-name", region: str = REGION
    ) -> dict[str, Any]:
        """Return what a scheduled rule sends."""
        rule = f"arn:aws:events:{region}:{ACCOUNT}:rule/{rule_name}"
        return self.generate_cw_event("aws.events", "Scheduled Event", {}, [rule], region)

    def generate_kinesis_event(
        self, message_bodies: Sequence[bytes], stream_name: str = "stream-name"
    ) -> dict[str, Any]:
        """Return a batch of records of a Kinesis stream, whose data these bodies are."""
        return {
            "Records": [
                {
                    "kinesis": {
                        "kinesisSchemaVersion": "1.0",
                        "partitionKey": "1",
                        "sequenceNumber": str(12345 + index),
                        "data": base64.b64encode(body).decode("ascii"),
                        "approximateArrivalTimestamp": 1545084650.987,
                    },
                    "eventSource": "aws:kinesis",
                    "eventVersion": "1.0",
                    "eventID": f"shardId-000000000006:{12345 + index}",
                    "eventName": "aws:kinesis:record",
                    "invokeIdentityArn": "arn:aws:iam::123:role/lambda-role",
                    "awsRegion": REGION,
                    "eventSourceARN": f"arn:aws:kinesis:us-east-2:123:stream/{stream_name}",
                }
                for index, body in enumerate(message_bodies)
            ]
        }

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
        images = {"NewImage": new_image, "OldImage": old_image}
        change = {
            "ApproximateCreationDateTime": 1545084650.0,
            "Keys": keys,
            **{name: image for name, image in images.items() if image is not None},
            "SequenceNumber": "12345",
            "SizeBytes": 12,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        }
        table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table_name}"
        record = {
            "awsRegion": REGION,
            "dynamodb": change,
            "eventID": "da037887f71a88a1f6f4cfd149709d5a",
            "eventName": event_name,
            "eventSource": "aws:dynamodb",
            "eventSourceARN": f"{table}/stream/2018-12-17T22:10:50.987",
            "eventVersion": "1.1",
        }
        return {"Records": [record]}

    def generate_ws_connect_event(
        self, connection_id: str = "connection-id", headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Return what a WebSocket API sends when a client connects."""
        event = _websocket_event("CONNECT", "$connect", connection_id)
        return {**event, "headers": dict(headers or {})}

    def generate_ws_message_event(
        self, body: str, connection_id: str = "connection-id"
    ) -> dict[str, Any]:
        """Return what a WebSocket API sends when a client sends a message."""
        event = _websocket_event("MESSAGE", "$default", connection_id)
        event["requestContext"]["messageId"] = "message-id"
        return {**event, "body": body}

    def generate_ws_disconnect_event(self, connection_id: str = "connection-id") -> dict[str, Any]:
        """Return what a WebSocket API sends when a client is gone."""
        event = _websocket_event("DISCONNECT", "$disconnect", connection_id)
        event["requestContext"]["disconnectStatusCode"] = 1000
        return event


def _numbered(name: str, index: int) -> str:
    """Return a name for one of several records: `name`, `name-2`, `name-3`."""
    return f"{name}-{index + 1}" if index else name


def _websocket_event(event_type: str, route_key: str, connection_id: str) -> dict[str, Any]:
    return {
        "requestContext": {
            "routeKey": route_key,
            "eventType": event_type,
            "extendedRequestId": "extended-request-id",
            "requestTime": "17/Dec/2018:22:10:50 +0000",
            "messageDirection": "IN",
            "stage": "api",
            "connectedAt": 1545084650987,
            "requestTimeEpoch": 1545084650987,
            "identity": {"sourceIp": "127.0.0.1"},
            "requestId": "request-id",
            "domainName": f"api-id.execute-api.{REGION}.amazonaws.com",
            "connectionId": connection_id,
            "apiId": "api-id",
        },
        "isBase64Encoded": False,
    }
