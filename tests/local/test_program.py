from __future__ import annotations

import asyncio
import json
import socket
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.command import chalice
from tests.local.program import Program, make_project, running

APP = """
import asyncio
import contextvars
import os
import sys
import threading
import time

from chalice import AuthResponse, Chalice, NotFoundError, Response

app = Chalice(app_name="demo")
app.api.cors = False
together = threading.Barrier(8)

@app.route("/")
def index():
    return {"variable": os.environ["COLOUR"], "cli": os.environ["AWS_CHALICE_CLI_MODE"]}

@app.route("/twice/{name}")
def twice(name):
    def seen():
        request = app.current_request
        return [request.uri_params["name"], request.query_params["name"], request.headers["x-name"],
                app.lambda_context.aws_request_id]
    before = seen()
    together.wait(10)
    after = seen()
    return {"before": before, "after": after}

@app.route("/slow")
def slow():
    time.sleep(1)
    return "slow"

@app.route("/async/{name}")
async def later(name):
    await asyncio.sleep(0.05)
    return {"name": name, "seen": app.current_request.uri_params["name"]}

@app.route("/context")
def context():
    context = app.lambda_context
    return {"name": context.function_name, "memory": context.memory_limit_in_mb,
            "left": context.get_remaining_time_in_millis()}

@app.route("/exit")
def leave():
    sys.exit(3)

@app.route("/cors", methods=["PUT"], cors=True)
def cors():
    return {}

@app.authorizer()
def auth(request):
    if request.token == "broken":
        raise ValueError("no idea")
    return AuthResponse(["/private"] if request.token == "yes" else [], principal_id="me")

@app.route("/private", authorizer=auth)
def private():
    return app.current_request.context["authorizer"]["principalId"]

@app.route("/key", api_key_required=True)
def key():
    return app.current_request.context["identity"]["apiKey"]
"""
SLOW = 0.25
"""Seconds that hardly an answer takes, even on a busy machine."""
CONFIG = '{"environment_variables": {"COLOUR": "blue"}, "lambda_timeout": 20}'


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = make_project(tmp_path_factory.mktemp("demo"), APP, CONFIG)
    with running(folder, "--api-key", "secret") as program:
        yield program


def test_an_app_has_its_variables_before_it_is_imported(program: Program) -> None:
    assert program.get().json() == {"variable": "blue", "cli": "true"}


def test_requests_that_are_served_at_the_same_time_see_themselves(program: Program) -> None:
    def ask(number: int) -> None:
        name = f"n{number}"
        answer = program.client.get(f"/twice/{name}?name={name}", headers={"X-Name": name}).json()
        assert answer["before"][:3] == [name] * 3
        assert answer["after"] == answer["before"]
        ids.add(answer["before"][3])

    ids: set[str] = set()
    with ThreadPoolExecutor(8) as clients:
        list(clients.map(ask, range(64)))
    assert len(ids) == 64


def test_a_slow_view_blocks_no_other(program: Program) -> None:
    with ThreadPoolExecutor(30) as clients:
        began = time.monotonic()
        slow = [clients.submit(program.get, "/slow") for _ in range(30)]
        time.sleep(0.1)
        assert program.get().status_code == 200
        assert time.monotonic() - began < 0.9
        assert {each.result().text for each in slow} == {"slow"}
    assert time.monotonic() - began < 3


def test_async_views_run_side_by_side(program: Program) -> None:
    def ask(number: int) -> object:
        return program.get(f"/async/{number}").json()

    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(ask, range(16)))
    assert answers == [{"name": str(each), "seen": str(each)} for each in range(16)]


def test_a_view_knows_its_function(program: Program) -> None:
    context = program.get("/context").json()
    assert (context["name"], context["memory"]) == ("api_handler", 128)
    assert 19_000 < context["left"] <= 20_000


def test_a_view_that_exits_is_a_failure_of_the_function(program: Program) -> None:
    answer = program.get("/exit")
    assert (answer.status_code, answer.json()) == (502, {"message": "Internal server error"})
    assert "SystemExit" in program.out.wait_for("SystemExit")
    assert program.get().status_code == 200


