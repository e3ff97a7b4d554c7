"""Routes as an HTTP API: OpenAPI 3 with Amazon API Gateway's extensions.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html

The function gets payload 2.0 and answers preflights itself: HTTP APIs know CORS for all routes
together only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalice.errors import ToolError
from chalice.model.values import Document
from chalice.openapi.rest import document, preflight_headers
from chalice.runtime.app import Chalice
from chalice.runtime.auth import Authorizer, CognitoUserPoolAuthorizer, IAMAuthorizer
from chalice.runtime.routing import RouteEntry, path_parameters

_DEFAULT_TTL = 300  # seconds, as for REST APIs


def http_document(
    app: Chalice,
    *,
    uri: Document,
    authorizer_uri: Callable[[str], Document],
    tags: Mapping[str, str],
) -> Mapping[str, Document]:
    """Return the document of the app's routes as an HTTP API that carries ``tags``.

    ``uri`` and ``authorizer_uri`` are as for ``chalice.openapi.document``. Raises ToolError for
    authorizers that HTTP APIs cannot have.
    """
    result: dict[str, Document] = {
        "openapi": "3.0.1",
        "info": {"version": "1.0", "title": app.app_name},
        "tags": [
            {"name": key, "x-amazon-apigateway-tag-value": value} for key, value in tags.items()
        ],
        "paths": {path: _path(path, entries, uri) for path, entries in app.routes.items()},
    }
    schemes = _security_schemes(app, authorizer_uri)
    if schemes:
        result["components"] = {"securitySchemes": schemes}
    return result


def _path(path: str, entries: Mapping[str, RouteEntry], uri: Document) -> Document:
    operations = {
        method.lower(): {**_operation(path, uri), **_guard(entry)}
        for method, entry in entries.items()
    }
    if preflight_headers(entries):
        operations.setdefault("options", _operation(path, uri))
    return operations


def _operation(path: str, uri: Document) -> dict[str, Document]:
    operation: dict[str, Document] = {
        "responses": {"default": {"description": "What the function answers"}},
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": uri,
            "payloadFormatVersion": "2.0",
        },
    }
    parameters: list[Document] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name, _ in path_parameters(path)
    ]
    return {**operation, "parameters": parameters} if parameters else operation


def _guard(entry: RouteEntry) -> dict[str, Document]:
    if entry.authorizer is None:
        return {}
    if isinstance(entry.authorizer, IAMAuthorizer):
        return {"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}
    return {"security": [{entry.authorizer.name: list(entry.authorizer.scopes)}]}


def _security_schemes(
    app: Chalice, authorizer_uri: Callable[[str], Document]
) -> Mapping[str, Document]:
    """Return the schemes that stand for the REST API's definitions of the same authorizers."""
    authorizers = {
        entry.authorizer.name: entry.authorizer
        for entries in app.routes.values()
        for entry in entries.values()
        if entry.authorizer is not None
    }
    rest: Any = document(app, uri="", authorizer_uri=authorizer_uri)
    definitions: Mapping[str, Any] = rest.get("securityDefinitions", {})
    return {
        name: _scheme(authorizers[name], definition)
        for name, definition in definitions.items()
        if name in authorizers and not isinstance(authorizers[name], IAMAuthorizer)
    }


def _scheme(authorizer: Authorizer, definition: Mapping[str, Any]) -> Document:
    source = f"$request.header.{definition['name']}"
    if isinstance(authorizer, CognitoUserPoolAuthorizer):
        details: dict[str, Document] = {
            "type": "jwt",
            "identitySource": source,
            "jwtConfiguration": {
                "issuer": _issuer(authorizer, definition),
                "audience": list(authorizer.audience),
            },
        }
        return {"type": "oauth2", "x-amazon-apigateway-authorizer": details}
    rest = definition["x-amazon-apigateway-authorizer"]
    details = {
        "type": "request",
        "identitySource": source,
        "authorizerUri": rest["authorizerUri"],
        "authorizerPayloadFormatVersion": "1.0",
        "authorizerResultTtlInSeconds": rest.get("authorizerResultTtlInSeconds", _DEFAULT_TTL),
        "enableSimpleResponses": False,
    }
    if "authorizerCredentials" in rest:
        details["authorizerCredentials"] = rest["authorizerCredentials"]
    return {
        "type": "apiKey",
        "name": definition["name"],
        "in": "header",
        "x-amazon-apigateway-authorizer": details,
    }


def _issuer(authorizer: CognitoUserPoolAuthorizer, definition: Mapping[str, Any]) -> str:
    arns = definition["x-amazon-apigateway-authorizer"]["providerARNs"]
    where = f"authorizer `{authorizer.name}`"
    if len(arns) != 1:
        raise ToolError(
            "an HTTP API checks the tokens of one user pool for each authorizer",
            where=where,
            hint="make one authorizer for each pool, or use a REST API",
        )
    if not authorizer.audience:
        raise ToolError(
            "an HTTP API must know which clients of the user pool its tokens are for",
            where=where,
            hint="pass their ids: `CognitoUserPoolAuthorizer(..., audience=[...])`",
        )
    fields = arns[0].split(":")
    if len(fields) != 6 or not fields[5].startswith("userpool/"):
        hint = "write `arn:aws:cognito-idp:REGION:ACCOUNT:userpool/ID`"
        raise ToolError(f"`{arns[0]}` is no ARN of a user pool", where=where, hint=hint)
    suffix = "amazonaws.com.cn" if fields[1] == "aws-cn" else "amazonaws.com"
    return f"https://cognito-idp.{fields[3]}.{suffix}/{fields[5].removeprefix('userpool/')}"
