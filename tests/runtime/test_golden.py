"""Whole answers to whole events, as programs in the field have come to expect them."""

from __future__ import annotations

from typing import Any

import pytest

from chalice import Chalice, CORSConfig, NotFoundError, Response
from tests.runtime.events import DEFAULT_CORS, answer_to, new_app, rest_event


def test_a_dict_is_answered_as_compact_json() -> None:
    assert answer_to({"a": 1}) == {
        "headers": {},
        "multiValueHeaders": {},
        "statusCode": 200,
        "body": '{"a":1}',
    }


@pytest.fixture
def items() -> Chalice:
    app = new_app()

    @app.route("/items/{id}", methods=["GET", "PUT"], cors=True)
    def item(id: str) -> dict[str, Any]:
        request = app.current_request
        if request.method == "PUT":
            return {"body": request.json_body}
        return {"id": id, "m": request.method, "q": request.query_params, "p": request.path}

    return app


def test_a_view_sees_path_query_and_method(items: Chalice) -> None:
    event = rest_event(path="/items/{id}", uri={"id": "7"}, query={"a": ["1", "2"]})
    assert items(event, None) == {
        "headers": DEFAULT_CORS,
        "multiValueHeaders": {},
        "statusCode": 200,
        "body": '{"id":"7","m":"GET","q":{"a":"2"},"p":"/items/{id}"}',
    }


def test_broken_json_is_a_bad_request(items: Chalice) -> None:
    json_type = {"Content-Type": "application/json"}
    answer = items(
        rest_event("PUT", "/items/{id}", uri={"id": "7"}, body="{", headers=json_type), None
    )
    assert answer == {
        "headers": DEFAULT_CORS,
        "multiValueHeaders": {},
        "statusCode": 400,
        "body": '{"Code":"BadRequestError","Message":"Error Parsing JSON"}',
    }


def test_a_method_without_a_view_is_not_allowed() -> None:
    app = new_app()
    app.route("/", cors=True)(lambda: {})
    assert app(rest_event("PUT"), None) == {
        "headers": {"Allow": "GET"},
        "multiValueHeaders": {},
        "statusCode": 405,
        "body": '{"Code":"MethodNotAllowedError","Message":"Unsupported method: PUT"}',
    }


@pytest.mark.parametrize(
    "event", [{}, {"requestContext": {}}, {"requestContext": None}, {"Records": []}]
)
def test_an_event_that_is_no_request_is_unknown(event: dict[str, Any]) -> None:
    app = new_app()
    app.route("/")(lambda: {})
    assert app(event, None) == {
        "headers": {},
        "multiValueHeaders": {},
        "statusCode": 500,
        "body": '{"Code":"InternalServerError","Message":"Unknown request."}',
    }
    assert app.current_request is None


def test_a_media_type_that_the_route_does_not_take_is_unsupported() -> None:
    answer = answer_to({}, headers={"Content-Type": "Text/PLAIN; charset=x"})
    assert answer["statusCode"] == 415
    assert answer["body"] == (
        '{"Code":"UnsupportedMediaType","Message":"Unsupported media type: Text/PLAIN; charset=x"}'
    )


def test_bytes_of_a_binary_type_are_base64() -> None:
    picture = Response(b"x", headers={"content-type": "image/PNG"})
    assert answer_to(picture, headers={"accept": "IMAGE/png"}) == {
        "headers": {"content-type": "image/PNG"},
        "multiValueHeaders": {},
        "statusCode": 200,
        "body": "eA==",
        "isBase64Encoded": True,
    }


@pytest.mark.parametrize("headers", [{"accept": "image/*"}, {"accept": "text/html"}, {}])
def test_a_binary_answer_needs_an_accept_header_that_names_a_binary_type(
    headers: dict[str, str],
) -> None:
    answer = answer_to(Response(b"x", headers={"Content-Type": "image/png"}), headers=headers)
    assert answer["statusCode"] == 400
    assert answer["body"] == (
        '{"Code":"BadRequest","Message":"Request did not specify an Accept header with image/png, '
        "The response has a Content-Type of image/png. If a response has a binary Content-Type "
        'then the request must specify an Accept header that matches."}'
    )


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ("hi", "hi"),
        (None, "null"),
        ({"k": "✓"}, '{"k":"\\u2713"}'),
        (({"a": 1}, 201), '[{"a":1},201]'),
    ],
)
def test_bodies_of_plain_values(value: Any, body: str) -> None:
    assert answer_to(value)["body"] == body


def test_with_every_type_binary_json_is_base64_too() -> None:
    app = new_app()
    app.api.binary_types = ["*/*"]
    app.route("/")(lambda: {"a": 1})
    answer = app(rest_event(headers={"accept": "application/json"}), None)
    assert (answer["body"], answer["isBase64Encoded"]) == ("eyJhIjoxfQ==", True)


def test_with_json_binary_the_accept_header_comes_before_the_error() -> None:
    app = new_app()
    app.api.binary_types.append("application/json")

    @app.route("/")
    def missing() -> None:
        raise NotFoundError("gone")

    answer = app(rest_event(), None)
    assert answer["statusCode"] == 400
    assert "isBase64Encoded" not in answer
    accepted = app(rest_event(headers={"Accept": "application/json"}), None)
    assert accepted["body"] == '{"Code":"NotFoundError","Message":"gone"}'


def test_debug_answers_with_the_traceback() -> None:
    app = new_app(debug=True)

    @app.route("/", cors=CORSConfig())
    def broken() -> None:
        raise ValueError("boo")

    answer = app(rest_event(), None)
    assert answer["statusCode"] == 500
    assert list(answer["headers"].items()) == [
        ("Content-Type", "text/plain"),
        *DEFAULT_CORS.items(),
    ]
    assert answer["body"].startswith("Traceback (most recent call last):")
    assert answer["body"].endswith("ValueError: boo\n")


def test_middleware_that_answers_itself_gets_no_cors() -> None:
    app = new_app()
    app.route("/", cors=True)(lambda: {})
    app.register_middleware(lambda _event, _next: Response("short", status_code=202), "http")
    assert app(rest_event(), None) == {
        "headers": {},
        "multiValueHeaders": {},
        "statusCode": 202,
        "body": "short",
    }
