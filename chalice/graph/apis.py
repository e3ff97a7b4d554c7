"""What is in front of the functions: APIs and URLs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from chalice import openapi
from chalice.app import Chalice, IAMAuthorizer
from chalice.config import Config
from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.graph.domains import custom_domain
from chalice.graph.functions import Policies, invoke_arn
from chalice.graph.handlers import Handler, api_handlers, name_prefix, websocket_handlers
from chalice.graph.plans import usage_plans
from chalice.model.apis import FunctionUrl, HttpApi, RestApi, WebsocketApi
from chalice.model.functions import INVOKE, Permission
from chalice.model.resources import Resource
from chalice.model.values import Arn, Document, Ref

REST_API = "rest_api"
HTTP_API = "http_api"
FUNCTION_URL = "function_url"
WEBSOCKET_API = "websocket_api"


def front_door(app: Chalice, scope: Config, policies: Policies) -> Iterator[Resource]:
    """Yield what is in front of the routes, and what lets it invoke their function.

    ``scope`` is the configuration of that function.
    """
    match scope.api_gateway_type:
        case "rest":
            yield from _rest_api(app, scope, policies)
        case "http":
            yield from _http_api(app, scope)
        case "function_url":
            yield from _function_url(app, scope)
        case other:
            raise ValueError(other)


def websocket_api(app: Chalice, config: Config) -> Iterator[Resource]:
    """Yield the WebSocket API of the app's handlers and what lets it invoke them."""
    handlers = websocket_handlers(app)
    api = WebsocketApi(
        name=WEBSOCKET_API,
        title=f"{name_prefix(config)}-websocket-api",
        stage_key=stage_key(config),
        routes={key: invoke_arn(handler.name, config) for key, handler in handlers.items()},
        stage_name=config.api_gateway_stage,
    )
    yield api
    for handler in handlers.values():
        yield _permission(handler, config, api.name, "websocket_api_id")
    yield from custom_domain(
        "websocket_api_custom_domain",
        config,
        api_id=Ref(api.name, "websocket_api_id"),
        stage_name=api.stage_name,
        is_rest=False,
    )


def connections_statement(config: Config) -> Document:
    """Return what lets a function send to those connected.

    It cannot name the API, which is made after its functions and they after their role.
    """
    return {
        "Effect": "Allow",
        "Action": ["execute-api:ManageConnections"],
        "Resource": [Arn("execute-api", (f"*/{config.api_gateway_stage}/*/@connections/*",))],
    }


def stage_key(config: Config) -> str:
    """Return how what belongs to the stage is tagged: ``app/stage``."""
    return f"{config.app_name}/{config.chalice_stage}"


def _rest_api(app: Chalice, scope: Config, policies: Policies) -> Iterator[Resource]:
    api = RestApi(
        name=REST_API,
        title=app.app_name,
        stage_key=stage_key(scope),
        document=openapi.document(
            app,
            uri=_uri(scope, DEFAULT_HANDLER_NAME),
            authorizer_uri=partial(_uri, scope),
            policy=policies.api(scope),
            vpc_endpoint_ids=scope.endpoint_ids,
        ),
        stage_name=scope.api_gateway_stage,
        endpoint_type=scope.api_gateway_endpoint_type,
        minimum_compression_size=scope.minimum_compression_size,
        tracing=bool(scope.xray),
    )
    yield api
    api_id = Ref(api.name, "rest_api_id")
    for handler in api_handlers(app):
        yield _permission(handler, scope, api.name, "rest_api_id")
    yield from usage_plans(scope, stage_key(scope), api_id, api.stage_name)
    yield from custom_domain(
        "api_gateway_custom_domain",
        scope,
        api_id=api_id,
        stage_name=api.stage_name,
        is_rest=True,
    )


def _http_api(app: Chalice, scope: Config) -> Iterator[Resource]:
    """Yield the HTTP API. Its stage has no name in URLs unless the configuration gives it one."""
    key = stage_key(scope)
    api = HttpApi(
        name=HTTP_API,
        title=app.app_name,
        stage_key=key,
        document=openapi.http_document(
            app,
            uri=_uri(scope, DEFAULT_HANDLER_NAME),
            authorizer_uri=partial(_uri, scope),
            tags={"chalice-stage": key},
        ),
        stage_name=scope.api_gateway_stage if scope.is_set("api_gateway_stage") else "$default",
    )
    yield api
    for handler in api_handlers(app):
        yield _permission(handler, scope, api.name, "http_api_id")
    yield from custom_domain(
        "api_gateway_custom_domain",
        scope,
        api_id=Ref(api.name, "http_api_id"),
        stage_name=api.stage_name,
        is_rest=False,
    )


def _function_url(app: Chalice, scope: Config) -> Iterator[Resource]:
    """Yield the URL of the routes' function, open to all unless the routes want signatures.

    What all may call needs both permissions:
    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    function = invoke_arn(DEFAULT_HANDLER_NAME, scope)
    is_signed = any(
        isinstance(entry.authorizer, IAMAuthorizer)
        for entries in app.routes.values()
        for entry in entries.values()
    )
    auth_type = "AWS_IAM" if is_signed else "NONE"
    yield FunctionUrl(name=FUNCTION_URL, function=function, auth_type=auth_type)
    if not is_signed:
        yield Permission(
            name=f"{FUNCTION_URL}-permission",
            function=function,
            principal="*",
            source_arn="",
            action="lambda:InvokeFunctionUrl",
            url_auth_type=auth_type,
        )
        yield Permission(
            name=f"{FUNCTION_URL}-invoke-permission",
            function=function,
            principal="*",
            source_arn="",
            action=INVOKE,
            only_by_url=True,
        )


def _permission(handler: Handler, config: Config, api: str, id_: str) -> Permission:
    return Permission(
        name=f"{handler.name}-{api}-permission",
        function=invoke_arn(handler.name, config),
        principal="apigateway.amazonaws.com",
        source_arn=Arn("execute-api", (Ref(api, id_), "/*")),
    )


def _uri(config: Config, handler: str) -> Arn:
    return openapi.invocation_uri(invoke_arn(handler, config))
