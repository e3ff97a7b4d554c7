"""WebSocket APIs.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html

A deployment is what its API was when it was made, and CloudFormation takes routes away only after
it has made all that is new: whatever it makes serves routes to functions that go. So the stage
deploys itself after every change. The deployment stays, unused, because in older stacks the stage
serves it until then, and because templates to merge name what it waits for.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalice.constants import websocket_function
from chalice.model.apis import WebsocketApi
from chalice.model.values import Arn, Document, Ref
from chalice.render.ids import logical_id
from chalice.render.sam.apis import endpoint_url, tags_of_functions
from chalice.render.sam.draft import Draft


def add_websocket_api(api: WebsocketApi, draft: Draft) -> None:
    """Add the API with its integrations, routes, deployment and stage."""
    id_ = draft.id(api.name)
    api_id = {"Ref": id_}
    assert isinstance(api.routes, Mapping)
    properties = {
        "Name": api.title,
        "RouteSelectionExpression": "$request.body.action",
        "ProtocolType": "WEBSOCKET",
        "Tags": tags_of_functions(api.routes, draft),
    }
    draft.add(id_, "AWS::ApiGatewayV2::Api", properties, api.name)
    draft.output(f"{id_}Id", api_id)
    routes = [_add_route(key, function, api, draft) for key, function in api.routes.items()]
    deployment = f"{id_}Deployment"
    kind = "AWS::ApiGatewayV2::Deployment"
    draft.add(deployment, kind, {"ApiId": api_id}, api.name, DependsOn=routes)
    stage = {
        "ApiId": api_id,
        "AutoDeploy": True,
        "StageName": api.stage_name,
        "Tags": tags_of_functions(api.routes, draft),
    }
    kind = "AWS::ApiGatewayV2::Stage"
    draft.add(f"{id_}Stage", kind, stage, api.name, DependsOn=deployment)
    draft.output("WebsocketConnectEndpointURL", endpoint_url("wss", id_, api.stage_name))


def _add_route(key: str, function: Document, api: WebsocketApi, draft: Draft) -> str:
    """Add a route with its integration, and return its id."""
    assert isinstance(function, Ref)
    api_id = {"Ref": draft.id(api.name)}
    handler = logical_id(websocket_function(key))
    uri = Arn(
        "apigateway", ("path/2015-03-31/functions/", function, "/invocations"), account="lambda"
    )
    integration = {
        "ApiId": api_id,
        "ConnectionType": "INTERNET",
        "ContentHandlingStrategy": "CONVERT_TO_TEXT",
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": draft.value(uri),
    }
    integration_id = f"{handler}APIIntegration"
    draft.add(integration_id, "AWS::ApiGatewayV2::Integration", integration, api.name)
    route = {
        "ApiId": api_id,
        "RouteKey": key,
        "Target": {"Fn::Join": ["/", ["integrations", {"Ref": integration_id}]]},
    }
    draft.add(f"{handler}Route", "AWS::ApiGatewayV2::Route", route, api.name)
    draft.output(f"{handler}HandlerArn", {"Fn::GetAtt": [handler, "Arn"]})
    draft.output(f"{handler}HandlerName", {"Ref": handler})
    return f"{handler}Route"
