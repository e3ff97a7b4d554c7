"""API documents made from moto's resources: of an API that was built call by call, and with the
settings that calls have changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from moto.apigateway.models import Authorizer, Integration, Method, Resource, RestAPI

from chalice.cloud.control.api_documents import (
    ANY,
    AUTHORIZER,
    BINARY,
    INTEGRATION,
    KEY_SOURCE,
    POLICY,
    RESPONSES,
    Document,
)

_API_KEY = {"type": "apiKey", "name": "x-api-key", "in": "header"}
_SIGV4 = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
}


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
        BINARY: list(api.binaryMediaTypes or ()),
        POLICY: json.loads(api.policy) if api.policy else None,
        KEY_SOURCE: api.api_key_source,
        RESPONSES: {
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


def _methods(api: RestAPI) -> Iterator[tuple[Resource, Method]]:
    for resource in api.resources.values():
        for method in resource.resource_methods.values():
            yield resource, method


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
        operation[INTEGRATION] = _integration_of(method.method_integration)
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
        AUTHORIZER: {name: value for name, value in settings.items() if value is not None},
    }
