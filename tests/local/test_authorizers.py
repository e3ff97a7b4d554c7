from __future__ import annotations

import base64
import json
import logging
import re
from typing import Any

import pytest

from chalice import (
    AuthResponse,
    AuthRoute,
    Chalice,
    CognitoUserPoolAuthorizer,
    CustomAuthorizer,
    IAMAuthorizer,
)
from chalice.app import Authorizer, AuthRequest, ChaliceAuthorizer
from chalice.local import (
    ARNMatcher,
    ForbiddenError,
    InvalidAuthorizerError,
    LocalARNBuilder,
    LocalGateway,
    LocalGatewayException,
    NotAuthorizedError,
)

PREFIX = "arn:aws:execute-api:mars-west-1:123456789012:ymy8tbxw7b/api"


def guarded(authorizer: Authorizer, path: str = "/guarded") -> Chalice:
    app = Chalice("guarded", configure_logs=False)

    @app.route(path, methods=["GET", "POST"], authorizer=authorizer, content_types=[])
    def view(**_: str) -> Any:
        return app.current_request.context.get("authorizer")

    return app


def answering(answer: Any) -> ChaliceAuthorizer:
    return Chalice("auth", configure_logs=False).authorizer(name="auth")(lambda _request: answer)


def ask(authorizer: Authorizer, path: str = "/guarded", route: str = "", **headers: str) -> Any:
    gateway = LocalGateway(guarded(authorizer, route or path.partition("?")[0]))
    return json.loads(gateway.handle_request("GET", path, headers, "")["body"])


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"principalId": "me", "policyDocument": {"Statement": list(statements)}}


def statement(effect: str, resource: Any, action: Any = "execute-api:Invoke") -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource}


def test_the_view_sees_who_calls() -> None:
    authorizer = answering(AuthResponse(["/guarded"], "me", {"team": "a", "level": 3}))
    said = ask(authorizer, Authorization="token")
    assert said == {"principalId": "me", "team": "a", "level": 3}


def test_the_authorizer_is_asked_about_the_token_and_the_call() -> None:
    asked: list[AuthRequest] = []
    app = Chalice("auth", configure_logs=False)

    @app.authorizer()
    def auth(request: AuthRequest) -> AuthResponse:
        asked.append(request)
        return AuthResponse(["*"], "me")

    ask(auth, "/users/7/?a=b", "/users/{id}", authorization="")
    [request] = asked
    assert (request.auth_type, request.token) == ("TOKEN", "")
    assert request.method_arn == f"{PREFIX}/GET/users/7"


def test_a_request_without_a_token_is_unauthorized() -> None:
    with pytest.raises(NotAuthorizedError) as raised:
        ask(answering(AuthResponse(["*"], "me")), Other="token")
    assert raised.value.CODE == 401
    assert raised.value.headers["x-amzn-ErrorType"] == "UnauthorizedException"
    assert raised.value.body == b'{"message":"Unauthorized"}'


def test_an_authorizer_reads_the_header_that_it_names() -> None:
    app = Chalice("auth", configure_logs=False)

    @app.authorizer(header="X-Custom")
    def auth(request: AuthRequest) -> AuthResponse:
        return AuthResponse(["*"], request.token)

    assert ask(auth, **{"x-custom": "mine"}) == {"principalId": "mine"}
    with pytest.raises(NotAuthorizedError):
        ask(auth, Authorization="mine")


def test_an_authorizer_that_no_app_knows_reads_the_usual_header() -> None:
    auth = ChaliceAuthorizer("auth", lambda _request: AuthResponse(["*"], "me"))
    assert ask(auth, Authorization="token") == {"principalId": "me"}


def test_what_the_policy_does_not_allow_is_denied() -> None:
    with pytest.raises(ForbiddenError) as raised:
        ask(answering(AuthResponse(["/other"], "me")), Authorization="token")
    assert raised.value.headers["x-amzn-ErrorType"] == "AccessDeniedException"
    assert raised.value.body == b'{"Message": "User is not authorized to access this resource"}'


