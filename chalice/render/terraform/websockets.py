"""WebSocket APIs.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/apigatewayv2_deployment
"""

from __future__ import annotations

from collections.abc import Mapping

from chalice.constants import websocket_function
from chalice.model.apis import WebsocketApi
from chalice.model.values import Document, Ref
from chalice.openapi.rest import invocation_uri
from chalice.render.terraform.apis import tags_of_functions
from chalice.render.terraform.draft import Draft
from chalice.render.terraform.references import REGION, expression, literal

_AUTH = "authorization_type"
_DNS_SUFFIX = "${data.aws_partition.chalice.dns_suffix}"


def add_websocket_api(api: WebsocketApi, draft: Draft) -> None:
    """Add the API with its integrations, routes and stage, deployed when one of these changes."""
    assert isinstance(api.routes, Mapping)
    tags = tags_of_functions(api.routes, draft)
    arguments = {
        "name": literal(api.title),
        "route_selection_expression": "$request.body.action",
        "protocol_type": "WEBSOCKET",
        "tags": tags,
    }
    draft.add("aws_apigatewayv2_api", api.name, arguments, api.name)
    api_id = f"${{aws_apigatewayv2_api.{api.name}.id}}"
    draft.output("WebsocketAPIId", api_id)
    parts = [_add_route(key, function, api, draft) for key, function in api.routes.items()]
    served = [
        value
        for integration, route in parts
        for value in (f"{integration}.integration_uri", f"{route}.target", f"{route}.{_AUTH}")
    ]
    deployment = {
        "api_id": api_id,
        "triggers": {"redeployment": f"${{sha256(jsonencode([{', '.join(served)}]))}}"},
        "depends_on": [route for _, route in parts],
        "lifecycle": {"create_before_destroy": True},
    }
    name = f"{api.name}_deployment"
    draft.add("aws_apigatewayv2_deployment", name, deployment, api.name)
    stage = {
        "api_id": api_id,
        "deployment_id": f"${{aws_apigatewayv2_deployment.{name}.id}}",
        "name": literal(api.stage_name),
        "tags": tags,
    }
    draft.add("aws_apigatewayv2_stage", f"{api.name}_stage", stage, api.name)
    host = f"{api_id}.execute-api.{REGION}.{_DNS_SUFFIX}"
    draft.output("WebsocketConnectEndpointURL", f"wss://{host}/{literal(api.stage_name)}/")


def _add_route(key: str, function: Document, api: WebsocketApi, draft: Draft) -> tuple[str, str]:
    """Add a route with its integration, and return their addresses."""
    assert isinstance(function, Ref)
    handler = websocket_function(key)
    api_id = f"${{aws_apigatewayv2_api.{api.name}.id}}"
    integration = {
        "api_id": api_id,
        "connection_type": "INTERNET",
        "content_handling_strategy": "CONVERT_TO_TEXT",
        "integration_type": "AWS_PROXY",
        "integration_uri": expression(invocation_uri(function)),
    }
    name = f"{handler}_api_integration"
    draft.add("aws_apigatewayv2_integration", name, integration, api.name)
    route = {
        "api_id": api_id,
        "route_key": key,
        "target": f"integrations/${{aws_apigatewayv2_integration.{name}.id}}",
    }
    draft.add("aws_apigatewayv2_route", f"{handler}_route", route, api.name)
    prefix = "".join(part.title() for part in handler.split("_"))
    draft.output(f"{prefix}HandlerArn", f"${{aws_lambda_function.{handler}.arn}}")
    draft.output(f"{prefix}HandlerName", f"${{aws_lambda_function.{handler}.function_name}}")
    return f"aws_apigatewayv2_integration.{name}", f"aws_apigatewayv2_route.{handler}_route"
