"""APIs of routes: REST APIs, HTTP APIs, function URLs.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_rest_api
"""

from __future__ import annotations

from typing import Any

from chalice.model.apis import FunctionUrl, HttpApi, RestApi
from chalice.model.functions import Alias, Function
from chalice.model.values import Document, refs
from chalice.render.terraform.draft import Arguments, Draft
from chalice.render.terraform.references import expression, literal, text

PROSE = ("summary", "description")
"""What an API document says to people: the docstrings of views."""
_BINARY = "x-amazon-apigateway-binary-media-types"
_ENDPOINT = "x-amazon-apigateway-endpoint-configuration"
_POLICY = "x-amazon-apigateway-policy"
_SWAGGER = "chalice_api_swagger"
_OPENAPI = "chalice_api_openapi"


def add_rest_api(api: RestApi, draft: Draft) -> None:
    """Add the REST API with its stage, which is deployed again whenever the document changes."""
    document: Any = api.document
    draft.template["locals"][_SWAGGER] = text(document, PROSE)
    endpoint: Arguments = {"types": [api.endpoint_type]}
    endpoint_ids = document.get(_ENDPOINT, {}).get("vpcEndpointIds")
    if endpoint_ids:
        endpoint["vpc_endpoint_ids"] = expression(endpoint_ids)
    arguments: Arguments = {
        "body": f"${{local.{_SWAGGER}}}",
        "name": literal(api.title),
        "binary_media_types": expression(document.get(_BINARY, ())),
        "endpoint_configuration": endpoint,
        "tags": tags_of_functions(document, draft),
    }
    if _POLICY in document:
        arguments["policy"] = text(document[_POLICY])
    if api.minimum_compression_size is not None:
        arguments["minimum_compression_size"] = str(api.minimum_compression_size)
    draft.add("aws_api_gateway_rest_api", api.name, arguments, api.name)
    api_id = f"${{aws_api_gateway_rest_api.{api.name}.id}}"
    deployment = {
        "rest_api_id": api_id,
        "triggers": {
            "body": f"${{sha256(aws_api_gateway_rest_api.{api.name}.body)}}",
            "minimum_compression_size": str(api.minimum_compression_size),
        },
        "lifecycle": {"create_before_destroy": True},
    }
    draft.add("aws_api_gateway_deployment", api.name, deployment, api.name)
    stage = {
        "rest_api_id": api_id,
        "deployment_id": f"${{aws_api_gateway_deployment.{api.name}.id}}",
        "stage_name": literal(api.stage_name),
        "xray_tracing_enabled": api.tracing,
        "tags": tags_of_functions(document, draft),
    }
    draft.add("aws_api_gateway_stage", api.name, stage, api.name)
    draft.output("EndpointURL", f"${{aws_api_gateway_stage.{api.name}.invoke_url}}")
    draft.output("RestAPIId", api_id)


def add_http_api(api: HttpApi, draft: Draft) -> None:
    """Add the HTTP API, whose stage always serves what the document says."""
    given: Any = api.document
    document = {key: value for key, value in given.items() if key != "tags"}
    draft.template["locals"][_OPENAPI] = text(document, PROSE)
    tags = tags_of_functions(document, draft)
    arguments = {
        "body": f"${{local.{_OPENAPI}}}",
        "name": literal(api.title),
        "protocol_type": "HTTP",
        "version": document["info"]["version"],
        "tags": tags,
    }
    draft.add("aws_apigatewayv2_api", api.name, arguments, api.name)
    api_id = f"${{aws_apigatewayv2_api.{api.name}.id}}"
    stage = {
        "api_id": api_id,
        "name": literal(api.stage_name),
        "auto_deploy": True,
        "tags": tags,
    }
    draft.add("aws_apigatewayv2_stage", api.name, stage, api.name)
    draft.output("EndpointURL", f"${{aws_apigatewayv2_stage.{api.name}.invoke_url}}")
    draft.output("HttpAPIId", api_id)


def add_function_url(url: FunctionUrl, draft: Draft) -> None:
    """Add the URL of the function."""
    arguments = {**draft.named(url.function), "authorization_type": url.auth_type}
    draft.add("aws_lambda_function_url", url.name, arguments, url.name)
    draft.output("EndpointURL", f"${{aws_lambda_function_url.{url.name}.function_url}}")


def tags_of_functions(document: Document, draft: Draft) -> Arguments:
    """Return the tags that all functions have to which a document refers."""
    tags: list[tuple[str, str]] | None = None
    for name in sorted(refs(document)):
        invoked = draft.resources[name]
        function = draft.function_of(invoked.function) if isinstance(invoked, Alias) else invoked
        if isinstance(function, Function):
            own = list(function.tags.items())
            tags = own if tags is None else [each for each in tags if each in own]
    return {key: literal(value) for key, value in tags or ()}
