"""`chalice local --no-auth`: nobody is refused, and the event says somebody called."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.identities import token
from tests.local.program import Program, make_project, running

APP = """
from chalice import (
    AuthResponse, Chalice, CognitoUserPoolAuthorizer, CustomAuthorizer, IAMAuthorizer)

app = Chalice(app_name="open")
pool = CognitoUserPoolAuthorizer(
    "pool", ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_abc"],
    audience=["web"])
other = CustomAuthorizer(
    "other", "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:us-east-1:123456789012:function:other/invocations")

@app.authorizer()
def own(request):
    if request.token == "broken":
        raise ValueError("no idea")
    return AuthResponse([], request.token, {"level": 7, "arn": request.method_arn})

def view(name=None):
    context = app.current_request.context
    return {"identity": context.get("identity"), "authorizer": context.get("authorizer")}

app.route("/pool/{name}", authorizer=pool)(view)
app.route("/scoped", authorizer=pool.with_scopes(["read"]))(view)
app.route("/other", authorizer=other)(view)
app.route("/signed", authorizer=IAMAuthorizer())(view)
app.route("/own", authorizer=own)(view)
app.route("/open")(view)
"""
KEYS = """
app.route("/key", api_key_required=True)(view)
app.route("/own-and-key", authorizer=own, api_key_required=True)(view)
"""
SIGNATURE = "AWS4-HMAC-SHA256 Credential=AKIDME/20260101/us-east-1/execute-api/aws4_request"
ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_abc"
USER_ARN = "arn:aws:iam::123456789012:user/local"


@pytest.fixture(scope="module")
def rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    project = make_project(tmp_path_factory.mktemp("rest"), APP + KEYS)
    with running(project, "--no-autoreload", "--no-auth") as program:
        yield program


def seen(program: Program, path: str, **headers: str) -> dict[str, Any]:
    answer = program.get(path, **headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_whoever_sends_no_token_is_a_user_called_local(rest: Program) -> None:
    claims = seen(rest, "/pool/a")["authorizer"]["claims"]
    assert (claims["cognito:username"], claims["iss"], claims["aud"]) == ("local", ISSUER, "web")
    assert claims["token_use"] == "id"
    scoped = seen(rest, "/scoped")["authorizer"]["claims"]
    assert (scoped["token_use"], scoped["scope"]) == ("access", "read")


def test_a_token_is_believed_whoever_signed_it(rest: Program) -> None:
    sent = token({"sub": "ann", "exp": 7, "cognito:groups": ["a", "b"]})
    claims = seen(rest, "/pool/a", authorization=f"Bearer {sent}")["authorizer"]["claims"]
    assert (claims["sub"], claims["cognito:groups"]) == ("ann", "a,b")
    assert claims["exp"] == "Thu Jan 01 00:00:07 UTC 1970"
    for no_token in ("a.b.c", "a", "a.W10.c", ""):
        claims = seen(rest, "/pool/a", authorization=no_token)["authorizer"]["claims"]
        assert claims["sub"] == "local"


def test_whoever_signs_is_a_user_with_that_key(rest: Program) -> None:
    identity = seen(rest, "/signed", authorization=SIGNATURE)["identity"]
    assert (identity["userArn"], identity["accessKey"]) == (USER_ARN, "AKIDME")
    assert (identity["accountId"], identity["user"]) == ("123456789012", "local")
    assert seen(rest, "/signed")["identity"]["accessKey"] == "local"
    assert seen(rest, "/open")["identity"]["userArn"] is None


def test_authorizers_of_the_app_tell_who_sends_a_token_and_refuse_nobody(rest: Program) -> None:
    assert seen(rest, "/own", authorization="ann")["authorizer"] == {
        "principalId": "ann",
        "level": "7",
        "arn": "arn:aws:execute-api:us-east-1:123456789012:localroutes/api/GET/own",
    }
    for headers in ({}, {"authorization": "broken"}):
        assert seen(rest, "/own", **headers)["authorizer"] == {"principalId": "local"}
    assert seen(rest, "/other")["authorizer"] == {"principalId": "local"}


def test_an_api_key_is_whatever_is_sent(rest: Program) -> None:
    assert seen(rest, "/key", **{"x-api-key": "any"})["identity"]["apiKey"] == "any"
    both = seen(rest, "/own-and-key")
    assert both["identity"]["apiKey"] == "local"
    assert both["authorizer"] == {"principalId": "local"}


def test_callers_of_an_http_api_are_told_of_in_its_way(tmp_path: Path) -> None:
    make_project(tmp_path, APP, '{"api_gateway_type": "http"}')
    with running(tmp_path, "--no-autoreload", "--no-auth") as program:
        jwt = seen(program, "/pool/a")["authorizer"]["jwt"]
        assert (jwt["claims"]["sub"], jwt["scopes"]) == ("local", None)
        assert seen(program, "/scoped")["authorizer"]["jwt"]["scopes"] == ["read"]
        assert seen(program, "/signed")["authorizer"]["iam"]["userArn"] == USER_ARN
        own = seen(program, "/own", authorization="ann")["authorizer"]["lambda"]
        arn = "arn:aws:execute-api:us-east-1:123456789012:localroutes/$default/GET/own"
        assert own == {"principalId": "ann", "level": "7", "arn": arn}
        assert seen(program, "/open")["authorizer"] is None


def test_callers_of_a_function_url_are_told_of_in_its_way(tmp_path: Path) -> None:
    app = """
        from chalice import Chalice, IAMAuthorizer

        app = Chalice(app_name="open")

        @app.route("/", authorizer=IAMAuthorizer())
        def index():
            return app.current_request.context["authorizer"]
    """
    make_project(tmp_path, app, '{"api_gateway_type": "function_url"}')
    with running(tmp_path, "--no-autoreload", "--no-auth") as program:
        assert seen(program, "/")["iam"]["userArn"] == USER_ARN


@pytest.mark.parametrize(
    "config",
    [{"api_gateway_policy_file": "policy.json"}, {"api_gateway_endpoint_type": "PRIVATE"}],
    ids=["policy", "private"],
)
def test_policies_of_the_api_keep_nobody_out(tmp_path: Path, config: dict[str, str]) -> None:
    make_project(tmp_path, APP, json.dumps(config))
    denied = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [denied]}
    (tmp_path / ".chalice" / "policy.json").write_text(json.dumps(policy))
    with running(tmp_path, "--no-autoreload") as program:
        assert program.get("/open").status_code == 403
    with running(tmp_path, "--no-autoreload", "--no-auth") as program:
        assert program.get("/open").status_code == 200
