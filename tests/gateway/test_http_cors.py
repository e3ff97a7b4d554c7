"""CORS, which HTTP APIs do by themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateway.http_serving import (
    ANY,
    JWT,
    api,
    cors_headers,
    functions,
    operation,
)
from tests.gateway.serving import Counter, result

CORS = {
    "allowOrigins": ["https://shop.example"],
    "allowMethods": ["GET", "POST"],
    "allowHeaders": ["x-a", "x-b"],
    "exposeHeaders": ["x-c"],
    "maxAge": 600,
    "allowCredentials": True,
}
ASKS = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"}


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with Counter().open() as counter:
        yield counter


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


def test_an_answer_without_a_body_is_shared_too(counter: Counter) -> None:
    invoker = functions(result({"statusCode": 204}))
    deployed = api({"/": {"delete": operation()}}, cors={"allowOrigins": ["*"]})
    answer = counter.ask(
        deployed, invoker, method="DELETE", target="/abc123/", headers={"Origin": "https://a"}
    )
    assert (answer.status_code, cors_headers(answer)) == (204, {"allow-origin": "*"})


def test_a_preflight_of_a_guarded_default_route_is_judged(counter: Counter) -> None:
    secured = {**operation(), "security": [{"auth": []}]}
    deployed = api({"/$default": {ANY: secured}}, cors=CORS, schemes={"auth": JWT})
    answer = counter.ask(deployed, functions(), method="OPTIONS", target="/abc123/a", headers=ASKS)
    assert answer.status_code == 401
