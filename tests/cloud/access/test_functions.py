"""What deployed functions may do: what the policy of their role says, in each service's words."""

from __future__ import annotations

from typing import Any

import pytest

from chalice.cloud import CloudStatus
from tests.cloud.access.callers import Function, allow, deny, deploy
from tests.cloud.aws import client

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def function(cloud: CloudStatus) -> Function:
    """One function for all tests; each gives its role the policy that it needs."""
    return deploy(cloud)


def test_a_function_is_its_role(function: Function) -> None:
    answer = function.call("sts", "get_caller_identity")
    assert function.arn in answer["answer"]


def test_a_function_may_do_what_its_role_allows(cloud: CloudStatus, function: Function) -> None:
    client(cloud, "dynamodb").create_table(
        TableName=function.name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{function.name}"
    put = {"TableName": function.name, "Item": {"id": {"S": "1"}}}
    function.permit(allow("dynamodb:GetItem", table))
    assert function.call("dynamodb", "put_item", **put) == {
        "code": "AccessDeniedException",
        "status": 400,
        "message": f"User: {function.arn} is not authorized to perform: dynamodb:PutItem "
        f"on resource: {table} because no identity-based policy allows the dynamodb:PutItem action",
    }
    function.permit(allow("dynamodb:PutItem", table))
    assert function.call("dynamodb", "put_item", **put)["status"] == 200
    function.permit(allow("dynamodb:*"), deny("dynamodb:PutItem", table))
    refused = function.call("dynamodb", "put_item", **put)
    assert refused["message"].endswith("with an explicit deny in an identity-based policy")


CODES: list[tuple[str, str, dict[str, Any], str, int, str]] = [
    ("s3", "get_object", {"Bucket": "b", "Key": "a b/ü"}, "AccessDenied", 403, "s3:GetObject"),
    ("s3", "list_objects_v2", {"Bucket": "b"}, "AccessDenied", 403, "s3:ListBucket"),
    ("s3", "list_buckets", {}, "AccessDenied", 403, "s3:ListAllMyBuckets"),
    ("s3", "head_object", {"Bucket": "b", "Key": "k"}, "403", 403, ""),
    (
        "s3",
        "copy_object",
        {"Bucket": "b", "Key": "k", "CopySource": "c/k"},
        "AccessDenied",
        403,
        "s3:GetObject",
    ),
    ("sqs", "list_queues", {}, "AccessDenied", 403, "sqs:ListQueues"),
    ("sqs", "get_queue_url", {"QueueName": "q"}, "AccessDenied", 403, "sqs:GetQueueUrl"),
    (
        "sns",
        "publish",
        {"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:t", "Message": "m"},
        "AuthorizationError",
        403,
        "sns:Publish",
    ),
    ("ssm", "get_parameter", {"Name": "/a"}, "AccessDeniedException", 400, "ssm:GetParameter"),
    (
        "lambda",
        "invoke",
        {"FunctionName": "other"},
        "AccessDeniedException",
        403,
        "lambda:InvokeFunction",
    ),
    ("lambda", "list_functions", {}, "AccessDeniedException", 403, "lambda:ListFunctions"),
    (
        "kinesis",
        "put_record",
        {"StreamName": "s", "Data": "d", "PartitionKey": "p"},
        "AccessDeniedException",
        400,
        "kinesis:PutRecord",
    ),
    (
        "events",
        "put_events",
        {"Entries": [{"Source": "a", "DetailType": "b", "Detail": "{}"}]},
        "AccessDeniedException",
        400,
        "events:PutEvents",
    ),
    (
        "secretsmanager",
        "get_secret_value",
        {"SecretId": "s"},
        "AccessDeniedException",
        400,
        "secretsmanager:GetSecretValue",
    ),
    ("iam", "list_roles", {}, "AccessDenied", 403, "iam:ListRoles"),
    ("apigateway", "get_rest_apis", {}, "AccessDeniedException", 403, "apigateway:GET"),
    (
        "cloudwatch",
        "put_metric_data",
        {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1}]},
        "AccessDenied",
        403,
        "cloudwatch:PutMetricData",
    ),
    ("ec2", "describe_instances", {}, "UnauthorizedOperation", 403, "ec2:DescribeInstances"),
    ("cloudformation", "list_stacks", {}, "AccessDenied", 403, "cloudformation:ListStacks"),
    ("route53", "list_hosted_zones", {}, "AccessDenied", 403, "route53:ListHostedZones"),
]


@pytest.mark.parametrize(
    ("service", "call", "parameters", "code", "status", "action"),
    CODES,
    ids=[f"{row[0]} {row[1]}" for row in CODES],
)
def test_each_service_refuses_in_its_own_way(
    function: Function,
    service: str,
    call: str,
    parameters: dict[str, Any],
    code: str,
    status: int,
    action: str,
) -> None:
    function.permit(allow("logs:*"))
    refused = function.call(service, call, **parameters)
    assert (refused["code"], refused["status"]) == (code, status), refused
    assert f"not authorized to perform: {action}" in refused["message"] or not action
    function.permit(allow([action or "s3:GetObject", "s3:PutObject"]))
    answer = function.call(service, call, **parameters)
    assert "not authorized" not in answer.get("message", ""), answer
