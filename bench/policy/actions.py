"""IAM actions and resources of calls: enough to judge the programs here by, no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chalice.policy.analysis import Call, Parameter

_PREFIXES = {
    "stepfunctions": "states",
    "apigatewaymanagementapi": "execute-api",
    "sesv2": "ses",
    "appconfigdata": "appconfig",
    "sagemaker-runtime": "sagemaker",
    "bedrock-runtime": "bedrock",
}
_ACTIONS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("s3", "ListBuckets"): ("ListAllMyBuckets",),
    ("s3", "ListObjects"): ("ListBucket",),
    ("s3", "ListObjectsV2"): ("ListBucket",),
    ("s3", "HeadBucket"): ("ListBucket",),
    ("s3", "HeadObject"): ("GetObject",),
    ("s3", "CopyObject"): ("PutObject",),
    ("s3", "CreateMultipartUpload"): ("PutObject",),
    ("s3", "UploadPart"): ("PutObject",),
    ("s3", "CompleteMultipartUpload"): ("PutObject",),
    ("s3", "UploadPartCopy"): (),
    ("s3", "DeleteObjects"): ("DeleteObject",),
    ("sqs", "SendMessageBatch"): ("SendMessage",),
    ("lambda", "Invoke"): ("InvokeFunction",),
    ("apigatewaymanagementapi", "PostToConnection"): ("ManageConnections",),
    ("apigatewaymanagementapi", "DeleteConnection"): ("ManageConnections",),
    ("apigatewaymanagementapi", "GetConnection"): ("ManageConnections",),
}
_NAMES: Mapping[str, tuple[str, ...]] = {
    "dynamodb": ("TableName",),
    "sqs": ("QueueUrl", "QueueName"),
    "sns": ("TopicArn",),
    "ssm": ("Name", "Path", "Names"),
    "secretsmanager": ("SecretId",),
    "lambda": ("FunctionName",),
    "stepfunctions": ("stateMachineArn",),
    "kms": ("KeyId",),
    "firehose": ("DeliveryStreamName",),
    "kinesis": ("StreamName",),
    "sts": ("RoleArn",),
}


def grants(call: Call) -> Iterator[tuple[str, str]]:
    """Yield action and resource of a call; the resource is ``*`` where it is not looked at."""
    if (call.service, call.operation) == ("sts", "GetCallerIdentity"):
        return  # needs no permission
    if call.operation in ("BatchWriteItem", "BatchGetItem"):
        for table in _mapping(call.parameters.get("RequestItems")):
            yield f"dynamodb:{call.operation}", table
        return
    if call.operation == "TransactWriteItems":
        yield from _transaction(call)
        return
    prefix = _PREFIXES.get(call.service, call.service)
    names = _ACTIONS.get((call.service, call.operation), (call.operation,))
    for name in names:
        for resource in _resources(call, name):
            yield f"{prefix}:{name}", resource
    if call.operation == "CopyObject":
        source = call.parameters.get("CopySource")
        yield "s3:GetObject", _copied(source)


def _copied(source: Parameter) -> str:
    if isinstance(source, str):
        return source
    found = _mapping(source)
    return f"{found.get('Bucket', '*')}/{found.get('Key', '*')}"


def _transaction(call: Call) -> Iterator[tuple[str, str]]:
    items = call.parameters.get("TransactItems")
    for item in items if isinstance(items, list) else []:
        for kind, what in _mapping(item).items():
            action = {"Put": "PutItem", "Delete": "DeleteItem", "Update": "UpdateItem"}[kind]
            yield f"dynamodb:{action}", _text(_mapping(what).get("TableName"))


def _resources(call: Call, action: str) -> list[str]:
    parameters = call.parameters
    if call.service == "s3":
        bucket = _text(parameters.get("Bucket"))
        if "Object" not in action and action != "AbortMultipartUpload":
            return [bucket if action == "ListBucket" else "*"]
        key = parameters.get("Key")
        return [f"{bucket}/{_text(key)}"]
    for name in _NAMES.get(call.service, ()):
        value = parameters.get(name)
        if isinstance(value, list):
            return [_text(each) for each in value]
        if name in parameters:
            return [_text(value)]
    return ["*"]


def _text(value: Parameter) -> str:
    return value if isinstance(value, str) else "*"


def _mapping(value: Parameter) -> Mapping[str, Parameter]:
    return value if isinstance(value, Mapping) else {}
