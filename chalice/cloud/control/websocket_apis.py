"""WebSocket APIs of the control plane: what they may be made of, and what their stages serve."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.apigatewayv2.exceptions import BadRequestException
from moto.apigatewayv2.models import apigatewayv2_backends
from moto.utilities.utils import get_partition

from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.control.v2_stages import ConflictError, V2Api
from chalice.gateway.deployment import Deployment

_INTEGRATION_TYPES = frozenset({"AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK"})
_AUTHORIZATION_TYPES = frozenset({"NONE", "AWS_IAM", "CUSTOM"})
_TARGET = re.compile(r"integrations/(.+)")


def check_api(api: Mapping[str, Any]) -> None:
    """Raise what AWS answers to a CreateApi request for a WebSocket API that cannot be."""
    if api.get("protocolType") != "WEBSOCKET":
        return
    if not api.get("name"):
        raise BadRequestException("Invalid API Name specified. Name must not be empty")
    if not api.get("routeSelectionExpression"):
        raise BadRequestException("RouteSelectionExpression is required for WEBSOCKET APIs")
    if api.get("corsConfiguration") or api.get("target"):
        raise BadRequestException("Cors and quick create are not supported for WEBSOCKET APIs")


def check_socket_part(
    api: V2Api, parts: list[str], method: str, settings: Mapping[str, Any]
) -> None:
    """Raise what AWS answers to a request for ``parts`` (``["routes", "a1b2"]``) of a WebSocket
    API that cannot be; ``settings`` is what the request says.
    """
    match method, *parts:
        case "POST", "routes":
            _check_route(api, settings, None)
        case "PATCH", "routes", route_id:
            _check_route(api, settings, route_id)
        case (("POST" | "PATCH"), "integrations", *rest) if len(rest) < 2:
            _check_integration(settings, new=not rest)
        case (("POST" | "PATCH"), "authorizers", *_):
            _check_authorizer(settings)
        case "DELETE", "integrations", integration_id:
            _check_deletion(api, integration_id)


def region_of_v2_api(api_id: str) -> str | None:
    """Return the region that an API of apigatewayv2 is in."""
    for region, backend in list(apigatewayv2_backends[ACCOUNT].items()):
        if api_id in backend.apis:
            return region
    return None


def read_socket_stage(api_id: str, stage: str) -> Deployment | None:
    """Return what a stage of a WebSocket API serves."""
    region = region_of_v2_api(api_id)
    if region is None:
        return None
    api = apigatewayv2_backends[ACCOUNT][region].apis.get(api_id)
    if not isinstance(api, V2Api) or api.protocol_type != "WEBSOCKET":
        return None
    served = api.served(stage)
    if served is None:
        return None
    found, deployment = served
    return Deployment(
        api_id=api_id,
        stage=stage,
        protocol="WEBSOCKET",
        document={
            "routeSelectionExpression": deployment.settings["routeSelectionExpression"],
            "routes": deployment.routes,
            "integrations": deployment.integrations,
            "authorizers": deployment.authorizers,
        },
        account=ACCOUNT,
        region=region,
        partition=get_partition(region),
        deployment_id=deployment.id,
        variables=dict(found.stage_variables or {}),
        default_endpoint=not api.disable_execute_api_endpoint,
    )


def socket_stages() -> Iterator[tuple[str, str, str]]:
    """Yield the name and the id of each WebSocket API with each of its stages."""
    for backend in list(apigatewayv2_backends[ACCOUNT].values()):
        for api in list(backend.apis.values()):
            if api.protocol_type == "WEBSOCKET":
                yield from ((api.name, api.api_id, stage) for stage in list(api.stages))


def _check_route(api: V2Api, route: Mapping[str, Any], route_id: str | None) -> None:
    """Raise what AWS answers to a route of a WebSocket API that cannot be.

    ``route`` is a CreateRoute or UpdateRoute request; ``route_id`` is of the one to be updated.
    """
    key = route.get("routeKey")
    if key is None and route_id is None:
        raise BadRequestException("Route key is required")
    others = [each for each in api.routes.values() if each.route_id != route_id]
    if key is not None and any(each.route_key == key for each in others):
        raise ConflictError(f"Route with key {key} already exists for this API")
    known = key or (api.get_route(route_id).route_key if route_id else "")
    authorization = route.get("authorizationType") or "NONE"
    if authorization not in _AUTHORIZATION_TYPES:
        raise BadRequestException(f"Invalid authorization type: {authorization}")
    if authorization != "NONE" and known != "$connect":
        raise BadRequestException("Currently, authorization is restricted to the $connect route")
    authorizer = route.get("authorizerId")
    if authorization == "CUSTOM" and authorizer not in api.authorizers:
        raise BadRequestException(f"Invalid authorizer id specified {authorizer}")
    target = route.get("target")
    found = _TARGET.fullmatch(target) if target else None
    if target and (found is None or found.group(1) not in api.integrations):
        raise BadRequestException(f"Invalid integration target specified: {target}")


def _check_integration(integration: Mapping[str, Any], *, new: bool) -> None:
    """Raise what AWS answers to an integration of a WebSocket API that cannot be."""
    kind = integration.get("integrationType")
    if (new or kind is not None) and kind not in _INTEGRATION_TYPES:
        raise BadRequestException(f"Invalid integration type specified: {kind}")
    if new and kind != "MOCK" and not integration.get("integrationUri"):
        raise BadRequestException(f"IntegrationUri is required for the integration type {kind}")
    timeout = integration.get("timeoutInMillis")
    if timeout is not None and not 50 <= int(timeout) <= 29_000:
        raise BadRequestException("Timeout should be between 50 ms and 29000 ms")


def _check_authorizer(authorizer: Mapping[str, Any]) -> None:
    """Raise what AWS answers to an authorizer of a WebSocket API that cannot be."""
    if authorizer.get("authorizerType", "REQUEST") != "REQUEST":
        raise BadRequestException("Only REQUEST authorizers are supported for WEBSOCKET APIs")


def _check_deletion(api: V2Api, integration_id: str) -> None:
    """Raise what AWS answers when a route still needs the integration."""
    target = f"integrations/{integration_id}"
    users = [route.route_id for route in api.routes.values() if route.target == target]
    if users:
        raise ConflictError(
            f"Cannot delete Integration '{integration_id}'. Found route(s) {', '.join(users)} "
            "referencing it"
        )
