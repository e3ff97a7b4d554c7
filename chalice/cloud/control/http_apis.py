"""HTTP APIs of the control plane: made from documents, described by them, read for the gateway.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import yaml
from moto.apigatewayv2.exceptions import BadRequestException
from moto.apigatewayv2.models import apigatewayv2_backends
from moto.utilities.utils import get_partition

from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.control.v2_stages import V2Api, V2Deployment, V2Stage
from chalice.gateway.deployment import Deployment, Throttle
from chalice.gateway.guards import AUTHORIZER, security_schemes
from chalice.gateway.http.document import (
    ANY_METHOD,
    CORS,
    DEFAULT_ROUTE,
    INTEGRATION,
    METHOD_AUTHORIZER,
)

_METHODS = frozenset(["get", "put", "post", "delete", "options", "head", "patch", "trace"])
_ENDPOINT = "x-amazon-apigateway-endpoint-configuration"

Document = Mapping[str, Any]


def parse_http_document(body: str) -> Document:
    """Return the OpenAPI 3 document in ``body``, JSON or YAML. Raises ``BadRequestException``."""
    try:
        document = json.loads(body) if body.lstrip()[:1] == "{" else yaml.safe_load(body)
    except (ValueError, yaml.YAMLError) as error:
        raise BadRequestException(f"Unable to parse API definition: {error}") from None
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3."):
        raise BadRequestException(
            "Unable to parse API definition because of a malformed definition at path /: "
            "an OpenAPI 3 definition is needed"
        )
    for path, item in (document.get("paths") or {}).items():
        if not str(path).startswith("/") or not isinstance(item, dict):
            raise BadRequestException(
                f"Unable to parse API definition because of a malformed path: {path}"
            )
    return document


def import_document(api: V2Api, document: Document) -> None:
    """Make ``api`` what the document describes; its stages and deployments stay."""
    info = document.get("info") or {}
    if not info.get("title"):
        raise BadRequestException("Unable to create API: info.title is missing")
    for parts in (api.routes, api.integrations, api.authorizers, api.models):
        parts.clear()
    api.name = str(info["title"])
    api.description = info.get("description", api.description)
    api.version = str(info["version"]) if "version" in info else api.version
    api.cors_configuration = document.get(CORS)
    endpoint = document.get(_ENDPOINT) or {}
    if "disableExecuteApiEndpoint" in endpoint:
        api.disable_execute_api_endpoint = endpoint["disableExecuteApiEndpoint"]
    schemes = security_schemes(document)
    authorizers = {
        name: _add_authorizer(api, name, scheme[AUTHORIZER])
        for name, scheme in schemes.items()
        if scheme.get(AUTHORIZER)
    }
    for path, item in (document.get("paths") or {}).items():
        for verb, operation in item.items():
            if verb.lower() == ANY_METHOD or verb.lower() in _METHODS:
                _add_route(api, path, verb.lower(), operation, document, authorizers)


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


def document_of(deployment: V2Deployment) -> dict[str, Any]:
    """Describe an API as it was deployed."""
    paths: dict[str, dict[str, Any]] = {}
    for route in deployment.routes:
        method, _, path = str(route["routeKey"]).partition(" ")
        if method == DEFAULT_ROUTE:
            method, path = "ANY", f"/{DEFAULT_ROUTE}"
        verb = ANY_METHOD if method == "ANY" else method.lower()
        paths.setdefault(path, {})[verb] = _operation_of(deployment, route)
    return {
        "openapi": "3.0.1",
        "info": {"title": deployment.settings["name"]},
        "paths": paths,
        "components": {
            "securitySchemes": {
                key: {AUTHORIZER: _settings_of(authorizer)}
                for key, authorizer in deployment.authorizers.items()
            }
        },
        CORS: deployment.settings.get("corsConfiguration"),
    }


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
            return None
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


def http_stages() -> Iterator[tuple[str, str, str]]:
    """Yield the name and the id of each HTTP API with each of its stages."""
    for backend in list(apigatewayv2_backends[ACCOUNT].values()):
        for api in list(backend.apis.values()):
            if api.protocol_type == "HTTP":
                yield from ((api.name, api.api_id, stage) for stage in list(api.stages))


def _add_authorizer(api: V2Api, name: str, settings: Mapping[str, Any]) -> str:
    source = settings.get("identitySource")
    listed = [each.strip() for each in source.split(",")] if isinstance(source, str) else source
    made = api.create_authorizer(
        auth_creds_arn=settings.get("authorizerCredentials"),  # type: ignore[arg-type]
        auth_payload_format_version=settings.get("authorizerPayloadFormatVersion"),  # type: ignore[arg-type]
        auth_result_ttl=settings.get("authorizerResultTtlInSeconds"),  # type: ignore[arg-type]
        authorizer_type=str(settings.get("type", "")).upper(),
        authorizer_uri=settings.get("authorizerUri"),  # type: ignore[arg-type]
        enable_simple_response=settings.get("enableSimpleResponses"),  # type: ignore[arg-type]
        identity_source=listed,  # type: ignore[arg-type]
        identity_validation_expr=settings.get("identityValidationExpression"),  # type: ignore[arg-type]
        jwt_config=settings.get("jwtConfiguration"),  # type: ignore[arg-type]
        name=name,
    )
    return str(made.id)


def _add_route(
    api: V2Api,
    path: str,
    verb: str,
    operation: Mapping[str, Any],
    document: Document,
    authorizers: Mapping[str, str],
) -> None:
    target = ""
    settings = operation.get(INTEGRATION)
    if settings:
        if "$ref" in settings:
            settings = _resolve(document, str(settings["$ref"]))
        integration = api.create_integration(
            connection_type=settings.get("connectionType", "INTERNET"),
            description="",
            integration_method=settings.get("httpMethod", "POST"),
            integration_type=str(settings.get("type", "")).upper(),
            integration_uri=str(settings.get("uri", "")),
            credentials_arn=settings.get("credentials"),
            payload_format_version=str(settings.get("payloadFormatVersion", "1.0")),
            timeout_in_millis=settings.get("timeoutInMillis"),
        )
        target = f"integrations/{integration.id}"
    security = operation.get("security", document.get("security")) or ()
    wanted = {name: scopes for item in security for name, scopes in item.items()}
    named = [name for name in wanted if name in authorizers]
    iam = str((operation.get(METHOD_AUTHORIZER) or {}).get("type", "")).upper() == "AWS_IAM"
    kind = "AWS_IAM" if iam else "NONE"
    if named and not iam:
        is_jwt = api.authorizers[authorizers[named[0]]].authorizer_type == "JWT"
        kind = "JWT" if is_jwt else "CUSTOM"
    method = "ANY" if verb == ANY_METHOD else verb.upper()
    is_default = path.strip("/") == DEFAULT_ROUTE
    api.create_route(
        api_key_required=False,
        authorization_scopes=list(wanted[named[0]] or ()) if named else [],
        authorization_type=kind,
        authorizer_id=authorizers[named[0]] if named else None,
        operation_name=operation.get("operationId"),
        route_key=DEFAULT_ROUTE if is_default else f"{method} {path}",
        target=target,
    )


def _resolve(document: Document, reference: str) -> Mapping[str, Any]:
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping):
        raise BadRequestException(f"Unable to resolve the reference {reference}")
    return found


def _operation_of(deployment: V2Deployment, route: Mapping[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {}
    key = str(route.get("target") or "").rpartition("/")[2]
    integration = deployment.integrations.get(key)
    if integration is not None:
        operation[INTEGRATION] = {
            "type": integration["integrationType"],
            "uri": integration["integrationUri"],
            "httpMethod": integration["integrationMethod"],
            "payloadFormatVersion": integration["payloadFormatVersion"],
            "timeoutInMillis": integration["timeoutInMillis"],
        }
    match route.get("authorizationType"):
        case "AWS_IAM":
            operation[METHOD_AUTHORIZER] = {"type": "AWS_IAM"}
        case "JWT" | "CUSTOM":
            scopes = route.get("authorizationScopes") or []
            operation["security"] = [{str(route.get("authorizerId")): scopes}]
    return operation


def _settings_of(authorizer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": str(authorizer["authorizerType"]).lower(),
        "identitySource": authorizer["identitySource"],
        "jwtConfiguration": authorizer["jwtConfiguration"],
        "authorizerUri": authorizer["authorizerUri"],
        "authorizerPayloadFormatVersion": authorizer["authorizerPayloadFormatVersion"],
        "enableSimpleResponses": authorizer["enableSimpleResponses"],
        "authorizerResultTtlInSeconds": authorizer["authorizerResultTtlInSeconds"],
    }


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
    named = method == "ANY" or method.lower() in _METHODS
    if key != DEFAULT_ROUTE and not (named and path.startswith("/")):
        raise BadRequestException(
            "The provided route key is not formatted properly for HTTP protocol. "
            "Format should be <Method><space>/<Pathpart> or $default."
        )


def _check_ttl(settings: Mapping[str, Any]) -> None:
    ttl = settings.get("authorizerResultTtlInSeconds")
    if ttl is not None and not 0 <= int(ttl) <= 3600:
        raise BadRequestException("Authorizer result TTL should be between 0 and 3600 seconds")
