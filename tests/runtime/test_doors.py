"""One app behind an HTTP API, a function URL and a load balancer."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Callable
from typing import Any

import pytest

from chalice import Chalice, ConvertToMiddleware, CORSConfig, IAMAuthorizer, Response
from tests.runtime.events import (
    DEFAULT_CORS,
    balancer_event,
    function_url_event,
    http_api_event,
    new_app,
)

Door = Callable[..., dict[str, Any]]
DOORS: dict[str, Door] = {
    "http-api": http_api_event,
    "function-url": function_url_event,
    "balancer": balancer_event,
    "balancer-multi-value": functools.partial(balancer_event, multi_value=True),
}
every_door = pytest.mark.parametrize("door", DOORS.values(), ids=list(DOORS))


def shop() -> Chalice:
    app = new_app()

    @app.get("/")
    def index() -> str:
        return "home"

    @app.route("/users/{id}", methods=["GET", "POST"], cors=CORSConfig(max_age=9))
    def user(id: str) -> dict[str, Any]:
        request = app.current_request
        return {
            "id": id,
            "uri": request.uri_params,
            "path": request.path,
            "method": request.method,
            "query": request.query_params,
            "agent": request.headers["User-Agent"],
            "cookie": request.headers.get("Cookie"),
            "raw": request.raw_body,
            "sourceIp": request.context["identity"]["sourceIp"],
            "route": request.context["resourcePath"],
            "sent": request.context["path"],
        }

    @app.get("/users/me", name="me")
    def me() -> str:
        return "me"

    @app.put("/files/{path+}", content_types=[])
    def file(path: str) -> dict[str, str]:
        return {"path": path, "sent": app.current_request.raw_body.decode()}

    @app.get("/bytes", name="bytes")
    def raw() -> Response:
        cookies = ["a=1", "b=2; Secure"]
        return Response(
            b"\xff\x00",
            headers={"Content-Type": "image/x", "Set-Cookie": cookies, "Vary": ["A", "B"]},
            status_code=201,
        )

    return app


@every_door
def test_a_view_sees_the_same_request_through_every_door(door: Door) -> None:
    answer = shop()(door("GET", "/users/a%20b%2Fc"), None)
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {
        "id": "a b/c",
        "uri": {"id": "a b/c"},
        "path": "/users/{id}",
        "method": "GET",
        "query": {"parameter1": "value2", "parameter2": "value"},
        "agent": "agent",
        "cookie": "cookie1=one; cookie2=two",
        "raw": "",
        "sourceIp": "192.0.2.1",
        "route": "/users/{id}",
        "sent": "/users/a%20b%2Fc",
    }


@every_door
def test_routes_match_as_in_the_rest_api(door: Door) -> None:
    app = shop()
    bodies = {path: app(door("GET", path), None)["body"] for path in ("/", "/users/me")}
    assert bodies == {"/": "home", "/users/me": "me"}
    event = door("PUT", "/files/a/b%20c", body="c2VudA==", isBase64Encoded=True)
    assert app(event, None)["body"] == '{"path":"a/b c","sent":"sent"}'
    app.get("/later/{when}")(lambda when: when)
    assert app(door("GET", "/later/now"), None)["body"] == "now"


@every_door
def test_an_unknown_path_is_404_and_an_unknown_method_405(door: Door) -> None:
    app = shop()
    seen: list[Any] = []

    @app.middleware("http")
    def watch(event: Any, get_response: Any) -> Any:
        response = get_response(event)
        seen.append((event.path, response.status_code))
        return response

    nowhere = app(door("GET", "/no%20where"), None)
    assert nowhere["statusCode"] == 404
    assert json.loads(nowhere["body"]) == {
        "Code": "NotFoundError",
        "Message": "No such path: /no%20where",
    }
    refused = app(door("DELETE", "/users/me"), None)
    assert refused["statusCode"] == 405
    assert json.loads(refused["body"])["Code"] == "MethodNotAllowedError"
    headers = refused.get("headers") or refused["multiValueHeaders"]
    assert {name.lower(): value for name, value in headers.items()}["allow"] in ("GET", ["GET"])
    assert seen == [("/no%20where", 404), ("/users/me", 405)]


@every_door
def test_the_preflight_of_browsers_is_answered_before_middleware(door: Door) -> None:
    app = shop()
    app.register_middleware(lambda _event, _next: Response("", status_code=401), "http")
    answer = app(door("OPTIONS", "/users/7"), None)
    assert (answer["statusCode"], answer["body"]) == (200, "")
    headers = answer.get("headers") or answer["multiValueHeaders"]
    sent = {name.lower(): value for name, value in headers.items()}
    expected = {
        "access-control-allow-methods": "GET,POST,OPTIONS",
        "access-control-max-age": "9",
        **{name.lower(): value for name, value in DEFAULT_CORS.items()},
        "content-type": "application/json",
    }
    assert {
        name: value[0] if isinstance(value, list) else value for name, value in sent.items()
    } == expected
    assert app(door("OPTIONS", "/users/me"), None)["statusCode"] == 401


def test_payload_2_has_headers_in_lower_case_and_cookies_apart() -> None:
    for door in (http_api_event, function_url_event):
        assert shop()(door("GET", "/bytes"), None) == {
            "statusCode": 201,
            "headers": {"content-type": "image/x", "vary": "A, B"},
            "cookies": ["a=1", "b=2; Secure"],
            "body": base64.b64encode(b"\xff\x00").decode(),
            "isBase64Encoded": True,
        }


def test_a_load_balancer_gets_headers_as_it_sends_them() -> None:
    app = shop()
    expected = {
        "statusCode": 201,
        "statusDescription": "201 Created",
        "isBase64Encoded": True,
        "body": base64.b64encode(b"\xff\x00").decode(),
    }
    assert app(balancer_event("GET", "/bytes", multi_value=True), None) == {
        **expected,
        "multiValueHeaders": {
            "Content-Type": ["image/x"],
            "Set-Cookie": ["a=1", "b=2; Secure"],
            "Vary": ["A", "B"],
        },
    }
    answer = app(balancer_event("GET", "/bytes"), None)
    headers = answer.pop("headers")
    assert answer == expected
    assert headers.pop("content-type") == "image/x"
    assert headers.pop("vary") == "A, B"
    assert {name.lower() for name in headers} == {"set-cookie"}
    assert list(headers.values()) == ["a=1", "b=2; Secure"]


def test_an_odd_status_has_a_description_too() -> None:
    app = new_app()
    app.get("/")(lambda: Response("", status_code=299))
    assert app(balancer_event("GET", "/"), None)["statusDescription"] == "299 Unknown"


@every_door
def test_json_is_said_to_be_json_and_text_is_not_base64(door: Door) -> None:
    answer = shop()(door("GET", "/"), None)
    headers = answer.get("headers") or answer["multiValueHeaders"]
    [(name, value)] = headers.items()
    assert name.lower() == "content-type"
    assert value in ("application/json", ["application/json"])
    assert answer["isBase64Encoded"] is False


def test_a_route_key_of_an_http_api_names_the_route() -> None:
    event = http_api_event(
        "GET", "/prod/users/b", routeKey="GET /users/{id}", pathParameters={"id": "given"}
    )
    assert json.loads(shop()(event, None)["body"])["id"] == "given"


def test_a_catch_all_route_key_is_matched_by_its_path_under_the_stage() -> None:
    for path, body in (("/prod/users/me", "me"), ("/prod", "home"), ("/prod/", "home")):
        event = http_api_event(
            "GET", path, routeKey="ANY /{proxy+}", pathParameters={"proxy": "users/me"}
        )
        event["requestContext"]["stage"] = "prod"
        assert shop()(event, None)["body"] == body
    assert shop()(http_api_event("GET", "/prod/users/me"), None)["statusCode"] == 404


def test_what_an_authorizer_says_is_where_the_rest_api_has_it() -> None:
    app = new_app()
    app.get("/")(lambda: app.current_request.context["authorizer"])
    event = http_api_event("GET", "/")
    assert json.loads(app(event, None)["body"])["claims"] == {"claim1": "value1"}
    event["requestContext"]["authorizer"] = {"lambda": {"user": "7"}}
    assert json.loads(app(event, None)["body"])["user"] == "7"
    assert "iam" in json.loads(app(function_url_event("GET", "/"), None)["body"])


@every_door
def test_a_route_that_wants_an_authorizer_is_closed_where_none_has_run(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    app = new_app()
    app.get("/guarded", authorizer=IAMAuthorizer(), cors=True)(lambda: "secret")
    app.get("/keyed", name="keyed", api_key_required=True)(lambda: "secret")
    event = door("GET", "/guarded")
    event["requestContext"].pop("authorizer", None)
    refused = app(event, None)
    assert refused["statusCode"] == 401
    assert json.loads(refused["body"]) == {"Code": "UnauthorizedError", "Message": "Unauthorized"}
    assert "secret" not in json.dumps(app(door("GET", "/keyed"), None))
    assert "Refused GET /guarded" in caplog.text
    event["requestContext"]["authorizer"] = {"iam": {"userId": "me"}}
    assert app(event, None)["body"] == "secret"


@every_door
def test_the_original_event_can_be_had_and_reaches_wrapped_decorators(door: Door) -> None:
    app, event = new_app(), door("GET", "/")
    seen: list[Any] = []

    @app.get("/")
    def view() -> None:
        seen.append(app.current_request.to_original_event())

    def decorator(handler: Any) -> Any:
        def wrapper(event: Any, context: Any) -> Any:
            seen.append(event)
            return handler(event, context)

        return wrapper

    app.register_middleware(ConvertToMiddleware(decorator), "http")
    assert app(event, None)["statusCode"] == 200
    assert seen[0] is seen[1] is event
    summary = app.current_request.to_dict()
    assert json.loads(json.dumps(summary)) == summary


@every_door
def test_an_event_without_its_parts_is_a_logged_internal_error(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    event = door("GET", "/")
    for key in ("rawPath", "path", "httpMethod"):
        event.pop(key, None)
    event["requestContext"].pop("http", None)
    event["requestContext"].setdefault("elb", {})
    answer = shop()(event, None)
    assert answer["statusCode"] == 500
    assert json.loads(answer["body"])["Code"] == "InternalServerError"
    assert caplog.records[0].getMessage() == "Caught exception for path unknown"


def test_queries_of_a_load_balancer_are_decoded() -> None:
    app = new_app()
    app.get("/")(lambda: app.current_request.query_params)
    single = balancer_event("GET", "/", queryStringParameters={"a%20b": "c+d%C3%A9"})
    assert json.loads(app(single, None)["body"]) == {"a b": "c dé"}
    none = balancer_event("GET", "/", queryStringParameters={})
    assert app(none, None)["body"] == "null"
