"""One app answers the same behind an HTTP API of either format and at a function URL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalice import Chalice, NotFoundError, Response
from chalice.gateway.deployment import Deployment, FunctionUrl
from chalice.gateway.gateway import Gateway
from chalice.gateway.invoker import InvocationResult
from chalice.gateway.mounts import SharedMount
from tests.gateway.http_serving import ANY, api, operation
from tests.gateway.serving import FUNCTION, Counter, Functions, Shelf, gateway

POLICY = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "lambda:InvokeFunctionUrl",
            "Resource": FUNCTION,
        }
    ]
}


def make_app() -> Chalice:
    app = Chalice(app_name="shop")

    @app.route("/")
    def index() -> dict[str, str]:
        return {"hello": "world"}

    @app.route("/names/{name}", methods=["GET", "PUT"])
    def named(name: str) -> Any:
        request = app.current_request
        if name == "nobody":
            raise NotFoundError(name)
        query = request.query_params or {}
        return {
            "name": name,
            "method": request.method,
            "query": {key: query.getlist(key) for key in query},  # type: ignore[union-attr]
            "body": request.json_body,
        }

    @app.route("/image", methods=["POST"], content_types=["image/png"])
    def image() -> Response:
        return Response(app.current_request.raw_body[::-1], headers={"Content-Type": "image/png"})

    @app.route("/cookies")
    def cookies() -> Response:
        seen = app.current_request.cookies
        answer = Response(dict(seen))
        answer.set_cookie("a", "1")
        answer.set_cookie("b", "2")
        return answer

    return app


class OneUrl:
    def find(self, url_id: str) -> FunctionUrl | None:
        return FunctionUrl(
            url_id=url_id,
            function=FUNCTION,
            account="123456789012",
            region="eu-west-1",
            auth_type="NONE",
            policy=POLICY,
        )


def deployed(version: str) -> Deployment:
    return api({"/$default": {ANY: operation(version)}})


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with Counter().open() as counter:
        yield counter


@pytest.fixture(params=["/abc123", "/abc123/old", "/_url/u1"])
def door(request: pytest.FixtureRequest) -> tuple[Gateway, str]:
    """A gateway with the app behind it, and the path that leads there."""
    app = make_app()

    def run(event: dict[str, Any]) -> InvocationResult:
        return InvocationResult(json.dumps(app(event, None)).encode())

    shelf = Shelf()
    old = request.param.endswith("old")
    paths = {path: {ANY: operation("1.0")} for path in ("/", "/names/{name}", "/image", "/cookies")}
    shelf.put(api(paths, stage="old") if old else deployed("2.0"))
    functions = Functions({FUNCTION: run})
    return gateway(SharedMount(shelf), functions, urls=OneUrl()), request.param


def test_json_comes_and_goes(counter: Counter, door: tuple[Gateway, str]) -> None:
    app, base = door
    answer = counter.ask(app, target=f"{base}/")
    assert (answer.status_code, answer.json()) == (200, {"hello": "world"})
    if not base.endswith("old"):  # there the app leaves the type to the gateway
        assert answer.headers["content-type"] == "application/json"
    answer = counter.ask(
        app, method="PUT", target=f"{base}/names/a%20b?q=1&r=x%20y", json={"deep": [1]}
    )
    assert answer.json() == {
        "name": "a b",
        "method": "PUT",
        "query": {"q": ["1"], "r": ["x y"]},
        "body": {"deep": [1]},
    }


def test_errors_are_the_apps(counter: Counter, door: tuple[Gateway, str]) -> None:
    app, base = door
    answer = counter.ask(app, target=f"{base}/names/nobody")
    assert (answer.status_code, answer.json()["Code"]) == (404, "NotFoundError")


def test_bytes_come_and_go(counter: Counter, door: tuple[Gateway, str]) -> None:
    app, base = door
    answer = counter.ask(
        app,
        method="POST",
        target=f"{base}/image",
        content=b"\x89PNG\xff",
        headers={"Content-Type": "image/png", "Accept": "image/png"},
    )
    assert (answer.status_code, answer.content) == (200, b"\xffGNP\x89")


def test_cookies_come_and_go(counter: Counter, door: tuple[Gateway, str]) -> None:
    app, base = door
    answer = counter.ask(app, target=f"{base}/cookies", headers={"Cookie": "x=1; y=2"})
    assert answer.json() == {"x": "1", "y": "2"}
    assert [cookie.partition(";")[0] for cookie in answer.headers.get_list("set-cookie")] == [
        "a=1",
        "b=2",
    ]
