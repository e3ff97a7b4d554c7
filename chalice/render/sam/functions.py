"""Functions, with their layers, log groups, aliases, and who may invoke them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import assert_never

from chalice.constants import DEFAULT_HANDLER_NAME, DOCKERFILE
from chalice.errors import ToolError
from chalice.model.apis import WebsocketApi
from chalice.model.functions import Alias, Code, Function, Image, Layer, LogGroup, Permission
from chalice.model.values import refs
from chalice.render import CODE_FILE, IMAGE_FILE, LAYER_FILE
from chalice.render.merge import merged
from chalice.render.sam.draft import Draft, Properties

_OF_EVENTS = ("events.amazonaws.com", "sns.amazonaws.com")
"""Principals whose permissions SAM makes, of the events of a function."""
_USUAL_STORAGE = 512  # MiB
_MORE = frozenset(
    {
        "Description",
        "DurableConfig",
        "FileSystemConfigs",
        "LoggingConfig",
        "TenancyConfig",
        "VpcConfig",
    }
)
"""Parameters of CreateFunction that SAM has as they are."""
_PROVIDER = "CapacityProviderConfig"


def add_layer(layer: Layer, draft: Draft) -> None:
    """Add the layer of requirements."""
    properties = {
        "CompatibleRuntimes": [layer.runtime],
        "ContentUri": f"./{LAYER_FILE}",
        "LayerName": layer.layer_name,
    }
    draft.add(draft.id(layer.name), "AWS::Serverless::LayerVersion", properties, layer.name)


def add_log_group(group: LogGroup, draft: Draft) -> None:
    """Add the log group of a function, whose name follows from that of the function."""
    usual = {
        f"/aws/lambda/{each.function_name}": draft.id(each.name)
        for each in draft.resources.values()
        if isinstance(each, Function)
    }
    function = usual.get(group.log_group_name)
    name: object = group.log_group_name
    if function is not None:
        name = {"Fn::Sub": f"/aws/lambda/${{{function}}}"}
    properties = {"LogGroupName": name, "RetentionInDays": group.retention_in_days}
    draft.add(draft.id(group.name), "AWS::Logs::LogGroup", properties, group.name)


def add_function(function: Function, draft: Draft) -> None:
    """Add the function. Its events and the alias that it publishes are added to it later."""
    attributes: dict[str, Any] = {}
    code: Properties
    match function.code:
        case Code():
            code = {
                "Runtime": function.runtime,
                "Handler": function.handler,
                "CodeUri": f"./{CODE_FILE}",
            }
        case Image():
            code = {"PackageType": "Image", "ImageConfig": {"Command": [function.handler]}}
            if function.code.sha256:
                code["ImageUri"] = f"./{IMAGE_FILE}"
            else:
                attributes["Metadata"] = {
                    "Dockerfile": DOCKERFILE,
                    "DockerContext": draft.sources,
                    "DockerTag": "latest",
                }
        case _:
            assert_never(function.code)
    properties: Properties = {
        **code,
        "Tags": dict(function.tags),
        "Tracing": "Active" if function.tracing else "PassThrough",
        "Timeout": function.timeout,
        "MemorySize": function.memory_size,
        **_settings(function),
        "Role": draft.value(function.role),
    }
    if function.layers:
        properties["Layers"] = [draft.value(layer) for layer in function.layers]
    group = function.more.get("LoggingConfig")
    if function.after is not None and isinstance(group, dict) and "LogGroup" in group:
        attributes["DependsOn"] = draft.id(function.after.resource)
    id_ = draft.id(function.name)
    draft.add(id_, "AWS::Serverless::Function", properties, function.name, **attributes)


def publish(alias: Alias, draft: Draft) -> None:
    """Let SAM publish a version whenever the function changes, and move the alias to it."""
    function = draft.function_of(alias.function)
    properties = draft.properties(draft.id(function.name))
    properties["AutoPublishAlias"] = alias.alias_name
    properties["AutoPublishAliasAllProperties"] = True


def add_permission(permission: Permission, draft: Draft) -> None:
    """Add what lets something invoke a function, unless SAM does."""
    if permission.principal in _OF_EVENTS:
        return
    function = draft.function_of(permission.function)
    id_ = draft.id(permission.name)
    if permission.principal == "apigateway.amazonaws.com":
        id_ = f"{draft.id(function.name)}InvokePermission"
    target = draft.value(permission.function)
    apis = [draft.resources[name] for name in refs(permission.source_arn)]
    is_named = function.name == DEFAULT_HANDLER_NAME or any(
        isinstance(api, WebsocketApi) for api in apis
    )
    if is_named and not draft.is_published(permission.function):
        target = {"Ref": draft.id(function.name)}  # as it always was: another would replace it
    properties: Properties = {
        "FunctionName": target,
        "Action": permission.action,
        "Principal": permission.principal,
    }
    if permission.source_arn:
        properties["SourceArn"] = draft.value(permission.source_arn)
    if permission.of_this_account:
        properties["SourceAccount"] = {"Ref": "AWS::AccountId"}
    if permission.url_auth_type:
        properties["FunctionUrlAuthType"] = permission.url_auth_type
    if permission.only_by_url:
        properties["InvokedViaFunctionUrl"] = True
    draft.add(id_, "AWS::Lambda::Permission", properties, permission.name)


def _settings(function: Function) -> Properties:
    """Return what a function may have and most have not."""
    settings: Properties = {}
    if function.environment:
        settings["Environment"] = {"Variables": dict(function.environment)}
    if function.subnet_ids or function.security_group_ids:
        settings["VpcConfig"] = {
            "SecurityGroupIds": list(function.security_group_ids),
            "SubnetIds": list(function.subnet_ids),
        }
    if function.reserved_concurrency is not None:
        settings["ReservedConcurrentExecutions"] = function.reserved_concurrency
    if function.architecture != "x86_64":
        settings["Architectures"] = [function.architecture]
    if function.ephemeral_storage != _USUAL_STORAGE:
        settings["EphemeralStorage"] = {"Size": function.ephemeral_storage}
    if function.snap_start:
        settings["SnapStart"] = {"ApplyOn": "PublishedVersions"}
    if function.dead_letter:
        service = function.dead_letter.split(":")[2].upper()
        settings["DeadLetterQueue"] = {"Type": service, "TargetArn": function.dead_letter}
    if function.kms_key_arn:
        settings["KmsKeyArn"] = function.kms_key_arn
    return merged(settings, _more(function))


def _more(function: Function) -> Properties:
    """Return the further parameters of the function, where SAM has them."""
    more = {name: value for name, value in function.more.items() if name in _MORE}
    unknown = sorted(function.more.keys() - more.keys() - {_PROVIDER})
    if unknown:
        raise ToolError(
            f"`lambda_config` sets `{unknown[0]}`, which a SAM template cannot say of a function",
            where=f"function `{function.name}`",
            hint="use `chalice deploy`, or set it in a stage that is not packaged",
        )
    provider = function.more.get(_PROVIDER)
    if isinstance(provider, Mapping):
        given = dict(provider.get("LambdaManagedInstancesCapacityProviderConfig") or {})
        arn = given.pop("CapacityProviderArn", None)
        more[_PROVIDER] = {"Arn": arn, **given}
    return more
