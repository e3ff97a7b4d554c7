"""Handlers as functions, with their roles and log groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Protocol

from chalice.config import Config
from chalice.config.function_checks import USUAL_STORAGE
from chalice.graph.handlers import Handler, function_name, name_prefix
from chalice.model.functions import Alias, Code, Function, Image, Layer, LogGroup, Role
from chalice.model.resources import Resource
from chalice.model.values import Document, Ref, Value

DEFAULT_ROLE = "default-role"
MANAGED_LAYER = "managed-layer"
ALIAS = "live"
"""What callers use of a function that is published."""


class Policies(Protocol):
    """The policy documents of a stage."""

    trust: Document

    def role(
        self, scopes: Sequence[Config], statements: Mapping[str, Sequence[Document]]
    ) -> Document:
        """Return the policy of the role that the functions of these configurations share.

        ``statements`` are what their triggers need, by the name of the function.
        """
        ...

    def api(self, scope: Config) -> Document:
        """Return the resource policy of the REST API, None if it has none."""
        ...


def roles(
    scopes: Mapping[str, Config], statements: Mapping[str, Sequence[Document]], policies: Policies
) -> Iterator[Role]:
    """Yield the roles of the functions in ``scopes``, whose triggers need ``statements``."""
    sharing: dict[str, list[str]] = {}
    for name, scope in scopes.items():
        if scope.manage_iam_role:
            sharing.setdefault(_role_resource(name, scope), []).append(name)
    for resource, names in sharing.items():
        first = scopes[names[0]]
        suffix = "" if resource == DEFAULT_ROLE else f"-{first.function_name}"
        needed = {name: statements[name] for name in names}
        yield Role(
            name=resource,
            role_name=name_prefix(first) + suffix,
            trust_policy=policies.trust,
            policy=policies.role([scopes[name] for name in names], needed),
            permissions_boundary=first.permissions_boundary or "",
        )


def has_generated_policy(role: str, config: Config) -> bool:
    """Return whether the policy of the role, a resource of that name, is written by the tool."""
    if role == DEFAULT_ROLE:
        return True
    return bool(config.scope(config.chalice_stage, role.removesuffix("_role")).autogen_policy)


def managed_layer(config: Config, code: Code) -> Layer:
    """Return the layer of the requirements, which all functions of the stage share."""
    return Layer(
        name=MANAGED_LAYER,
        layer_name=f"{name_prefix(config)}-{MANAGED_LAYER}",
        content=code.sha256,
        runtime=config.lambda_python_version,
        code=code,
    )


def invoke_arn(name: str, config: Config) -> Ref:
    """Return the ARN by which others invoke the function of that name."""
    if config.scope(config.chalice_stage, name).snap_start:
        return Ref(_alias(name), "invoke_arn")
    return Ref(name, "lambda_arn")


def dead_letter_statements(scope: Config) -> Sequence[Document]:
    """Return what lets a function's role send to the queue or topic of lost events."""
    arn = scope.dead_letter
    if not arn:
        return []
    action = "sns:Publish" if arn.split(":")[2] == "sns" else "sqs:SendMessage"
    return [{"Effect": "Allow", "Action": [action], "Resource": [arn]}]


def function(
    handler: Handler, scope: Config, code: Code | Image, layers: Sequence[Value] = ()
) -> Iterator[Resource]:
    """Yield the function of a handler, after the log group that it needs, before its alias.

    ``layers`` come before those of the configuration.
    """
    name = function_name(scope, handler.name)
    chosen = _chosen_log_group(scope)
    group = f"{chosen or handler.name}-log-group"
    if scope.log_retention_in_days:
        yield LogGroup(
            name=group,
            log_group_name=chosen or f"/aws/lambda/{name}",
            retention_in_days=scope.log_retention_in_days,
        )
    function = Function(
        name=handler.name,
        function_name=name,
        runtime=scope.lambda_python_version,
        handler=scope.entry.located(handler.entry),
        role=_role(handler.name, scope),
        code=code,
        architecture=scope.lambda_architecture,
        timeout=scope.lambda_timeout,
        memory_size=scope.lambda_memory_size,
        environment=dict(scope.environment_variables),
        tags=dict(scope.tags),
        tracing=bool(scope.xray),
        subnet_ids=tuple(sorted(scope.subnet_ids or ())),
        security_group_ids=tuple(sorted(scope.security_group_ids or ())),
        layers=(*layers, *scope.layers),
        reserved_concurrency=scope.reserved_concurrency,
        ephemeral_storage=scope.ephemeral_storage or USUAL_STORAGE,
        snap_start=scope.snap_start,
        dead_letter=scope.dead_letter or "",
        kms_key_arn=scope.kms_key_arn or "",
        more=dict(scope.lambda_config),
        after=Ref(group, "log_group_name") if scope.log_retention_in_days else None,
    )
    yield function
    if scope.snap_start:
        yield Alias(
            name=_alias(handler.name),
            function=Ref(handler.name, "lambda_arn"),
            alias_name=ALIAS,
            content=_content(function),
        )


def _content(function: Function) -> Document:
    """Return what a published version of the function consists of."""
    left_out = ("name", "function_name", "code", "tags", "reserved_concurrency", "after")
    values = {
        field.name: getattr(function, field.name)
        for field in fields(function)
        if field.name not in left_out
    }
    return {**values, "code": function.code.sha256}


def _chosen_log_group(scope: Config) -> str:
    """Return the log group that `lambda_config` gives a function, empty for its usual one.

    Several functions may share it.
    """
    logging = scope.lambda_config.get("LoggingConfig")
    return str(logging.get("LogGroup") or "") if isinstance(logging, Mapping) else ""


def _alias(name: str) -> str:
    return f"{name}-{ALIAS}"


def _role_resource(name: str, scope: Config) -> str:
    """Return the name of a function's role: its own if the role of the stage would not do."""
    of_stage = scope.scope(scope.chalice_stage, "").permissions_boundary
    is_alike = scope.permissions_boundary == of_stage
    is_shared = scope.autogen_policy and not scope.iam_role_per_function and is_alike
    return DEFAULT_ROLE if is_shared else f"{name}_role"


def _role(name: str, scope: Config) -> Value:
    if scope.manage_iam_role:
        return Ref(_role_resource(name, scope), "role_arn")
    return scope.iam_role_arn or ""
