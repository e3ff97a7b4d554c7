"""HTTP APIs: routes, events, answers, limits."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from chalice.gateway.deployment import Throttle
from chalice.gateway.invoker import InvocationResult
from chalice.gateway.mounts import Mapped, SharedMount
from tests.gateway.http_serving import (
    ANY,
    HELLO,
    REQUEST_ID,
    api,
    functions,
    operation,
)
from tests.gateway.serving import FUNCTION, Counter, Functions, Shelf, gateway, result, uri


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with Counter().open() as counter:
        yield counter


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