def test_what_no_route_has_is_answered_as_api_gateway_does(program: Program) -> None:
    answers = program.get("/none"), program.client.delete("/")
    for answer in answers:
        assert answer.status_code == 403
        assert answer.json() == {"message": "Missing Authentication Token"}
        assert answer.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"


def test_a_preflight_needs_no_function(program: Program) -> None:
    answer = program.client.options("/cors")
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-methods"] == "PUT,OPTIONS"


@pytest.mark.parametrize(
    ("token", "status", "body"),
    [("yes", 200, b"me"), ("no", 403, None), ("", 401, None), ("broken", 500, None)],
)
def test_an_authorizer_of_the_app_decides(
    program: Program, token: str, status: int, body: bytes | None
) -> None:
    answer = program.get("/private", authorization=token)
    assert answer.status_code == status
    assert body is None or answer.content == body


def test_an_api_key_must_be_one_of_those_given(program: Program) -> None:
    assert program.get("/key").status_code == 403
    answer = program.get("/key", **{"x-api-key": "secret"})
    assert (answer.status_code, answer.text) == (200, "secret")


def test_each_request_has_a_line_in_the_log(program: Program) -> None:
    program.client.get("/none?a=%1b[31mb")
    line = program.err.wait_for("/none?")
    assert line.startswith("127.0.0.1 - - [")
    assert line.endswith('] "GET /none?a=%1b[31mb HTTP/1.1" 403 -')


