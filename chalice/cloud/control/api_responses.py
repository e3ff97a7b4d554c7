"""API Gateway's wire: the actions that moto answers wrongly or not at all."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from moto.apigateway.exceptions import BadRequestException, NotFoundException
from moto.apigateway.models import apigateway_backends
from moto.apigateway.responses import APIGatewayResponse
from moto.apigatewayv2.models import apigatewayv2_backends
from moto.core.common_types import TYPE_RESPONSE

from chalice.cloud.control.api_documents import parse_document
from chalice.cloud.control.domain_actions import V1DomainActions
from chalice.cloud.control.domains import domain_of
from chalice.cloud.control.rest_apis import ServedApiBackend, ServedRestApi
from chalice.cloud.control.service import CorrectedBackend, Handler, register
from chalice.cloud.control.usage_plans import UsageActions
from chalice.gateway.usage import Usage

_EDITS = frozenset(
    f"{verb}{noun}"
    for verb in ("Create", "Put", "Update", "Delete")
    for noun in (
        "Authorizer",
        "Integration",
        "IntegrationResponse",
        "Method",
        "MethodResponse",
        "Resource",
    )
)


class ServedApiResponse(V1DomainActions, UsageActions, APIGatewayResponse):
    """One request to API Gateway."""

    def call_action(self) -> TYPE_RESPONSE:
        """Answer; an API that is edited call by call is no longer what was imported."""
        answer = super().call_action()
        action = self._get_action()
        if action in _EDITS and self.path.startswith("/restapis/"):
            api = self.backend.apis.get(self.path.split("/")[2])
            if isinstance(api, ServedRestApi):
                api.document = None
        return answer

    def import_rest_api(self) -> TYPE_RESPONSE:
        """Answer ImportRestApi."""
        types = self.querystring.get("endpointConfigurationTypes", [""])[0]
        api = self._backend.import_rest_api(
            parse_document(self.body), False, [name for name in types.split(",") if name]
        )
        return 201, {"status": "201"}, json.dumps(api.to_dict())

    def create_rest_api(self) -> TYPE_RESPONSE:
        """Answer CreateRestApi."""
        _, headers, body = super().create_rest_api()
        return 201, {"status": "201"} | dict(headers), body

    def put_rest_api(self) -> TYPE_RESPONSE:
        """Answer PutRestApi."""
        mode = self.querystring.get("mode", ["merge"])[0]
        api = self._backend.put_rest_api(
            self.path.split("/")[2], parse_document(self.body), False, mode=mode
        )
        return 200, {}, json.dumps(api.to_dict())

    def update_rest_api(self) -> TYPE_RESPONSE:
        """Answer UpdateRestApi."""
        operations = self._get_param("patchOperations") or []
        api = self.backend.update_rest_api(self.path.split("/")[2], operations)
        return 200, {}, json.dumps(api.to_dict())

    def delete_rest_api(self) -> TYPE_RESPONSE:
        """Answer DeleteRestApi."""
        self.backend.delete_rest_api(self.path.split("/")[2])
        return 202, {"status": "202"}, ""

    def get_resources(self) -> str:
        """Answer GetResources, which tells of methods only their names unless it is asked to."""
        resources = [each.to_dict() for each in self.backend.get_resources(self.path.split("/")[2])]
        if "methods" not in self.querystring.get("embed", []):
            for each in resources:
                if "resourceMethods" in each:
                    each["resourceMethods"] = {name: {} for name in each["resourceMethods"]}
        return json.dumps({"item": resources})

    def create_deployment(self) -> TYPE_RESPONSE:
        """Answer CreateDeployment, with the settings it may make on the stage."""
        answer = super().create_deployment()
        name = self._get_param("stageName")
        if name:
            stage = self.backend.get_stage(self.path.split("/")[2], name)
            tracing, description = (
                self._get_param("tracingEnabled"),
                self._get_param("stageDescription"),
            )
            stage.tracing_enabled = stage.tracing_enabled if tracing is None else tracing
            stage.description = stage.description if description is None else description
        return answer

    def update_deployment(self) -> TYPE_RESPONSE:
        """Answer UpdateDeployment: of a deployment only the description can change."""
        _, _, api_id, _, deployment_id = self.path.rstrip("/").split("/")
        deployment = self.backend.get_deployment(api_id, deployment_id)
        for operation in self._get_param("patchOperations") or []:
            if (operation["op"], operation["path"]) != ("replace", "/description"):
                raise BadRequestException("Invalid patch path " + operation["path"])
            deployment.description = operation.get("value", "")
        return 200, {}, json.dumps(deployment.to_json())

    def get_tags(self) -> str:
        """Answer GetTags."""
        return json.dumps({"tags": self._tagged().tags or {}})

    def tag_resource(self) -> TYPE_RESPONSE:  # type: ignore[override]  # it has a status
        """Answer TagResource."""
        tagged = self._tagged()
        tagged.tags = {**(tagged.tags or {}), **json.loads(self.body)["tags"]}
        return 204, {"status": "204"}, ""

    def untag_resource(self) -> TYPE_RESPONSE:  # type: ignore[override]
        """Answer UntagResource."""
        tagged = self._tagged()
        gone = self.querystring.get("tagKeys", [])
        tagged.tags = {key: tag for key, tag in (tagged.tags or {}).items() if key not in gone}
        return 204, {"status": "204"}, ""

    @property
    def _backend(self) -> ServedApiBackend:
        backend = self.backend
        assert isinstance(backend, ServedApiBackend)
        return backend

    def _tagged(self) -> Any:
        """Return what an ARN names, which has ``tags``: ``…::/restapis/a1b2[/stages/api]``."""
        arn = unquote(self.raw_path).partition("/tags/")[2]
        match arn.partition("::/")[2].split("/"):
            case ["restapis", api_id]:
                return self.backend.get_rest_api(api_id)
            case ["restapis", api_id, "stages", stage]:
                return self.backend.get_stage(api_id, stage)
            case ["domainnames", name]:
                return domain_of(self.region, name)
            case ["apikeys", key_id]:
                return self.backend.get_api_key(key_id)
            case ["usageplans", plan_id]:
                return self.backend.get_usage_plan(plan_id)
            case _:
                raise BadRequestException(f"Invalid resource identifier specified: {arn}")


class CorrectedApiBackend(CorrectedBackend, ServedApiBackend):
    """moto's apigateway behind our responses."""

    service_package = "moto.apigateway"
    response = ServedApiResponse
    more_paths = (
        "{0}/tags/(?P<resource_arn>.+)$",
        "{0}/usageplans/(?P<usage_plan_id>[^/]+)/usage$",
        "{0}/usageplans/(?P<usage_plan_id>[^/]+)/keys/(?P<api_key_id>[^/]+)/usage$",
    )
    unsaved = frozenset({"usage"})

    def __init__(self, region_name: str, account_id: str, usage: Usage) -> None:
        super().__init__(region_name, account_id)
        self.usage = usage

    @property
    def url_paths(self) -> dict[str, Handler]:
        """These paths, and those of apigatewayv2, for which requests name the same service."""
        v2 = apigatewayv2_backends[self.account_id][self.region_name]
        return {**super().url_paths, **v2.url_paths}


def correct_api_gateway(usage: Usage) -> None:
    """Let moto serve API Gateway with all of this. ``usage`` is what the gateway counts."""
    NotFoundException.code = 404  # some of its subclasses leave it at 400

    def make(region_name: str, account_id: str) -> CorrectedApiBackend:
        return CorrectedApiBackend(region_name, account_id, usage)

    register(apigateway_backends, make)
