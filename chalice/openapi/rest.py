"""The API document of an app: its routes as Swagger 2.0 with Amazon API Gateway's extensions.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence

from chalice.errors import ToolError
from chalice.model.values import Arn, Document, Ref
from chalice.runtime.app import Chalice
from chalice.runtime.auth import Authorizer, ChaliceAuthorizer
from chalice.runtime.routing import RouteEntry, path_parameters

_API_KEY: Document = {"type": "apiKey", "name": "x-api-key", "in": "header"}


def invocation_uri(function: Ref) -> Arn:
    """Return the URI by which API Gateway invokes the function whose ARN ``function`` is."""
    return Arn(
        "apigateway", ("path/2015-03-31/functions/", function, "/invocations"), account="lambda"
    )


def document(
    app: Chalice,
    *,
    uri: Document,
    authorizer_uri: Callable[[str], Document],
    policy: Document = None,
    vpc_endpoint_ids: Sequence[str] = (),
) -> Mapping[str, Document]:
    """Return the API document of the app's routes.

    ``uri`` is the integration URI of the API handler, ``authorizer_uri`` gives that of an
    authorizer of the app by its registered name; a template language's own objects
    (``{"Fn::Sub": …}``) will do. ``policy`` is the resource policy, None for none.
    Raises ToolError when different authorizers have the same name, or when one has no function.
    """
    result: dict[str, Document] = {
        "swagger": "2.0",
        "info": {"version": "1.0", "title": app.app_name},
        "schemes": ["https"],
        "paths": {path: _path(path, entries, uri) for path, entries in app.routes.items()},
        "definitions": {"Empty": {"type": "object", "title": "Empty Schema"}},
        "x-amazon-apigateway-binary-media-types": list(app.api.binary_types),
    }
    definitions = _security_definitions(app, authorizer_uri)
    if definitions:
        result["securityDefinitions"] = definitions
    if policy is not None:
        result["x-amazon-apigateway-policy"] = policy
    if vpc_endpoint_ids:
        result["x-amazon-apigateway-endpoint-configuration"] = {
            "vpcEndpointIds": list(vpc_endpoint_ids)
        }
    return result


def _path(path: str, entries: Mapping[str, RouteEntry], uri: Document) -> Document:
    operations = {method.lower(): _operation(entry, uri) for method, entry in entries.items()}
    headers = preflight_headers(entries)
    if headers:
        operations["options"] = _preflight(headers)
    return operations


def preflight_headers(entries: Mapping[str, RouteEntry]) -> dict[str, str]:
    """Return what OPTIONS answers for the methods of one path: empty if none has CORS.

    Those that have it are checked, before a deploy, to have the same.
    """
    cors = {method: entry.cors for method, entry in entries.items() if entry.cors is not None}
    if not cors:
        return {}
    return {
        "Access-Control-Allow-Methods": ",".join([*cors, "OPTIONS"]),
        **next(iter(cors.values())).get_access_control_headers(),
    }


def _operation(entry: RouteEntry, uri: Document) -> dict[str, Document]:
    operation: dict[str, Document] = {
        "consumes": list(entry.content_types),
        "produces": ["application/json"],
        "responses": {"200": _empty_response()},
        "x-amazon-apigateway-integration": {
            "responses": {"default": {"statusCode": "200"}},
            "uri": uri,
            "passthroughBehavior": "when_no_match",
            "httpMethod": "POST",
            "contentHandling": "CONVERT_TO_TEXT",
            "type": "aws_proxy",
        },
    }
    summary, _, description = (inspect.getdoc(entry.view_function) or "").partition("\n")
    if summary:
        operation["summary"] = summary
    if description:
        operation["description"] = description.strip("\n")
    security: list[Document] = [{"api_key": []}] if entry.api_key_required else []
    if entry.authorizer is not None:
        security.append({entry.authorizer.name: list(entry.authorizer.scopes)})
    if security:
        operation["security"] = security
    parameters: list[Document] = [
        {"name": name, "in": "path", "required": True, "type": "string"}
        for name, _ in path_parameters(entry.uri_pattern)
    ]
    if parameters:
        operation["parameters"] = parameters
    return operation


def _preflight(headers: Mapping[str, str]) -> dict[str, Document]:
    """Return the OPTIONS operation that answers with these headers."""
    response: Document = {
        "statusCode": "200",
        "responseParameters": {
            f"method.response.header.{name}": f"'{value}'" for name, value in headers.items()
        },
    }
    return {
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "responses": {
            "200": {**_empty_response(), "headers": {name: {"type": "string"} for name in headers}}
        },
        "x-amazon-apigateway-integration": {
            "responses": {"default": response},
            "requestTemplates": {"application/json": '{"statusCode": 200}'},
            "passthroughBehavior": "when_no_match",
            "type": "mock",
            "contentHandling": "CONVERT_TO_TEXT",
        },
    }


def _empty_response() -> dict[str, Document]:
    return {"description": "200 response", "schema": {"$ref": "#/definitions/Empty"}}


def _security_definitions(
    app: Chalice, authorizer_uri: Callable[[str], Document]
) -> dict[str, Document]:
    definitions: dict[str, Document] = {}
    for path, entries in app.routes.items():
        for method, entry in entries.items():
            if entry.api_key_required:
                definitions.setdefault("api_key", _API_KEY)
            if entry.authorizer is None:
                continue
            name = entry.authorizer.name
            definition = _security_definition(entry.authorizer, authorizer_uri)
            if definitions.setdefault(name, definition) != definition:
                raise ToolError(
                    f"two different authorizers are named `{name}`",
                    where=f"`{entry.view_name}` ({method} {path})",
                    hint="give each a name of its own",
                )
    return definitions


def _security_definition(
    authorizer: Authorizer, authorizer_uri: Callable[[str], Document]
) -> Document:
    if not isinstance(authorizer, ChaliceAuthorizer):
        return authorizer.to_swagger()
    config = authorizer.config
    if config is None:
        raise ToolError(
            f"authorizer `{authorizer.name}` belongs to a blueprint that is not registered",
            hint="call `app.register_blueprint` with its blueprint",
        )
    details: dict[str, Document] = {"type": "token", "authorizerUri": authorizer_uri(config.name)}
    if config.execution_role is not None:
        details["authorizerCredentials"] = config.execution_role
    if config.ttl_seconds is not None:
        details["authorizerResultTtlInSeconds"] = config.ttl_seconds
    return {
        "in": "header",
        "type": "apiKey",
        "name": config.header,
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": details,
    }
