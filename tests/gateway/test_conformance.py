from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.gateway.cases import (
    BINARY_TYPES,
    PATHS,
    REQUESTS,
    RESPONSES,
    RequestCase,
    ResponseCase,
)
from tests.gateway.serving import FUNCTION, OK, Functions, deployment, gateway, proxy, result, serve

ANY = "x-amazon-apigateway-any-method"


@pytest.fixture(scope="module")
def functions() -> Functions:
    return Functions()


@pytest.fixture(scope="module", params=["h11", "httptools"])
def client(functions: Functions, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    api = deployment(
        {path: {ANY: proxy()} for path in PATHS},
        binary_types=BINARY_TYPES,
    )
    with (
        serve(gateway(api, functions), request.param) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}/abc123/api") as client,
    ):
        yield client


def inside(event: Any, path: str) -> Any:
    for key in path.split("."):
        event = event.get(key)
    return event


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case.name)
def test_a_function_sees_the_request(
    case: RequestCase, client: httpx.Client, functions: Functions
) -> None:
    functions.handlers[FUNCTION] = lambda event: OK
    answer = client.request(
        case.method, case.target, headers=list(case.headers), content=case.body or None
    )
    assert answer.status_code == 200, answer.text
    event = functions.events[-1]
    assert {path: inside(event, path) for path in case.event} == dict(case.event)


@pytest.mark.parametrize("case", RESPONSES, ids=lambda case: case.name)
def test_a_client_sees_the_response(
    case: ResponseCase, client: httpx.Client, functions: Functions
) -> None:
    functions.handlers[FUNCTION] = lambda event: result(case.response)
    answer = client.request(case.method, "/names", headers={"Accept": case.accept})
    assert (answer.status_code, answer.content) == (case.status, case.body)
    for name in {name for name, _ in case.headers}:
        wanted = [value for key, value in case.headers if key == name]
        got = [value.decode() for key, value in answer.headers.raw if key.lower() == name.encode()]
        assert got == ([] if wanted == [None] else wanted), name
    assert answer.headers["x-amzn-requestid"]
    assert answer.headers["x-amz-apigw-id"]
