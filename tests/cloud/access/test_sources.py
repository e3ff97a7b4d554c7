"""Queues and streams are read for functions whose role allows it."""

from __future__ import annotations

import uuid

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.access.callers import Function, allow, deploy
from tests.cloud.aws import client, error_of, unique

QUEUE_ACTIONS = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]


@pytest.fixture(scope="module")
def function(cloud: CloudStatus) -> Function:
    return deploy(cloud)


def map_source(function: Function, arn: str, **settings: object) -> str:
    """Map the source, end that, and return why it was refused, an empty text if it was not."""
    functions = client(function.cloud, "lambda")
    try:
        made = functions.create_event_source_mapping(
            FunctionName=function.name, EventSourceArn=arn, **settings
        )
    except ClientError as error:
        assert error_of(error) == (400, "InvalidParameterValueException")  # noqa: PT017
        return str(error.response["Error"]["Message"])
    functions.delete_event_source_mapping(UUID=made["UUID"])
    return ""


@pytest.mark.parametrize("lacking", QUEUE_ACTIONS)
def test_a_queue_is_mapped_once_the_role_may_read_it(function: Function, lacking: str) -> None:
    sqs = client(function.cloud, "sqs")
    name = unique("queue")
    sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "60"})
    arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
    function.permit(allow([action for action in QUEUE_ACTIONS if action != lacking], arn))
    assert map_source(function, arn) == (
        "The provided execution role does not have permissions to call "
        f"{lacking.removeprefix('sqs:')} on SQS"
    )
    function.permit(allow(QUEUE_ACTIONS, arn))
    assert map_source(function, arn) == ""


def test_a_stream_is_mapped_once_the_role_may_read_it(function: Function) -> None:
    kinesis, name = client(function.cloud, "kinesis"), unique("stream")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    arn = f"arn:aws:kinesis:us-east-1:123456789012:stream/{name}"
    function.permit(allow(["kinesis:Get*", "kinesis:ListShards"], arn))
    assert map_source(function, arn, StartingPosition="LATEST").startswith(
        f"Cannot access stream {arn}. Please ensure the role can perform the GetRecords, "
    )
    function.permit(allow(["kinesis:Get*", "kinesis:ListShards", "kinesis:DescribeStream"], arn))
    assert map_source(function, arn, StartingPosition="LATEST") == ""


def test_the_stream_of_a_table_is_mapped_once_the_role_may_read_it(function: Function) -> None:
    name = f"t{uuid.uuid4().hex}"
    arn = client(function.cloud, "dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]["LatestStreamArn"]
    refused = map_source(function, arn, StartingPosition="LATEST")
    assert refused.startswith(f"Cannot access stream {arn}.")
    streams = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"]
    table = f"arn:aws:dynamodb:us-east-1:123456789012:table/{name}"
    function.permit(allow(streams, f"{table}/stream/*"), allow("dynamodb:ListStreams"))
    assert map_source(function, arn, StartingPosition="LATEST") == ""
