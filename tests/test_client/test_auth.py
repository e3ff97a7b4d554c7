"""Requests of callers whom no authorizer of the app itself lets in."""

from __future__ import annotations

from typing import Any

import pytest

from chalice import (
    AuthResponse,
    Chalice,
    CognitoUserPoolAuthorizer,
    CustomAuthorizer,
    IAMAuthorizer,
)
from chalice.test import Auth, Client

POOL = CognitoUserPoolAuthorizer("pool", ["arn:aws:cognito-idp:us-east-1:1:userpool/us-east-1_a"])
OTHER = CustomAuthorizer("other", "arn:aws:apigateway:us-east-1:lambda:path/x/invocations")


@pytest.fixture
def app() -> Chalice:
    app = Chalice("guarded", configure_logs=False)

    @app.authorizer()
    def own(request: Any) -> AuthResponse:
        return AuthResponse(["*"] if request.token == "yes" else [], "ann")

    def view() -> Any:
        context = app.current_request.context
        return {"authorizer": context.get("authorizer"), "identity": context["identity"]}

    app.route("/pool", authorizer=POOL, name="v1")(view)
    app.route("/iam", authorizer=IAMAuthorizer(), name="v2")(view)
    app.route("/other", authorizer=OTHER, name="v3")(view)
    app.route("/own", authorizer=own, name="v4")(view)
    app.route("/open", name="v5")(view)
    return app


def test_the_claims_of_a_token_are_told(app: Chalice) -> None:
    said = Client(app).http.get("/pool", auth={"claims": {"sub": "1", "scope": "a b"}}).json_body
    assert said["authorizer"] == {"claims": {"sub": "1", "scope": "a b"}}


def test_who_signed_is_told(app: Chalice) -> None:
    arn = "arn:aws:iam::123456789012:user/ann"
    said = Client(app).http.get("/iam", auth={"identity": {"userArn": arn}}).json_body
    assert said["identity"] == {"sourceIp": "127.0.0.1", "userArn": arn}


def test_what_an_authorizer_elsewhere_said_is_told(app: Chalice) -> None:
    context = {"principalId": "ann", "team": "a"}
    assert Client(app).http.get("/other", auth={"context": context}).json_body["authorizer"] == (
        context
    )


@pytest.mark.parametrize(
    ("path", "auth", "said"),
    [
        ("/pool", {"identity": {}}, "tells of callers by `claims`"),
        ("/iam", {"claims": {}}, "tells of callers by `identity`"),
        ("/own", {"claims": {}}, "is a function of the app, which runs"),
        ("/open", {"claims": {}}, "has no authorizer"),
    ],
)
def test_a_caller_whom_the_authorizer_does_not_know_is_an_error(
    app: Chalice, path: str, auth: Auth, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Client(app).http.get(path, auth=auth)


def test_an_authorizer_of_the_app_runs(app: Chalice) -> None:
    client = Client(app)
    assert client.http.get("/own", headers={"Authorization": "yes"}).status_code == 200
    assert client.http.get("/own", headers={"Authorization": "no"}).status_code == 403
    assert client.http.get("/own").status_code == 401


def test_the_next_request_has_no_caller(app: Chalice) -> None:
    client = Client(app)
    client.http.get("/pool", auth={"claims": {}})
    with pytest.warns(UserWarning, match="not a supported in local mode"):
        assert client.http.get("/pool").json_body["authorizer"] is None


def test_an_unknown_path_stays_unknown(app: Chalice) -> None:
    assert Client(app).http.get("/nothing", auth={"claims": {}}).status_code == 403