def test_a_refusal_needs_no_principal() -> None:
    refusal: Any = AuthResponse(routes=[], principal_id=None)  # type: ignore[arg-type]
    with pytest.raises(ForbiddenError):
        ask(answering(refusal), Authorization="token")


@pytest.mark.parametrize(
    "statements",
    [
        [statement("Allow", "*")],
        [statement("Allow", ["*"], ["execute-api:Invoke"])],
        [statement("Allow", f"{PREFIX}/GET/guarded")],
        [statement("Allow", [f"{PREFIX}/*/guarded"], "execute-api:*")],
        [statement("Allow", [f"{PREFIX}/GET/guar?ed"], "*")],
        [statement("Allow", "*"), statement("Deny", f"{PREFIX}/POST/*")],
    ],
)
def test_a_policy_may_allow_in_every_way_that_iam_knows(statements: list[Any]) -> None:
    assert ask(answering(policy(*statements)), Authorization="t") == {"principalId": "me"}


@pytest.mark.parametrize(
    ("statements", "explicitly"),
    [
        ([], False),
        ([statement("Allow", f"{PREFIX}/GET/guarded2")], False),
        ([statement("Allow", f"{PREFIX}/POST/*")], False),
        ([statement("Allow", "*", "s3:GetObject")], False),
        ([statement("Allow", "*"), statement("Deny", f"{PREFIX}/GET/guarded")], True),
        ([statement("Deny", "*"), statement("Allow", "*")], True),
    ],
)
def test_a_denial_beats_a_permission(statements: list[Any], explicitly: bool) -> None:
    with pytest.raises(ForbiddenError) as raised:
        ask(answering(policy(*statements)), Authorization="t")
    assert raised.value.body is not None
    assert (b"explicit deny" in raised.value.body) is explicitly


@pytest.mark.parametrize(
    "routes", [["/"], ["/*"], ["*"], [AuthRoute("/", ["GET"])], [AuthRoute("*", ["*"])]]
)
@pytest.mark.parametrize("path", ["/", "/?a=b"])
def test_the_root_is_allowed_in_each_spelling(routes: list[Any], path: str) -> None:
    assert ask(answering(AuthResponse(routes, "me")), path, Authorization="t")


def test_a_slash_at_the_end_does_not_change_what_is_allowed() -> None:
    auth = answering(AuthResponse(["/guarded"], "me"))
    assert ask(auth, "/guarded/", "/guarded", Authorization="t") == {"principalId": "me"}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "text",
        {},
        {"principalId": "me"},
        {"policyDocument": policy(statement("Allow", "*"))["policyDocument"]},
        {"principalId": "me", "policyDocument": {}},
        {**policy(statement("Allow", "*")), "context": 3},
        policy({"Effect": "Allow", "Action": "*"}),
    ],
)
def test_what_is_no_policy_is_an_error_of_the_authorizer(
    answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(InvalidAuthorizerError) as raised:
        ask(answering(answer), Authorization="t")
    assert raised.value.CODE == 500
    assert raised.value.headers["x-amzn-ErrorType"] == "AuthorizerConfigurationException"
    assert raised.value.body == b'{"message":null}'
    assert "Authorizer auth returned no policy" in caplog.text


def test_an_exception_of_the_authorizer_is_logged_and_500(caplog: pytest.LogCaptureFixture) -> None:
    def auth(_request: AuthRequest) -> AuthResponse:
        raise LookupError("no such user")

    with caplog.at_level(logging.ERROR), pytest.raises(InvalidAuthorizerError) as raised:
        ask(ChaliceAuthorizer("auth", auth), Authorization="t")
    assert "LookupError: no such user" in caplog.text
    assert isinstance(raised.value.__cause__, LookupError)


def test_an_authorizer_says_unauthorized_by_raising_that_word() -> None:
    def auth(_request: AuthRequest) -> AuthResponse:
        raise Exception("Unauthorized")

    with pytest.raises(NotAuthorizedError):
        ask(ChaliceAuthorizer("auth", auth), Authorization="t")


def test_a_method_without_a_view_asks_no_authorizer() -> None:
    gateway = LocalGateway(guarded(answering(None)))
    assert gateway.handle_request("DELETE", "/guarded", {}, "")["statusCode"] == 405
    assert gateway.handle_request("OPTIONS", "/guarded", {}, "")["statusCode"] == 200


def jwt(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode("ascii").rstrip("=")
    return f"header.{payload}.signature"


def cognito(header: str = "Authorization") -> Authorizer:
    return CognitoUserPoolAuthorizer("pool", ["arn"], header)


@pytest.mark.parametrize("prefix", ["", "Bearer "])
def test_the_claims_of_a_cognito_token_reach_the_view(prefix: str) -> None:
    claims = {"cognito:username": "ann", "email": "ann@example.com"}
    with pytest.warns(UserWarning, match="CognitoUserPoolAuthorizer is not a supported in local"):
        said = ask(cognito(), Authorization=prefix + jwt(claims))
    assert said == {"claims": claims, "principalId": "ann"}


def test_a_cognito_token_is_read_from_the_header_that_the_authorizer_names() -> None:
    with pytest.warns(UserWarning, match="local mode"):
        said = ask(cognito("X-Token"), **{"X-Token": jwt({"cognito:username": "ann"})})
    assert said["principalId"] == "ann"


def test_a_cognito_token_of_a_machine_passes_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="machine-to-machine communication is not supported"):
        assert ask(cognito(), Authorization=jwt({"sub": "machine"})) is None


DEEP = base64.urlsafe_b64encode(b"[" * 100_000).decode("ascii")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "a.ü.c",
        "a.bm8.c",
        jwt([1]),
        jwt(None),
        pytest.param(f"a.{DEEP}.c", id="deep"),
    ],
)
def test_a_token_that_cannot_be_read_is_unauthorized(token: str) -> None:
    with pytest.raises(NotAuthorizedError):
        ask(cognito(), Authorization=token)