def exchange(program: Program, request: bytes) -> bytes:
    """Send bytes and return all that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", program.port), timeout=10) as client:
        answer = b""
        with suppress(ConnectionError):  # the server need not read what it has refused
            client.sendall(request)
            while part := client.recv(65536):
                answer += part
        return answer


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x16\x03\x01\x02\x00", 400),
        (b"GET\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nA: \x00\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"NOSUCH / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nNo colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nA b: c\r\n\r\n", 400),
        (b"GET /\xff\xfe HTTP/1.1\r\n\r\n", 400),
        (b"OPTIONS * HTTP/1.1\r\nConnection: close\r\n\r\n", 403),
        (b"CONNECT a:1 HTTP/1.1\r\n\r\n", 400),
        (b"GET http://a HTTP/1.1\r\n\r\n", 400),
        (b"PUT /cors HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"PUT /cors HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", 400),
        (
            b"PUT / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (b"PUT /cors HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nConnection: close\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nConnection: close\r\nA: " + b"a" * 20_000 + b"\r\n\r\n", 431),
        (b"PUT /cors HTTP/1.1\r\nConnection: close\r\nContent-Length: 99999999\r\n\r\n", 413),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, bytes) else "",
)
def test_what_is_no_request_or_too_large_is_refused(
    program: Program, request_: bytes, status: int
) -> None:
    assert exchange(program, request_).startswith(b"HTTP/1.1 %d" % status)
    assert program.get().status_code == 200


def test_a_head_without_an_end_ends_the_connection(program: Program) -> None:
    answer = exchange(program, b"GET / HTTP/1.1\r\nA: " + b"a" * 1_000_000)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    answer = exchange(program, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100_000)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    assert program.get().status_code == 200


def test_a_thousand_idle_connections_and_slow_clients_slow_nobody(program: Program) -> None:
    async def crowd() -> None:
        connections = [
            await asyncio.open_connection("127.0.0.1", program.port) for _ in range(1000)
        ]
        for number, (_, writer) in enumerate(connections):
            if number % 4 == 1:
                writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na")
            elif number % 4 == 2:
                writer.write(b"GET / HTTP/1.1\r\nHost:")
        times = [await asyncio.to_thread(time_of_answer) for _ in range(200)]
        assert statistics.quantiles(times, n=100)[98] < SLOW, times
        for _, writer in connections:
            writer.close()

    def time_of_answer() -> float:
        began = time.perf_counter()
        assert program.get().status_code == 200
        return time.perf_counter() - began

    asyncio.run(crowd())
    assert program.get().status_code == 200


def test_a_port_in_use_is_an_error(program: Program, tmp_path: Path) -> None:
    make_project(tmp_path, APP, CONFIG)
    for more in ((), ("--no-autoreload",)):
        done = chalice("local", "--port", str(program.port), *more, cwd=tmp_path)
        assert done.returncode == 1
        assert f"error: port {program.port} is in use" in done.stderr
        assert "Traceback" not in done.stderr


def test_ctrl_c_ends_it(tmp_path: Path) -> None:
    make_project(tmp_path, APP, CONFIG)
    with running(tmp_path) as program:
        assert program.interrupt() == 0
    with running(tmp_path, "--no-autoreload") as program:
        assert program.interrupt() == 1
        assert program.err.wait_for("Aborted!")


def test_ctrl_c_ends_it_while_a_view_hangs(tmp_path: Path) -> None:
    make_project(tmp_path, APP.replace("time.sleep(1)", "time.sleep(60)"), CONFIG)
    with running(tmp_path) as program:
        with socket.create_connection(("127.0.0.1", program.port)) as client:
            client.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            assert program.get().status_code == 200
            began = time.monotonic()
            assert program.interrupt() == 0
        assert time.monotonic() - began < 5


def test_a_view_that_takes_longer_than_it_may_has_failed(tmp_path: Path) -> None:
    app = APP.replace("time.sleep(1)", "time.sleep(3)")
    make_project(tmp_path, app, '{"lambda_timeout": 1}')
    with running(tmp_path, "--no-autoreload") as program:
        began = time.monotonic()
        assert program.get("/slow").status_code == 502
        assert 1 <= time.monotonic() - began < 2.5
        program.out.wait_for("Task timed out after 1.00 seconds")


def test_routes_are_checked_before_they_are_served(tmp_path: Path) -> None:
    wrong = APP.replace('"/slow"', '"/slow/"')
    make_project(tmp_path, wrong, CONFIG)
    done = chalice("local", "--no-autoreload", "--port", "0", cwd=tmp_path)
    assert done.returncode == 1
    assert "error: route `/slow/` must not end with a slash" in done.stderr


def test_another_stage_has_other_variables(tmp_path: Path) -> None:
    stages = {"stages": {"prod": {"environment_variables": {"COLOUR": "red"}}}}
    make_project(tmp_path, APP, json.dumps(stages))
    with running(tmp_path, "--stage", "prod") as program:
        assert program.get().json()["variable"] == "red"


def test_everybody_is_told_of_when_everybody_can_call(tmp_path: Path) -> None:
    make_project(tmp_path, APP, CONFIG)
    with running(tmp_path, "--host", "0.0.0.0") as program:
        assert program.url.startswith("http://0.0.0.0:")
        said = program.err.wait_for("everybody")
        assert f"everybody who reaches port {program.port} of this machine can call" in said
        assert said.endswith(": 9 routes")
    with running(tmp_path, "--host", "0.0.0.0", "--no-auth") as program:
        assert program.err.wait_for("everybody").endswith(": 9 routes, and needs no proof")


def test_functions_share_a_process_and_so_their_variables(tmp_path: Path) -> None:
    app = """
    import os

    from chalice import AuthResponse, Chalice

    app = Chalice(app_name="demo")
    IMPORTED = os.environ["KEY"]

    @app.authorizer()
    def gate(request):
        return AuthResponse(["*"], os.environ["KEY"] + os.environ["COLOUR"])

    @app.route("/", authorizer=gate)
    def index():
        said = app.current_request.context["authorizer"]["principalId"]
        return {"imported": IMPORTED, "said": said, "size": os.environ.get("SIZE")}
    """
    config = """{
      "environment_variables": {"COLOUR": "red"},
      "lambda_functions": {
        "gate": {"environment_variables": {"KEY": "k", "COLOUR": "blue"}},
        "nightly": {"environment_variables": {"COLOUR": "black"}}
      },
      "stages": {"dev": {"lambda_functions": {
        "api_handler": {"environment_variables": {"SIZE": "big"}}
      }}}
    }"""
    with running(make_project(tmp_path, app, config)) as program:
        said = program.get("/", Authorization="x").json()
        assert said == {"imported": "k", "said": "kred", "size": "big"}
        program.err.wait_for("function `gate` does not have its own value of `COLOUR` here")
        assert "nightly" not in program.err.text
