"""Routes as an API in front of their function."""

from __future__ import annotations

from collections.abc import Iterator

from chalice import openapi
from chalice.app import Chalice
from chalice.config import Config
from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.graph.functions import Policies
from chalice.graph.handlers import api_handlers
from chalice.model.apis import RestApi
from chalice.model.functions import Permission
from chalice.model.resources import Resource
from chalice.model.values import Arn, Ref

REST_API = "rest_api"


def rest_api(app: Chalice, scope: Config, policies: Policies) -> Iterator[Resource]:
    """Yield the REST API of the routes and what lets it invoke its functions."""
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
    for handler in api_handlers(app):
        yield Permission(
            name=f"{handler.name}-{REST_API}-permission",
            function=Ref(handler.name, "lambda_arn"),
            principal="apigateway.amazonaws.com",
            source_arn=Arn("execute-api", (Ref(REST_API, "rest_api_id"), "/*")),
        )


def _uri(handler: str) -> Arn:
    return openapi.invocation_uri(Ref(handler, "lambda_arn"))