class Own(Authorizer):
    """An authorizer of a kind that nobody knows."""


@pytest.mark.parametrize(
    "authorizer", [IAMAuthorizer(), CustomAuthorizer("custom", "uri"), cognito(), Own()]
)
def test_an_authorizer_that_cannot_run_here_lets_everybody_through(authorizer: Authorizer) -> None:
    message = (
        f"{type(authorizer).__name__} is not a supported in local mode. "
        "All requests made against a route will be authorized to allow local testing."
    )
    with pytest.warns(UserWarning, match=re.escape(message)) as caught:
        assert ask(authorizer) is None
    assert len(caught) == 1


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/", "GET//"),
        ("/?a=b", "GET//"),
        ("/foo", "GET/foo"),
        ("/foo/bar?a=b", "GET/foo/bar"),
        ("/foo/", "GET/foo"),
        ("/a%2Db/c%2Fd", "GET/a-b/c%2Fd"),
    ],
)
def test_the_arn_of_a_call_has_its_method_and_path(path: str, resource: str) -> None:
    assert LocalARNBuilder().build_arn("GET", path) == f"{PREFIX}/{resource}"


@pytest.mark.parametrize(
    ("patterns", "matched"),
    [
        (["*"], True),
        ([f"{PREFIX}/GET/foo.bar"], True),
        ([f"{PREFIX}/GET/foo?bar"], True),
        (["arn:*/foo.bar"], True),
        (["no", f"{PREFIX}/*"], True),
        ([f"{PREFIX}/GET/foo"], False),
        ([f"{PREFIX}/GET/foo.ba"], False),
        ([f"{PREFIX}/get/foo.bar"], False),
        ([f"{PREFIX}/GET/foo?.bar"], False),
        ([""], False),
        ([], False),
    ],
)
def test_a_pattern_fits_the_whole_arn(patterns: list[str], matched: bool) -> None:
    matcher = ARNMatcher(f"{PREFIX}/GET/foo.bar")
    assert matcher.does_any_resource_match(patterns) is matched


def test_the_answers_of_the_gateway_share_a_class() -> None:
    assert LocalGatewayException({"a": "b"}).body is None
    assert LocalGatewayException.CODE == 0
    for kind in (NotAuthorizedError, ForbiddenError, InvalidAuthorizerError):
        assert issubclass(kind, LocalGatewayException)
