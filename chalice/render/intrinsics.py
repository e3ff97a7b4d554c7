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
    """Return ``document`` as JSON. ``ids`` maps names of resources to their logical ids, or to what
    SAM calls parts of these: ``Worker.Alias``.
    """
    match document:
        case Ref(resource, output):
            attribute = ATTRIBUTES[output]
            if attribute is None:
                return {"Ref": ids[resource]}
            return {"Fn::GetAtt": [ids[resource], attribute]}
        case Arn():
            pattern, variables = _pattern(document, ids)
            return {"Fn::Sub": [pattern, variables] if variables else pattern}
        case Mapping():
            return {key: intrinsic(item, ids) for key, item in document.items()}
        case Sequence() if not isinstance(document, str):
            return [intrinsic(item, ids) for item in document]
        case _:
            return document


def _pattern(arn: Arn, ids: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Return the pattern, and its variables: what stands in no pattern, as SAM's own ids.

    Nor do names with ``${`` in them, as the CDK's tokens, which it replaces wherever it finds them.
    """
    region = "${AWS::Region}" if arn.region is None else arn.region
    account = "${AWS::AccountId}" if arn.account is None else arn.account
    variables: dict[str, Any] = {}
    tail = ""
    for part in arn.resource:
        if isinstance(part, str):
            if "${" not in part:
                tail += part
                continue
            name = f"Text{len(variables)}"
            variables[name] = part
            tail += f"${{{name}}}"
            continue
        id_, attribute = ids[part.resource], ATTRIBUTES[part.output]
        if "." in id_:
            name = id_.replace(".", "")
            variables[name] = {"Ref": id_}
            id_ = name
        tail += f"${{{id_}{'' if attribute is None else '.' + attribute}}}"
    return f"arn:${{AWS::Partition}}:{arn.service}:{region}:{account}:{tail}", variables
