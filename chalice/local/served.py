"""What is served of an app: its functions, and the APIs in front of them as they are deployed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalice import openapi
from chalice.app import Chalice, IAMAuthorizer
from chalice.config import Config
from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.gateway.deployment import Deployment, FunctionUrl
from chalice.gateway.resource_policy import POLICY
from chalice.graph.handlers import function_name, websocket_handlers
from chalice.graph.handlers import handlers as all_handlers
from chalice.local.arn import LocalARNBuilder
from chalice.local.no_auth import Unguarded
from chalice.local.proofs import Proofs
from chalice.policy import StagePolicies

ACCOUNT = LocalARNBuilder.LOCAL_ACCOUNT_ID
ROUTES_ID = "localroutes"
SOCKETS_ID = "localsockets"

_URI = "arn:aws:apigateway:{}:lambda:path/2015-03-31/functions/{}/invocations"
_OPEN_TO_ALL = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl"}


@dataclass(frozen=True)
class Function:
    """A handler with what its invocations are told: MiB of memory, seconds they may take."""

    name: str
    handler: Callable[[Any, Any], Any]
    memory: int
    timeout: int


@dataclass(frozen=True)
class Served:
    """An app that is served with a configuration, all its ``functions`` by ARN.

    ``routes`` is the REST or HTTP API, ``url`` the function URL: one of them, or none without
    routes. ``sockets`` is the WebSocket API, None without one. ``proofs`` are what callers may
    prove themselves with.
    """

    generation: str
    app: Chalice
    config: Config
    functions: Mapping[str, Function]
    routes: Deployment | None
    url: FunctionUrl | None
    sockets: Deployment | None
    proofs: Proofs


def region() -> str:
    """Return the region that the app is told it is in."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def describe(
    app: Chalice, config: Config, generation: str, proofs: Proofs, *, open_doors: bool
) -> Served:
    """Return how the app is served; ``generation`` tells its functions from those of others.

    With ``open_doors`` no caller needs a proof. Raises ToolError.
    """
    handlers = _Handlers(app, config, generation, Unguarded(app, region()) if open_doors else app)
    scope = config.scope(config.chalice_stage, DEFAULT_HANDLER_NAME)
    routes, url = None, None
    if app.routes and scope.api_gateway_type == "function_url":
        url = _function_url(app, handlers, open_doors=open_doors)
    elif app.routes:
        routes = _routes(app, scope, handlers, open_doors=open_doors)
    sockets = _sockets(app, scope, handlers) if app.websocket_handlers else None
    return Served(generation, app, config, handlers.functions(), routes, url, sockets, proofs)


def calls(app: Chalice, views: Callable[..., Any]) -> Mapping[str, Callable[..., Any]]:
    """Return what runs each function of the app, by its name; ``views`` runs that of the routes."""
    sockets = {
        handler.name: app.websocket_handlers[key].name
        for key, handler in websocket_handlers(app).items()
    }
    return {
        each.name: views
        if each.name == DEFAULT_HANDLER_NAME
        else app.handler_map[sockets.get(each.name, each.name)]
        for each in all_handlers(app)
    }


class _Handlers:
    """The handlers of an app under the names of their functions; ``views`` handles requests."""

    def __init__(
        self, app: Chalice, config: Config, generation: str, views: Callable[..., Any]
    ) -> None:
        self._app = app
        self._views = views
        self._config = config
        self.generation = generation

    def functions(self) -> Mapping[str, Function]:
        """Return the functions of the app, by ARN."""
        named = calls(self._app, self._views)
        return {self.arn(name): self._function(name, handler) for name, handler in named.items()}

    def arn(self, name: str) -> str:
        """Return the ARN of a function, which has its generation where AWS has a version."""
        full = function_name(self._config, name)
        return f"arn:aws:lambda:{region()}:{ACCOUNT}:function:{full}:{self.generation}"

    def uri(self, name: str) -> str:
        """Return the URI by which an API invokes a function."""
        return _URI.format(region(), self.arn(name))

    def _function(self, name: str, handler: Callable[..., Any]) -> Function:
        scope = self._config.scope(self._config.chalice_stage, name)
        return Function(name, handler, scope.lambda_memory_size, scope.lambda_timeout)


def _routes(app: Chalice, scope: Config, handlers: _Handlers, *, open_doors: bool) -> Deployment:
    is_rest = scope.api_gateway_type == "rest"
    uri = handlers.uri(DEFAULT_HANDLER_NAME)
    document: Any
    if is_rest:
        document = openapi.document(
            app,
            uri=uri,
            authorizer_uri=handlers.uri,
            policy=StagePolicies(Path(scope.project_dir)).api(scope),
            vpc_endpoint_ids=scope.endpoint_ids,
        )
    else:
        document = openapi.http_document(app, uri=uri, authorizer_uri=handlers.uri, tags={})
    document = json.loads(json.dumps(document))
    if open_doors:
        _open(document)
    is_private = _is_private(scope) and not open_doors
    private = next(iter(scope.endpoint_ids), "") if is_private else None
    has_stage = is_rest or scope.is_set("api_gateway_stage")
    return Deployment(
        api_id=ROUTES_ID,
        stage=scope.api_gateway_stage if has_stage else "$default",
        document=document,
        account=ACCOUNT,
        region=region(),
        deployment_id=handlers.generation,
        minimum_compression_size=scope.minimum_compression_size,
        protocol="REST" if is_rest else "HTTP",
        private_endpoint=private,
    )


def _is_private(scope: Config) -> bool:
    return scope.api_gateway_endpoint_type == "PRIVATE"


def _open(document: dict[str, Any]) -> None:
    """Take out of a document what callers need."""
    document.pop(POLICY, None)
    for operations in document["paths"].values():
        for operation in operations.values():
            operation.pop("x-amazon-apigateway-auth", None)
            operation.pop("security", None)


def _function_url(app: Chalice, handlers: _Handlers, *, open_doors: bool) -> FunctionUrl:
    arn = handlers.arn(DEFAULT_HANDLER_NAME)
    is_signed = not open_doors and any(
        isinstance(entry.authorizer, IAMAuthorizer)
        for entries in app.routes.values()
        for entry in entries.values()
    )
    policy = {"Version": "2012-10-17", "Statement": [{**_OPEN_TO_ALL, "Resource": arn}]}
    return FunctionUrl(
        url_id=ROUTES_ID,
        function=arn,
        account=ACCOUNT,
        region=region(),
        auth_type="AWS_IAM" if is_signed else "NONE",
        policy=None if is_signed else policy,
    )


def _sockets(app: Chalice, scope: Config, handlers: _Handlers) -> Deployment:
    found = websocket_handlers(app)
    return Deployment(
        api_id=SOCKETS_ID,
        stage=scope.api_gateway_stage,
        protocol="WEBSOCKET",
        document={
            "routeSelectionExpression": "$request.body.action",
            "routes": [
                {
                    "routeKey": key,
                    "target": f"integrations/{key}",
                    "routeResponseSelectionExpression": "$default",
                }
                for key in found
            ],
            "integrations": {
                key: {
                    "integrationType": "AWS_PROXY",
                    "integrationUri": handlers.uri(handler.name),
                }
                for key, handler in found.items()
            },
        },
        account=ACCOUNT,
        region=region(),
    )
