"""Parameters of templates: which values they get, and which they may.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalice.cloud.stacks.errors import StackError
from chalice.cloud.stacks.template import Template

HIDDEN = "****"
_SSM = re.compile(r"AWS::SSM::Parameter::Value<(.*)>")
_KINDS = ("String", "Number", "CommaDelimitedList", "AWS::", "List<")


def choose_values(
    template: Template, given: Sequence[Mapping[str, Any]], previous: Mapping[str, str]
) -> dict[str, str]:
    """Return the value of each parameter as text, as the caller or the template gives it.

    ``given`` is ``[{"ParameterKey": "Stage", "ParameterValue": "dev"}]``, where
    ``UsePreviousValue`` takes that of ``previous``. Raises ``StackError``.
    """
    declared: Mapping[str, Any] = template.get("Parameters") or {}
    passed = {str(each.get("ParameterKey")): each for each in given}
    unknown = [name for name in passed if name not in declared]
    if unknown:
        raise StackError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    chosen, missing = {}, []
    for name, about in declared.items():
        one = passed.get(name, {})
        if one.get("UsePreviousValue") and name in previous:
            chosen[name] = previous[name]
        elif "ParameterValue" in one:
            chosen[name] = str(one["ParameterValue"])
        elif "Default" in about:
            chosen[name] = _default(about["Default"])
        else:
            missing.append(name)
            continue
        _check(name, about, chosen[name])
    if missing:
        raise StackError(f"Parameters: [{', '.join(missing)}] must have values")
    return chosen


def typed_values(
    template: Template, chosen: Mapping[str, str], stored: Callable[[str], str]
) -> dict[str, Any]:
    """Return what ``Ref`` of each parameter is: text, or a list.

    ``stored`` gives the value of a parameter of Systems Manager. Raises ``StackError``.
    """
    values: dict[str, Any] = {}
    for name, text in chosen.items():
        kind = str(template["Parameters"][name].get("Type", "String"))
        inner = _SSM.fullmatch(kind)
        found = stored(text) if inner else text
        kind = inner[1] if inner else kind
        is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
        values[name] = [each.strip() for each in found.split(",")] if is_list else found
    return values


def hidden(template: Template, chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the values that may be shown: not those of parameters with ``NoEcho``."""
    declared: Mapping[str, Any] = template.get("Parameters") or {}
    return {
        name: HIDDEN if _is_true(declared.get(name, {}).get("NoEcho")) else value
        for name, value in chosen.items()
    }


def _default(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_true(value: Any) -> bool:
    return value is True or value == "true"


def _check(name: str, about: Mapping[str, Any], text: str) -> None:
    kind = str(about.get("Type", "String"))
    if not kind.startswith(_KINDS):
        raise StackError(f"Template format error: Unrecognized parameter type: {kind}")
    told = about.get("ConstraintDescription")
    values = [each.strip() for each in text.split(",")] if kind == "CommaDelimitedList" else [text]
    for value in values:
        failure = _failure(name, about, kind, value)
        if failure:
            raise StackError(f"Parameter {name} failed to satisfy constraint: {told or failure}")


def _failure(name: str, about: Mapping[str, Any], kind: str, value: str) -> str | None:
    allowed = [_default(each) for each in about.get("AllowedValues") or []]
    if allowed and value not in allowed:
        return f"Parameter {name} must be one of [{', '.join(allowed)}]"
    pattern = about.get("AllowedPattern")
    if pattern and not re.fullmatch(str(pattern), value):
        return f"Parameter {name} must match pattern {pattern}"
    if kind == "Number":
        return _number_failure(name, about, value)
    length = len(value)
    if length < int(about.get("MinLength", 0)):
        return f"Parameter {name} must contain at least {about['MinLength']} characters"
    if "MaxLength" in about and length > int(about["MaxLength"]):
        return f"Parameter {name} must contain at most {about['MaxLength']} characters"
    return None


def _number_failure(name: str, about: Mapping[str, Any], value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return f"Parameter '{name}' must be a number."
    if "MinValue" in about and number < float(about["MinValue"]):
        return f"Parameter {name} must be a number not less than {about['MinValue']}"
    if "MaxValue" in about and number > float(about["MaxValue"]):
        return f"Parameter {name} must be a number not greater than {about['MaxValue']}"
    return None
