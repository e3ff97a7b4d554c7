"""API documents, and moto's resources made from them.

moto reads a part of OpenAPI 3 and no Swagger 2.0. API Gateway reads both, with its extensions:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from moto.apigateway.exceptions import BadRequestException
from moto.apigateway.models import Resource, RestAPI
from moto.apigateway.utils import ApigwAuthorizerIdentifier

ANY = "x-amazon-apigateway-any-method"
AUTHORIZER = "x-amazon-apigateway-authorizer"
BINARY = "x-amazon-apigateway-binary-media-types"
INTEGRATION = "x-amazon-apigateway-integration"
POLICY = "x-amazon-apigateway-policy"
KEY_SOURCE = "x-amazon-apigateway-api-key-source"
RESPONSES = "x-amazon-apigateway-gateway-responses"
_ENDPOINTS = "x-amazon-apigateway-endpoint-configuration"
_MAX_TTL = 3600
_VERBS = frozenset({"get", "put", "post", "delete", "head", "patch", "options", ANY})

Document = dict[str, Any]


def parse_document(body: str | bytes) -> Document:
    """Return the API document in ``body``, JSON or YAML. Raises ``BadRequestException``."""
    try:
        document = yaml.safe_load(body) if not _is_json(body) else json.loads(body)
    except (ValueError, yaml.YAMLError) as error:
        raise BadRequestException(f"Invalid OpenAPI input: {error}") from None
    if not isinstance(document, dict):
        raise BadRequestException("Invalid OpenAPI input.")
    version = document.get("swagger", document.get("openapi"))
    if not str(version).startswith(("2.", "3.")):
        raise BadRequestException("Invalid OpenAPI input: neither `swagger` nor `openapi` is there")
    for name in ("info", "paths"):
        if not isinstance(document.get(name, {}), dict):
            raise BadRequestException(f"Invalid OpenAPI input: `{name}` is not an object")
    for path, item in _items(document):
        operations = item.items() if isinstance(item, dict) else [("", item)]
        for verb, operation in operations:
            if verb.lower() in _VERBS | {""} and not isinstance(operation, dict):
                raise BadRequestException(f"Invalid OpenAPI input: {path} {verb} is not an object")
    return document


def merge_documents(old: Document, new: Document) -> Document:
    """Return ``old`` with what ``new`` defines in it or over it: methods of paths, other keys."""
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        if key == "paths" and isinstance(before, dict):
            merged[key] = before | {path: before.get(path, {}) | value[path] for path in value}
        elif isinstance(value, dict) and isinstance(before, dict):
            merged[key] = before | value
        else:
            merged[key] = value
    return merged


def apply_document(api: RestAPI, document: Document) -> None:
    """Make ``api`` have, besides what it has, everything that ``document`` describes."""
    info = document.get("info", {})
    api.name = info.get("title") or api.name
    api.description = info.get("description", api.description)
    if BINARY in document:
        api.binaryMediaTypes = list(document[BINARY])
    if POLICY in document:
        policy = document[POLICY]
        api.policy = policy if isinstance(policy, str) else json.dumps(policy)
    if KEY_SOURCE in document:
        api.api_key_source = document[KEY_SOURCE]
    endpoints = (document.get(_ENDPOINTS) or {}).get("vpcEndpointIds")
    if endpoints:
        api.endpoint_configuration["vpcEndpointIds"] = list(endpoints)
    for kind, response in (document.get(RESPONSES) or {}).items():
        api.put_gateway_response(
            kind,
            response.get("statusCode"),
            dict(response.get("responseParameters") or {}),
            dict(response.get("responseTemplates") or {}),
        )
    authorizers = {
        name: _apply_authorizer(api, name, scheme)
        for name, scheme in _schemes(document).items()
        if AUTHORIZER in scheme
    }
    resources = {resource.get_path(): resource for resource in api.resources.values()}
    for path, item in _items(document):
        resource = _resource_at(api, resources, path)
        for verb, operation in item.items():
            if verb.lower() in _VERBS:
                _apply_operation(resource, verb, operation, document, authorizers)


def check_ttl(ttl: object) -> None:
    """Raise ``BadRequestException`` for a time that no answer of an authorizer may hold."""
    if ttl is not None and not 0 <= int(str(ttl)) <= _MAX_TTL:
        raise BadRequestException(f"Authorizer result TTL must be between 0 and {_MAX_TTL} seconds")


def _is_json(body: str | bytes) -> bool:
    return body.lstrip()[:1] in ("{", b"{")


def _items(document: Document) -> Iterator[tuple[str, Document]]:
    yield from (document.get("paths") or {}).items()


def _schemes(document: Document) -> Mapping[str, Document]:
    components = document.get("components") or {}
    found: Mapping[str, Document] = (
        document.get("securityDefinitions") or components.get("securitySchemes") or {}
    )
    return found


def _resource_at(api: RestAPI, known: dict[str, Resource], path: str) -> Resource:
    """Return the resource at ``path``, made with its parents where they are not ``known``."""
    resource, so_far = api.default, ""
    for part in [part for part in path.split("/") if part]:
        so_far += f"/{part}"
        if so_far not in known:
            known[so_far] = api.add_child(part, resource.id)
        resource = known[so_far]
    return resource


def _apply_authorizer(api: RestAPI, name: str, scheme: Document) -> str:
    settings = scheme[AUTHORIZER]
    check_ttl(settings.get("authorizerResultTtlInSeconds"))
    known = [key for key, authorizer in api.authorizers.items() if authorizer.name == name]
    identifier = ApigwAuthorizerIdentifier(api.account_id, api.region_name, name)
    authorizer_id: str = known[0] if known else identifier.generate()
    api.create_authorizer(
        authorizer_id,
        name,
        str(settings.get("type", "token")).upper(),
        settings.get("providerARNs"),
        scheme.get("x-amazon-apigateway-authtype"),
        settings.get("authorizerUri"),
        settings.get("authorizerCredentials"),
        settings.get("identitySource") or f"method.request.header.{scheme.get('name')}",
        settings.get("identityValidationExpression"),
        int(settings.get("authorizerResultTtlInSeconds", 300)),
    )
    return authorizer_id


def _apply_operation(
    resource: Resource,
    verb: str,
    operation: Document,
    document: Document,
    authorizers: Mapping[str, str],
) -> None:
    method_type = "ANY" if verb.lower() == ANY else verb.upper()
    requirements = operation["security"] if "security" in operation else document.get("security")
    wanted = [pair for requirement in requirements or [] for pair in requirement.items()]
    schemes = _schemes(document)
    kinds = {name: _kind(schemes.get(name, {})) for name, _ in wanted}
    custom = [(name, scopes) for name, scopes in wanted if name in authorizers]
    authorization = "NONE"
    if "awsSigv4" in kinds.values() or _wants_iam(operation):
        authorization = "AWS_IAM"
    elif custom:
        cognito = kinds[custom[0][0]] == "cognito_user_pools"
        authorization = "COGNITO_USER_POOLS" if cognito else "CUSTOM"
    method = resource.add_method(
        method_type,
        authorization,
        "api_key" in kinds.values(),
        operation_name=operation.get("operationId"),
        authorizer_id=authorizers[custom[0][0]] if custom else None,
        authorization_scopes=(custom[0][1] or None) if custom else None,
    )
    for code, response in (operation.get("responses") or {}).items():
        headers: Any = {
            f"method.response.header.{name}": False for name in response.get("headers") or {}
        }
        method.create_response(str(code), {}, headers)
    if operation.get(INTEGRATION):
        _apply_integration(resource, method_type, operation[INTEGRATION])


def _wants_iam(operation: Document) -> bool:
    kind = (operation.get("x-amazon-apigateway-auth") or {}).get("type", "")
    return str(kind).upper() == "AWS_IAM"


def _kind(scheme: Document) -> str:
    authtype = scheme.get("x-amazon-apigateway-authtype")
    if authtype is None and str(scheme.get("name", "")).lower() == "x-api-key":
        return "api_key"
    return str(authtype)


def _apply_integration(resource: Resource, method_type: str, settings: Document) -> None:
    integration = resource.add_integration(
        method_type,
        str(settings.get("type", "")).upper(),
        settings.get("uri", ""),
        request_templates=settings.get("requestTemplates"),
        passthrough_behavior=str(settings.get("passthroughBehavior", "when_no_match")).upper(),
        integration_method=settings.get("httpMethod"),
        timeout_in_millis=settings.get("timeoutInMillis"),
        request_parameters=settings.get("requestParameters"),
        content_handling=settings.get("contentHandling"),
        credentials=settings.get("credentials"),
    )
    for pattern, response in (settings.get("responses") or {}).items():
        integration.create_integration_response(
            str(response.get("statusCode", 200)),
            "" if pattern == "default" else pattern,
            dict(response.get("responseTemplates") or {}),
            response.get("responseParameters"),
            response.get("contentHandling"),
        )
