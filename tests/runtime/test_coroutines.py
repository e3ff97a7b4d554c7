"""`async def` views, error handlers, middleware and authorizers."""

from __future__ import annotations

import asyncio
import functools
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

import chalice
from chalice import BadRequestError, ChaliceUnhandledError, NotFoundError, Response
from chalice.app import MiddlewareHandler
from chalice.runtime.coroutines import run
from tests.runtime.events import new_app, rest_event


def test_an_async_view_answers_as_others_do() -> None:
    app = new_app()

    @app.get("/{id}", cors=True)
    async def view(id: str) -> Response:
        await asyncio.sleep(0)
        if id == "none":
            raise NotFoundError(id)
        return Response({"id": id}, headers={"X-Path": app.current_request.path})

    @app.post("/{id}", name="broken")
    async def broken(id: str) -> Response:
        return Response("", headers={"X": f"{id}\r\n"})

    answer = app(rest_event(path="/{id}", uri={"id": "7"}), None)
    assert (answer["body"], answer["headers"]["X-Path"]) == ('{"id":"7"}', "/{id}")
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert app(rest_event(path="/{id}", uri={"id": "none"}), None)["statusCode"] == 404
    assert app(rest_event("POST", "/{id}", uri={"id": "7"}), None)["statusCode"] == 500


def test_all_invocations_of_a_thread_share_one_loop_and_what_is_left_on_it() -> None:
    app = new_app()
    loops: list[Any] = []
    tasks: list[asyncio.Task[str]] = []

    async def later() -> str:
        await asyncio.sleep(0)
        return "done later"

    @app.get("/")
    async def view() -> list[str]:
        loops.append(asyncio.get_running_loop())
        tasks.append(asyncio.create_task(later()))
        return (
            [task.result() for task in tasks if task.done()] if len(tasks) < 2 else [await tasks[0]]
        )

    bodies = [app(rest_event(), None)["body"] for _ in range(2)]
    assert bodies == ["[]", '["done later"]']
    assert loops[0] is loops[1]


def test_each_thread_has_a_loop_of_its_own() -> None:
    app = new_app()
    meeting = threading.Barrier(3, timeout=10)
    loops: set[Any] = set()

    @app.get("/{id}")
    async def view(id: str) -> Any:
        meeting.wait()
        loops.add(asyncio.get_running_loop())
        await asyncio.sleep(0)
        return [id, app.current_request.uri_params]

    def ask(id: str) -> str:
        body: str = app(rest_event(path="/{id}", uri={"id": id}), None)["body"]
        return body

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(ask, "abc")) == [f'["{id}",{{"id":"{id}"}}]' for id in "abc"]
    assert len(loops) == 3


def test_an_app_may_be_called_where_a_loop_runs() -> None:
    app = new_app()

    @app.get("/")
    async def view() -> str:
        await asyncio.sleep(0)
        return str(app.lambda_context)

    @app.middleware("http")
    async def passing(event: Any, get_response: Any) -> Any:
        return await get_response(event)

    async def caller() -> str:
        body: str = app(rest_event(), "context")["body"]
        return body

    assert asyncio.run(caller()) == "context"


def test_error_handlers_may_be_async() -> None:
    app = new_app()

    @app.error(ZeroDivisionError)
    async def infinite(error: ZeroDivisionError) -> Response:
        await asyncio.sleep(0)
        return Response(str(error), status_code=422)

    app.get("/")(lambda: 1 / 0)
    answer = app(rest_event(), None)
    assert (answer["statusCode"], answer["body"]) == (422, "division by zero")


def test_an_authorizer_may_be_async() -> None:
    app = new_app()

    @app.authorizer()
    async def gate(request: Any) -> dict[str, str]:
        await asyncio.sleep(0)
        return {"token": request.token}

    event = {"type": "TOKEN", "authorizationToken": "t", "methodArn": "a:b:c:d:e:f/g"}
    assert gate(event, None) == {"token": "t"}


