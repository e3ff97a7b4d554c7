"""WebSocket APIs: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from chalice.aws.calls import doing, once_admitted, or_none
from chalice.aws.session import Session
from chalice.aws.stage_tags import TAG, description_of, digest_in
from chalice.model.apis import WebsocketApi
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Outputs

_SELECTION = "$request.body.action"


class WebsocketApis:
    """WebSocket APIs with one stage, whose deployment says which routes it serves."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _client(self) -> Any:
        return self._session.client("apigatewayv2")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the WebSocket API that carries the stage's tag."""
        with doing("looking for the Websocket API"):
            for api in self._all("get_apis"):
                is_ours = api.get("Tags", {}).get(TAG) == identity["stage_key"]
                if is_ours and api["ProtocolType"] == "WEBSOCKET":
                    return self._outputs(api["ApiId"], identity["stage_name"])
        return None

    def read(self, record: Record) -> Found | None:
        """Return the API as its stage serves it; ``routes`` is the digest of the routes."""
        api_id, stage_name = record.outputs["websocket_api_id"], _stage_name(record)
        with doing(f"reading Websocket API {api_id}"):
            api = or_none(lambda: self._client.get_api(ApiId=api_id))
            if api is None:
                return None
            stage = or_none(lambda: self._client.get_stage(ApiId=api_id, StageName=stage_name))
            deployment = (stage or {}).get("DeploymentId")
            described = (
                or_none(lambda: self._client.get_deployment(ApiId=api_id, DeploymentId=deployment))
                if deployment
                else None
            )
        tag = api.get("Tags", {}).get(TAG, "")
        found = WebsocketApi(
            name=record.name,
            title=api["Name"],
            stage_key=tag,
            routes=digest_in((described or {}).get("Description", "")),
            stage_name="" if stage is None else stage_name,
        )
        return Found(found, self._outputs(api_id, stage_name), ours=bool(tag))

    def create(self, api: WebsocketApi) -> Outputs:
        """Create the API with its tag, its routes, a deployment of them and the stage."""
        with doing(f"creating Websocket API {api.title}"):
            made = self._admitted(
                lambda: self._client.create_api(
                    Name=api.title,
                    ProtocolType="WEBSOCKET",
                    RouteSelectionExpression=_SELECTION,
                    Tags={TAG: api.stage_key},
                )
            )
        self._deploy(api, made["ApiId"])
        return self._outputs(made["ApiId"], api.stage_name)

    def update(self, api: WebsocketApi, record: Record, fields: Collection[str]) -> Outputs:
        """Change what differs; what is connected stays connected."""
        api_id, old_stage = record.outputs["websocket_api_id"], _stage_name(record)
        if "title" in fields:
            with doing(f"renaming Websocket API {api_id}"):
                self._client.update_api(ApiId=api_id, Name=api.title)
        if "stage_key" in fields:
            place = self._session.place()
            arn = f"arn:{place.partition}:apigateway:{place.region}::/apis/{api_id}"
            with doing(f"tagging Websocket API {api_id}"):
                self._client.tag_resource(ResourceArn=arn, Tags={TAG: api.stage_key})
        if {"routes", "stage_name"} & set(fields):
            self._deploy(api, api_id)
        if old_stage != api.stage_name:
            with doing(f"deleting stage {old_stage} of Websocket API {api_id}"):
                or_none(lambda: self._client.delete_stage(ApiId=api_id, StageName=old_stage))
        return self._outputs(api_id, api.stage_name)

    def delete(self, record: Record) -> None:
        """Delete the API and all its stages."""
        api_id = record.outputs["websocket_api_id"]
        with doing(f"deleting Websocket API {api_id}"):
            self._admitted(lambda: or_none(lambda: self._client.delete_api(ApiId=api_id)))

    def _deploy(self, api: WebsocketApi, api_id: str) -> None:
        """Make the routes what they should be, then the stage serve them as they are now."""
        with doing(f"writing the routes of Websocket API {api_id}"):
            self._write_routes(api, api_id)
        with doing(f"deploying stage {api.stage_name} of Websocket API {api_id}"):
            deployment = self._client.create_deployment(
                ApiId=api_id, Description=description_of(api.routes)
            )["DeploymentId"]
            stage = {"ApiId": api_id, "StageName": api.stage_name, "DeploymentId": deployment}
            if or_none(lambda: self._client.update_stage(**stage)) is None:
                self._client.create_stage(**stage)

    def _write_routes(self, api: WebsocketApi, api_id: str) -> None:
        assert isinstance(api.routes, Mapping)
        uris = {key: self._uri(str(function)) for key, function in api.routes.items()}
        routes = {each["RouteKey"]: each for each in self._all("get_routes", api_id)}
        integrations = {
            each.get("IntegrationUri", ""): each["IntegrationId"]
            for each in self._all("get_integrations", api_id)
        }
        for key, uri in uris.items():
            if uri not in integrations:
                integrations[uri] = self._client.create_integration(
                    ApiId=api_id,
                    ConnectionType="INTERNET",
                    ContentHandlingStrategy="CONVERT_TO_TEXT",
                    Description=key.removeprefix("$"),
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=uri,
                )["IntegrationId"]
            target = {
                "RouteKey": key,
                "RouteResponseSelectionExpression": "$default",
                "Target": f"integrations/{integrations[uri]}",
            }
            route = routes.get(key)
            if route is None:
                self._client.create_route(ApiId=api_id, **target)
            elif any(route.get(name) != value for name, value in target.items()):
                self._client.update_route(ApiId=api_id, RouteId=route["RouteId"], **target)
        for key in routes.keys() - uris.keys():
            route_id = routes[key]["RouteId"]
            or_none(lambda id_=route_id: self._client.delete_route(ApiId=api_id, RouteId=id_))  # type: ignore[misc]
        for uri in integrations.keys() - set(uris.values()):
            unused = integrations[uri]
            or_none(
                lambda id_=unused: self._client.delete_integration(  # type: ignore[misc]
                    ApiId=api_id, IntegrationId=id_
                )
            )

    def _all(self, operation: str, api_id: str | None = None) -> list[Any]:
        given = {} if api_id is None else {"ApiId": api_id}
        pages = self._client.get_paginator(operation).paginate(**given)
        return [item for page in pages for item in page["Items"]]

    def _admitted(self, call: Any) -> Any:
        return once_admitted(call, self._session.pause)

    def _uri(self, function: str) -> str:
        place = self._session.place()
        path = f"path/2015-03-31/functions/{function}/invocations"
        return f"arn:{place.partition}:apigateway:{place.region}:lambda:{path}"

    def _outputs(self, api_id: str, stage_name: str) -> Outputs:
        return {
            "websocket_api_url": self._session.websocket_api_url(api_id, stage_name),
            "websocket_api_id": api_id,
        }


def _stage_name(record: Record) -> str:
    return record.outputs["websocket_api_url"].rstrip("/").rpartition("/")[2]
