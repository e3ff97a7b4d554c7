"""WebSocket APIs.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html

A deployment is what its API was when it was made: CloudFormation makes another one only for
another id. Templates call it ``WebsocketAPIDeployment``, also those that are to be merged;
``settled`` gives it its own name in the end, made from all that it serves, merged routes included.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from chalice.constants import websocket_function
from chalice.model.apis import WebsocketApi
from chalice.model.values import Arn, Document, Ref
from chalice.render import Template
from chalice.render.ids import logical_id
from chalice.render.sam.apis import endpoint_url, tags_of_functions
from chalice.render.sam.draft import Draft

_API = "AWS::ApiGatewayV2::Api"
_DEPLOYMENT = "AWS::ApiGatewayV2::Deployment"
_STAGES = ("AWS::ApiGatewayV2::Stage", "AWS::ApiGatewayV2::ApiMapping")


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
    draft.add(id_, _API, properties, api.name)
    draft.output(f"{id_}Id", api_id)
    routes = [_add_route(key, function, api, draft) for key, function in api.routes.items()]
    deployment = f"{id_}Deployment"
    draft.add(deployment, _DEPLOYMENT, {"ApiId": api_id}, api.name, DependsOn=routes)
    stage = {
        "ApiId": api_id,
        "DeploymentId": {"Ref": deployment},
        "StageName": api.stage_name,
        "Tags": tags_of_functions(api.routes, draft),
    }
    draft.add(f"{id_}Stage", "AWS::ApiGatewayV2::Stage", stage, api.name)
    draft.output("WebsocketConnectEndpointURL", endpoint_url("wss", id_, api.stage_name))


def settled(template: Template) -> Template:
    """Return the template with each deployment of a WebSocket API under the id of its content."""
    names = {
        id_: f"{id_}{_digest(resource, template)}"
        for id_, resource in template.get("Resources", {}).items()
        if isinstance(resource, dict) and resource.get("Type") == _DEPLOYMENT
    }
    return dict(_renamed(template, names)) if names else template


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


def _digest(deployment: Mapping[str, Any], template: Template) -> str:
    """Return ten characters that differ when the API of the deployment does."""
    api = deployment.get("Properties", {}).get("ApiId")
    parts = {
        id_: resource
        for id_, resource in template["Resources"].items()
        if isinstance(resource, dict)
        and str(resource.get("Type")).startswith("AWS::ApiGatewayV2::")
        and resource["Type"] not in (_DEPLOYMENT, *_STAGES)
        and ({"Ref": id_} == api or resource.get("Properties", {}).get("ApiId") == api)
    }
    text = json.dumps([parts, deployment], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _renamed(part: Any, names: Mapping[str, str]) -> Any:
    """Return part of a template with these ids renamed, and what refers to them."""
    if isinstance(part, list):
        return [_renamed(item, names) for item in part]
    if not isinstance(part, dict):
        return part
    result: dict[str, Any] = {}
    for key, value in part.items():
        if key == "Ref" and isinstance(value, str):
            result[key] = names.get(value, value)
        elif key == "Resources" and isinstance(value, dict):
            result[key] = {
                names.get(id_, id_): _renamed(resource, names) for id_, resource in value.items()
            }
        elif key == "DependsOn":
            listed = value if isinstance(value, list) else [value]
            renamed = [names.get(id_, id_) if isinstance(id_, str) else id_ for id_ in listed]
            result[key] = renamed if isinstance(value, list) else renamed[0]
        elif key == "Fn::GetAtt" and isinstance(value, list):
            result[key] = [names.get(value[0], value[0]), *value[1:]]
        elif key == "Fn::Sub":
            result[key] = _substituted(value, names)
        else:
            result[key] = _renamed(value, names)
    return result


def _substituted(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_substituted(value[0], names), *(_renamed(item, names) for item in value[1:])]
    if not isinstance(value, str):
        return value
    return re.sub(r"\$\{(\w+)(?=[.}])", lambda found: "${" + names.get(found[1], found[1]), value)
