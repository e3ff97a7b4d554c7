"""HTTP APIs of the control plane: what they may be made of, and what their stages serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from moto.apigatewayv2.exceptions import BadRequestException
from moto.apigatewayv2.models import apigatewayv2_backends
from moto.utilities.utils import get_partition

from chalice.cloud.control.http_documents import document_of
from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.control.v2_stages import V2Api, V2Deployment, V2Stage
from chalice.gateway.deployment import Deployment, Throttle
from chalice.gateway.http.document import DEFAULT_ROUTE, METHODS
from chalice.gateway.mounts import DEFAULT_STAGE


def quick_create(api: V2Api, settings: Mapping[str, Any]) -> None:
    """Give an API the route, the integration and the stage that ``target`` asks for."""
    integration = api.create_integration(
        connection_type="INTERNET",
        description="",
        integration_method="POST",
        integration_type="AWS_PROXY",
        integration_uri=settings["target"],
        credentials_arn=settings.get("credentialsArn"),
        payload_format_version="2.0",
    )
    api.create_route(
        api_key_required=False,
        authorization_scopes=[],
        authorization_type="NONE",
        route_key=settings.get("routeKey") or DEFAULT_ROUTE,
        target=f"integrations/{integration.id}",
    )
    api.create_stage({"stageName": "$default", "autoDeploy": True})


def check_http_part(parts: list[str], method: str, settings: Mapping[str, Any]) -> None:
    """Raise what AWS answers to a part of an HTTP API that cannot be."""
    match method, *parts:
        case "POST", "routes":
            if not settings.get("routeKey"):
                raise BadRequestException("Route key is required")
            _check_key(str(settings["routeKey"]))
        case "PATCH", "routes", _ if settings.get("routeKey"):
            _check_key(str(settings["routeKey"]))
        case "POST", "integrations":
            kind, version = settings.get("integrationType"), settings.get("payloadFormatVersion")
            if kind not in ("AWS_PROXY", "HTTP_PROXY"):
                raise BadRequestException(f"Invalid integration type specified: {kind}")
            if kind == "AWS_PROXY" and not settings.get("integrationSubtype") and not version:
                raise BadRequestException(
                    "PayloadFormatVersion is a required parameter for integration"
                )
        case "POST", "authorizers":
            kind = settings.get("authorizerType")
            if kind == "JWT" and not (settings.get("jwtConfiguration") or {}).get("issuer"):
                raise BadRequestException("A valid issuer is required for JWT authorizers")
            if kind not in ("JWT", "REQUEST"):
                raise BadRequestException(f"Invalid authorizer type specified: {kind}")
            _check_ttl(settings)
        case "PATCH", "authorizers", _:
            _check_ttl(settings)


class HttpStages:
    """Reads what the stages of HTTP APIs serve; each deployment is described once."""

    def __init__(self) -> None:
        self._documents: WeakKeyDictionary[V2Deployment, dict[str, Any]] = WeakKeyDictionary()

    def read(self, region: str, api_id: str, stage: str) -> Deployment | None:
        """Return what that stage of that API serves, None for nothing."""
        api = apigatewayv2_backends[ACCOUNT][region].apis.get(api_id)
        if not isinstance(api, V2Api) or api.protocol_type != "HTTP":
            return None
        served = api.served(stage)
        if served is None:
            # Nothing has the default stage's place: there, no path is found.
            return _nothing(region, api_id) if stage == DEFAULT_STAGE else None
        found, deployment = served
        document = self._documents.get(deployment)
        if document is None:
            document = self._documents[deployment] = document_of(deployment)
        return Deployment(
            api_id=api_id,
            stage=stage,
            protocol="HTTP",
            document=document,
            account=ACCOUNT,
            region=region,
            partition=get_partition(region),
            deployment_id=deployment.id,
            variables=dict(found.stage_variables or {}),
            throttles=dict(_throttles(found)),
            default_endpoint=not api.disable_execute_api_endpoint,
        )


def _nothing(region: str, api_id: str) -> Deployment:
    return Deployment(
        api_id=api_id,
        stage=DEFAULT_STAGE,
        protocol="HTTP",
        document={},
        account=ACCOUNT,
        region=region,
        partition=get_partition(region),
    )


def http_stages() -> Iterator[tuple[str, str, str]]:
    """Yield the name and the id of each HTTP API with each of its stages."""
    for backend in list(apigatewayv2_backends[ACCOUNT].values()):
        for api in list(backend.apis.values()):
            if api.protocol_type == "HTTP":
                yield from ((api.name, api.api_id, stage) for stage in list(api.stages))


def _throttles(stage: V2Stage) -> Iterator[tuple[str, Throttle]]:
    settings = {"*": stage.default_route_settings or {}, **(stage.route_settings or {})}
    for key, each in settings.items():
        rate, burst = each.get("throttlingRateLimit"), each.get("throttlingBurstLimit")
        if rate is not None or burst is not None:
            yield (
                key,
                Throttle(
                    None if rate is None else float(rate), None if burst is None else int(burst)
                ),
            )


def _check_key(key: str) -> None:
    method, _, path = key.partition(" ")
    named = method == "ANY" or method.lower() in METHODS
    if key != DEFAULT_ROUTE and not (named and path.startswith("/")):
        raise BadRequestException(
            "The provided route key is not formatted properly for HTTP protocol. "
            "Format should be <Method><space>/<Pathpart> or $default."
        )


def _check_ttl(settings: Mapping[str, Any]) -> None:
    ttl = settings.get("authorizerResultTtlInSeconds")
    if ttl is not None and not 0 <= int(ttl) <= 3600:
        raise BadRequestException("Authorizer result TTL should be between 0 and 3600 seconds")
