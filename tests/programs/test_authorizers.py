"""Programs whose routes ask who is calling."""

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
from chalice.app import Authorizer, AuthRequest
from chalice.test import Client
from tests.programs.doors import CONTEXT, JSON, through_lambda

POOL = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_visitors"
STAGE = "arn:aws:execute-api:eu-west-1:123456789012:70ixmpl4fl/api"
FUNCTION = (
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:eu-west-1:123456789012:function:porter/invocations"
)


def test_a_route_may_need_an_api_key(app: Chalice, client: Client) -> None:
    @app.route("/vault", methods=["GET"], api_key_required=True)
    def vault() -> Any:
        return {"open": True}

    assert app.routes["/vault"]["GET"].api_key_required
    assert client.http.get("/vault").json_body == {"open": True}


@pytest.mark.parametrize(
    "authorizer",
    [
        IAMAuthorizer(),
        CognitoUserPoolAuthorizer("Visitors", header="Authorization", provider_arns=[POOL]),
        CustomAuthorizer("Porter", header="Authorization", authorizer_uri=FUNCTION),
    ],
    ids=lambda authorizer: type(authorizer).__name__,
)
def test_an_authorizer_that_runs_elsewhere_lets_through_here_with_a_warning(
    app: Chalice, client: Client, authorizer: Authorizer
) -> None:
    @app.route("/vault", methods=["GET"], authorizer=authorizer)
    def vault() -> Any:
        return {"open": True}

    assert app.routes["/vault"]["GET"].authorizer is authorizer
    assert through_lambda(app, "GET", "/vault", {}, None).data == {"open": True}
    with pytest.warns(UserWarning, match="is not a supported in local mode"):
        assert client.http.get("/vault").json_body == {"open": True}


def test_a_pool_may_be_defined_by_name_as_long_ago(app: Chalice, client: Client) -> None:
    with pytest.deprecated_call(match="CognitoUserPoolAuthorizer") as warned:
        app.define_authorizer(
            name="Visitors",
            header="Authorization",
            auth_type="cognito_user_pools",
            provider_arns=[POOL],
        )
    assert warned[0].filename == __file__

    @app.route("/vault", methods=["GET"], authorizer_name="Visitors")
    def vault() -> Any:
        return {"open": True}

    authorizer = app.routes["/vault"]["GET"].authorizer
    assert isinstance(authorizer, CognitoUserPoolAuthorizer)
    assert authorizer.to_swagger() == {
        "in": "header",
        "type": "apiKey",
        "name": "Authorization",
        "x-amazon-apigateway-authtype": "cognito_user_pools",
        "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": [POOL]},
    }
    assert through_lambda(app, "GET", "/vault", {}, None).data == {"open": True}
    with pytest.warns(UserWarning, match="local mode"):
        assert client.http.get("/vault").status_code == 200


@pytest.fixture
def guarded(app: Chalice) -> Chalice:
    """Tickets are names; `/tickets` shows one's own, and every path wants one."""
    holders = {"ticket-ada": "ada"}
    cors = CORSConfig(allow_origin="*", allow_headers=["*"], allow_credentials=True)

    @app.authorizer()
    def check_ticket(auth_request: AuthRequest) -> AuthResponse:
        ticket = auth_request.token
        try:
            return AuthResponse(routes=["*"], principal_id=holders[ticket])
        except Exception as error:
            app.log.error(error)
            return AuthResponse(routes=[""], principal_id="")

    @app.route("/")
    def unguarded() -> Any:
        return {}

    @app.route("/tickets", methods=["GET", "POST"], cors=cors, authorizer=check_ticket)
    def tickets() -> Any:
        return {"holder": app.current_request.context["authorizer"]["principalId"]}

    @app.route("/root", authorizer=check_ticket)
    def root() -> Any:
        return {}

    return app


def test_who_is_known_comes_in(guarded: Chalice) -> None:
    http = Client(guarded).http
    response = http.post("/tickets", headers={**JSON, "Authorization": "ticket-ada"}, body="{}")
    assert (response.status_code, response.json_body) == (200, {"holder": "ada"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert http.get("/").status_code == 200


def test_who_is_unknown_does_not(guarded: Chalice) -> None:
    http = Client(guarded).http
    for path in ("/tickets", "/root"):
        assert http.get(path, headers={"Authorization": "ticket-eve"}).status_code == 403
        assert http.get(path).status_code == 401


@pytest.mark.parametrize("method_and_path", ["GET/", "GET/tickets", "POST/tickets"])
def test_an_empty_route_and_nobody_refuse_everything(
    guarded: Chalice, method_and_path: str
) -> None:
    question = {
        "type": "TOKEN",
        "authorizationToken": "ticket-eve",
        "methodArn": f"{STAGE}/{method_and_path}",
    }
    refusal = guarded.handler_map["check_ticket"](question, CONTEXT)
    assert refusal["principalId"] == ""
    [statement] = refusal["policyDocument"]["Statement"]
    assert statement["Resource"] == []


def test_lambda_asks_the_authorizer_as_a_function(guarded: Chalice) -> None:
    question = {
        "type": "TOKEN",
        "authorizationToken": "ticket-ada",
        "methodArn": f"{STAGE}/GET/tickets",
    }
    answer = Client(guarded).lambda_.invoke("check_ticket", question).payload
    assert answer == {
        "context": {},
        "principalId": "ada",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": [f"{STAGE}/*/*"],
                }
            ],
        },
    }
