"""Authorizer classes, authorizer functions and the policies that they return."""

from __future__ import annotations

from typing import Any

import pytest

from chalice import (
    AuthResponse,
    AuthRoute,
    CognitoUserPoolAuthorizer,
    CustomAuthorizer,
    IAMAuthorizer,
)
from chalice.app import Authorizer, AuthRequest, ChaliceAuthorizer
from tests.runtime.events import new_app

ARN = "arn:aws:execute-api:us-west-2:123:rid/dev/GET/needs/auth"
PREFIX = "arn:aws:execute-api:us-west-2:123:rid/dev"


def test_the_iam_authorizer() -> None:
    authorizer = IAMAuthorizer()
    assert (authorizer.name, authorizer.scopes) == ("sigv4", [])
    assert authorizer.to_swagger() == {
        "in": "header",
        "type": "apiKey",
        "name": "Authorization",
        "x-amazon-apigateway-authtype": "awsSigv4",
    }
    with pytest.raises(NotImplementedError):
        authorizer.with_scopes([])


def test_the_base_says_what_is_missing() -> None:
    assert (Authorizer.name, Authorizer.scopes) == ("", [])
    with pytest.raises(NotImplementedError, match="to_swagger"):
        Authorizer().to_swagger()


def test_the_cognito_authorizer() -> None:
    authorizer = CognitoUserPoolAuthorizer("Pool", ["arn"], header="Token")
    assert authorizer.to_swagger() == {
        "in": "header",
        "type": "apiKey",
        "name": "Token",
        "x-amazon-apigateway-authtype": "cognito_user_pools",
        "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": ["arn"]},
    }
    scoped = authorizer.with_scopes(["read"])
    assert (scoped.name, scoped.scopes, authorizer.scopes) == ("Pool", ["read"], [])
    assert scoped.to_swagger() == authorizer.to_swagger()


@pytest.mark.parametrize("arns", ["foo", ("foo",)])
def test_provider_arns_must_be_a_list(arns: Any) -> None:
    with pytest.raises(TypeError) as caught:
        CognitoUserPoolAuthorizer("Pool", provider_arns=arns)
    assert str(caught.value) == f"provider_arns should be a list of ARNs, received: {arns}"


def test_the_custom_authorizer() -> None:
    authorizer = CustomAuthorizer("Own", "uri", invoke_role_arn="role", scopes=["a"])
    assert authorizer.to_swagger() == {
        "in": "header",
        "type": "apiKey",
        "name": "Authorization",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
            "type": "token",
            "authorizerUri": "uri",
            "authorizerResultTtlInSeconds": 300,
            "authorizerCredentials": "role",
        },
    }
    without_role = CustomAuthorizer("Own", "uri").to_swagger()["x-amazon-apigateway-authorizer"]
    assert "authorizerCredentials" not in without_role
    assert authorizer.with_scopes(["b"]).scopes == ["b"]


def test_a_function_becomes_an_authorizer() -> None:
    app = new_app()

    @app.authorizer(ttl_seconds=30, execution_role="role", header="X-Token")
    def gate(request: AuthRequest) -> Any:
        """Opens."""
        return {"seen": [request.auth_type, request.token, request.method_arn]}

    assert isinstance(gate, ChaliceAuthorizer)
    assert (gate.name, gate.scopes, vars(gate)["__name__"], gate.__doc__) == (
        "gate",
        [],
        "gate",
        "Opens.",
    )
    [config] = app.builtin_auth_handlers
    assert gate.config is config
    assert vars(config) == {
        "name": "gate",
        "handler_string": "app.gate",
        "ttl_seconds": 30,
        "execution_role": "role",
        "header": "X-Token",
    }
    assert app.handler_map == {"gate": gate}
    event = {"type": "TOKEN", "authorizationToken": "t", "methodArn": ARN}
    assert gate(event, None) == {"seen": ["TOKEN", "t", ARN]}
    scoped = gate.with_scopes(["read"])
    assert (scoped.scopes, scoped.func, scoped.config) == (["read"], gate.func, config)
    with pytest.raises(KeyError):
        gate({}, None)


def test_an_auth_response_becomes_a_policy() -> None:
    app = new_app()

    @app.authorizer()
    def gate(request: AuthRequest) -> AuthResponse:
        return AuthResponse(routes=["/a"], principal_id="ann", context={"k": "v"})

    assert gate({"type": "TOKEN", "authorizationToken": "t", "methodArn": ARN}, None) == {
        "context": {"k": "v"},
        "principalId": "ann",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": [f"{PREFIX}/*/a"],
                }
            ],
        },
    }


@pytest.mark.parametrize(
    ("routes", "resources"),
    [
        (["/needs/auth"], ["*/needs/auth"]),
        (["/"], ["*/"]),
        (["*"], ["*/*"]),
        (["/*"], ["*/*"]),
        (["/a/*"], ["*/a/*"]),
        (["/users/{id}"], ["*/users/{id}"]),
        (
            [AuthRoute("/a", ["GET"]), AuthRoute("/a/b", ["GET", "POST"])],
            ["GET/a", "GET/a/b", "POST/a/b"],
        ),
        ([AuthRoute("/", ["GET"])], ["GET/"]),
        ([AuthRoute("*", ["*"])], ["*/*"]),
        ([AuthRoute("*", ["GET", "POST"])], ["GET/*", "POST/*"]),
        (["/a", AuthRoute("/b", ["PUT"])], ["*/a", "PUT/b"]),
        ([], []),
        (["a"], ["*/a"]),
        ([""], []),
    ],
)
def test_resources_of_a_policy(routes: Any, resources: list[str]) -> None:
    policy = AuthResponse(routes, "").to_dict(AuthRequest("TOKEN", "t", ARN))["policyDocument"]
    assert policy["Statement"][0]["Resource"] == [f"{PREFIX}/{tail}" for tail in resources]


def test_a_path_may_hold_colons() -> None:
    arn = "arn:aws-cn:execute-api:cn-north-1:123:rid/dev/GET/a:b"
    policy = AuthResponse(["/a:b"], "").to_dict(AuthRequest("TOKEN", "t", arn))["policyDocument"]
    assert policy["Statement"][0]["Resource"] == [
        "arn:aws-cn:execute-api:cn-north-1:123:rid/dev/*/a:b"
    ]
