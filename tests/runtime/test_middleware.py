"""HTTP middleware: order, what it sees, and what becomes of what it does."""

from __future__ import annotations

import functools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalice import (
    BadRequestError,
    Blueprint,
    Chalice,
    ChaliceUnhandledError,
    ConvertToMiddleware,
    Response,
)
from chalice.app import MiddlewareHandler, Request
from tests.runtime.events import DEFAULT_CORS, new_app, rest_event


def test_the_first_registered_is_outermost_and_later_ones_count() -> None:
    app = new_app()
    calls: list[str] = []

    def tracing(name: str) -> Any:
        def middleware(event: Any, get_response: Any) -> Any:
            calls.append(f"{name} in")
            response = get_response(event)
            calls.append(f"{name} out")
            return response

        return middleware

    app.route("/")(lambda: calls.append("view"))
    app.middleware("all")(tracing("first"))
    app.register_middleware(tracing("never"), "s3")
    app(rest_event(), None)
    app.register_middleware(tracing("second"), "http")
    calls.clear()
    app(rest_event(), None)
    assert calls == ["first in", "second in", "view", "second out", "first out"]


def test_an_unknown_event_type_is_refused() -> None:
    with pytest.raises(ValueError, match="Unknown middleware event type 'htpp'"):
        new_app().middleware("htpp")(lambda event, get_response: get_response(event))


def test_middleware_sees_requests_and_python_bodies_and_errors() -> None:
    app = new_app()
    seen: list[Any] = []

    @app.middleware("http")
    def watch(event: Request, get_response: Any) -> Any:
        response = get_response(event)
        seen.append((event.path, response.status_code, response.body))
        response.headers["X-Request-ID"] = event.request_context.get("requestId", "none")
        return response

    app.route("/")(lambda: {"a": {1: "int key"}})
    app.route("/broken")(lambda: 1 / 0)
    app.route("/{id}", name="id")(lambda id: id)
    answers = [
        app(rest_event(), None),
        app(rest_event("PUT"), None),
        app(rest_event(path="/broken"), None),
        app(rest_event(path="/{id}"), None),
        app(rest_event(headers={"content-type": "x/y"}), None),
    ]
    assert [status for _, status, _ in seen] == [200, 405, 500, 500, 415]
    assert seen[0] == ("/", 200, {"a": {1: "int key"}})
    assert all(answer["headers"]["X-Request-ID"] == "none" for answer in answers)


def test_cors_is_there_before_middleware() -> None:
    app = new_app()
    app.route("/", cors=True)(lambda: {})

    @app.middleware("http")
    def override(event: Any, get_response: Any) -> Any:
        response = get_response(event)
        response.headers["Access-Control-Allow-Origin"] = "https://a.example"
        return response

    headers = app(rest_event(), None)["headers"]
    assert headers["Access-Control-Allow-Origin"] == "https://a.example"


def test_the_original_event_is_dispatched_whatever_is_passed_on() -> None:
    app = new_app()
    app.route("/")(lambda: "original")
    app.register_middleware(lambda _event, get_response: get_response(None), "http")
    assert app(rest_event(), None)["body"] == "original"


def test_the_rest_may_run_in_a_thread_that_serves_many_requests() -> None:
    app = new_app()
    app.route("/{id}", name="id")(lambda id: id)
    with ThreadPoolExecutor(1) as pool:

        @app.middleware("http")
        def elsewhere(event: Any, get_response: Any) -> Any:
            return pool.submit(get_response, event).result()

        bodies = [
            app(rest_event(path="/{id}", uri={"id": str(number)}), None)["body"]
            for number in range(3)
        ]
    assert bodies == ["0", "1", "2"]


def test_a_result_that_is_no_response_is_a_body() -> None:
    app = new_app()
    app.route("/")(lambda: {})
    seen = []

    @app.middleware("http")
    def outer(event: Any, get_response: Any) -> Any:
        response = get_response(event)
        seen.append(type(response))
        return response

    app.register_middleware(lambda _event, _get_response: {"plain": 1}, "http")
    assert app(rest_event(), None)["body"] == '{"plain":1}'
    assert seen == [Response]


def test_view_errors_of_middleware_have_their_status_and_others_are_internal() -> None:
    app = new_app()
    app.route("/", cors=True)(lambda: {})
    errors: list[Exception] = [BadRequestError("no"), ValueError("hidden")]

    @app.middleware("http")
    def failing(_event: Any, _get_response: Any) -> Any:
        raise errors.pop(0)

    refused, broken = app(rest_event(), None), app(rest_event(), None)
    assert refused["statusCode"] == 400
    assert refused["body"] == '{"Code":"BadRequestError","Message":"no"}'
    assert (broken["statusCode"], broken["headers"]) == (500, {})


def test_unhandled_errors_reach_middleware() -> None:
    app = new_app()

    @app.route("/", cors=True)
    def view() -> None:
        raise ChaliceUnhandledError("for middleware")

    @app.middleware("http")
    def catching(event: Any, get_response: Any) -> Any:
        try:
            return get_response(event)
        except ChaliceUnhandledError as error:
            return Response(f"caught {error}", status_code=503)

    answer = app(rest_event(), None)
    assert (answer["statusCode"], answer["body"]) == (503, "caught for middleware")


def failing_app() -> Chalice:
    app = new_app()
    errors = {"value": ValueError("hidden"), "view": BadRequestError("refused")}

    @app.get("/{kind}", cors=True)
    def view(kind: str) -> None:
        raise errors[kind]

    return app


