"""Handlers as functions, with their roles and log groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from chalice.config import Config
from chalice.graph.handlers import Handler, function_name, name_prefix
from chalice.model.functions import Code, Function, LogGroup, Role
from chalice.model.resources import Resource
from chalice.model.values import Document, Ref, Value

DEFAULT_ROLE = "default-role"


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
        )


def has_generated_policy(role: str, config: Config) -> bool:
    """Return whether the policy of the role, a resource of that name, is written by the tool."""
    if role == DEFAULT_ROLE:
        return True
    return bool(config.scope(config.chalice_stage, role.removesuffix("_role")).autogen_policy)


def function(handler: Handler, scope: Config, code: Code) -> Iterator[Resource]:
    """Yield the function of a handler, after the log group that it needs."""
    name = function_name(scope, handler.name)
    group = f"{handler.name}-log-group"
    if scope.log_retention_in_days:
        yield LogGroup(
            name=group,
            log_group_name=f"/aws/lambda/{name}",
            retention_in_days=scope.log_retention_in_days,
        )
    yield Function(
        name=handler.name,
        function_name=name,
        runtime=scope.lambda_python_version,
        handler=handler.entry,
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
        layers=tuple(scope.layers),
        reserved_concurrency=scope.reserved_concurrency,
        after=Ref(group, "log_group_name") if scope.log_retention_in_days else None,
    )


def _role_resource(name: str, scope: Config) -> str:
    is_shared = scope.autogen_policy and not scope.iam_role_per_function
    return DEFAULT_ROLE if is_shared else f"{name}_role"


def _role(name: str, scope: Config) -> Value:
    if scope.manage_iam_role:
        return Ref(_role_resource(name, scope), "role_arn")
    return scope.iam_role_arn or ""
