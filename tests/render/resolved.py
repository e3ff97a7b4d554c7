"""What CloudFormation would make of references: two ways to write one value become one value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "us-west-2", "AWS::AccountId": "123456789012"}


def resolved(template: Mapping[str, Any]) -> Any:
    """Return a template with all references as text: the name of a function is its id."""
    return _resolved(template, template["Resources"])


def _resolved(part: Any, resources: Mapping[str, Any]) -> Any:
    match part:
        case {"Ref": str(id_)} if len(part) == 1:
            return _PSEUDO.get(id_, id_)
        case {"Fn::GetAtt": [str(id_), str(attribute)]}:
            return _attribute(id_, attribute, resources)
        case {"Fn::Sub": [str(text), {**variables}]}:
            return _substituted(text, _resolved(variables, resources), resources)
        case {"Fn::Sub": str(text)}:
            return _substituted(text, {}, resources)
        case {"Fn::Join": [str(separator), [*items]]}:
            return separator.join(_resolved(item, resources) for item in items)
        case dict():
            return {key: _resolved(value, resources) for key, value in part.items()}
        case list():
            return [_resolved(item, resources) for item in part]
    return part


def _substituted(text: str, variables: Mapping[str, str], resources: Mapping[str, Any]) -> str:
    def value(found: re.Match[str]) -> str:
        name, _, attribute = found[1].partition(".")
        if attribute:
            return _attribute(name, attribute, resources)
        return variables.get(name, _PSEUDO.get(name, name))

    return re.sub(r"\$\{([^!}]+)\}", value, text)


def _attribute(id_: str, attribute: str, resources: Mapping[str, Any]) -> str:
    if attribute == "Arn" and resources[id_]["Type"] == "AWS::Serverless::Function":
        return f"arn:aws:lambda:us-west-2:123456789012:function:{id_}"
    return f"{id_}.{attribute}"