def test_middleware_that_asks_for_exceptions_gets_them_before_they_become_answers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = failing_app()

    @app.middleware("http", exceptions=True)
    def translating(event: Any, get_response: Any) -> Any:
        try:
            return get_response(event)
        except (ValueError, BadRequestError) as error:
            return Response(f"caught {error}", status_code=503)

    for kind, text in (("value", "hidden"), ("view", "refused")):
        answer = app(rest_event(path="/{kind}", uri={"kind": kind}), None)
        assert (answer["statusCode"], answer["body"]) == (503, f"caught {text}")
    assert caplog.records == []


def test_other_middleware_sees_the_response_that_is_sent_if_nobody_catches(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = failing_app()
    seen: list[Any] = []

    def passing(name: str) -> Any:
        def middleware(event: Any, get_response: Any) -> Any:
            try:
                response = get_response(event)
            except Exception as error:
                seen.append((name, error.args))
                raise
            seen.append((name, response.status_code, dict(response.headers)))
            response.headers[name] = "1"
            return response

        return middleware

    app.register_middleware(passing("outer"), "http")
    app.register_middleware(passing("asking"), "http", exceptions=True)
    app.register_middleware(passing("inner"), "http")
    app.register_middleware(passing("innermost"), "all", exceptions=True)
    answer = app(rest_event(path="/{kind}", uri={"kind": "value"}), None)
    assert seen == [
        ("innermost", ("hidden",)),
        ("inner", 500, DEFAULT_CORS),
        ("asking", ("hidden",)),
        ("outer", 500, {**DEFAULT_CORS, "inner": "1"}),
    ]
    assert (answer["statusCode"], answer["headers"]) == (
        500,
        {**DEFAULT_CORS, "inner": "1", "outer": "1"},
    )
    assert len(caplog.records) == 1


def test_middleware_may_ask_again_after_an_exception() -> None:
    app = new_app()
    results: list[Any] = [1 / 3, ValueError("second"), ValueError("first")]

    @app.get("/")
    def view() -> Any:
        result = results.pop()
        if isinstance(result, Exception):
            raise result
        return result

    @app.middleware("http", exceptions=True)
    def retrying(event: Any, get_response: Any) -> Any:
        for _ in range(2):
            try:
                return get_response(event)
            except ValueError:
                continue
        return get_response(event)

    app.register_middleware(lambda event, get_response: get_response(event), "http")
    assert app(rest_event(), None)["body"] == str(1 / 3)
    assert results == []


def test_exceptions_of_middleware_and_unhandled_ones_pass_unchanged() -> None:
    app = new_app()
    app.get("/")(lambda: None)
    seen: list[Any] = []

    @app.error(KeyError)
    def lost(error: KeyError) -> str:
        return f"lost {error}"

    @app.middleware("http")
    def watching(event: Any, get_response: Any) -> Any:
        try:
            return get_response(event)
        except KeyError as error:
            seen.append(error.args)
            raise

    @app.middleware("http", exceptions=True)
    def broken(_event: Any, _get_response: Any) -> Any:
        raise KeyError("key")

    assert app(rest_event(), None)["body"] == "lost 'key'"
    assert seen == [("key",)]


def test_middleware_cannot_send_a_broken_header() -> None:
    app = new_app()
    app.route("/")(lambda: {})
    app.register_middleware(lambda _event, _next: Response("", headers={"X": "a\r\nb"}), "http")
    assert app(rest_event(), None)["statusCode"] == 500


def test_unknown_events_pass_no_middleware() -> None:
    app = new_app()
    seen: list[Any] = []
    app.register_middleware(lambda event, _next: seen.append(event), "http")
    assert app({}, None)["statusCode"] == 500
    assert seen == []


def test_a_decorator_of_lambda_functions_becomes_middleware() -> None:
    app = new_app()
    app.route("/")(lambda: {"a": 1})
    seen: list[Any] = []

    def decorator(tag: str, handler: Any) -> Any:
        def wrapper(event: Any, context: Any) -> Any:
            seen.append((tag, event["requestContext"]["resourcePath"], context))
            return handler(event, context)

        return wrapper

    app.register_middleware(ConvertToMiddleware(functools.partial(decorator, "tag")), "http")
    assert app(rest_event(), "context")["body"] == '{"a":1}'
    assert seen == [("tag", "/", "context")]


def test_a_decorator_that_replaces_an_event_reaches_the_handler() -> None:
    class Event:
        def __init__(self, event: Any, context: Any) -> None:
            self.event, self.context = event, context

        def to_dict(self) -> Any:
            return self.event

    def decorator(handler: Any) -> Any:
        return lambda event, context: handler({**event, "added": 1}, context)

    chain = MiddlewareHandler(ConvertToMiddleware(decorator), Event.to_dict)
    assert chain(Event({"a": 1}, None)) == {"a": 1, "added": 1}


def test_middleware_of_a_blueprint_is_the_whole_apps() -> None:
    app = new_app()
    blueprint = Blueprint("part")

    @blueprint.middleware("http")
    def tag(event: Any, get_response: Any) -> Any:
        response = get_response(event)
        response.headers["X-Tag"] = "1"
        return response

    app.route("/")(lambda: {})
    assert app(rest_event(), None)["headers"] == {}
    app.register_blueprint(blueprint)
    assert app(rest_event(), None)["headers"] == {"X-Tag": "1"}
