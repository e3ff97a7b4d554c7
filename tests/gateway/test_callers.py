"""Who may call a REST API: requests that functions judge, tokens of user pools, signatures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from chalice import CognitoUserPoolAuthorizer, CustomAuthorizer, IAMAuthorizer
from chalice.gateway.deployment import ApiKey, Deployment
from chalice.gateway.guards import (
    IamAuthorizer,
    PoolAuthorizer,
    TokenAuthorizer,
    compile_guard,
)
from chalice.iam.evaluation import Decision
from tests.gateway.identities import (
    BOB,
    ISSUER,
    OTHER_KEY,
    POOL_ARN,
    OneIssuer,
    Signers,
    token,
)
from tests.gateway.serving import (
    FUNCTION,
    NOW,
    OK,
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
SHOWN = "arn:aws:execute-api:eu-west-1:********9012:abc123/api"


def scheme(kind: str, **details: object) -> dict[str, object]:
    return {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "x-amazon-apigateway-authtype": kind,
        **({"x-amazon-apigateway-authorizer": details} if details else {}),
    }


def guarded(
    definition: Mapping[str, object], scopes: tuple[str, ...] = (), **more: Any
) -> Deployment:
    operation = {**proxy(), "security": [{"auth": list(scopes)}]}
    paths = {path: {"get": operation, "post": operation} for path in ("/", "/a", "/{x}/{y}")}
    return deployment(paths, definitions={"auth": definition}, **more)


def by_request(sources: str, **details: object) -> dict[str, object]:
    return scheme(
        "custom", type="request", authorizerUri=uri(AUTHORIZER), identitySource=sources, **details
    )


def judge(answer: object) -> Functions:
    return Functions({FUNCTION: lambda event: OK, AUTHORIZER: lambda event: result(answer)})


def grant(*resources: str, effect: str = "Allow", **more: object) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": list(resources)}
    return {"principalId": "bob", "policyDocument": {"Statement": [statement]}, **more}


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with Counter().open() as counter:
        yield counter


def questions(functions: Functions) -> list[dict[str, Any]]:
    return [event for event in functions.events if event.get("type") == "REQUEST"]


def test_a_request_authorizer_sees_the_request(counter: Counter) -> None:
    functions = judge(grant("*", context={"team": "blue"}))
    api = guarded(
        by_request("method.request.header.X-Who, method.request.querystring.key"),
        variables={"color": "red"},
    )
    answer = counter.ask(
        api,
        functions,
        method="POST",
        target="/abc123/api/a%20b/c?key=k&key=l",
        headers={"X-Who": "bob"},
        content=b"secret",
    )
    assert answer.status_code == 200
    question, event = functions.events
    assert question["type"] == "REQUEST"
    assert question["methodArn"] == f"{ARN}/POST/a b/c"
    assert (question["resource"], question["path"]) == ("/{x}/{y}", "/a b/c")
    assert question["httpMethod"] == "POST"
    assert question["headers"]["X-Who"] == "bob"
    assert question["multiValueHeaders"]["X-Who"] == ["bob"]
    assert question["queryStringParameters"] == {"key": "l"}
    assert question["multiValueQueryStringParameters"] == {"key": ["k", "l"]}
    assert question["pathParameters"] == {"x": "a b", "y": "c"}
    assert question["stageVariables"] == {"color": "red"}
    assert question["requestContext"]["resourcePath"] == "/{x}/{y}"
    assert question["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    assert "body" not in question
    assert event["body"] == "secret"
    assert event["requestContext"]["authorizer"]["team"] == "blue"


def test_a_request_authorizer_gets_empty_objects_for_what_is_not_there(counter: Counter) -> None:
    functions = judge(grant("*"))
    assert counter.ask(guarded(by_request("")), functions).status_code == 200
    question = functions.events[0]
    for name in (
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
    ):
        assert question[name] == {}


@pytest.mark.parametrize(
    ("sources", "status"),
    [
        ("method.request.header.X-Who", 200),
        ("method.request.header.x-who", 200),
        ("method.request.header.X-Other", 401),
        ("method.request.querystring.key", 200),
        ("method.request.querystring.other", 401),
        ("method.request.header.X-Who,method.request.querystring.other", 401),
        ("stageVariables.color", 200),
        ("stageVariables.size", 401),
        ("context.httpMethod", 200),
        ("context.identity.sourceIp", 200),
        ("context.nothing", 401),
    ],
)
def test_without_an_identity_source_nobody_is_asked(
    counter: Counter, sources: str, status: int
) -> None:
    functions = judge(grant("*"))
    api = guarded(by_request(sources), variables={"color": "red"})
    answer = counter.ask(api, functions, target="/abc123/api/?key=1", headers={"X-Who": "bob"})
    assert answer.status_code == status
    assert bool(questions(functions)) is (status == 200)


def test_answers_about_requests_are_kept_by_their_identity_sources(counter: Counter) -> None:
    now = [NOW]
    functions = judge(grant(f"{ARN}/GET/", f"{ARN}/GET/a"))
    sources = "method.request.header.X-Who,method.request.querystring.key"
    app = gateway(
        guarded(by_request(sources, authorizerResultTtlInSeconds=60)),
        functions,
        clock=lambda: now[0],
    )

    def ask(who: str = "bob", key: str = "1", path: str = "/", method: str = "GET") -> int:
        return counter.ask(
            app, method=method, target=f"/abc123/api{path}?key={key}", headers={"X-Who": who}
        ).status_code

    assert [ask(), ask(), ask(path="/a"), ask(method="POST")] == [200, 200, 200, 403]
    assert len(questions(functions)) == 1
    assert [ask(key="2"), ask(who="ann")] == [200, 200]
    assert len(questions(functions)) == 3
    now[0] += 61
    assert (ask(), len(questions(functions))) == (200, 4)


@pytest.mark.parametrize(("sources", "ttl"), [("method.request.header.X-Who", 0), ("", 300)])
def test_without_time_or_identity_every_request_is_judged(
    counter: Counter, sources: str, ttl: int
) -> None:
    functions = judge(grant("*"))
    app = gateway(guarded(by_request(sources, authorizerResultTtlInSeconds=ttl)), functions)
    for _ in range(2):
        assert counter.ask(app, headers={"X-Who": "bob"}).status_code == 200
    assert len(questions(functions)) == 2


def test_an_authorizer_may_say_which_api_key_counts(counter: Counter) -> None:
    functions = judge(grant("*", usageIdentifierKey="good"))
    definitions = {
        "auth": by_request(""),
        "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    }
    operation = {**proxy(), "security": [{"auth": []}, {"key": []}]}
    for source, status in (("AUTHORIZER", 200), ("HEADER", 403)):
        api = deployment({"/": {"get": operation}}, definitions=definitions, api_key_source=source)
        app = gateway(
            api, functions, api_keys=lambda _, key: ApiKey("k1") if key == "good" else None
        )
        assert counter.ask(app).status_code == status
    assert functions.events[1]["requestContext"]["identity"]["apiKeyId"] == "k1"


POOL = scheme("cognito_user_pools", type="cognito_user_pools", providerARNs=[POOL_ARN])


def ask_with(
    counter: Counter, authorization: str | None, api: Deployment, functions: Functions | None = None
) -> httpx.Response:
    app = gateway(api, functions or Functions(), issuers=OneIssuer())
    headers = {} if authorization is None else {"Authorization": authorization}
    return counter.ask(app, headers=headers)


@pytest.mark.parametrize("before", ["", "Bearer "])
def test_the_claims_of_a_user_pool_token_reach_the_function(counter: Counter, before: str) -> None:
    functions = Functions()
    made = token(
        {"cognito:groups": ["admins", "users"], "email_verified": True, "auth_time": 1591805834}
    )
    assert ask_with(counter, before + made, guarded(POOL), functions).status_code == 200
    assert functions.events[0]["requestContext"]["authorizer"] == {
        "claims": {
            "iss": ISSUER,
            "sub": "1234",
            "token_use": "id",
            "aud": "client1",
            "iat": "Tue Nov 14 22:13:20 UTC 2023",
            "exp": "Tue Nov 14 23:13:20 UTC 2023",
            "cognito:groups": "admins,users",
            "email_verified": "true",
            "auth_time": "1591805834",
        }
    }


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "nonsense",
        "a.b.c",
        token(key=OTHER_KEY),
        token(header={"kid": "k2"}),
        token({"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other"}),
        token({"iss": None}),
        token({"iss": 7}),
        token({"exp": None}),
        token({"nbf": int(NOW) + 60}),
        token({"token_use": "access"}),
        token({"token_use": None}),
        token()[:-4] + "AAAA",
    ],
)
def test_a_token_that_does_not_hold_is_unauthorized(
    counter: Counter, authorization: str | None
) -> None:
    functions = Functions()
    answer = ask_with(counter, authorization, guarded(POOL), functions)
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert functions.events == []


def test_an_expired_token_is_unauthorized(counter: Counter) -> None:
    answer = ask_with(counter, token({"exp": int(NOW)}), guarded(POOL))
    assert answer.status_code == 401
    assert answer.json() == {"message": "The incoming token has expired"}


def test_a_token_that_says_how_it_was_not_signed_is_unauthorized(counter: Counter) -> None:
    head, claims, _ = token().split(".")
    unsigned = "eyJhbGciOiJub25lIn0"
    for forged in (f"{unsigned}.{claims}.", f"{head}.{claims}."):
        assert ask_with(counter, forged, guarded(POOL)).status_code == 401


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"token_use": "access", "scope": "shop/read shop/write"}, 200),
        ({"token_use": "access", "scope": "shop/read"}, 200),
        ({"token_use": "access", "scope": "shop/other"}, 401),
        ({"token_use": "access"}, 401),
        ({"token_use": "id", "scope": "shop/read"}, 401),
    ],
)
def test_with_scopes_an_access_token_needs_one_of_them(
    counter: Counter, claims: dict[str, str], status: int
) -> None:
    api = guarded(POOL, scopes=("shop/read", "shop/admin"))
    assert ask_with(counter, token(claims), api).status_code == status


def test_an_audience_must_look_as_the_document_says(counter: Counter) -> None:
    details = {"type": "cognito_user_pools", "providerARNs": [POOL_ARN]}
    pool = scheme("cognito_user_pools", identityValidationExpression="client[12]", **details)
    assert ask_with(counter, token(), guarded(pool)).status_code == 200
    assert ask_with(counter, token({"aud": "client3"}), guarded(pool)).status_code == 401


def test_a_token_of_one_of_several_pools_is_enough(counter: Counter) -> None:
    other = POOL_ARN.replace("_Abc", "_Other")
    pool = scheme("cognito_user_pools", type="cognito_user_pools", providerARNs=[other, POOL_ARN])
    assert ask_with(counter, token(), guarded(pool)).status_code == 200


SIGNED = scheme("awsSigv4")


def test_a_signed_request_says_who_called(counter: Counter) -> None:
    functions, signers = Functions(), Signers(bob=Decision.ALLOWED)
    app = gateway(guarded(SIGNED), functions, signatures=signers)
    answer = counter.ask(
        app,
        method="POST",
        target="/abc123/api/a%20b/c?q=1",
        headers={"Authorization": "bob"},
        content=b"body",
    )
    assert answer.status_code == 200
    identity = functions.events[0]["requestContext"]["identity"]
    assert {
        key: identity[key] for key in ("accountId", "caller", "userArn", "user", "accessKey")
    } == {
        "accountId": BOB.account,
        "caller": BOB.user_id,
        "userArn": BOB.arn,
        "user": BOB.user_id,
        "accessKey": BOB.access_key,
    }
    (request,) = signers.requests
    assert (request.method, request.path, request.query, request.body, request.now) == (
        "POST",
        "/abc123/api/a%20b/c",
        "q=1",
        b"body",
        NOW,
    )
    assert dict(request.headers)["host"].startswith("127.0.0.1:")
    action, resource, context = signers.asked[0]
    assert (action, resource) == ("execute-api:Invoke", f"{ARN}/POST/a b/c")
    assert context["aws:SourceIp"] == "127.0.0.1"


def test_a_method_may_ask_for_a_signature_by_itself(counter: Counter) -> None:
    operation = {**proxy(), "x-amazon-apigateway-auth": {"type": "AWS_IAM"}}
    app = gateway(
        deployment({"/": {"get": operation}}), Functions(), signatures=Signers(bob=Decision.ALLOWED)
    )
    assert counter.ask(app).status_code == 403
    assert counter.ask(app, headers={"Authorization": "bob"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "error_type", "body"),
    [
        (
            {},
            "MissingAuthenticationTokenException",
            {"message": "Missing Authentication Token"},
        ),
        ({"Authorization": "eve"}, "InvalidSignatureException", {"message": "It does not match."}),
        (
            {"Authorization": "ann"},
            "AccessDeniedException",
            {
                "Message": "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "
                f"execute-api:Invoke on resource: {SHOWN}/GET/"
            },
        ),
        (
            {"Authorization": "dan"},
            "AccessDeniedException",
            {
                "Message": "User: arn:aws:iam::123456789012:user/dan is not authorized to perform: "
                f"execute-api:Invoke on resource: {SHOWN}/GET/ with an explicit deny"
            },
        ),
    ],
)
def test_who_signs_badly_or_may_not_is_forbidden(
    counter: Counter, headers: dict[str, str], error_type: str, body: dict[str, str]
) -> None:
    functions = Functions()
    signers = Signers(ann=Decision.NOT_ALLOWED, dan=Decision.DENIED)
    answer = counter.ask(gateway(guarded(SIGNED), functions, signatures=signers), headers=headers)
    assert answer.status_code == 403
    assert (answer.headers["x-amzn-errortype"], answer.json()) == (error_type, body)
    assert functions.events == []


def test_no_signature_holds_unless_somebody_knows_its_key(counter: Counter) -> None:
    answer = counter.ask(guarded(SIGNED), headers={"Authorization": "bob"})
    assert answer.status_code == 403
    assert answer.json() == {"message": "The security token included in the request is invalid."}


@pytest.mark.parametrize(
    ("authorizer", "kind"),
    [
        (IAMAuthorizer(), IamAuthorizer),
        (
            CognitoUserPoolAuthorizer("pool", provider_arns=[POOL_ARN], header="X-Token"),
            PoolAuthorizer,
        ),
        (CustomAuthorizer("own", authorizer_uri=uri(AUTHORIZER)), TokenAuthorizer),
    ],
)
def test_what_apps_say_of_their_authorizers_is_understood(authorizer: Any, kind: type) -> None:
    guard = compile_guard([{"auth": ["a"]}], {"auth": authorizer.to_swagger()}, None)
    assert isinstance(guard.authorizer, kind)
    assert guard.scopes == ("a",)
    if isinstance(guard.authorizer, PoolAuthorizer):
        assert (guard.authorizer.header, guard.authorizer.issuers) == ("X-Token", (ISSUER,))
