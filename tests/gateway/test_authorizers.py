from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from chalice.gateway.deployment import ApiKey, Deployment
from chalice.gateway.invoker import InvocationResult
from tests.gateway.serving import (
    FUNCTION,
    OK,
    REQUEST_ID,
    Counter,
    Functions,
    deployment,
    gateway,
    proxy,
    result,
    uri,
)

AUTHORIZER = "arn:aws:lambda:eu-west-1:123456789012:function:shop-dev-auth"
ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc123/api"
UNAUTHORIZED = (401, "UnauthorizedException", {"message": "Unauthorized"})
DENIED = (
    403,
    "AccessDeniedException",
    {"Message": "User is not authorized to access this resource"},
)
EXPLICITLY_DENIED = (
    403,
    "AccessDeniedException",
    {"Message": "User is not authorized to access this resource with an explicit deny"},
)
MISCONFIGURED = (500, "AuthorizerConfigurationException", {"message": None})


def definition(header: str = "Authorization", **details: object) -> dict[str, object]:
    authorizer = {"type": "token", "authorizerUri": uri(AUTHORIZER), **details}
    return {
        "type": "apiKey",
        "in": "header",
        "name": header,
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": authorizer,
    }


def guarded(authorizer: Mapping[str, object] | None, *security: dict[str, list[str]]) -> Deployment:
    secured = {**proxy(), "security": list(security) or [{"auth": []}]}
    paths = {path: {"get": secured, "post": secured} for path in ("/", "/a", "/{x}/{y}")}
    return deployment(paths, definitions={"auth": authorizer} if authorizer else {})


def grant(*resources: str, effect: str = "Allow", **more: object) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": list(resources)}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "bob", "policyDocument": policy, **more}


def functions(answer: object) -> Functions:
    def authorize(event: dict[str, Any]) -> InvocationResult:
        return answer if isinstance(answer, InvocationResult) else result(answer)

    return Functions({FUNCTION: lambda event: OK, AUTHORIZER: authorize})


def outcome(answer: httpx.Response) -> tuple[int, str, Any]:
    return answer.status_code, answer.headers["x-amzn-errortype"], answer.json()


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with Counter().open() as counter:
        yield counter


TOKEN = {"Authorization": "Bearer 1"}


def test_an_authorizer_is_asked_and_what_it_says_reaches_the_function(counter: Counter) -> None:
    context = {"name": "Bob", "age": 7, "ratio": 1.5, "admin": True, "team": None}
    invoker = functions(grant("*", context=context))
    answer = counter.ask(
        guarded(definition()), invoker, target="/abc123/api/p%41th/a%2Fb/?q=1", headers=TOKEN
    )
    assert answer.status_code == 200
    asked, event = invoker.events
    assert asked == {
        "type": "TOKEN",
        "methodArn": f"{ARN}/GET/pAth/a%2Fb",
        "authorizationToken": "Bearer 1",
    }
    assert event["requestContext"]["authorizer"] == {
        "name": "Bob",
        "age": "7",
        "ratio": "1.5",
        "admin": "true",
        "team": None,
        "principalId": "bob",
        "integrationLatency": 0,
    }


@pytest.mark.parametrize("headers", [{}, {"Authorization": ""}, {"X-Other": "Bearer 1"}])
def test_without_a_token_nobody_is_asked(counter: Counter, headers: dict[str, str]) -> None:
    invoker = functions(grant("*"))
    answer = counter.ask(guarded(definition()), invoker, headers=headers)
    assert outcome(answer) == UNAUTHORIZED
    assert answer.headers["x-amzn-requestid"] == str(REQUEST_ID)
    assert invoker.events == []


def test_the_token_may_be_in_another_header(counter: Counter) -> None:
    invoker = functions(grant("*"))
    headers = {"x-session-ID": "abc", **TOKEN}
    api = guarded(definition("X-Session-Id"))
    assert counter.ask(api, invoker, headers=headers).status_code == 200
    assert invoker.events[0]["authorizationToken"] == "abc"


@pytest.mark.parametrize(("token", "expected"), [("ab7", 200), ("ab", 401), ("xab7", 401)])
def test_a_token_must_look_as_the_document_says(
    counter: Counter, token: str, expected: int
) -> None:
    api = guarded(definition(identityValidationExpression=r"ab\d"))
    headers = {"Authorization": token}
    assert counter.ask(api, functions(grant("*")), headers=headers).status_code == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (grant(), DENIED),
        (grant(f"{ARN}/GET/other"), DENIED),
        (grant(f"{ARN}/POST/*"), DENIED),
        (grant("*", effect="Deny"), EXPLICITLY_DENIED),
        (InvocationResult(b'{"errorMessage": "Unauthorized"}', error="Unhandled"), UNAUTHORIZED),
        (InvocationResult(b'{"errorMessage": "boom"}', error="Unhandled"), MISCONFIGURED),
        (InvocationResult(b"killed", error="Unhandled"), MISCONFIGURED),
        (InvocationResult(b"[]", error="Unhandled"), MISCONFIGURED),
        (InvocationResult(b"{}", throttled=True), MISCONFIGURED),
        (InvocationResult(b"{"), MISCONFIGURED),
        (None, MISCONFIGURED),
        ([], MISCONFIGURED),
        ({}, MISCONFIGURED),
        ({"principalId": "bob"}, MISCONFIGURED),
        ({**grant("*"), "principalId": None}, MISCONFIGURED),
        ({**grant("*"), "policyDocument": {}}, MISCONFIGURED),
        (grant("*", context={"deep": {}}), MISCONFIGURED),
        (grant("*", context={"deep": []}), MISCONFIGURED),
        (grant("*", context="text"), MISCONFIGURED),
    ],
)
def test_whoever_is_not_let_in_does_not_reach_the_function(
    counter: Counter, answer: object, expected: tuple[int, str, Any]
) -> None:
    invoker = functions(answer)
    assert outcome(counter.ask(guarded(definition()), invoker, headers=TOKEN)) == expected
    assert len(invoker.events) == 1


