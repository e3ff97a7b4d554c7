"""OpenAPI documents of HTTP APIs, and moto's resources, each made from the other.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml
from moto.apigatewayv2.exceptions import BadRequestException

from chalice.cloud.control.v2_stages import V2Api, V2Deployment
from chalice.gateway.guards import AUTHORIZER, security_schemes
from chalice.gateway.http.document import (
    ANY_METHOD,
    CORS,
    DEFAULT_ROUTE,
    INTEGRATION,
    METHOD_AUTHORIZER,
    METHODS,
)

_ENDPOINT = "x-amazon-apigateway-endpoint-configuration"
_TAG = "x-amazon-apigateway-tag-value"

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
    tags = {tag["name"]: tag[_TAG] for tag in document.get("tags") or () if _TAG in tag}
    api.backend.tag_resource(api.arn, tags)
    schemes = security_schemes(document)
    authorizers = {
        name: _add_authorizer(api, name, scheme[AUTHORIZER])
        for name, scheme in schemes.items()
        if scheme.get(AUTHORIZER)
    }
    for path, item in (document.get("paths") or {}).items():
        for verb, operation in item.items():
            if verb.lower() == ANY_METHOD or verb.lower() in METHODS:
                _add_route(api, path, verb.lower(), operation, document, authorizers)


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
