"""apigatewayv2: HTTP and WebSocket APIs, as the embedded cloud corrects moto's.

moto has no deployments, changes no stage, pages no list, says 200 for everything, ignores the
deletion of what is not there and crashes at the update of it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from moto.apigateway.models import apigateway_backends
from moto.apigatewayv2.exceptions import BadRequestException, ModelNotFound
from moto.apigatewayv2.models import ApiGatewayV2Backend, apigatewayv2_backends
from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import JsonRESTError

from chalice.cloud.control.domain_actions import V2DomainActions
from chalice.cloud.control.domains import DomainsBackend, domain_of
from chalice.cloud.control.http_apis import check_http_part, quick_create
from chalice.cloud.control.http_documents import import_document, parse_http_document
from chalice.cloud.control.service import CorrectedBackend, register
from chalice.cloud.control.v2_stages import V2Api, parse_settings
from chalice.cloud.control.websocket_apis import check_api, check_socket_part

PAGE = 25
"""Items in one answer, when the request does not say how many."""
MAX_PAGE = 500

# What stages that deploy every change do not wait for.
_DEPLOYED_PARTS = frozenset({"routes", "integrations", "authorizers", "models", "cors"})


class V2Backend(DomainsBackend, ApiGatewayV2Backend):
    """The HTTP and WebSocket APIs of one region."""

    def __init__(self, region_name: str, account_id: str, gateway_url: str = "") -> None:
        super().__init__(region_name, account_id)
        self.custom_domains = {}
        self.gateway_url = gateway_url

    def create_api(self, **settings: Any) -> V2Api:  # type: ignore[override]
        """Make an API."""
        api = V2Api(region=self.region_name, backend=self, **settings)
        self.apis[api.api_id] = api
        return api

    def get_api(self, api_id: str) -> V2Api:
        """Return the API. Raises ``ApiNotFound``."""
        api = super().get_api(api_id)
        assert isinstance(api, V2Api)
        return api

    def delete_api(self, api_id: str) -> None:
        """Delete an API with everything in it."""
        self.tagger.delete_all_tags_for_resource(self.get_api(api_id).arn)
        super().delete_api(api_id)


class V2Response(V2DomainActions, ApiGatewayV2Response):
    """One request to apigatewayv2."""

    def call_action(self) -> TYPE_RESPONSE:
        """Answer, if everything that the path names is there."""
        try:
            parts = [unquote(part) for part in self.path.strip("/").split("/")[1:]]
            self.check_names(parts)
            self.check_part(parts)
            status, headers, body = super().call_action()
            if status < 300:
                body = self._page(body)
                self._deploy(parts)
        except JsonRESTError as error:
            headers = {name: str(value) for name, value in error.get_headers()}
            return error.code, headers, str(error.description)
        if status == 200 and self.method in ("POST", "PUT"):
            status = 201
        if status == 200 and self.method == "DELETE":
            status, body = 204, ""
        headers["status"] = status
        return status, headers, body

    def check_names(self, parts: list[str]) -> None:
        """Raise AWS's error when a part of ``["apis", "a1b2", "routes", "c3d4"]`` is missing."""
        if parts[0] != "apis" or len(parts) < 2:
            return
        api = self._backend.get_api(parts[1])
        match parts[2:]:
            case ["authorizers", name]:
                api.get_authorizer(name)
            case ["deployments", name]:
                api.get_deployment(name)
            case ["integrations", name, *rest]:
                integration = api.get_integration(name)
                if len(rest) == 2:
                    integration.get_response(rest[1])
            case ["models", name]:
                if name not in api.models:
                    raise ModelNotFound(name)
            case ["routes", name, *rest]:
                route = api.get_route(name)
                if len(rest) == 2 and rest[0] == "routeresponses":
                    route.get_route_response(rest[1])
            case ["stages", name]:
                api.get_stage(name)

    def check_part(self, parts: list[str]) -> None:
        """Raise AWS's error for a part of an API that cannot be made, changed or deleted."""
        if self.method == "GET" or parts[0] != "apis":
            return
        settings = parse_settings(self.body) if self.method in ("POST", "PATCH") else {}
        if parts == ["apis"]:
            check_api(settings)
        if len(parts) < 3:
            return
        api = self._backend.get_api(parts[1])
        if api.protocol_type == "WEBSOCKET":
            check_socket_part(api, parts[2:], self.method, settings)
        else:
            check_http_part(parts[2:], self.method, settings)

    def create_api(self) -> TYPE_RESPONSE:
        """Answer CreateApi, with the route that it may make at once."""
        settings = parse_settings(self.body)
        if settings.get("protocolType") == "HTTP" and not settings.get("name"):
            raise BadRequestException("Invalid API Name specified. Name must not be empty")
        answer = super().create_api()
        if settings.get("target"):
            quick_create(self._backend.get_api(json.loads(answer[2])["apiId"]), settings)
        return answer

    def import_api(self) -> TYPE_RESPONSE:
        """Answer ImportApi."""
        document = parse_http_document(str(parse_settings(self.body).get("body", "")))
        api = self._backend.create_api(
            name="",
            protocol_type="HTTP",
            api_key_selection_expression=None,
            cors_configuration=None,
            description=None,
            disable_execute_api_endpoint=None,
            disable_schema_validation=None,
            route_selection_expression=None,
            tags={},
            version=None,
        )
        try:
            import_document(api, document)
        except BadRequestException:
            self._backend.delete_api(api.api_id)
            raise
        return 201, {}, json.dumps(api.to_json())

    def reimport_api(self) -> TYPE_RESPONSE:
        """Answer ReimportApi."""
        document = parse_http_document(str(parse_settings(self.body).get("body", "")))
        api = self._backend.get_api(self.path.split("/")[-1])
        import_document(api, document)
        return 201, {}, json.dumps(api.to_json())

    def create_deployment(self) -> TYPE_RESPONSE:
        """Answer CreateDeployment."""
        settings = parse_settings(self.body)
        made = self._api().create_deployment(settings.get("stageName"), settings.get("description"))
        return 201, {}, json.dumps(made.to_json())

    def get_deployment(self) -> TYPE_RESPONSE:
        """Answer GetDeployment."""
        return 200, {}, json.dumps(self._api().get_deployment(self._name()).to_json())

    def get_deployments(self) -> TYPE_RESPONSE:
        """Answer GetDeployments."""
        found = [each.to_json() for each in self._api().deployments.values()]
        return 200, {}, json.dumps({"items": found})

    def update_deployment(self) -> TYPE_RESPONSE:
        """Answer UpdateDeployment."""
        deployment = self._api().get_deployment(self._name())
        deployment.description = parse_settings(self.body).get(
            "description", deployment.description
        )
        return 200, {}, json.dumps(deployment.to_json())

    def delete_deployment(self) -> TYPE_RESPONSE:
        """Answer DeleteDeployment."""
        self._api().delete_deployment(self._name())
        return 204, {}, ""

    def update_stage(self) -> TYPE_RESPONSE:
        """Answer UpdateStage."""
        stage = self._api().update_stage(unquote(self._name()), parse_settings(self.body))
        return 200, {}, json.dumps(stage.to_json())

    def get_authorizers(self) -> TYPE_RESPONSE:
        """Answer GetAuthorizers."""
        return self._list(self._api().authorizers)

    def get_models(self) -> TYPE_RESPONSE:
        """Answer GetModels."""
        return self._list(self._api().models)

    def get_route_responses(self) -> TYPE_RESPONSE:
        """Answer GetRouteResponses."""
        return self._list(self._api().get_route(self.path.split("/")[5]).route_responses)

    def get_tags(self) -> TYPE_RESPONSE:
        """Answer GetTags."""
        tagged = self._tagged()
        if tagged is None:
            return super().get_tags()
        return 200, {}, json.dumps({"tags": tagged.tags or {}})

    def tag_resource(self) -> TYPE_RESPONSE:
        """Answer TagResource."""
        tagged = self._tagged()
        if tagged is None:
            return super().tag_resource()
        tagged.tags = {**(tagged.tags or {}), **parse_settings(self.body).get("tags", {})}
        return 201, {}, "{}"

    def untag_resource(self) -> TYPE_RESPONSE:
        """Answer UntagResource."""
        tagged = self._tagged()
        if tagged is None:
            return super().untag_resource()
        gone = self.querystring.get("tagKeys", [])
        tagged.tags = {key: tag for key, tag in (tagged.tags or {}).items() if key not in gone}
        return 204, {}, ""

    def _tagged(self) -> Any:
        """Return what the ARN in the path names: something with ``tags``. None for an API or a VPC
        link of version 2, whose tags moto has elsewhere.
        """
        arn = unquote(self.path).partition("/tags/")[2]
        match arn.partition("::/")[2].split("/"):
            case ["apis", api_id]:
                self._backend.get_api(api_id)
                return None
            case ["vpclinks", link_id]:
                self._backend.get_vpc_link(link_id)
                return None
            case ["apis", api_id, "stages", stage]:
                return self._backend.get_api(api_id).get_stage(stage)
            case ["domainnames", name]:
                return domain_of(self.region, name)
            case ["restapis", api_id, *rest]:
                rest_api = apigateway_backends[self.current_account][self.region]
                if len(rest) == 2:
                    return rest_api.get_stage(api_id, rest[1])
                return rest_api.get_rest_api(api_id)
            case _:
                raise BadRequestException(f"Invalid resource identifier specified: {arn}")

    @property
    def _backend(self) -> V2Backend:
        backend = self.apigatewayv2_backend
        assert isinstance(backend, V2Backend)
        return backend

    def _api(self) -> V2Api:
        """Return the API in ``/v2/apis/a1b2/…``."""
        return self._backend.get_api(self.path.split("/")[3])

    def _name(self) -> str:
        return self.path.split("/")[5]

    def _list(self, found: Mapping[str, Any]) -> TYPE_RESPONSE:
        return 200, {}, json.dumps({"items": [each.to_json() for each in found.values()]})

    def _page(self, body: Any) -> Any:
        """Return the page that the request asks for, when ``body`` is a list."""
        if self.method != "GET" or '"items"' not in body[:20]:
            return body
        content = json.loads(body)
        start = _read_token(self.querystring.get("nextToken", [""])[0])
        wanted = self.querystring.get("maxResults", [str(PAGE)])[0]
        if not wanted.isdecimal() or not 1 <= int(wanted) <= MAX_PAGE:
            raise BadRequestException(f"Invalid value for maxResults: {wanted}")
        items = content["items"]
        end = start + int(wanted)
        page = {**content, "items": items[start:end]}
        if end < len(items):
            page["nextToken"] = base64.b64encode(str(end).encode()).decode()
        return json.dumps(page)

    def _deploy(self, parts: list[str]) -> None:
        """Deploy a change of an API to the stages that want that."""
        match parts:
            case ["apis", api_id, part, *_] if part in _DEPLOYED_PARTS and self.method != "GET":
                self._backend.get_api(api_id).deploy_automatically()
            case ["apis", api_id] if self.method in ("PATCH", "PUT"):
                self._backend.get_api(api_id).deploy_automatically()


class CorrectedV2Backend(CorrectedBackend, V2Backend):
    """moto's apigatewayv2 behind our responses."""

    service_package = "moto.apigatewayv2"
    response = V2Response
    unsaved = frozenset({"gateway_url"})
    more_paths = (
        "{0}/v2/apis/(?P<api_id>[^/]+)/deployments$",
        "{0}/v2/apis/(?P<api_id>[^/]+)/deployments/(?P<deployment_id>[^/]+)$",
        "{0}/v2/tags/(?P<resource_arn>.+)$",
    )


def correct_api_gateway_v2(gateway_url: str) -> None:
    """Let moto serve apigatewayv2 with all of this; HTTP APIs are served at ``gateway_url``."""

    def make(region_name: str, account_id: str) -> CorrectedV2Backend:
        return CorrectedV2Backend(region_name, account_id, gateway_url)

    register(apigatewayv2_backends, make)


def _read_token(token: str) -> int:
    try:
        return int(base64.b64decode(token, validate=True)) if token else 0
    except ValueError:
        raise BadRequestException("Invalid nextToken") from None
