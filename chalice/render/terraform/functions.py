"""Functions, with their roles, layers, log groups, aliases, and who may invoke them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from typing_extensions import assert_never

from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.model.apis import HttpApi, RestApi, WebsocketApi
from chalice.model.functions import Alias, Code, Function, Image, Layer, LogGroup, Permission, Role
from chalice.model.values import Ref, refs
from chalice.render import CODE_FILE, LAYER_FILE
from chalice.render.merge import merged
from chalice.render.terraform.draft import Arguments, Draft
from chalice.render.terraform.references import ACCOUNT, expression, key_of, literal, text

IMAGE_VARIABLE = "chalice_image_uri"
_OF_WEBSOCKETS = "_invoke_permission"
_BLOCKS: Mapping[str, str] = {"FileSystemConfigs": "file_system_config"}
"""Parameters of Lambda whose name in Terraform does not follow from it."""


def add_role(role: Role, draft: Draft) -> None:
    """Add the role with its policy."""
    arguments = {
        "name": literal(role.role_name),
        "assume_role_policy": text(role.trust_policy),
    }
    if role.permissions_boundary:
        arguments["permissions_boundary"] = literal(role.permissions_boundary)
    draft.add("aws_iam_role", role.name, arguments, role.name)
    policy = {
        "name": f"{role.name}Policy",
        "policy": text(role.policy),
        "role": f"${{aws_iam_role.{key_of(role.name)}.id}}",
    }
    draft.add("aws_iam_role_policy", role.name, policy, role.name)


def add_log_group(group: LogGroup, draft: Draft) -> None:
    """Add the log group, which must not exist yet."""
    arguments = {
        "name": literal(group.log_group_name),
        "retention_in_days": group.retention_in_days,
    }
    draft.add("aws_cloudwatch_log_group", group.name, arguments, group.name)


def add_layer(layer: Layer, draft: Draft) -> None:
    """Add the layer of requirements."""
    arguments = {
        "layer_name": literal(layer.layer_name),
        "compatible_runtimes": [layer.runtime],
        **_file(LAYER_FILE),
    }
    draft.add("aws_lambda_layer_version", layer.name, arguments, layer.name)


def add_function(function: Function, draft: Draft) -> None:
    """Add the function, made after what its role may do and where it writes its log."""
    arguments: Arguments = {"function_name": literal(function.function_name)}
    match function.code:
        case Code():
            arguments |= {"runtime": function.runtime, "handler": function.handler}
            code = _file(CODE_FILE)
        case Image():
            draft.template["variable"][IMAGE_VARIABLE] = {
                "type": "string",
                "description": "Where the container image of the functions was pushed to.",
            }
            code = {
                "package_type": "Image",
                "image_uri": f"${{var.{IMAGE_VARIABLE}}}",
                "image_config": {"command": [function.handler]},
            }
        case _:
            assert_never(function.code)
    arguments |= {
        "memory_size": function.memory_size,
        "tags": expression(function.tags),
        "timeout": function.timeout,
        **code,
        **_settings(function),
        "role": expression(function.role),
    }
    needed = []
    if isinstance(function.role, Ref):
        needed.append(f"aws_iam_role_policy.{key_of(function.role.resource)}")
    if function.after is not None:
        needed.append(f"aws_cloudwatch_log_group.{key_of(function.after.resource)}")
    if needed:
        arguments["depends_on"] = needed
    draft.add("aws_lambda_function", function.name, arguments, function.name)


def publish(alias: Alias, draft: Draft) -> None:
    """Let a version be published whenever the function changes, and the alias be moved to it."""
    function = key_of(draft.function_of(alias.function).name)
    draft.template["resource"]["aws_lambda_function"][function]["publish"] = True
    arguments = {
        "name": alias.alias_name,
        "function_name": f"${{aws_lambda_function.{function}.function_name}}",
        "function_version": f"${{aws_lambda_function.{function}.version}}",
    }
    draft.add("aws_lambda_alias", alias.name, arguments, alias.name)


def add_permission(permission: Permission, draft: Draft) -> None:
    """Add what lets something invoke a function."""
    name = _permission_name(permission, draft)
    if permission.only_by_url:
        _add_stack(name, permission, draft)
        return
    arguments: Arguments = {
        **draft.named(permission.function),
        "action": permission.action,
        "principal": permission.principal,
    }
    if name.endswith(_OF_WEBSOCKETS):  # as it always was: another would replace it
        function = key_of(draft.function_of(permission.function).name)
        arguments["function_name"] = f"${{aws_lambda_function.{function}.function_name}}"
    if permission.of_this_account:
        arguments = {"statement_id": name, **arguments, "source_account": ACCOUNT}
    if permission.source_arn:
        arguments["source_arn"] = expression(permission.source_arn)
    if permission.url_auth_type:
        arguments["function_url_auth_type"] = permission.url_auth_type
    draft.add("aws_lambda_permission", name, arguments, permission.name)


def _add_stack(name: str, permission: Permission, draft: Draft) -> None:
    """Add a permission that holds for calls of a URL only, as CloudFormation can have it.

    ``aws_lambda_permission`` cannot in versions of the provider that are in use, and without
    that condition it would open the function itself to everybody.
    """
    function = draft.function_of(permission.function)
    properties = {
        "FunctionName": expression(permission.function),
        "Action": permission.action,
        "Principal": permission.principal,
        "InvokedViaFunctionUrl": True,
    }
    resource = {"Type": "AWS::Lambda::Permission", "Properties": properties}
    arguments = {
        "name": literal(f"{function.function_name}-{name}".replace("_", "-")),
        "template_body": json.dumps({"Resources": {"Permission": resource}}),
        "tags": expression(function.tags),
    }
    draft.add("aws_cloudformation_stack", name, arguments, permission.name)


def _permission_name(permission: Permission, draft: Draft) -> str:
    for name in refs(permission.source_arn):
        function = draft.function_of(permission.function).name
        match draft.resources[name]:
            case RestApi() | HttpApi() as api:
                return f"{api.name if function == DEFAULT_HANDLER_NAME else function}_invoke"
            case WebsocketApi():
                return f"{function}{_OF_WEBSOCKETS}"
    return permission.name.removesuffix("-permission")


def _file(name: str) -> Arguments:
    """Return the arguments for a zip beside the template."""
    path = f"${{path.module}}/{name}"
    return {"source_code_hash": f'${{filebase64sha256("{path}")}}', "filename": path}


def _settings(function: Function) -> Arguments:
    """Return the rest of what a function has.

    What Terraform would leave as it is when nothing is said of it is said always.
    """
    settings: Arguments = {}
    if function.subnet_ids or function.security_group_ids:
        settings["vpc_config"] = {
            "subnet_ids": expression(function.subnet_ids),
            "security_group_ids": expression(function.security_group_ids),
        }
    if function.reserved_concurrency is not None:
        settings["reserved_concurrent_executions"] = function.reserved_concurrency
    if function.environment:
        settings["environment"] = {"variables": expression(function.environment)}
    settings["tracing_config"] = {"mode": "Active" if function.tracing else "PassThrough"}
    settings["architectures"] = [function.architecture]
    settings["ephemeral_storage"] = {"size": function.ephemeral_storage}
    if function.layers:
        settings["layers"] = expression(function.layers)
    if function.snap_start:
        settings["snap_start"] = {"apply_on": "PublishedVersions"}
    if function.dead_letter:
        settings["dead_letter_config"] = {"target_arn": literal(function.dead_letter)}
    if function.kms_key_arn:
        settings["kms_key_arn"] = literal(function.kms_key_arn)
    return merged(settings, {_argument(key): _block(item) for key, item in function.more.items()})


def _block(value: object) -> object:
    """Return a parameter of Lambda as Terraform has it: ``LogFormat`` is ``log_format``."""
    if isinstance(value, Mapping):
        return {_argument(key): _block(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_block(item) for item in value]
    return literal(value) if isinstance(value, str) else value


def _argument(parameter: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", parameter).lower()
    return _BLOCKS.get(parameter, snake)
