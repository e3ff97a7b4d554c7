"""Requests in every shape that a call can have, judged for what they ask."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from chalice.cloud import CloudStatus
from tests.cloud.access.callers import User, allow, make_user
from tests.cloud.aws import client, unique

JSON = {"Content-Type": "application/x-amz-json-1.0"}
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
CBOR = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}


@pytest.fixture
def user(cloud: CloudStatus) -> User:
    return make_user(cloud)


def send(
    user: User,
    service: str,
    method: str = "POST",
    path: str = "/",
    body: bytes = b"",
    host: str | None = None,
    **headers: str,
) -> httpx.Response:
    """Send a request of our own making, signed by the user."""
    port = urlsplit(user.cloud.endpoint_url).port
    host = f"{host or '127.0.0.1'}:{port}"
    request = AWSRequest(method, f"http://{host}{path}", headers=headers, data=body)
    credentials = Credentials(user.key["AccessKeyId"], user.key["SecretAccessKey"])
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(credentials, service, "us-east-1").add_auth(request)
    sent = {**dict(request.headers), "Host": host}
    return httpx.request(
        method, f"{user.cloud.endpoint_url}{path}", content=body, headers=sent, timeout=30
    )


SHAPES: dict[str, tuple[dict[str, Any], str, str]] = {
    "JSON": (
        {"service": "dynamodb", "body": b'{"TableName": "t"}', **JSON}
        | {"X-Amz-Target": "DynamoDB_20120810.DescribeTable"},
        "dynamodb:DescribeTable",
        "arn:aws:dynamodb:us-east-1:123456789012:table/t",
    ),
    "JSON that nobody knows": (
        {"service": "dynamodb", "body": b"{}", **JSON}
        | {"X-Amz-Target": "DynamoDB_20120810.InventTable"},
        "dynamodb:InventTable",
        "*",
    ),
    "JSON that is none": (
        {"service": "dynamodb", "body": b"{", **JSON}
        | {"X-Amz-Target": "DynamoDB_20120810.DescribeTable"},
        "dynamodb:DescribeTable",
        "arn:aws:dynamodb:us-east-1:123456789012:table/*",
    ),
    "a form": (
        {"service": "sns", "body": b"Action=CreateTopic&Version=2010-03-31&Name=a", **FORM},
        "sns:CreateTopic",
        "arn:aws:sns:us-east-1:123456789012:a",
    ),
    "a form to a queue": (
        {"service": "sqs", "path": "/123456789012/q", **FORM}
        | {"body": b"Action=SendMessage&Version=2012-11-05&MessageBody=a"},
        "sqs:SendMessage",
        "arn:aws:sqs:us-east-1:123456789012:q",
    ),
    "a form in the query": (
        {
            "service": "sns",
            "method": "GET",
            "path": "/?Action=DeleteTopic&TopicArn=arn%3Aaws%3Asns%3Aa&Version=2010-03-31",
        },
        "sns:DeleteTopic",
        "arn:aws:sns:a",
    ),
    "a form that nobody knows": (
        {"service": "iam", "body": b"Action=InventRole&Version=2010-05-08", **FORM},
        "iam:InventRole",
        "*",
    ),
    "a path": (
        {"service": "lambda", "method": "GET", "path": "/2015-03-31/functions/f%3Alive/policy"},
        "lambda:GetPolicy",
        "arn:aws:lambda:us-east-1:123456789012:function:f:live",
    ),
    "a path that nobody knows": (
        {"service": "lambda", "method": "GET", "path": "/2015-03-31/inventions"},
        "lambda:GET /2015-03-31/inventions",
        "*",
    ),
    "CBOR": (
        {"service": "monitoring", **CBOR, "body": b"\xa1iAlarmNames\x9fax\xff"}
        | {"path": "/service/GraniteServiceVersion20100801/operation/DeleteAlarms"},
        "cloudwatch:DeleteAlarms",
        "arn:aws:cloudwatch:us-east-1:123456789012:alarm:*",
    ),
    "an object": (
        {"service": "s3", "method": "GET", "path": "/some-bucket/a/b%20c?x-id=GetObject"},
        "s3:GetObject",
        "arn:aws:s3:::some-bucket/a/b c",
    ),
    "an object of the bucket in the name of the host": (
        {"service": "s3", "method": "PUT", "path": "/a/b", "host": "some-bucket.localhost"},
        "s3:PutObject",
        "arn:aws:s3:::some-bucket/a/b",
    ),
    "a subresource": (
        {"service": "s3", "method": "GET", "path": "/some-bucket?policy"},
        "s3:GetBucketPolicy",
        "arn:aws:s3:::some-bucket",
    ),
    "a copy": (
        {"service": "s3", "method": "PUT", "path": "/to/k", "x-amz-copy-source": "/from/a%20b"},
        "s3:GetObject",
        "arn:aws:s3:::from/a b",
    ),
}


@pytest.mark.parametrize(("request_", "action", "resource"), SHAPES.values(), ids=list(SHAPES))
def test_a_request_is_judged_for_what_it_asks(
    user: User, request_: dict[str, Any], action: str, resource: str
) -> None:
    answer = send(user, **request_)
    shown = f'"{resource}"' if request_["service"] == "s3" else resource
    sentence = f"is not authorized to perform: {action} on resource: {shown} because"
    text = answer.text.replace("&quot;", '"')
    assert sentence in text or (resource == "*" and action in text), text


def test_an_unknown_operation_is_allowed_by_its_name(cloud: CloudStatus, user: User) -> None:
    target = {"X-Amz-Target": "DynamoDB_20120810.InventTable"}
    user.permit(allow("dynamodb:Invent*"))
    answer = send(user, "dynamodb", body=b"{}", **JSON, **target)
    assert "not authorized" not in answer.text


def test_a_bucket_in_the_name_of_the_host_is_used(cloud: CloudStatus, user: User) -> None:
    bucket = unique("bucket")
    client(cloud, "s3").create_bucket(Bucket=bucket)
    user.permit(allow("s3:PutObject", f"arn:aws:s3:::{bucket}/in/*"))
    host = f"{bucket}.localhost"
    assert send(user, "s3", "PUT", "/in/a", b"1", host).status_code == 200
    assert send(user, "s3", "PUT", "/out/a", b"1", host).status_code == 403
    found = client(cloud, "s3").get_object(Bucket=bucket, Key="in/a")
    assert found["Body"].read() == b"1"


def test_tags_of_what_is_made_can_be_asked_for(cloud: CloudStatus, user: User) -> None:
    team = {"StringEquals": {"aws:RequestTag/team": "web"}}
    user.permit(allow("sqs:CreateQueue", Condition=team), allow("sqs:TagQueue"))
    sqs, name = user.client("sqs"), unique("queue")
    with pytest.raises(sqs.exceptions.ClientError, match="sqs:CreateQueue"):
        sqs.create_queue(QueueName=name)
    with pytest.raises(sqs.exceptions.ClientError, match="sqs:CreateQueue"):
        sqs.create_queue(QueueName=name, tags={"team": "app"})
    sqs.create_queue(QueueName=name, tags={"team": "web"})
