"""Policies whose statements the tool writes.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalice.model.values import Document

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


def generated_role_policy(
    *, network: bool, tracing: bool, more: Sequence[Document] = ()
) -> Document:
    """Return the policy of a role whose functions write logs.

    ``network``: one of them runs in a VPC. ``tracing``: one of them sends X-Ray traces. ``more``
    are further statements, each of which is said once.
    """
    statements: list[Document] = [_LOGS]
    if network:
        statements.append(_NETWORK)
    if tracing:
        statements.append(_TRACING)
    statements += [each for number, each in enumerate(more) if each not in more[:number]]
    return {"Version": "2012-10-17", "Statement": statements}


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
