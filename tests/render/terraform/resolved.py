"""What Terraform would make of references: two ways to write one value become one value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_FIXED = {
    "data.aws_partition.chalice.partition": "aws",
    "data.aws_partition.chalice.dns_suffix": "amazonaws.com",
    "data.aws_region.chalice.name": "us-west-2",
    "data.aws_region.chalice.id": "us-west-2",
    "data.aws_caller_identity.chalice.account_id": "123456789012",
}
_PLACE = "us-west-2:123456789012"


def resolved(template: Mapping[str, Any]) -> Any:
    """Return a template with references as text, and JSON in strings as what it says."""
    return _resolved(template, template["resource"])


def _resolved(part: Any, resources: Mapping[str, Any]) -> Any:
    if isinstance(part, dict):
        return {key: _resolved(item, resources) for key, item in part.items()}
    if isinstance(part, list):
        return [_resolved(item, resources) for item in part]
    if not isinstance(part, str):
        return part
    text = re.sub(
        r"(?<!\$)\$\{([^{}]+)\}", lambda found: _value(found[1].split("."), resources), part
    )
    return json.loads(text) if text.startswith("{") else text


def _value(address: list[str], resources: Mapping[str, Any]) -> str:
    match address:
        case [*_] if ".".join(address) in _FIXED:
            return _FIXED[".".join(address)]
        case ["aws_lambda_function", key, "arn"]:
            return _function(key, resources)
        case ["aws_lambda_function", key, "invoke_arn"]:
            function = _function(key, resources)
            path = f"lambda:path/2015-03-31/functions/{function}/invocations"
            return f"arn:aws:apigateway:us-west-2:{path}"
        case ["aws_api_gateway_rest_api", key, "execution_arn"]:
            return f"arn:aws:execute-api:{_PLACE}:aws_api_gateway_rest_api.{key}.id"
        case ["aws_cloudwatch_event_rule", key, "arn"]:
            return f"arn:aws:events:{_PLACE}:rule/{resources[address[0]][key]['name']}"
        case [kind, key, attribute] if attribute in resources.get(kind, {}).get(key, {}):
            found = resources[kind][key][attribute]
            return found if isinstance(found, str) and "${" not in found else ".".join(address)
        case _:
            return ".".join(address)


def _function(key: str, resources: Mapping[str, Any]) -> str:
    return (
        f"arn:aws:lambda:{_PLACE}:function:{resources['aws_lambda_function'][key]['function_name']}"
    )
