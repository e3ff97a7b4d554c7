"""WebSocket APIs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from chalice.aws.calls import doing, or_none
from chalice.aws.session import Session
from chalice.aws.v2_apis import V2Apis
from chalice.model.apis import WebsocketApi
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Outputs

_SELECTION = "$request.body.action"


class WebsocketApis:
    """WebSocket APIs with one stage, whose deployment says which routes it serves."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._apis = V2Apis(session, "WEBSOCKET", "Websocket API")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the API that carries the stage's tag."""
        api_id = self._apis.find(identity["stage_key"])
        return None if api_id is None else self._outputs(api_id, identity["stage_name"])

    def read(self, record: Record) -> Found | None:
        """Return the API as its stage serves it; ``routes`` is the digest of the routes."""
        api_id, stage_name = record.outputs["websocket_api_id"], _stage_name(record)
        found = self._apis.describe(api_id, stage_name)
        if found is None:
            return None
        api = WebsocketApi(
            name=record.name,
            title=found.title,
            stage_key=found.tag,
            routes=found.served,
            stage_name=stage_name if found.has_stage else "",
        )
        return Found(api, self._outputs(api_id, stage_name), ours=bool(found.tag))

    def create(self, api: WebsocketApi) -> Outputs:
        """Create the API with its tag, its routes, a deployment of them and the stage."""
        api_id = self._apis.create(api.title, api.stage_key, RouteSelectionExpression=_SELECTION)
        self._deploy(api, api_id)
        return self._outputs(api_id, api.stage_name)

    def update(self, api: WebsocketApi, record: Record, fields: Collection[str]) -> Outputs:
        """Change what differs; who is connected stays connected."""
        api_id, old_stage = record.outputs["websocket_api_id"], _stage_name(record)
        if "title" in fields:
            self._apis.rename(api_id, api.title)
        if "stage_key" in fields:
            self._apis.tag(api_id, api.stage_key)
        if {"routes", "stage_name"} & set(fields):
            self._deploy(api, api_id)
        if old_stage != api.stage_name:
            self._apis.delete_stage(api_id, old_stage)
        return self._outputs(api_id, api.stage_name)

    def delete(self, record: Record) -> None:
        """Delete the API and all its stages."""
        self._apis.delete(record.outputs["websocket_api_id"])

    def _deploy(self, api: WebsocketApi, api_id: str) -> None:
        assert isinstance(api.routes, Mapping)
        uris = {key: self._uri(str(function)) for key, function in api.routes.items()}
        with doing(f"writing the routes of Websocket API {api_id}"):
            integrations = self._integrate(api_id, uris)
            self._route(api_id, {key: integrations[uri] for key, uri in uris.items()})
        self._apis.deploy(api_id, api.stage_name, api.routes)
        with doing(f"removing what Websocket API {api_id} uses no longer"):
            for uri in integrations.keys() - set(uris.values()):
                self._drop("delete_integration", ApiId=api_id, IntegrationId=integrations[uri])

    def _integrate(self, api_id: str, uris: Mapping[str, str]) -> dict[str, str]:
        """Return the id of the integration of each URI; those that are missing are made."""
        found = self._apis.all("get_integrations", ApiId=api_id)
        integrations = {each.get("IntegrationUri", ""): each["IntegrationId"] for each in found}
        for key, uri in uris.items():
            if uri not in integrations:
                integrations[uri] = self._apis.client.create_integration(
                    ApiId=api_id,
                    ConnectionType="INTERNET",
                    ContentHandlingStrategy="CONVERT_TO_TEXT",
                    Description=key.removeprefix("$"),
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=uri,
                )["IntegrationId"]
        return integrations

    def _route(self, api_id: str, integrations: Mapping[str, str]) -> None:
        """Make the routes lead to these integrations, and no others be there."""
        client = self._apis.client
        found = self._apis.all("get_routes", ApiId=api_id)
        routes = {each["RouteKey"]: each for each in found}
        for key, integration in integrations.items():
            wanted = {
                "RouteKey": key,
                "RouteResponseSelectionExpression": "$default",
                "Target": f"integrations/{integration}",
            }
            route = routes.get(key)
            if route is None:
                client.create_route(ApiId=api_id, **wanted)
            elif any(route.get(name) != value for name, value in wanted.items()):
                client.update_route(ApiId=api_id, RouteId=route["RouteId"], **wanted)
        for key in routes.keys() - integrations.keys():
            self._drop("delete_route", ApiId=api_id, RouteId=routes[key]["RouteId"])

    def _drop(self, operation: str, **what: Any) -> None:
        call: Callable[..., Any] = getattr(self._apis.client, operation)
        or_none(lambda: call(**what))

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
