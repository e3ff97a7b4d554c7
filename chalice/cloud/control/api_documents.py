"""API documents and moto's resources, each made from the other.

moto reads a part of OpenAPI 3 and no Swagger 2.0. API Gateway reads both, with its extensions:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from moto.apigateway.exceptions import BadRequestException
from moto.apigateway.models import Authorizer, Integration, Method, Resource, RestAPI
from moto.apigateway.utils import ApigwAuthorizerIdentifier

ANY = "x-amazon-apigateway-any-method"
_AUTHORIZER = "x-amazon-apigateway-authorizer"
_BINARY = "x-amazon-apigateway-binary-media-types"
_INTEGRATION = "x-amazon-apigateway-integration"
_POLICY = "x-amazon-apigateway-policy"
_KEY_SOURCE = "x-amazon-apigateway-api-key-source"
_RESPONSES = "x-amazon-apigateway-gateway-responses"
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
    if _BINARY in document:
        api.binaryMediaTypes = list(document[_BINARY])
    if _POLICY in document:
        policy = document[_POLICY]
        api.policy = policy if isinstance(policy, str) else json.dumps(policy)
    if _KEY_SOURCE in document:
        api.api_key_source = document[_KEY_SOURCE]
    endpoints = (document.get(_ENDPOINTS) or {}).get("vpcEndpointIds")
    if endpoints:
        api.endpoint_configuration["vpcEndpointIds"] = list(endpoints)
    for kind, response in (document.get(_RESPONSES) or {}).items():
        api.put_gateway_response(
            kind,
            response.get("statusCode"),
            dict(response.get("responseParameters") or {}),
            dict(response.get("responseTemplates") or {}),
        )
    authorizers = {
        name: _apply_authorizer(api, name, scheme)
        for name, scheme in _schemes(document).items()
        if _AUTHORIZER in scheme
    }
    resources = {resource.get_path(): resource for resource in api.resources.values()}
    for path, item in _items(document):
        resource = _resource_at(api, resources, path)
        for verb, operation in item.items():
            if verb.lower() in _VERBS:
                _apply_operation(resource, verb, operation, document, authorizers)


def document_of(api: RestAPI) -> Document:
    """Describe an API that was built call by call: one operation for each method."""
    paths: dict[str, Document] = {}
    for resource in api.resources.values():
        for verb, method in resource.resource_methods.items():
            name = ANY if verb == "ANY" else verb.lower()
            paths.setdefault(resource.get_path(), {})[name] = _operation_of(api, method)
    document: Document = {
        "swagger": "2.0",
        "info": {"title": api.name, "version": "1.0"},
        "paths": paths,
        "securityDefinitions": {
            authorizer.name: _scheme_of(authorizer) for authorizer in api.authorizers.values()
        },
    }
    if any(method.api_key_required for _, method in _methods(api)):
        document["securityDefinitions"]["api_key"] = _API_KEY
    if any(method.authorization_type == "AWS_IAM" for _, method in _methods(api)):
        document["securityDefinitions"]["sigv4"] = _SIGV4
    return document


def settle(api: RestAPI, document: Document) -> Document:
    """Return ``document`` with the settings of ``api`` that patch operations may have changed."""
    settings: Document = {
        _BINARY: list(api.binaryMediaTypes or ()),
        _POLICY: json.loads(api.policy) if api.policy else None,
        _KEY_SOURCE: api.api_key_source,
        _RESPONSES: {
            kind: {
                "statusCode": response.status_code,
                "responseParameters": dict(response.response_parameters or {}),
                "responseTemplates": dict(response.response_templates or {}),
            }
            for kind, response in api.gateway_responses.items()
        },
    }
    settled = {key: value for key, value in document.items() if key not in settings}
    return settled | {key: value for key, value in settings.items() if value}


def check_ttl(ttl: object) -> None:
    """Raise ``BadRequestException`` for a time that no answer of an authorizer may hold."""
    if ttl is not None and not 0 <= int(str(ttl)) <= _MAX_TTL:
        raise BadRequestException(f"Authorizer result TTL must be between 0 and {_MAX_TTL} seconds")


_API_KEY = {"type": "apiKey", "name": "x-api-key", "in": "header"}
_SIGV4 = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
}


def _is_json(body: str | bytes) -> bool:
    return body.lstrip()[:1] in ("{", b"{")


def _items(document: Document) -> Iterator[tuple[str, Document]]:
    yield from (document.get("paths") or {}).items()


def _methods(api: RestAPI) -> Iterator[tuple[Resource, Method]]:
    for resource in api.resources.values():
        for method in resource.resource_methods.values():
            yield resource, method


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
    settings = scheme[_AUTHORIZER]
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
        headers = response.get("headers") or {}
        method.create_response(
            str(code), {}, {f"method.response.header.{name}": {} for name in headers}
        )
    if operation.get(_INTEGRATION):
        _apply_integration(resource, method_type, operation[_INTEGRATION])


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


def _operation_of(api: RestAPI, method: Method) -> Document:
    operation: Document = {
        "responses": {
            code: {
                "description": "",
                "headers": {
                    name.rpartition(".")[2]: {"type": "string"}
                    for name in response.response_parameters or {}
                },
            }
            for code, response in method.method_responses.items()
        },
    }
    security: list[Document] = []
    authorizer = api.authorizers.get(method.authorizer_id or "")
    if authorizer is not None:
        security.append({str(authorizer.name): method.authorization_scopes or []})
    if method.authorization_type == "AWS_IAM":
        security.append({"sigv4": []})
    if method.api_key_required:
        security.append({"api_key": []})
    if security:
        operation["security"] = security
    if method.method_integration is not None:
        operation[_INTEGRATION] = _integration_of(method.method_integration)
    return operation


def _integration_of(integration: Integration) -> Document:
    settings = {
        "type": integration.integration_type.lower(),
        "uri": integration.uri,
        "httpMethod": integration.http_method,
        "passthroughBehavior": (integration.passthrough_behaviour or "WHEN_NO_MATCH").lower(),
        "requestTemplates": integration.request_templates,
        "requestParameters": integration.request_parameters,
        "contentHandling": integration.content_handling,
        "credentials": integration.credentials,
        "timeoutInMillis": integration.timeout_in_millis,
        "responses": {
            response.selection_pattern or "default": {
                "statusCode": str(response.status_code),
                "responseParameters": response.response_parameters or {},
                "responseTemplates": response.response_templates or {},
            }
            for response in (integration.integration_responses or {}).values()
        },
    }
    return {name: value for name, value in settings.items() if value not in (None, {}, "")}


def _scheme_of(authorizer: Authorizer) -> Document:
    cognito = authorizer.type == "COGNITO_USER_POOLS"
    settings = {
        "type": str(authorizer.type).lower(),
        "providerARNs": authorizer.provider_arns,
        "authorizerUri": authorizer.authorizer_uri,
        "authorizerCredentials": authorizer.authorizer_credentials,
        "identitySource": authorizer.identity_source,
        "identityValidationExpression": authorizer.identity_validation_expression,
        "authorizerResultTtlInSeconds": authorizer.authorizer_result_ttl,
    }
    source = str(authorizer.identity_source or "method.request.header.Authorization")
    return {
        "type": "apiKey",
        "name": source.rpartition(".")[2],
        "in": "header",
        "x-amazon-apigateway-authtype": "cognito_user_pools" if cognito else "custom",
        _AUTHORIZER: {name: value for name, value in settings.items() if value is not None},
    }
