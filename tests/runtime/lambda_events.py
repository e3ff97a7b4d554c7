"""Whole events in the shapes that AWS documents, and a Lambda context."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

CONTEXT = object()


def s3_event(key: str = "my-image.jpg") -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html"""
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": "us-east-2",
                "eventTime": "2019-09-03T19:37:27.192Z",
                "eventName": "ObjectCreated:Put",
                "userIdentity": {"principalId": "AWS:AIDAINPONIXQXHT3IKHL2"},
                "requestParameters": {"sourceIPAddress": "205.255.255.255"},
                "responseElements": {"x-amz-request-id": "D82B88E5F771F645"},
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": "828aa6fc-f7b5-4305-8584-487c791949c1",
                    "bucket": {
                        "name": "amzn-s3-demo-bucket",
                        "ownerIdentity": {"principalId": "A3I5XTEXAMAI3E"},
                        "arn": "arn:aws:s3:::amzn-s3-demo-bucket",
                    },
                    "object": {
                        "key": key,
                        "size": 1305107,
                        "eTag": "b21b84d653bb07b05b1e6b33684dc11b",
                        "sequencer": "0C0F6F405D6ED209E1",
                    },
                },
            }
        ]
    }


S3_TEST_EVENT: dict[str, Any] = {
    "Service": "Amazon S3",
    "Event": "s3:TestEvent",
    "Time": "2014-10-13T15:57:02.089Z",
    "Bucket": "amzn-s3-demo-bucket",
    "RequestId": "5582815E1AEA5ADF",
    "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE",
}


def sns_event(message: str = "Hello from SNS!", subject: str | None = "Invoke") -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html"""
    arn = "arn:aws:sns:us-east-1:123456789012:sns-lambda"
    return {
        "Records": [
            {
                "EventVersion": "1.0",
                "EventSubscriptionArn": f"{arn}:21be56ed-a058-49f5-8c98-aedd2564c486",
                "EventSource": "aws:sns",
                "Sns": {
                    "SignatureVersion": "1",
                    "Timestamp": "2019-01-02T12:45:07.000Z",
                    "Signature": "tcc6faL2yUC6dgZdmrwh1Y4cGa/ebXEkAi6RibDsvpi+tE/1+82j",
                    "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotification",
                    "MessageId": "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
                    "Message": message,
                    "MessageAttributes": {
                        "Test": {"Type": "String", "Value": "TestString"},
                        "TestBinary": {"Type": "Binary", "Value": "TestBinary"},
                    },
                    "Type": "Notification",
                    "UnsubscribeUrl": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
                    "TopicArn": arn,
                    "Subject": subject,
                },
            }
        ]
    }


def sqs_event(*bodies: str, queue: str = "my-queue") -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html

    The message IDs are `id-0`, `id-1` and so on.
    """
    attributes: dict[str, str] = {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": "1545082650636",
        "SenderId": "AIDAIENQZJOLO23YVJ4VO",
        "ApproximateFirstReceiveTimestamp": "1545082650649",
    }
    if queue.endswith(".fifo"):
        attributes["SequenceNumber"] = "18849496460467696128"
        attributes["MessageGroupId"] = "1"
        attributes["MessageDeduplicationId"] = "1"
    return {
        "Records": [
            {
                "messageId": f"id-{number}",
                "receiptHandle": f"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a-{number}",
                "body": body,
                "attributes": dict(attributes),
                "messageAttributes": {},
                "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:us-east-2:123456789012:{queue}",
                "awsRegion": "us-east-2",
            }
            for number, body in enumerate(bodies)
        ]
    }


def kinesis_event(*data: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html

    `data` is base64; the sequence numbers are `number-0`, `number-1` and so on.
    """
    shard = "shardId-000000000006"
    return {
        "Records": [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": "1",
                    "sequenceNumber": f"number-{number}",
                    "data": encoded,
                    "approximateArrivalTimestamp": 1545084650.987,
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": f"{shard}:number-{number}",
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda-role",
                "awsRegion": "us-east-2",
                "eventSourceARN": "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream",
            }
            for number, encoded in enumerate(data)
        ]
    }


_TABLE = "arn:aws:dynamodb:us-west-2:123456789012:table/MyTable/stream/2020-09-28T16:49:14.209"
_CHANGES: list[dict[str, Any]] = [
    {
        "eventID": "1",
        "eventVersion": "1.0",
        "dynamodb": {
            "ApproximateCreationDateTime": 1601317140.0,
            "Keys": {"Id": {"N": "101"}},
            "NewImage": {"Message": {"S": "New item!"}, "Id": {"N": "101"}},
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            "SequenceNumber": "111",
            "SizeBytes": 26,
        },
        "awsRegion": "us-west-2",
        "eventName": "INSERT",
        "eventSourceARN": _TABLE,
        "eventSource": "aws:dynamodb",
    },
    {
        "eventID": "2",
        "eventVersion": "1.0",
        "dynamodb": {
            "Keys": {"Id": {"N": "101"}},
            "OldImage": {"Message": {"S": "New item!"}, "Id": {"N": "101"}},
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            "SequenceNumber": "222",
            "SizeBytes": 59,
        },
        "awsRegion": "us-west-2",
        "eventName": "REMOVE",
        "eventSourceARN": _TABLE,
        "eventSource": "aws:dynamodb",
    },
]


def dynamodb_event() -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html

    Sequence numbers 111 and 222; the second has no time, as in AWS's samples.
    """
    return {"Records": deepcopy(_CHANGES)}


def kafka_event(*values: str, source: str = "aws:kafka") -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html

    Records of partition 0 of the topic ``clicks`` with these values (base64), the first with a key
    and a header.
    """
    records = [
        {
            "topic": "clicks",
            "partition": 0,
            "offset": 15 + number,
            "timestamp": 1545084650987,
            "timestampType": "CREATE_TIME",
            "value": value,
            "headers": [],
        }
        for number, value in enumerate(values)
    ]
    records[0] |= {"key": "YWJj", "headers": [{"kind": [104, 105, -1]}]}
    return {
        "eventSource": source,
        "eventSourceArn": "arn:aws:kafka:us-east-1:123456789012:cluster/shop/abc-1",
        "bootstrapServers": "b-1.shop:9092,b-2.shop:9092",
        "records": {"clicks-0": records},
    }


def scheduled_event() -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html"""
    return {
        "version": "0",
        "account": "123456789012",
        "region": "us-east-2",
        "detail": {},
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "time": "2019-03-01T01:23:45Z",
        "id": "cdc73f9d-aea9-11e3-9d5a-835b769c0d9c",
        "resources": ["arn:aws:events:us-east-2:123456789012:rule/my-schedule"],
    }


def websocket_event(route: str = "$default", **body: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/
    apigateway-websocket-api-mapping-template-reference.html
    """
    return {
        "requestContext": {
            "routeKey": route,
            "messageId": "JHlLzdS1PHcCGHA=",
            "eventType": "MESSAGE",
            "extendedRequestId": "JHlLzELsPHcF4fw=",
            "requestTime": "21/Oct/2020:18:42:03 +0000",
            "messageDirection": "IN",
            "stage": "dev",
            "connectedAt": 1603305712543,
            "requestTimeEpoch": 1603305723204,
            "identity": {"sourceIp": "192.0.2.1"},
            "requestId": "JHlLzELsPHcF4fw=",
            "domainName": "abcd1234.execute-api.us-east-1.amazonaws.com",
            "connectionId": "JHlLzdS1PHcCGHA=",
            "apiId": "abcd1234",
        },
        "isBase64Encoded": False,
        **body,
    }
