"""Routes as an API in front of their function."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from chalice import openapi
from chalice.app import Chalice
from chalice.config import Config
from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.graph.functions import Policies, invoke_arn
from chalice.graph.handlers import Handler, api_handlers, name_prefix, websocket_handlers
from chalice.model.apis import RestApi, WebsocketApi
from chalice.model.functions import Permission
from chalice.model.resources import Resource
from chalice.model.values import Arn, Document, Ref

REST_API = "rest_api"
WEBSOCKET_API = "websocket_api"


def rest_api(app: Chalice, scope: Config, policies: Policies) -> Iterator[Resource]:
    """Yield the REST API of the routes and what lets it invoke its functions."""
    yield RestApi(
        name=REST_API,
        title=app.app_name,
        stage_key=f"{scope.app_name}/{scope.chalice_stage}",
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
    for handler in api_handlers(app):
        yield _permission(handler, scope, REST_API, "rest_api_id")


def websocket_api(app: Chalice, config: Config) -> Iterator[Resource]:
    """Yield the WebSocket API of the app's handlers and what lets it invoke them."""
    handlers = websocket_handlers(app)
    yield WebsocketApi(
        name=WEBSOCKET_API,
        title=f"{name_prefix(config)}-websocket-api",
        stage_key=f"{config.app_name}/{config.chalice_stage}",
        routes={key: invoke_arn(handler.name, config) for key, handler in handlers.items()},
        stage_name=config.api_gateway_stage,
    )
    for handler in handlers.values():
        yield _permission(handler, config, WEBSOCKET_API, "websocket_api_id")


def connections_statement(config: Config) -> Document:
    """Return what lets a function send to those connected.

    It cannot name the API, which is made after its functions and they after their role.
    """
    return {
        "Effect": "Allow",
        "Action": ["execute-api:ManageConnections"],
        "Resource": [Arn("execute-api", (f"*/{config.api_gateway_stage}/*/@connections/*",))],
    }


def _permission(handler: Handler, config: Config, api: str, id_: str) -> Permission:
    return Permission(
        name=f"{handler.name}-{api}-permission",
        function=invoke_arn(handler.name, config),
        principal="apigateway.amazonaws.com",
        source_arn=Arn("execute-api", (Ref(api, id_), "/*")),
    )


def _uri(config: Config, handler: str) -> Arn:
    return openapi.invocation_uri(invoke_arn(handler, config))
