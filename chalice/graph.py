"""What must exist in AWS for an app to run: its handlers and the config, as resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chalice import openapi
from chalice.app import BaseEventSourceConfig, Chalice, LambdaFunction
from chalice.config import Config
from chalice.config.places import place_of
from chalice.config.schema import NAMES
from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.errors import ToolError, together
from chalice.model.resources import (
    Code,
    Function,
    LogGroup,
    Permission,
    Resource,
    RestApi,
    Role,
)
from chalice.model.values import Arn, Document, Ref, Value

REST_API = "rest_api"
DEFAULT_ROLE = "default-role"

# Keys that the configuration knows and no resource stands for yet.
_NOT_DEPLOYED = {
    "api_gateway_custom_domain": "the domain keeps pointing where it points now",
    "websocket_api_custom_domain": "the domain keeps pointing where it points now",
    "automatic_layer": "requirements are deployed with the code",
}


class Policies(Protocol):
    """The policy documents of a stage."""

    trust: Document

    def role(self, scopes: Sequence[Config]) -> Document:
        """Return the policy of the role that the functions of these configurations share."""
        ...

    def api(self, scope: Config) -> Document:
        """Return the resource policy of the REST API, None if it has none."""
        ...


@dataclass(frozen=True)
class Handler:
    """A function to deploy: its name in the config, and what Lambda calls: ``app.app``."""

    name: str
    entry: str


def handlers(app: Chalice) -> Sequence[Handler]:
    """Return the app's handlers in the order in which they are deployed."""
    records: tuple[LambdaFunction | BaseEventSourceConfig, ...] = (
        *app.pure_lambda_functions,
        *app.event_sources,
    )
    functions = [Handler(record.name, record.handler_string) for record in records]
    return [*functions, *_api_handlers(app)]


def _api_handlers(app: Chalice) -> Sequence[Handler]:
    """Return the handlers that the REST API calls; without routes there is none."""
    if not app.routes:
        return []
    authorizers = [Handler(each.name, each.handler_string) for each in app.builtin_auth_handlers]
    return [Handler(DEFAULT_HANDLER_NAME, "app.app"), *authorizers]


def undeployable(app: Chalice, config: Config) -> Iterator[ToolError]:
    """Yield an error for each handler whose trigger this version does not deploy."""
    project = Path(config.project_dir)
    for source in app.event_sources:
        kind = type(source).__name__.removesuffix("EventConfig")
        yield _not_yet(source.name, kind, app.handler_map[source.name], project)
    for record in app.websocket_handlers.values():
        yield _not_yet(record.name, "WebSocket", record.handler_function, project)


def _not_yet(name: str, kind: str, handler: Callable[..., object], project: Path) -> ToolError:
    return ToolError(
        f"this version does not deploy the {kind} trigger of `{name}` yet",
        where=place_of(handler, project),
        hint="remove it, or make the function one that is called by name: `@app.lambda_function`",
    )


def not_deployed(config: Config) -> Iterator[ToolError]:
    """Yield a warning for each setting that has no effect in this version."""
    for name, consequence in _NOT_DEPLOYED.items():
        if config.effective(NAMES[name]):
            yield ToolError(
                f"`{name}` has no effect in this version",
                where=config.where(name),
                hint=consequence,
            )


def build(app: Chalice, config: Config, code: Code, policies: Policies) -> tuple[Resource, ...]:
    """Return the resources of a stage, each after all that it refers to.

    Raises ToolError for triggers that cannot be deployed.
    """
    problems = [*undeployable(app, config)]
    if problems:
        raise together(problems)
    resources: list[Resource] = []
    found = handlers(app)
    scopes = {handler.name: config.scope(config.chalice_stage, handler.name) for handler in found}
    resources += _roles(scopes, policies)
    for handler in found:
        resources += _function(handler, scopes[handler.name], code)
    if app.routes:
        resources += _rest_api(app, scopes[DEFAULT_HANDLER_NAME], policies)
    return tuple(resources)


def function_name(config: Config, name: str) -> str:
    """Return the name in AWS of a function: ``<app>-<stage>-<name>``, without it for routes."""
    prefix = f"{config.app_name}-{config.chalice_stage}"
    return prefix if name == DEFAULT_HANDLER_NAME else f"{prefix}-{name}"


def _roles(scopes: dict[str, Config], policies: Policies) -> Iterator[Role]:
    sharing: dict[str, list[Config]] = {}
    for name, scope in scopes.items():
        if scope.manage_iam_role:
            sharing.setdefault(_role_resource(name, scope), []).append(scope)
    for resource, configs in sharing.items():
        first = configs[0]
        suffix = "" if resource == DEFAULT_ROLE else f"-{first.function_name}"
        yield Role(
            name=resource,
            role_name=f"{first.app_name}-{first.chalice_stage}{suffix}",
            trust_policy=policies.trust,
            policy=policies.role(configs),
        )


def _role_resource(name: str, scope: Config) -> str:
    return DEFAULT_ROLE if scope.autogen_policy else f"{name}_role"


def _role(name: str, scope: Config) -> Value:
    if scope.manage_iam_role:
        return Ref(_role_resource(name, scope), "role_arn")
    return scope.iam_role_arn or ""


def _function(handler: Handler, scope: Config, code: Code) -> Iterator[Resource]:
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


def _rest_api(app: Chalice, scope: Config, policies: Policies) -> Iterator[Resource]:
    yield RestApi(
        name=REST_API,
        title=app.app_name,
        stage_key=f"{scope.app_name}/{scope.chalice_stage}",
        document=openapi.document(
            app,
            uri=_uri(DEFAULT_HANDLER_NAME),
            authorizer_uri=_uri,
            policy=policies.api(scope),
            vpc_endpoint_ids=scope.endpoint_ids,
        ),
        stage_name=scope.api_gateway_stage,
        endpoint_type=scope.api_gateway_endpoint_type,
        minimum_compression_size=scope.minimum_compression_size,
        tracing=bool(scope.xray),
    )
    for handler in _api_handlers(app):
        yield Permission(
            name=f"{handler.name}-{REST_API}-permission",
            function=Ref(handler.name, "lambda_arn"),
            principal="apigateway.amazonaws.com",
            source_arn=Arn("execute-api", (Ref(REST_API, "rest_api_id"), "/*")),
        )


def _uri(handler: str) -> Arn:
    return openapi.invocation_uri(Ref(handler, "lambda_arn"))
