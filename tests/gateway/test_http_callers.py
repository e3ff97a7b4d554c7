"""Who may use a route of an HTTP API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from chalice.gateway.invoker import InvocationResult
from chalice.iam.evaluation import Decision
from tests.gateway.http_serving import (
    ARN,
    AUTHORIZER,
    HELLO,
    JWT,
    api,
    by_function,
    functions,
    guarded,
    operation,
)
from tests.gateway.identities import BOB, ISSUER, OneIssuer, Signers, token
from tests.gateway.serving import FUNCTION, NOW, Counter, Functions, gateway, result


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with Counter().open() as counter:
        yield counter


@pytest.mark.parametrize("version", ["2.0", "1.0"])
def test_the_claims_of_a_token_reach_the_function(counter: Counter, version: str) -> None:
    invoker = functions()
    claims = {"cognito:groups": ["a", "b"], "email_verified": True}
    app = gateway(guarded(JWT, version=version), invoker, issuers=OneIssuer())
    headers = {"Authorization": f"Bearer {token(claims)}"}
    assert counter.ask(app, target="/abc123/", headers=headers).status_code == 200
    authorizer = invoker.events[0]["requestContext"]["authorizer"]
    if version == "2.0":
        authorizer = authorizer["jwt"]
    assert authorizer == {
        "claims": {
            "iss": ISSUER,
            "sub": "1234",
            "token_use": "id",
            "aud": "client1",
            "iat": str(int(NOW)),
            "exp": str(int(NOW) + 3600),
            "cognito:groups": "[a b]",
            "email_verified": "true",
        },
        "scopes": None,
    }


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        (None, 401),
        ({"aud": "client3"}, 401),
        ({"aud": ["client3", "client2"]}, 200),
        ({"aud": None, "client_id": "client1"}, 200),
        ({"aud": None, "client_id": "client3"}, 401),
        ({"aud": None}, 401),
        ({"iss": "https://other"}, 401),
        ({"exp": int(NOW)}, 401),
        ({"nbf": int(NOW) + 9}, 401),
        ({}, 200),
    ],
)
def test_a_token_must_be_for_this_api(
    counter: Counter, claims: dict[str, object] | None, status: int
) -> None:
    app = gateway(guarded(JWT), functions(), issuers=OneIssuer())
    headers = {} if claims is None else {"Authorization": token(claims)}
    answer = counter.ask(app, target="/abc123/", headers=headers)
    assert answer.status_code == status
    if status == 401:
        assert answer.json() == {"message": "Unauthorized"}
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("claims", "status"),
    [({"scope": "a b"}, 200), ({"scp": ["b"]}, 200), ({"scope": "c"}, 403), ({}, 403)],
)
def test_a_token_needs_one_of_the_scopes_of_the_route(
    counter: Counter, claims: dict[str, object], status: int
) -> None:
    invoker = functions()
    app = gateway(guarded(JWT, "a", "b"), invoker, issuers=OneIssuer())
    answer = counter.ask(app, target="/abc123/", headers={"Authorization": token(claims)})
    assert answer.status_code == status
    if status == 403:
        assert answer.json() == {"message": "Forbidden"}
    else:
        assert "b" in invoker.events[0]["requestContext"]["authorizer"]["jwt"]["scopes"]


def judge(answer: object) -> Functions:
    found = answer if isinstance(answer, InvocationResult) else result(answer)
    return Functions({FUNCTION: lambda event: HELLO, AUTHORIZER: lambda event: found})


def grant(*resources: str, effect: str = "Allow", **more: object) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": list(resources)}
    return {"principalId": "bob", "policyDocument": {"Statement": [statement]}, **more}


def test_a_function_judges_a_request_in_format_2(counter: Counter) -> None:
    context = {"team": "blue", "age": 7, "deep": {"a": [1]}}
    invoker = judge({"isAuthorized": True, "context": context})
    scheme = by_function("$request.header.X-Who", "$request.querystring.q")
    answer = counter.ask(
        guarded(scheme),
        invoker,
        method="POST",
        target="/abc123/a/1?q=z",
        headers={"X-Who": "bob"},
        content=b"secret",
    )
    assert answer.status_code == 200
    question, event = invoker.events
    assert (question["version"], question["type"]) == ("2.0", "REQUEST")
    assert question["routeArn"] == f"{ARN}/POST/a/1"
    assert question["identitySource"] == ["bob", "z"]
    assert (question["routeKey"], question["rawPath"]) == ("ANY /a/{b}", "/a/1")
    assert question["pathParameters"] == {"b": "1"}
    assert question["requestContext"]["http"]["method"] == "POST"
    assert "body" not in question
    assert event["requestContext"]["authorizer"] == {"lambda": context}


def test_a_function_judges_a_request_in_format_1(counter: Counter) -> None:
    invoker = judge(grant(f"{ARN}/GET/", context={"age": 7}))
    scheme = by_function("$request.header.X-Who", version="1.0", simple=False)
    app = gateway(guarded(scheme, version="1.0"), invoker)
    assert counter.ask(app, target="/abc123/", headers={"X-Who": "bob"}).status_code == 200
    question, event = invoker.events
    assert (question["version"], question["type"]) == ("1.0", "REQUEST")
    assert (question["methodArn"], question["resource"]) == (f"{ARN}/GET/", "/")
    assert question["identitySource"] == question["authorizationToken"] == "bob"
    assert question["queryStringParameters"] == {}
    assert event["requestContext"]["authorizer"] == {"age": "7", "principalId": "bob"}
    assert counter.ask(app, target="/abc123/a/1", headers={"X-Who": "bob"}).status_code == 403


@pytest.mark.parametrize(
    ("simple", "answer", "status", "message"),
    [
        (True, {"isAuthorized": False}, 403, "Forbidden"),
        (True, {"isAuthorized": "yes"}, 500, "Internal Server Error"),
        (True, grant("*"), 500, "Internal Server Error"),
        (False, grant(), 403, "Forbidden"),
        (False, grant("*", effect="Deny"), 403, "Forbidden"),
        (False, {"isAuthorized": True}, 500, "Internal Server Error"),
        (False, {"principalId": "bob"}, 500, "Internal Server Error"),
        (False, grant("*", context=[1]), 500, "Internal Server Error"),
        (True, InvocationResult(b"{}", error="Unhandled"), 500, "Internal Server Error"),
        (True, InvocationResult(b"{}", throttled=True), 500, "Internal Server Error"),
        (True, InvocationResult(b"{"), 500, "Internal Server Error"),
        (True, None, 500, "Internal Server Error"),
    ],
)
def test_whom_a_function_does_not_let_in_does_not_reach_the_other(
    counter: Counter, simple: bool, answer: object, status: int, message: str
) -> None:
    invoker = judge(answer)
    response = counter.ask(
        guarded(by_function("$request.header.X-Who", simple=simple)),
        invoker,
        target="/abc123/",
        headers={"X-Who": "bob"},
    )
    assert (response.status_code, response.json()) == (status, {"message": message})
    assert len(invoker.events) == 1


def test_without_an_identity_source_nobody_is_asked(counter: Counter) -> None:
    invoker = judge({"isAuthorized": True})
    answer = counter.ask(guarded(by_function("$request.header.X-Who")), invoker, target="/abc123/")
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert invoker.events == []


@pytest.mark.parametrize(("ttl", "questions"), [(60, 3), (0, 5), (None, 5)])
def test_what_a_function_said_holds_for_its_time(
    counter: Counter, ttl: int | None, questions: int
) -> None:
    now = [NOW]
    invoker = judge({"isAuthorized": True})
    scheme = by_function("$request.header.X-Who", ttl=ttl)
    app = gateway(guarded(scheme), invoker, clock=lambda: now[0])

    def ask(who: str, target: str = "/abc123/") -> None:
        assert counter.ask(app, target=target, headers={"X-Who": who}).status_code == 200

    ask("bob")
    ask("bob")
    ask("bob", "/abc123/a/1")
    ask("ann")
    now[0] += 61
    ask("bob")
    assert sum(event.get("type") == "REQUEST" for event in invoker.events) == questions


@pytest.mark.parametrize("version", ["2.0", "1.0"])
def test_a_signed_request_says_who_called(counter: Counter, version: str) -> None:
    invoker, signers = functions(), Signers(bob=Decision.ALLOWED, ann=Decision.NOT_ALLOWED)
    secured = {**operation(version), "x-amazon-apigateway-auth": {"type": "AWS_IAM"}}
    app = gateway(api({"/": {"post": secured}}), invoker, signatures=signers)

    def ask(**headers: str) -> httpx.Response:
        return counter.ask(app, method="POST", target="/abc123/", headers=headers, content=b"body")

    for refused in (ask(), ask(Authorization="eve"), ask(Authorization="ann")):
        assert (refused.status_code, refused.json()) == (403, {"message": "Forbidden"})
    assert ask(Authorization="bob").status_code == 200
    context = invoker.events[0]["requestContext"]
    if version == "2.0":
        assert context["authorizer"] == {
            "iam": {
                "accessKey": BOB.access_key,
                "accountId": BOB.account,
                "callerId": BOB.user_id,
                "cognitoIdentity": None,
                "principalOrgId": None,
                "userArn": BOB.arn,
                "userId": BOB.user_id,
            }
        }
    else:
        assert context["identity"]["userArn"] == BOB.arn
    assert signers.requests[-1].body == b"body"
    assert signers.asked[-1][1] == f"{ARN}/POST/"


def test_an_authorizer_that_cannot_be_run_lets_nobody_in(counter: Counter) -> None:
    for scheme in (
        {"type": "oauth2"},
        {**JWT, "x-amazon-apigateway-authorizer": {"type": "other"}},
        {"x-amazon-apigateway-authorizer": {"type": "request", "authorizerUri": "x"}},
        by_function(version="3.0"),
    ):
        invoker = functions()
        answer = counter.ask(guarded(scheme), invoker, target="/abc123/")
        assert (answer.status_code, invoker.events) == (500, [])
