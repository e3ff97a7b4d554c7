"""Values of resources as CloudFormation writes them: Ref, Fn::GetAtt and Fn::Sub.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalice.model.values import Arn, Document, Ref

ATTRIBUTES: Mapping[str, str | None] = {
    "role_arn": "Arn",
    "lambda_arn": "Arn",
    "invoke_arn": None,
    "layer_version_arn": None,
    "log_group_name": None,
    "rest_api_id": None,
    "http_api_id": None,
    "websocket_api_id": None,
    "domain_name": None,
    "api_key_id": None,
}
"""The attribute that holds an output; None where it is what ``Ref`` returns."""


def intrinsic(document: Document, ids: Mapping[str, str]) -> Any:
    """Return ``document`` as JSON. ``ids`` maps names of resources to their logical ids."""
    match document:
        case Ref(resource, output):
            attribute = ATTRIBUTES[output]
            if attribute is None:
                return {"Ref": ids[resource]}
            return {"Fn::GetAtt": [ids[resource], attribute]}
        case Arn():
            return _arn(document, ids)
        case Mapping():
            return {key: intrinsic(item, ids) for key, item in document.items()}
        case Sequence() if not isinstance(document, str):
            return [intrinsic(item, ids) for item in document]
        case _:
            return document


def _arn(arn: Arn, ids: Mapping[str, str]) -> Any:
    """Return an ARN by Fn::Sub; by Fn::Join where a name has what would be substituted in it.

    Tokens of the CDK, which stand for values that it puts in, look like that.
    """
    if any(isinstance(part, str) and "${" in part for part in arn.resource):
        region = {"Ref": "AWS::Region"} if arn.region is None else arn.region
        account = {"Ref": "AWS::AccountId"} if arn.account is None else arn.account
        parts = ["arn", {"Ref": "AWS::Partition"}, arn.service, region, account]
        tail = {"Fn::Join": ["", [intrinsic(part, ids) for part in arn.resource]]}
        return {"Fn::Join": [":", [*parts, tail]]}
    region_text = "${AWS::Region}" if arn.region is None else arn.region
    account_text = "${AWS::AccountId}" if arn.account is None else arn.account
    text = "".join(_part(part, ids) for part in arn.resource)
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{arn.service}:{region_text}:{account_text}:{text}"}


def _part(part: str | Ref, ids: Mapping[str, str]) -> str:
    if isinstance(part, str):
        return part
    attribute = ATTRIBUTES[part.output]
    return f"${{{ids[part.resource]}{'' if attribute is None else '.' + attribute}}}"
