"""Policies whose statements the tool writes.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chalice.config import Config
from chalice.iam.catalog import Place
from chalice.model.values import Document
from chalice.policy.grants import Grant, Reason

TRUST_POLICY: Document = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "",
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
_LOGS: Mapping[str, Document] = {
    "Effect": "Allow",
    "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": "arn:*:logs:*:*:*",
}
_NETWORK: Mapping[str, Document] = {
    "Effect": "Allow",
    "Action": [
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DetachNetworkInterface",
        "ec2:DeleteNetworkInterface",
    ],
    "Resource": "*",
}
_TRACING: Mapping[str, Document] = {
    "Effect": "Allow",
    "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    "Resource": "*",
}
# What Lambda does to connect a function to a VPC.
_NETWORK_ACTIONS = (
    "AssignPrivateIpAddresses",
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "UnassignPrivateIpAddresses",
)


def usual_statements(
    *, network: bool, tracing: bool, more: Sequence[Document] = ()
) -> list[Document]:
    """Return what a role whose functions write logs is allowed besides what their code calls.

    ``network``: one of them runs in a VPC. ``tracing``: one of them sends X-Ray traces. ``more``
    are further statements, each of which is said once.
    """
    statements: list[Document] = [_LOGS]
    if network:
        statements.append(_NETWORK)
    if tracing:
        statements.append(_TRACING)
    statements += [each for number, each in enumerate(more) if each not in more[:number]]
    return statements


def own_grants(scope: Config, name: str) -> Iterator[Grant]:
    """Yield what Lambda does in the name of a function, which is called ``name`` in AWS."""
    function = scope.function_name
    logging = scope.lambda_config.get("LoggingConfig")
    chosen = logging.get("LogGroup") if isinstance(logging, Mapping) else None
    group = Place().arn("logs", f"log-group:{chosen or f'/aws/lambda/{name}'}:*")
    for action in ("CreateLogGroup", "CreateLogStream", "PutLogEvents"):
        yield Grant(f"logs:{action}", group, Reason(function, "its log"))
    if scope.subnet_ids:
        for action in _NETWORK_ACTIONS:
            yield Grant(f"ec2:{action}", "*", Reason(function, "its VPC"))
    if scope.xray:
        for action in ("PutTraceSegments", "PutTelemetryRecords"):
            yield Grant(f"xray:{action}", "*", Reason(function, "its traces"))


def private_api_policy(endpoints: Sequence[str]) -> Document:
    """Return the resource policy of a private API that these VPC endpoints may call.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
    """
    source: Document = endpoints[0] if len(endpoints) == 1 else list(endpoints)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "execute-api:Invoke",
                "Resource": "arn:*:execute-api:*:*:*",
                "Condition": {"StringEquals": {"aws:SourceVpce": source}},
            }
        ],
    }
