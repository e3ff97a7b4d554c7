"""Routes as the document of an HTTP API."""

from __future__ import annotations

from typing import Any

import pytest

from chalice import (
    AuthResponse,
    Chalice,
    CognitoUserPoolAuthorizer,
    CORSConfig,
    CustomAuthorizer,
    IAMAuthorizer,
)
from chalice.errors import ToolError
from chalice.openapi import http_document

POOL = "arn:aws:cognito-idp:us-west-2:1:userpool/us-west-2_abc"


def made(app: Chalice) -> Any:
    return http_document(
        app, uri="URI", authorizer_uri=lambda name: f"AUTH {name}", tags={"a": "b"}
    )


def guarded(authorizer: Any) -> Any:
    app = Chalice("demo", env={})

    @app.route("/", authorizer=authorizer)
    def index() -> str:
        return ""

    return made(app)


def test_each_route_invokes_the_function_with_payload_2() -> None:
    app = Chalice("demo", env={})

    @app.route("/files/{name}", methods=["GET", "PUT"])
    def files(name: str) -> str:
        return name

    document = made(app)
    assert document["info"] == {"version": "1.0", "title": "demo"}
    assert document["tags"] == [{"name": "a", "x-amazon-apigateway-tag-value": "b"}]
    assert list(document["paths"]) == ["/files/{name}"]
    operations = document["paths"]["/files/{name}"]
    assert list(operations) == ["get", "put"]
    assert operations["get"]["x-amazon-apigateway-integration"] == {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": "URI",
        "payloadFormatVersion": "2.0",
    }
    assert operations["get"]["parameters"][0]["name"] == "name"
    assert "components" not in document


def test_preflights_go_to_the_function() -> None:
    app = Chalice("demo", env={})

    @app.route("/", methods=["POST"], cors=CORSConfig("https://example.com"))
    def index() -> str:
        return ""

    options = made(app)["paths"]["/"]["options"]
    assert options["x-amazon-apigateway-integration"]["uri"] == "URI"


def test_a_user_pool_becomes_an_issuer_of_tokens() -> None:
    pool = CognitoUserPoolAuthorizer("pool", [POOL], audience=["client"])
    document = guarded(pool.with_scopes(["read"]))
    assert document["paths"]["/"]["get"]["security"] == [{"pool": ["read"]}]
    scheme = document["components"]["securitySchemes"]["pool"]
    assert scheme["x-amazon-apigateway-authorizer"] == {
        "type": "jwt",
        "identitySource": "$request.header.Authorization",
        "jwtConfiguration": {
            "issuer": "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_abc",
            "audience": ["client"],
        },
    }


@pytest.mark.parametrize(
    ("arns", "audience", "summary"),
    [
        ([POOL], None, "which clients of the user pool"),
        ([POOL, POOL], ["c"], "one user pool for each authorizer"),
        (["pool"], ["c"], "no ARN of a user pool"),
    ],
)
def test_pools_that_cannot_be_an_issuer_are_refused(
    arns: list[str], audience: list[str] | None, summary: str
) -> None:
    with pytest.raises(ToolError, match=summary):
        guarded(CognitoUserPoolAuthorizer("pool", arns, audience=audience))


def test_signed_routes_and_functions_that_decide() -> None:
    assert guarded(IAMAuthorizer())["paths"]["/"]["get"]["x-amazon-apigateway-auth"] == {
        "type": "AWS_IAM"
    }
    custom = CustomAuthorizer("custom", "CUSTOM", ttl_seconds=5, header="X-Key")
    assert guarded(custom)["components"]["securitySchemes"]["custom"] == {
        "type": "apiKey",
        "name": "X-Key",
        "in": "header",
        "x-amazon-apigateway-authorizer": {
            "type": "request",
            "identitySource": "$request.header.X-Key",
            "authorizerUri": "CUSTOM",
            "authorizerPayloadFormatVersion": "1.0",
            "authorizerResultTtlInSeconds": 5,
            "enableSimpleResponses": False,
        },
    }


def test_a_built_in_authorizer_is_asked_for_each_token() -> None:
    app = Chalice("demo", env={})

    @app.authorizer()
    def gate(request: object) -> AuthResponse:
        return AuthResponse(["*"], "me")

    @app.route("/", authorizer=gate)
    def index() -> str:
        return ""

    [scheme] = made(app)["components"]["securitySchemes"].values()
    details = scheme["x-amazon-apigateway-authorizer"]
    assert details["authorizerUri"] == "AUTH gate"
    assert details["authorizerResultTtlInSeconds"] == 300
