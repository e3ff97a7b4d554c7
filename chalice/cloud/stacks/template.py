"""Templates as text: JSON, or YAML with the short forms of functions; and what they must have.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import yaml

from chalice.cloud.stacks.errors import StackError
from chalice.render.text import TemplateLoader

Template: TypeAlias = Mapping[str, Any]

MAX_BODY = 51_200
"""Bytes of a template in a request; in S3 it may have ``MAX_STORED``."""
MAX_STORED = 1_000_000

_SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Globals",
        "Hooks",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    }
)
_MEMBERS = frozenset(
    {
        "Condition",
        "DeletionPolicy",
        "DependsOn",
        "Metadata",
        "Properties",
        "Type",
        "UpdateReplacePolicy",
    }
)
_LOGICAL_ID = re.compile(r"[A-Za-z0-9]+")


def parse_template(text: str) -> Template:
    """Return the template in ``text``. Raises ``StackError``."""
    found = parse_text(text)
    if not isinstance(found, dict):
        raise StackError("Template format error: unsupported structure.")
    _check_sections(found)
    return found


def parse_text(text: str) -> Any:
    """Return what JSON or YAML says. Raises ``StackError``."""
    is_json = text.lstrip().startswith("{")
    try:
        return json.loads(text) if is_json else yaml.load(text, TemplateLoader)  # noqa: S506  # is safe
    except json.JSONDecodeError as error:
        where = f"(line {error.lineno}, column {error.colno})"
        raise StackError(f"Template format error: JSON not well-formed. {where}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise StackError(f"Template format error: YAML not well-formed.{where}") from None


def _check_sections(template: Template) -> None:
    unknown = sorted(str(name) for name in template if name not in _SECTIONS)
    if unknown:
        raise StackError(f"Invalid template property or properties [{', '.join(unknown)}]")
    version = template.get("AWSTemplateFormatVersion", "2010-09-09")
    if version != "2010-09-09":
        raise StackError(
            "Template format error: unsupported value for AWSTemplateFormatVersion. "
            "No such version."
        )
    if template.get("Hooks"):
        raise StackError("The embedded cloud does not know the section Hooks of templates")
    for section in _SECTIONS - {"AWSTemplateFormatVersion", "Description", "Transform"}:
        if section in template and not isinstance(template[section], dict):
            raise StackError(f"Template format error: {section} must be an object.")
    if not template.get("Resources"):
        raise StackError("Template format error: At least one Resources member must be defined.")


def check_resources(template: Template) -> None:
    """Raise ``StackError`` unless each resource, transforms being done, has a usable shape."""
    for logical_id, resource in template["Resources"].items():
        where = f"[/Resources/{logical_id}]"
        if not _LOGICAL_ID.fullmatch(str(logical_id)):
            raise StackError(
                f"Template format error: Resource name {logical_id} is non alphanumeric."
            )
        if not isinstance(resource, dict):
            raise StackError(f"Template format error: {where} resource definition is malformed")
        if not isinstance(resource.get("Type"), str):
            raise StackError(
                f"Template format error: {where} Every Resources object must contain a Type member."
            )
        unknown = sorted(set(resource) - _MEMBERS)
        if unknown:
            raise StackError(
                "Template format error: Invalid template resource property "
                f"'{unknown[0]}' of {logical_id}"
            )
        if not isinstance(resource.get("Properties") or {}, dict):
            raise StackError(f"Template format error: {where} Properties must be an object.")
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            allowed = ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot")
            if resource.get(policy, "Delete") not in allowed:
                raise StackError(
                    f"Template format error: Unrecognized {policy} {resource[policy]} "
                    f"for resource {logical_id}"
                )
    for name, output in (template.get("Outputs") or {}).items():
        if not isinstance(output, dict) or output.get("Value") is None:
            raise StackError(
                f"Template format error: Output {name} is malformed. The Value field is required."
            )
