"""Deployments of HTTP APIs, and functions behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from chalice.gateway.deployment import Deployment, Throttle
from chalice.gateway.invoker import InvocationResult
from tests.gateway.identities import ISSUER
from tests.gateway.serving import FUNCTION, Functions, result, uri

AUTHORIZER = "arn:aws:lambda:eu-west-1:123456789012:function:shop-dev-auth"
ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc123/$default"
ANY = "x-amazon-apigateway-any-method"
REQUEST_ID = "ASNFZ4mrze8BI0U="
HELLO = result({"statusCode": 200, "body": "hi"})

JWT = {
    "type": "oauth2",
    "x-amazon-apigateway-authorizer": {
        "type": "jwt",
        "identitySource": "$request.header.Authorization",
        "jwtConfiguration": {"issuer": ISSUER, "audience": ["client1", "client2"]},
    },
}


def operation(version: str = "2.0", function: str = FUNCTION, **more: object) -> dict[str, object]:
    integration = {"type": "AWS_PROXY", "uri": function, "payloadFormatVersion": version}
    return {"x-amazon-apigateway-integration": {**integration, **more}}


def api(
    paths: Mapping[str, Mapping[str, object]],
    *,
    stage: str = "$default",
    cors: Mapping[str, object] | None = None,
    schemes: Mapping[str, object] | None = None,
    variables: Mapping[str, str] | None = None,
    throttles: Mapping[str, Throttle] | None = None,
) -> Deployment:
    return Deployment(
        api_id="abc123",
        stage=stage,
        document={
            "openapi": "3.0.1",
            "paths": paths,
            "components": {"securitySchemes": schemes or {}},
            "x-amazon-apigateway-cors": cors,
        },
        account="123456789012",
        region="eu-west-1",
        protocol="HTTP",
        variables=variables,
        throttles=throttles or {},
    )


def guarded(scheme: Mapping[str, object], *scopes: str, version: str = "2.0") -> Deployment:
    secured = {**operation(version), "security": [{"auth": list(scopes)}]}
    return api({"/": {"get": secured}, "/a/{b}": {ANY: secured}}, schemes={"auth": scheme})


def functions(answer: InvocationResult = HELLO) -> Functions:
    return Functions({FUNCTION: lambda event: answer})


def by_function(
    *sources: str, simple: bool = True, version: str = "2.0", ttl: int | None = None
) -> dict[str, Any]:
    return {
        "type": "apiKey",
        "x-amazon-apigateway-authorizer": {
            "type": "request",
            "identitySource": ", ".join(sources),
            "authorizerUri": uri(AUTHORIZER),
            "authorizerPayloadFormatVersion": version,
            "enableSimpleResponses": simple,
            "authorizerResultTtlInSeconds": ttl,
        },
    }


def cors_headers(answer: httpx.Response) -> dict[str, str]:
    return {
        name.removeprefix("access-control-"): value
        for name, value in answer.headers.items()
        if name.startswith("access-control-")
    }
