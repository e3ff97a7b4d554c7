"""The app object: attributes, logs, environment, and the request of each thread."""

from __future__ import annotations

import asyncio
import logging
import threading
import unittest.mock
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import chalice
from chalice import Chalice
from chalice.app import APIGateway, Request, RestAPIEventHandler
from tests.runtime.events import new_app, rest_event


def test_a_new_app_is_empty() -> None:
    app = Chalice("fresh", configure_logs=False, env={})
    assert (app.app_name, app.debug, app.configure_logs) == ("fresh", False, False)
    assert app.log is logging.getLogger("fresh")
    assert isinstance(app.api, APIGateway)
    assert app.routes == {}
    assert app.websocket_handlers == {}
    assert (app.builtin_auth_handlers, app.event_sources, app.pure_lambda_functions) == ([], [], [])
    assert app.handler_map == {}
    assert app.authorizers == {}
    assert app.middleware_handlers == []
    assert app.experimental_feature_flags == set()
    assert app.current_request is None
    assert app.lambda_context is None
    assert not hasattr(app, "env")


def test_the_environment_says_once_what_runs() -> None:
    env = {"AWS_EXECUTION_ENV": "AWS_Lambda_python3.12"}
    Chalice("a", configure_logs=False, env=env)
    Chalice("b", configure_logs=False, env=env)
    signature = f"aws-chalice/{chalice.__version__}"
    assert env == {"AWS_EXECUTION_ENV": f"AWS_Lambda_python3.12 {signature}"}
    other: dict[str, str] = {}
    Chalice("c", configure_logs=False, env=other)
    assert other == {"AWS_EXECUTION_ENV": f"AWS_Lambda {signature}"}


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EXECUTION_ENV", "AWS_Lambda_python3.13")
    Chalice("a", configure_logs=False)
    import os

    assert os.environ["AWS_EXECUTION_ENV"].startswith("AWS_Lambda_python3.13 aws-chalice/")


def logged_app(name: str, *, debug: bool = False) -> Chalice:
    return Chalice(name, debug=debug, env={})


def test_logs_go_to_stdout_once(capsys: pytest.CaptureFixture[str]) -> None:
    app = logged_app("log-once")
    app = logged_app("log-once")
    assert len(app.log.handlers) == 1
    assert app.log.propagate is False
    assert app.log.level == logging.ERROR
    app.log.error("seen")
    app.log.info("unseen")
    assert capsys.readouterr().out == "log-once - ERROR - seen\n"


def test_debug_logs_debug_even_in_a_second_app() -> None:
    logged_app("log-debug")
    assert logged_app("log-debug", debug=True).log.level == logging.DEBUG


def test_setting_debug_sets_the_level() -> None:
    app = Chalice("log-switch", debug=True, configure_logs=False, env={})
    levels = [app.log.level]
    for debug in (True, False):
        app.debug = debug
        levels.append(app.log.level)
    assert levels == [logging.NOTSET, logging.DEBUG, logging.ERROR]
    assert app.log.handlers == []


def test_errors_are_logged_to_stdout_with_their_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = logged_app("log-error")
    app.route("/x")(lambda: 1 / 0)
    app(rest_event(path="/x"), None)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "log-error - ERROR - Caught exception for path /x"
    assert lines[-1] == "ZeroDivisionError: division by zero"


def test_the_last_request_stays_until_the_next() -> None:
    app = new_app()
    app.route("/")(lambda: {})
    event = rest_event()
    app(event, "context")
    request = app.current_request
    assert request is app.current_request
    assert request.to_original_event() is event
    assert app.lambda_context == request.lambda_context == "context"
    app({}, "other")
    assert (app.current_request is None, app.lambda_context) == (True, "other")


def test_tests_may_set_the_request() -> None:
    app = new_app()
    request = Request(rest_event())
    app.lambda_context = "context"
    app.current_request = request
    assert app.current_request is request
    assert app.lambda_context == "context"


def test_each_thread_has_its_own_request() -> None:
    app = new_app()
    meeting = threading.Barrier(4, timeout=10)

    @app.route("/{id}")
    def view(id: str) -> list[Any]:
        meeting.wait()
        request = app.current_request
        return [id, request.uri_params, app.lambda_context]

    def ask(id: str) -> str:
        body: str = app(rest_event(path="/{id}", uri={"id": id}), id)["body"]
        return body

    with ThreadPoolExecutor(4) as pool:
        bodies = list(pool.map(ask, "abcd"))
    assert bodies == [f'["{id}",{{"id":"{id}"}},"{id}"]' for id in "abcd"]


def test_each_task_has_its_own_request() -> None:
    app = new_app()
    app.route("/{id}")(lambda id: id)

    async def ask(id: str) -> Any:
        app(rest_event(path="/{id}", uri={"id": id}), None)
        await asyncio.sleep(0)
        return app.current_request.uri_params

    async def both() -> list[Any]:
        return list(await asyncio.gather(ask("a"), ask("b")))

    assert asyncio.run(both()) == [{"id": "a"}, {"id": "b"}]


def test_threads_that_a_view_starts_see_its_request() -> None:
    app = new_app()

    @app.route("/")
    def view() -> list[bool]:
        def same(_number: int) -> bool:
            return app.current_request is request

        request = app.current_request
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(same, range(4)))

    assert app(rest_event(), None)["body"] == "[true,true,true,true]"


def test_instrumentation_can_wrap_the_call_of_a_view(monkeypatch: pytest.MonkeyPatch) -> None:
    app = new_app()
    app.route("/")(lambda: {"a": 1})
    original = RestAPIEventHandler._get_view_function_response
    seen: list[Any] = []

    def wrapped(self: RestAPIEventHandler, view_function: Any, function_args: Any) -> Any:
        assert self.current_request is app.current_request
        response = original(self, lambda **_args: {"wrapped": view_function()}, function_args)
        seen.append((self.lambda_context, response.status_code))
        return response

    monkeypatch.setattr(RestAPIEventHandler, "_get_view_function_response", wrapped)
    assert app(rest_event(), "context")["body"] == '{"wrapped":{"a":1}}'
    assert seen == [("context", 200)]


def test_assigning_to_a_name_of_the_module_has_effect_until_it_is_undone() -> None:
    app = new_app()
    app.route("/")(lambda: {"a": range(1, 2)})
    statuses = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chalice.app.handle_extra_types", sorted)
        assert app(rest_event(), None)["body"] == '{"a":[1]}'
    statuses.append(app(rest_event(), None)["statusCode"])
    with unittest.mock.patch("chalice.app.handle_extra_types", sorted):
        assert app(rest_event(), None)["body"] == '{"a":[1]}'
    statuses.append(app(rest_event(), None)["statusCode"])
    assert statuses == [500, 500]


def test_handlers_can_be_watched_as_they_are_registered() -> None:
    seen: list[Any] = []

    class Watching(Chalice):
        def _register_handler(
            self,
            handler_type: str,
            name: str,
            user_handler: Any,
            wrapped_handler: Any,
            kwargs: Any,
            options: Any = None,
        ) -> None:
            seen.append((handler_type, name, kwargs))
            super()._register_handler(
                handler_type, name, user_handler, wrapped_handler, kwargs, options
            )

    app = Watching("watching", configure_logs=False, env={})
    app.route("/", methods=["PUT"], name="put")(lambda: {})
    assert seen == [("route", "put", {"path": "/", "kwargs": {"methods": ["PUT"], "name": "put"}})]
    assert list(app.routes["/"]) == ["PUT"]
