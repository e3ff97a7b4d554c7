"""Parameters of CreateFunction that the configuration passes on as they are: `lambda_config`.

They are checked against the description of Lambda that botocore carries, and so without AWS.
https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session

from chalice.config import Config
from chalice.config.kinds import shown, suggestion
from chalice.errors import ToolError
from chalice.model.functions import Function
from chalice.model.values import leaves

FIXED = frozenset({"TenancyConfig"})
"""Parameters that UpdateFunctionConfiguration does not have."""

_OWNED: Mapping[str, str] = {
    "FunctionName": "it is made of `app_name`, the stage and the name of the handler",
    "Runtime": "it is that of the Python which runs chalice",
    "Handler": "it is where the handler stands in the app",
    "Code": "chalice uploads the app's own",
    "PackageType": "chalice deploys zips",
    "ImageConfig": "chalice deploys zips",
    "CodeSigningConfigArn": "chalice does not sign what it uploads",
    "Role": "use the keys `manage_iam_role` and `iam_role_arn`",
    "Publish": "use the key `snap_start`",
    "PublishTo": "use the key `snap_start`",
    "SnapStart": "use the key `snap_start`",
    "Timeout": "use the key `lambda_timeout`",
    "MemorySize": "use the key `lambda_memory_size`",
    "Architectures": "use the key `lambda_architecture`",
    "Environment": "use the key `environment_variables`",
    "EphemeralStorage": "use the key `ephemeral_storage`",
    "DeadLetterConfig": "use the key `dead_letter`",
    "KMSKeyArn": "use the key `kms_key_arn`",
    "TracingConfig": "use the key `xray`",
    "Tags": "use the key `tags`",
    "Layers": "use the key `layers`",
    "VpcConfig.SubnetIds": "use the key `subnet_ids`",
    "VpcConfig.SecurityGroupIds": "use the key `security_group_ids`",
}
"""What says the rest of a function, so that nothing is said twice."""
_PYTHON: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "structure": (Mapping, "an object"),
    "map": (Mapping, "an object"),
    "list": (list, "a list"),
    "string": (str, "a string"),
    "boolean": (bool, "true or false"),
    "integer": (int, "a whole number"),
    "long": (int, "a whole number"),
    "float": ((int, float), "a number"),
    "double": ((int, float), "a number"),
}
_EMPTY: Mapping[str, object] = {"string": "", "list": [], "map": {}, "structure": {}}


def parameter_problems(config: Config, functions: Iterable[str]) -> Iterator[ToolError]:
    """Yield what is wrong with the `lambda_config` of these functions of the stage, once each."""
    seen: set[tuple[str, str]] = set()
    for function in functions:
        scope = config.scope(config.chalice_stage, function)
        for name, value in scope.lambda_config.items():
            where = scope.where("lambda_config", name)
            for summary, hint in _problems(name, value):
                if (summary, where) not in seen:
                    seen.add((summary, where))
                    yield ToolError(summary, where=where, hint=hint)


def update_parameters(function: Function, recorded: Collection[str]) -> dict[str, Any]:
    """Return the further parameters for UpdateFunctionConfiguration.

    Those that are ``recorded`` (``LoggingConfig.LogGroup``) and no longer wanted get the value
    that they have in a new function.
    """
    wanted = {name: value for name, value in function.more.items() if name not in FIXED}
    gone = set(recorded) - set(leaves(function.more))
    for name in sorted({path.partition(".")[0] for path in gone} - FIXED):
        initial = _initial(name, function.function_name)
        value = wanted.get(name)
        if isinstance(initial, Mapping) and isinstance(value, Mapping):
            wanted[name] = {**initial, **value}
        elif value is None and initial is not None:
            wanted[name] = initial
    return wanted


def _problems(name: str, value: object) -> Iterator[tuple[str, str | None]]:
    members = _members()
    if name in _OWNED:
        yield f"`lambda_config` cannot set `{name}`", _OWNED[name]
    elif name not in members:
        offered = sorted(members.keys() - _OWNED.keys())
        hint = suggestion(name, [*offered, *_OWNED]) or "there are " + ", ".join(offered)
        yield f"CreateFunction of AWS Lambda has no parameter `{name}`", hint
    else:
        yield from _mismatches(members[name], name, value)


def _mismatches(shape: Any, path: str, value: object) -> Iterator[tuple[str, str | None]]:
    """Yield what in ``value`` is not as botocore's ``shape`` has it, with what to do."""
    kind, words = _PYTHON[shape.type_name]
    is_flag = isinstance(value, bool)
    if not isinstance(value, kind) or is_flag != (shape.type_name == "boolean"):
        yield f"`{path}` must be {words}, not {shown(value)}", None
        return
    options = getattr(shape, "enum", ())
    if options and value not in options:
        hint = suggestion(value, options) or "write one of " + ", ".join(options)
        yield f"`{path}` cannot be {shown(value)}", hint
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _mismatches(shape.member, f"{path}[{number}]", item)
    elif shape.type_name == "map" and isinstance(value, Mapping):
        for key, item in value.items():
            yield from _mismatches(shape.value, f"{path}.{key}", item)
    elif isinstance(value, Mapping):
        yield from _member_mismatches(shape, path, value)


def _member_mismatches(
    shape: Any, path: str, value: Mapping[str, object]
) -> Iterator[tuple[str, str | None]]:
    for key, item in value.items():
        inner = f"{path}.{key}"
        if inner in _OWNED:
            yield f"`lambda_config` cannot set `{inner}`", _OWNED[inner]
        elif key not in shape.members:
            hint = suggestion(key, list(shape.members)) or "there are " + ", ".join(shape.members)
            yield f"`{path}` has no member `{key}`", hint
        else:
            yield from _mismatches(shape.members[key], inner, item)
    for key in shape.required_members:
        if key not in value:
            yield f"`{path}` has no `{key}`", None


def _initial(name: str, function_name: str) -> object:
    """Return what a new function has for a parameter, None for one that Lambda no longer has."""
    match name:
        case "LoggingConfig":
            return {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function_name}"}
        case "VpcConfig":
            return {"Ipv6AllowedForDualStack": False}
        case _:
            shape = _members().get(name)
            return None if shape is None else _EMPTY.get(shape.type_name)


@cache
def _members() -> Mapping[str, Any]:
    model: Any = botocore.session.get_session().get_service_model("lambda")
    members: Mapping[str, Any] = model.operation_model("CreateFunction").input_shape.members
    return members
