"""What conditions of policies may ask about a call.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import TypeAlias

from chalice.cloud.access.calls import Call
from chalice.cloud.access.items import of_items
from chalice.cloud.access.principals import Principal

Values: TypeAlias = "str | Sequence[str]"


def of_principal(principal: Principal, now: float) -> dict[str, Values]:
    """Return what is known of whoever calls, and of the time, in seconds since 1970."""
    moment = datetime.fromtimestamp(now, timezone.utc)
    kinds = {"root": "Account", "user": "User", "role": "AssumedRole", "federated": "FederatedUser"}
    values: dict[str, Values] = {
        "aws:CurrentTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now)),
        "aws:PrincipalAccount": principal.account,
        "aws:PrincipalArn": principal.role or principal.arn,
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalType": kinds[principal.kind],
        "aws:ViaAWSService": "false",
        "aws:userid": principal.user_id,
    }
    if principal.kind == "user" and principal.user is not None:
        values["aws:username"] = principal.user
    if principal.kind == "role":
        values["aws:MultiFactorAuthPresent"] = "false"
    if principal.function is not None:
        values["lambda:SourceFunctionArn"] = principal.function
    return {**values, **{f"aws:PrincipalTag/{key}": tag for key, tag in principal.tags.items()}}


def of_request(headers: Mapping[str, str], region: str, source_ip: str) -> dict[str, Values]:
    """Return what is known of the request itself. The cloud stands for AWS, which is reached by
    TLS: policies that ask for that are met. The keys of ``headers`` are lower-case.
    """
    values: dict[str, Values] = {
        "aws:RequestedRegion": region,
        "aws:SecureTransport": "true",
        "aws:SourceIp": source_ip,
    }
    for key, header in (("aws:UserAgent", "user-agent"), ("aws:Referer", "referer")):
        if header in headers:
            values[key] = headers[header]
    return values


def of_parameters(call: Call, region: str) -> dict[str, Values]:
    """Return what is known of the call: its tags, and the keys of single services."""
    values: dict[str, Values] = {}
    tags = dict(_tags(call.parameters))
    if tags:
        values["aws:TagKeys"] = list(tags)
        values.update({f"aws:RequestTag/{key}": tag for key, tag in tags.items()})
    for key, parameter in _PARAMETERS.get(call.service, {}).items():
        value = call.parameters.get(parameter)
        if isinstance(value, (str, int)):
            values[key] = str(value)
    if call.service == "dynamodb":
        values.update(of_items(call.parameters, region))
    return values


def _tags(parameters: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the tags that a call gives to what it makes, in any of the shapes that services use."""
    for name in ("Tags", "tags", "TagSet"):
        match parameters.get(name):
            case Mapping() as tags:
                yield from ((str(key), str(value)) for key, value in tags.items())
            case list(tags):
                for tag in tags:
                    if isinstance(tag, Mapping):
                        key = tag.get("Key", tag.get("key", tag.get("TagKey")))
                        value = tag.get("Value", tag.get("value", tag.get("TagValue", "")))
                        yield str(key), str(value)


_PARAMETERS: Mapping[str, Mapping[str, str]] = {
    "s3": {
        "s3:prefix": "Prefix",
        "s3:delimiter": "Delimiter",
        "s3:max-keys": "MaxKeys",
        "s3:x-amz-acl": "ACL",
        "s3:x-amz-server-side-encryption": "ServerSideEncryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
        "s3:x-amz-storage-class": "StorageClass",
        "s3:x-amz-copy-source": "CopySource",
        "s3:VersionId": "VersionId",
    },
    "sts": {"sts:ExternalId": "ExternalId", "sts:RoleSessionName": "RoleSessionName"},
    "sns": {"sns:Protocol": "Protocol", "sns:Endpoint": "Endpoint"},
    "lambda": {"lambda:Principal": "Principal", "lambda:FunctionUrlAuthType": "AuthType"},
    "iam": {"iam:PolicyARN": "PolicyArn", "iam:PermissionsBoundary": "PermissionsBoundary"},
}