@pytest.mark.parametrize(
    ("resource", "target", "allowed"),
    [
        (f"{ARN}/GET/", "/", True),
        (f"{ARN}/*/", "/", True),
        (f"{ARN}/GET/a", "/a", True),
        (f"{ARN}/GET/a", "/a/", True),
        (f"{ARN}/GET/a", "/%61", True),
        (f"{ARN}/GET/a", "/a?x=/b", True),
        (f"{ARN}/GET/x/a b", "/x/a%20b", True),
        (f"{ARN}/GET/x/*", "/x/y", True),
        (f"{ARN}/GET/a/b/c", "/a/b%2Fc", False),
        (f"{ARN}/GET/a/b%2Fc", "/a/b%252Fc", False),
    ],
)
def test_a_policy_applies_to_a_path_however_it_is_spelled(
    counter: Counter, resource: str, target: str, allowed: bool
) -> None:
    api = guarded(definition())
    answer = counter.ask(
        api, functions(grant(resource)), target=f"/abc123/api{target}", headers=TOKEN
    )
    assert answer.status_code == (200 if allowed else 403)


def asked(invoker: Functions) -> int:
    return sum(event.get("type") == "TOKEN" for event in invoker.events)


def test_an_answer_holds_for_its_time_and_its_token(counter: Counter) -> None:
    now = [1000.0]
    invoker = functions(grant(f"{ARN}/GET/", f"{ARN}/GET/x/*"))
    api = guarded(definition(authorizerResultTtlInSeconds=60))
    app = gateway(api, invoker, clock=lambda: now[0])
    assert counter.ask(app, headers=TOKEN).status_code == 200
    # The same answer decides about other methods and paths.
    assert counter.ask(app, headers=TOKEN, target="/abc123/api/x/y").status_code == 200
    assert counter.ask(app, headers=TOKEN, method="POST").status_code == 403
    assert asked(invoker) == 1
    assert counter.ask(app, headers={"Authorization": "Bearer 2"}).status_code == 200
    assert asked(invoker) == 2
    now[0] += 59.9
    assert counter.ask(app, headers=TOKEN).status_code == 200
    assert asked(invoker) == 2
    now[0] += 0.1
    assert counter.ask(app, headers=TOKEN).status_code == 200
    assert asked(invoker) == 3


@pytest.mark.parametrize(("details", "times"), [({"authorizerResultTtlInSeconds": 0}, 2), ({}, 1)])
def test_answers_are_kept_unless_the_time_is_zero(
    counter: Counter, details: dict[str, Any], times: int
) -> None:
    invoker = functions(grant("*"))
    app = gateway(guarded(definition(**details)), invoker)
    for _ in range(2):
        assert counter.ask(app, headers=TOKEN).status_code == 200
    assert asked(invoker) == times


def test_a_failure_is_not_kept(counter: Counter) -> None:
    invoker = functions(None)
    app = gateway(guarded(definition()), invoker)
    assert counter.ask(app, headers=TOKEN).status_code == 500
    invoker.handlers[AUTHORIZER] = lambda event: result(grant("*"))
    assert counter.ask(app, headers=TOKEN).status_code == 200


COGNITO = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "x-amazon-apigateway-authtype": "cognito_user_pools",
    "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": ["arn"]},
}


@pytest.mark.parametrize(
    "api",
    [
        guarded(None),
        guarded(COGNITO),
        guarded({"type": "oauth2"}),
        guarded(definition(type="other")),
        guarded(definition(authorizerUri="arn:aws:s3:::bucket")),
        guarded(definition(identityValidationExpression="(")),
        guarded(definition(authorizerUri=uri(AUTHORIZER + "-gone"))),
        guarded(definition(), {"auth": []}, {"other": []}),
    ],
    ids=[
        "undefined",
        "no user pool",
        "OAuth",
        "no such type",
        "not a function",
        "no regular expression",
        "no such function",
        "two of them",
    ],
)
def test_an_authorizer_that_cannot_be_run_lets_nobody_in(counter: Counter, api: Deployment) -> None:
    invoker = functions(grant("*"))
    assert outcome(counter.ask(api, invoker, headers=TOKEN)) == MISCONFIGURED
    assert invoker.events == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (TOKEN, 403),
        ({"X-Api-Key": "good"}, 401),
        ({**TOKEN, "X-Api-Key": "good"}, 200),
    ],
)
def test_with_an_authorizer_and_an_api_key_both_must_agree(
    counter: Counter, headers: dict[str, str], status: int
) -> None:
    operation = {**proxy(), "security": [{"api_key": []}, {"auth": []}]}
    api = deployment(
        {"/": {"get": operation}},
        definitions={
            "api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
            "auth": definition(),
        },
    )
    app = gateway(
        api, functions(grant("*")), api_keys=lambda _, key: {"good": ApiKey("k1")}.get(key)
    )
    assert counter.ask(app, headers=headers).status_code == status


def test_security_of_the_whole_document_guards_methods_that_say_nothing(counter: Counter) -> None:
    api = guarded(definition())
    document = json.loads(json.dumps(api.document))
    for operations in document["paths"].values():
        del operations["get"]["security"]
        operations["post"]["security"] = []
    api = Deployment(
        api_id="abc123",
        stage="api",
        account="123456789012",
        region="eu-west-1",
        document={**document, "security": [{"auth": []}]},
    )
    assert counter.ask(api, functions(grant("*"))).status_code == 401
    assert counter.ask(api, functions(grant("*")), method="POST").status_code == 200
