"""What properties and outputs come to once resources are there.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from chalice.cloud.stacks.calls import Calls
from chalice.cloud.stacks.errors import ResourceError, StackError
from chalice.cloud.stacks.expressions import Expressions, references
from chalice.cloud.stacks.shapes import text_of
from chalice.cloud.stacks.store import Stack, Version, all_stacks

_DYNAMIC = re.compile(r"\{\{resolve:([a-z-]+):([^{}]+)\}\}")


class StackOutputs:
    """What the resources of a stack are called."""

    def __init__(self, stack: Stack) -> None:
        self._made = stack.made

    def ref(self, logical_id: str) -> Any:
        """Return the physical id."""
        return self._made[logical_id].physical_id

    def attribute(self, logical_id: str, name: str) -> Any:
        """Return an attribute. Raises ``ResourceError`` when the type has none of that name."""
        resource = self._made[logical_id]
        if name not in resource.attributes:
            known = ", ".join(sorted(resource.attributes)) or "none"
            raise ResourceError(
                f"Requested attribute {name} does not exist in schema for "
                f"{resource.definition.type} ({logical_id}): there are {known}"
            )
        return resource.attributes[name]


def resolve(
    stack: Stack, version: Version, properties: Mapping[str, Any], call: Calls
) -> dict[str, Any]:
    """Return properties with nothing left to find out. Raises ``ResourceError``, ``StackError``."""
    expressions = _expressions(stack, version)
    found = expressions.evaluate(properties)
    left = sorted(set(references(found)))
    if left:
        raise ResourceError(f"Unresolved resource dependencies [{', '.join(left)}]")
    resolved: dict[str, Any] = _fill_in(found, call)
    return resolved


def evaluate_outputs(stack: Stack, version: Version) -> list[dict[str, str]]:
    """Return the outputs as the API shows them. Raises ``StackError``, ``ResourceError``."""
    expressions = _expressions(stack, version)
    found = []
    for name, output in version.blueprint.outputs.items():
        value = expressions.evaluate(output["Value"])
        shown = {"OutputKey": name, "OutputValue": _output_text(name, value)}
        if output.get("Description"):
            shown["Description"] = text_of(output["Description"])
        if output.get("Export"):
            shown["ExportName"] = text_of(expressions.evaluate(output["Export"])["Name"])
            _check_export(stack, shown["ExportName"])
        found.append(shown)
    return found


def find_export(region: str, name: str) -> str:
    """Return the value of an export. Raises ``StackError`` when nobody exports it."""
    for stack in all_stacks():
        if stack.region == region and name in stack.exports():
            return stack.exports()[name]
    raise StackError(f"No export named {name} found.")


def _expressions(stack: Stack, version: Version) -> Expressions:
    def imports(name: str) -> str:
        return find_export(stack.region, name)

    return Expressions(version.template, version.values, StackOutputs(stack), imports)


def _output_text(name: str, value: Any) -> str:
    if isinstance(value, dict | list):
        raise StackError(
            f"Template format error: Output {name} is malformed. The Value field of every Outputs "
            "member must evaluate to a String."
        )
    return text_of(value)


def _check_export(stack: Stack, name: str) -> None:
    for other in all_stacks():
        if other.id != stack.id and other.region == stack.region and name in other.exports():
            raise StackError(f"Export with name {name} is already exported by stack {other.name}.")


def _fill_in(node: Any, call: Calls) -> Any:
    """Replace ``{{resolve:ssm:name}}`` and its like."""
    match node:
        case str():
            return _DYNAMIC.sub(lambda match: _look_up(match[1], match[2], call), node)
        case dict():
            return {name: _fill_in(value, call) for name, value in node.items()}
        case list():
            return [_fill_in(value, call) for value in node]
    return node


def _look_up(service: str, key: str, call: Calls) -> str:
    if service in ("ssm", "ssm-secure"):
        return stored_parameter(key, call)
    if service != "secretsmanager":
        raise ResourceError(f"Invalid dynamic reference to {service}")
    # secret-id:SecretString:json-key:version-stage:version-id, and the id may be an ARN
    is_arn = key.startswith("arn:")
    parts = key.split(":")
    secret = ":".join(parts[:7]) if is_arn else parts[0]
    rest = [*parts[7 if is_arn else 1 :], "", "", "", ""]
    values = {"SecretId": secret}
    values |= {
        name: value for name, value in (("VersionStage", rest[2]), ("VersionId", rest[3])) if value
    }
    text: str = call("secretsmanager", "get_secret_value", values)["SecretString"]
    if not rest[1]:
        return text
    found = json.loads(text)
    if rest[1] not in found:
        raise ResourceError(
            f"Could not find a value associated with JSONKey in SecretString: {key}"
        )
    return text_of(found[rest[1]])


def stored_parameter(key: str, call: Calls) -> str:
    """Return the value of a parameter of Systems Manager, ``name`` or ``name:version``."""
    answer = call("ssm", "get_parameter", {"Name": key, "WithDecryption": True})
    value: str = answer["Parameter"]["Value"]
    return value
