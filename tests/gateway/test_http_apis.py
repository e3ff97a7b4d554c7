"""HTTP APIs: routes, events, answers, CORS, who may call, how often."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from chalice.gateway.deployment import Deployment, Throttle
from chalice.gateway.invoker import InvocationResult
from chalice.gateway.mounts import Mapped, SharedMount
from chalice.iam.evaluation import Decision
from tests.gateway.identities import BOB, ISSUER, OneIssuer, Signers, token
from tests.gateway.serving import (
    FUNCTION,
    NOW,
    Counter,
    Functions,
    Shelf,
    gateway,
    result,
    uri,
)

AUTHORIZER = "arn:aws:lambda:eu-west-1:123456789012:function:shop-dev-auth"
ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc123/$default"
ANY = "x-amazon-apigateway-any-method"
REQUEST_ID = "ASNFZ4mrze8BI0U="
HELLO = result({"statusCode": 200, "body": "hi"})


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


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with Counter().open() as counter:
        yield counter


def functions(answer: InvocationResult = HELLO) -> Functions:
    return Functions({FUNCTION: lambda event: answer})


@pytest.mark.parametrize("integration_uri", [FUNCTION, uri()])
def test_a_function_gets_the_request_in_format_2(counter: Counter, integration_uri: str) -> None:
    invoker = functions()
    deployed = api(
        {"/a/{b}": {"get": operation(function=integration_uri)}}, variables={"color": "red"}
    )
    answer = counter.ask(
        deployed,
        invoker,
        target="/abc123/a/x%20y?q=1&q=2&r=a%20b",
        headers=[
            ("X-Two", "1"),
            ("X-Two", "2"),
            ("Cookie", "a=1; b=2"),
            ("User-Agent", "me"),
            ("Host", "shop.localhost:80"),
        ],
    )
    assert (answer.status_code, answer.text) == (200, "hi")
    assert answer.headers["content-type"] == "text/plain;charset=UTF-8"
    assert answer.headers["apigw-requestid"] == REQUEST_ID
    assert "x-amzn-requestid" not in answer.headers
    (event,) = invoker.events
    headers = event.pop("headers")
    assert headers["x-two"] == "1,2"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert {name for name in headers if name != name.lower() or name == "cookie"} == set()
    assert event == {
        "version": "2.0",
        "routeKey": "GET /a/{b}",
        "rawPath": "/a/x y",
        "rawQueryString": "q=1&q=2&r=a%20b",
        "cookies": ["a=1", "b=2"],
        "queryStringParameters": {"q": "1,2", "r": "a b"},
        "pathParameters": {"b": "x y"},
        "stageVariables": {"color": "red"},
        "isBase64Encoded": False,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc123",
            "domainName": "shop.localhost:80",
            "domainPrefix": "abc123",
            "http": {
                "method": "GET",
                "path": "/a/x y",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "me",
            },
            "requestId": REQUEST_ID,
            "routeKey": "GET /a/{b}",
            "stage": "$default",
            "time": "14/Nov/2023:22:13:20 +0000",
            "timeEpoch": 1700000000250,
        },
    }


def test_what_a_request_does_not_have_is_not_in_format_2(counter: Counter) -> None:
    invoker = functions()
    counter.ask(api({"/": {"get": operation()}}), invoker, target="/abc123/")
    assert set(invoker.events[0]) == {
        "version",
        "routeKey",
        "rawPath",
        "rawQueryString",
        "headers",
        "requestContext",
        "isBase64Encoded",
    }


def test_a_function_gets_the_request_in_format_1(counter: Counter) -> None:
    invoker = functions()
    deployed = api({"/a/{b}": {"get": operation("1.0")}}, stage="dev")
    answer = counter.ask(
        deployed, invoker, target="/abc123/dev/a/1?q=1&q=2", headers={"X-One": "1"}
    )
    assert answer.text == "hi"
    (event,) = invoker.events
    assert (event["version"], event["resource"], event["path"]) == ("1.0", "/a/{b}", "/dev/a/1")
    assert event["headers"]["X-One"] == "1"
    assert event["multiValueHeaders"]["X-One"] == ["1"]
    assert event["queryStringParameters"] == {"q": "2"}
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "2"]}
    assert event["pathParameters"] == {"b": "1"}
    assert (event["stageVariables"], event["body"], event["isBase64Encoded"]) == (None, None, False)
    context = event["requestContext"]
    assert (context["resourcePath"], context["path"]) == ("/a/{b}", "/dev/a/1")
    assert (context["stage"], context["httpMethod"]) == ("dev", "GET")
    assert context["authorizer"] == {"claims": None, "scopes": None}


ROUTES = {
    "/": {"get": operation()},
    "/pets": {"get": operation(), ANY: operation()},
    "/pets/dog/1": {"get": operation()},
    "/pets/dog/{id}": {"get": operation()},
    "/pets/{proxy+}": {"get": operation()},
    "/slash/": {"get": operation()},
    "/{proxy+}": {ANY: operation()},
}


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/", "GET /"),
        ("POST", "/", "$default"),
        ("GET", "/pets", "GET /pets"),
        ("POST", "/pets", "ANY /pets"),
        ("GET", "/pets/dog/1", "GET /pets/dog/1"),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}"),
        ("POST", "/pets/dog/1", "ANY /{proxy+}"),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}"),
        ("GET", "/other", "ANY /{proxy+}"),
        ("GET", "/pets/", "ANY /{proxy+}"),
        ("GET", "/slash/", "GET /slash/"),
        ("PURGE", "/other", "ANY /{proxy+}"),
    ],
)
def test_the_most_specific_route_of_a_method_wins(
    counter: Counter, method: str, path: str, key: str
) -> None:
    invoker = functions()
    deployed = api({**ROUTES, "/$default": {ANY: {**operation(), "isDefaultRoute": True}}})
    counter.ask(deployed, invoker, method=method, target=f"/abc123{path}")
    assert invoker.events[0]["routeKey"] == key


def test_a_path_without_a_route_is_not_found(counter: Counter) -> None:
    deployed = api({"/a": {"get": operation()}})
    for method, path in (("GET", "/b"), ("POST", "/a"), ("GET", "/a/")):
        answer = counter.ask(deployed, functions(), method=method, target=f"/abc123{path}")
        assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})
        assert answer.headers["apigw-requestid"] == REQUEST_ID
        assert "x-amzn-errortype" not in answer.headers


@pytest.mark.parametrize(
    ("content_type", "body", "encoded"),
    [
        ("text/html", b"hi", False),
        ("application/json; charset=utf-8", b"{}", False),
        ("application/vnd.api+json", b"{}", False),
        ("application/x-www-form-urlencoded", b"a=1", True),
        ("image/png", b"\x89PNG", True),
        ("text/plain", b"\xff", True),
        (None, b"hi", False),
    ],
)
def test_a_body_that_is_not_text_is_base64(
    counter: Counter, content_type: str | None, body: bytes, encoded: bool
) -> None:
    invoker = functions()
    headers = {"Content-Type": content_type} if content_type else {}
    counter.ask(
        api({"/": {"post": operation()}}),
        invoker,
        method="POST",
        target="/abc123/",
        headers=headers,
        content=body,
    )
    (event,) = invoker.events
    assert event["isBase64Encoded"] is encoded
    assert event["body"] == (base64.b64encode(body).decode() if encoded else body.decode())


def ask_for(
    counter: Counter, answer: object, version: str = "2.0", method: str = "GET"
) -> httpx.Response:
    invoker = functions(answer if isinstance(answer, InvocationResult) else result(answer))
    deployed = api({"/": {method.lower(): operation(version)}})
    return counter.ask(deployed, invoker, method=method, target="/abc123/")


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ({"a": [1]}, b'{"a": [1]}'),
        ([1, 2], b"[1, 2]"),
        ("plain", b"plain"),
        (None, b"null"),
        (7, b"7"),
    ],
)
def test_an_answer_without_a_status_is_a_body(
    counter: Counter, answer: object, body: bytes
) -> None:
    response = ask_for(counter, answer)
    assert (response.status_code, response.content) == (200, body)
    assert response.headers["content-type"] == "application/json"


def test_an_answer_in_format_2_has_headers_and_cookies(counter: Counter) -> None:
    response = ask_for(
        counter,
        {
            "statusCode": "201",
            "headers": {"X-A": "1", "X-N": 7, "Content-Type": "image/png", "Date": "never"},
            "cookies": ["a=1", "b=2; Path=/"],
            "body": base64.b64encode(b"\x89PNG").decode(),
            "isBase64Encoded": True,
        },
    )
    assert (response.status_code, response.content) == (201, b"\x89PNG")
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2; Path=/"]
    assert (response.headers["x-a"], response.headers["x-n"]) == ("1", "7")
    assert response.headers["content-type"] == "image/png"
    assert response.headers.get("date") != "never"


def test_an_answer_in_format_1_has_headers_with_many_values(counter: Counter) -> None:
    response = ask_for(
        counter,
        {
            "statusCode": 200,
            "headers": {"X-A": "1", "X-B": "2"},
            "multiValueHeaders": {"x-a": ["3", "4"]},
            "body": "hi",
        },
        version="1.0",
    )
    assert response.headers.get_list("x-a") == ["3", "4"]
    assert response.headers["x-b"] == "2"


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        (InvocationResult(b'{"errorMessage": "boom"}', error="Unhandled"), "2.0"),
        (InvocationResult(b"{}", throttled=True), "2.0"),
        (InvocationResult(b"{"), "2.0"),
        ({"statusCode": "many"}, "2.0"),
        ({"statusCode": 99}, "2.0"),
        ({"statusCode": 200, "body": {}}, "2.0"),
        ({"statusCode": 200, "headers": []}, "2.0"),
        ({"statusCode": 200, "headers": {"a": []}}, "2.0"),
        ({"statusCode": 200, "headers": {"a b": "c"}}, "2.0"),
        ({"statusCode": 200, "cookies": "a=1"}, "2.0"),
        ({"statusCode": 200, "body": "a", "isBase64Encoded": True}, "2.0"),
        ({"a": 1}, "1.0"),
        ("text", "1.0"),
    ],
)
def test_a_function_that_fails_or_answers_badly_is_an_error(
    counter: Counter, answer: object, version: str
) -> None:
    response = ask_for(counter, answer, version)
    assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})


def test_an_integration_that_cannot_be_run_is_an_error(counter: Counter) -> None:
    for broken in (
        operation(function="gone"),
        operation(function=FUNCTION + "-gone"),
        operation("3.0"),
        {},
        {"x-amazon-apigateway-integration": {"type": "HTTP_PROXY", "uri": "http://x"}},
    ):
        answer = counter.ask(api({"/": {"get": broken}}), functions(), target="/abc123/")
        assert answer.json() == {"message": "Internal Server Error"}


def test_a_function_that_is_too_slow_is_unavailable(counter: Counter) -> None:
    async def slow(event: Any) -> InvocationResult:
        await asyncio.sleep(30)
        return HELLO

    deployed = api({"/": {"get": operation(timeoutInMillis=20)}})
    answer = counter.ask(deployed, Functions({FUNCTION: slow}), target="/abc123/")
    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})


def test_stages_with_a_name_are_in_paths_and_the_default_takes_the_rest(counter: Counter) -> None:
    shelf = Shelf()
    for stage in ("$default", "dev"):
        shelf.put(api({"/{proxy+}": {"get": operation()}}, stage=stage))
    invoker = functions()
    app = gateway(SharedMount(shelf), invoker)
    for target in ("/abc123/dev/x", "/abc123/x/y", "/abc123/devel"):
        counter.ask(app, target=target)
    seen = [(each["requestContext"]["stage"], each["rawPath"]) for each in invoker.events]
    assert seen == [("dev", "/dev/x"), ("$default", "/x/y"), ("$default", "/devel")]
    host = "abc123.execute-api.eu-west-1.localhost"
    counter.ask(app, target="/x", headers={"Host": host})
    assert invoker.events[-1]["requestContext"]["domainName"] == host


def test_a_custom_domain_shows_its_base_path(counter: Counter) -> None:
    shelf, invoker = Shelf(), functions()
    shelf.put(api({"/{proxy+}": {"get": operation()}}, stage="dev"))

    def mapped(name: str, path: str) -> Mapped | None:
        return Mapped("abc123", "dev", "/v1", path[3:]) if name == "api.example.com" else None

    app = gateway(SharedMount(shelf, mapped), invoker)
    assert counter.ask(app, target="/v1/x", headers={"Host": "api.example.com"}).text == "hi"
    (event,) = invoker.events
    context = event["requestContext"]
    assert (event["rawPath"], event["pathParameters"]) == ("/v1/x", {"proxy": "x"})
    assert (context["domainName"], context["domainPrefix"]) == ("api.example.com", "api")


CORS = {
    "allowOrigins": ["https://shop.example"],
    "allowMethods": ["GET", "POST"],
    "allowHeaders": ["x-a", "x-b"],
    "exposeHeaders": ["x-c"],
    "maxAge": 600,
    "allowCredentials": True,
}
ASKS = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"}


def cors_headers(answer: httpx.Response) -> dict[str, str]:
    return {
        name.removeprefix("access-control-"): value
        for name, value in answer.headers.items()
        if name.startswith("access-control-")
    }


def test_preflights_are_answered_without_a_route(counter: Counter) -> None:
    invoker = functions()
    for paths in ({}, {"/a": {"get": operation()}}, {"/a": {ANY: operation()}}):
        answer = counter.ask(
            api(paths, cors=CORS), invoker, method="OPTIONS", target="/abc123/a", headers=ASKS
        )
        assert answer.status_code == 204
        assert cors_headers(answer) == {
            "allow-origin": "https://shop.example",
            "allow-methods": "GET,POST",
            "allow-headers": "x-a,x-b",
            "max-age": "600",
            "allow-credentials": "true",
        }
    assert invoker.events == []


def test_an_origin_that_is_not_allowed_is_told_nothing(counter: Counter) -> None:
    headers = {**ASKS, "Origin": "https://evil.example"}
    answer = counter.ask(
        api({}, cors=CORS), functions(), method="OPTIONS", target="/abc123/a", headers=headers
    )
    assert (answer.status_code, cors_headers(answer)) == (204, {})


def test_answers_carry_the_cors_headers_of_the_api_and_not_of_the_function(
    counter: Counter,
) -> None:
    headers = {"Access-Control-Allow-Origin": "https://other", "access-control-x": "1"}
    invoker = functions(result({"statusCode": 200, "headers": headers, "body": "hi"}))
    paths = {"/": {"get": operation()}}
    answer = counter.ask(
        api(paths, cors=CORS),
        invoker,
        target="/abc123/",
        headers={"Origin": "https://shop.example"},
    )
    assert cors_headers(answer) == {
        "allow-origin": "https://shop.example",
        "allow-credentials": "true",
        "expose-headers": "x-c",
    }
    assert cors_headers(counter.ask(api(paths, cors=CORS), invoker, target="/abc123/")) == {}
    everyone = {"allowOrigins": ["*"]}
    missing = counter.ask(
        api(paths, cors=everyone), invoker, target="/abc123/none", headers={"Origin": "null"}
    )
    assert (missing.status_code, cors_headers(missing)) == (404, {"allow-origin": "*"})


def test_a_preflight_of_a_guarded_default_route_is_judged(counter: Counter) -> None:
    secured = {**operation(), "security": [{"auth": []}]}
    deployed = api({"/$default": {ANY: secured}}, cors=CORS, schemes={"auth": JWT})
    answer = counter.ask(deployed, functions(), method="OPTIONS", target="/abc123/a", headers=ASKS)
    assert answer.status_code == 401


JWT = {
    "type": "oauth2",
    "x-amazon-apigateway-authorizer": {
        "type": "jwt",
        "identitySource": "$request.header.Authorization",
        "jwtConfiguration": {"issuer": ISSUER, "audience": ["client1", "client2"]},
    },
}


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


def test_a_stage_may_limit_its_routes(counter: Counter) -> None:
    deployed = api(
        {"/": {"get": operation()}, "/a": {"get": operation()}, "/b": {"get": operation()}},
        throttles={"*": Throttle(1, 2), "GET /b": Throttle(1, 1)},
    )
    app = gateway(deployed, functions())
    paths = ("/", "/a", "/", "/b", "/b")
    answers = [counter.ask(app, target=f"/abc123{path}") for path in paths]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 200, 429]
    assert answers[-1].json() == {"message": "Too Many Requests"}


def test_a_body_that_is_too_large_is_refused(counter: Counter) -> None:
    answer = counter.ask(
        api({"/": {"post": operation()}}),
        functions(),
        method="POST",
        target="/abc123/",
        content=b"x" * (10 * 1024 * 1024 + 1),
    )
    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})