def test_async_and_other_middleware_mix_in_any_order_on_one_loop() -> None:
    app = new_app()
    calls: list[Any] = []
    own: ContextVar[str] = ContextVar("own")

    def awaiting(name: str) -> Any:
        async def middleware(event: Any, get_response: Any) -> Any:
            await asyncio.sleep(0)
            own.set(name)
            calls.append((name, asyncio.get_running_loop()))
            response = await get_response(event)
            await asyncio.sleep(0)
            response.headers[name] = event.path
            return response

        return middleware

    def plain(event: Any, get_response: Any) -> Any:
        response = get_response(event)
        response.headers["plain"] = event.path
        return response

    @app.get("/")
    async def view() -> str:
        await asyncio.sleep(0)
        calls.append(("view", asyncio.get_running_loop()))
        return own.get() + app.current_request.method

    app.get("/plain", name="plain")(own.get)
    app.register_middleware(awaiting("outer"), "http")
    app.register_middleware(plain, "http")
    app.register_middleware(functools.partial(awaiting("inner")), "http")
    answer = app(rest_event(), None)
    assert answer["body"] == "innerGET"
    assert answer["headers"] == {"inner": "/", "plain": "/", "outer": "/"}
    assert [name for name, _ in calls] == ["outer", "inner", "view"]
    assert len({loop for _, loop in calls}) == 1
    assert app(rest_event(path="/plain"), None)["body"] == "inner"


def test_async_middleware_sees_errors_and_may_answer_itself() -> None:
    app = new_app()
    seen: list[Any] = []

    @app.middleware("http", exceptions=True)
    async def catching(event: Any, get_response: Any) -> Any:
        try:
            return await get_response(event)
        except (ChaliceUnhandledError, BadRequestError, StopIteration, RuntimeError) as error:
            seen.append(type(error))
            return {"caught": str(error)}

    errors = [ChaliceUnhandledError("a"), BadRequestError("b"), StopIteration("c")]

    @app.get("/{number}")
    def view(number: str) -> None:
        raise errors[int(number)]

    for number in range(3):
        answer = app(rest_event(path="/{number}", uri={"number": str(number)}), None)
        assert answer["statusCode"] == 200
    assert seen == [ChaliceUnhandledError, BadRequestError, RuntimeError]


def test_async_middleware_may_ask_several_times_at_once() -> None:
    app = new_app()
    app.get("/")(lambda: {"a": 1})

    @app.middleware("http")
    async def twice(event: Any, get_response: Any) -> Any:
        left = asyncio.ensure_future(get_response(event))
        first, second = await asyncio.gather(get_response(event), get_response(event))
        await left
        return [first.body, second.body]

    assert app(rest_event(), None)["body"] == '[{"a":1},{"a":1}]'


def test_async_middleware_may_stop_waiting() -> None:
    app = new_app()

    @app.get("/")
    async def slow() -> str:
        await asyncio.sleep(0.05)
        return "slow"

    @app.middleware("http")
    async def impatient(event: Any, get_response: Any) -> Any:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(get_response(event), 0.001)
        return "too late"

    assert app(rest_event(), None)["body"] == "too late"


def test_a_callable_that_returns_a_coroutine_is_middleware_too() -> None:
    class Middleware:
        async def __call__(self, event: Any, get_response: Any) -> Any:
            return (await get_response(event)) + 1

    assert MiddlewareHandler(Middleware(), lambda event: event)(1) == 2

    async def result(value: int) -> int:
        return value

    chain = MiddlewareHandler(lambda event, rest: result(rest(event)), lambda event: event)
    assert chain(3) == 3


def test_a_system_exit_in_the_rest_ends_the_program() -> None:
    app = new_app()

    @app.get("/")
    def view() -> None:
        raise SystemExit(3)

    @app.middleware("http")
    async def passing(event: Any, get_response: Any) -> Any:
        return await get_response(event)

    with pytest.raises(SystemExit):
        app(rest_event(), None)


def test_a_future_can_be_waited_for_too() -> None:
    class Ready:
        def __await__(self) -> Any:
            return iter(())

    assert run(Ready()) is None


PROGRAM = """
import sys
from chalice import Chalice
app = Chalice("lazy", configure_logs=False)
app.get("/")(lambda: {})
app.register_middleware(lambda event, get_response: get_response(event), "http")
event = {"requestContext": {"httpMethod": "GET", "resourcePath": "/"}}
assert app(event, None)["statusCode"] == 200
assert "asyncio" not in sys.modules
async def view(): return {}
app.get("/async")(view)
event["requestContext"]["resourcePath"] = "/async"
assert app(event, None)["statusCode"] == 200
assert "asyncio" in sys.modules
"""


def test_asyncio_is_imported_when_first_needed_and_leaves_no_warning() -> None:
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", PROGRAM]
    root = Path(chalice.__file__).parent.parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
