"""What the role of a function has to allow before Lambda reads a queue or a stream for it.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

from __future__ import annotations

from collections.abc import Mapping

from chalice.cloud.access.authority import Authority
from chalice.iam.evaluation import Decision

_STREAM = (
    "Cannot access stream {arn}. Please ensure the role can perform the {actions} Actions on your "
    "stream in IAM."
)
_QUEUE_ACTIONS = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
# Each alternative of an action is separated by a bar.
_STREAM_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "kinesis": (
        "GetRecords",
        "GetShardIterator",
        "DescribeStream|DescribeStreamSummary",
        "ListShards|ListStreams",
    ),
    "dynamodb": ("GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"),
}
_STREAM_NAMES: Mapping[str, str] = {
    "kinesis": "GetRecords, GetShardIterator, DescribeStream, ListShards, and SubscribeToShard",
    "dynamodb": "GetRecords, GetShardIterator, DescribeStream, and ListStreams",
}


def missing_permission(authority: Authority, role_arn: str, source_arn: str) -> str | None:
    """Return AWS's sentence for a role that may not read the source, a queue or a stream, in the
    error ``InvalidParameterValueException``.

    None when the role may, and for other sources.
    """
    if not authority.enforced:
        return None
    service = source_arn.split(":")[2] if source_arn.count(":") >= 5 else ""
    if service == "sqs":
        for action in _QUEUE_ACTIONS:
            if not _allows(authority, role_arn, f"sqs:{action}", source_arn):
                return (
                    f"The provided execution role does not have permissions to call {action} on SQS"
                )
        return None
    for alternatives in _STREAM_ACTIONS.get(service, ()):
        if not any(
            _allows(authority, role_arn, f"{service}:{action}", source_arn)
            for action in alternatives.split("|")
        ):
            return _STREAM.format(arn=source_arn, actions=_STREAM_NAMES[service])
    return None


def _allows(authority: Authority, role_arn: str, action: str, resource: str) -> bool:
    return authority.allows(role_arn, action, resource) is Decision.ALLOWED
