"""What goes wrong on the way to an answer, and in the answer: a clear message, state intact."""

from __future__ import annotations

import json
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from tests.e2e.project import LIMIT, Project

CONFIG = '{"version": "2.0", "app_name": "broken"}'
HELLO = 'from chalice import Chalice\napp = Chalice(app_name="broken")\n'

PROJECTS: Mapping[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "no .chalice": (
        {"app.py": HELLO},
        ("is not a chalice project", "chalice new-project"),
    ),
    "broken JSON": (
        {"app.py": HELLO, ".chalice/config.json": '{\n  "app_name": "x"\n  "x": 1}'},
        (".chalice/config.json:3",),
    ),
    "no app_name and wrong types": (
        {"app.py": HELLO, ".chalice/config.json": '{\n  "lambda_timeout": "soon"\n}'},
        ("app_name", "lambda_timeout", ".chalice/config.json:2"),
    ),
    "a syntax error": (
        {"app.py": HELLO + "def f(:\n", ".chalice/config.json": CONFIG},
        ("app.py:3", "def f(:"),
    ),
    "an import error": (
        {"app.py": HELLO + "import nosuchmodule\n", ".chalice/config.json": CONFIG},
        ("nosuchmodule", "app.py:3", "requirements.txt"),
    ),
    "an exception at import": (
        {"app.py": HELLO + "1 / 0\n", ".chalice/config.json": CONFIG},
        ("ZeroDivisionError", "app.py:3"),
    ),
    "no app": (
        {"app.py": "x = 1\n", ".chalice/config.json": CONFIG},
        ("no variable `app`",),
    ),
    "no app.py": (
        {".chalice/config.json": CONFIG},
        ("no app.py",),
    ),
}


@pytest.mark.parametrize("case", PROJECTS)
def test_a_project_that_cannot_be_deployed(case: str, user: dict[str, str], tmp_path: Path) -> None:
    files, expected = PROJECTS[case]
    project = Project(tmp_path / "broken", user)
    project.directory.mkdir()
    for name, text in files.items():
        project.write(name, text)
    before = sorted(tmp_path.rglob("*"))
    refused = project.run("deploy", "--local", code=1)
    assert refused.stdout == ""
    for text in expected:
        assert text in refused.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_an_unknown_key_is_pointed_out_and_stops_nothing(
    new_project: Callable[[str], Project],
) -> None:
    project = new_project("typo")
    project.write(
        ".chalice/config.json", '{"version": "2.0",\n "app_name": "typo",\n "lamda_timeout": 3}'
    )
    with project.deploy() as api:
        assert api.get("").json() == {"hello": "world"}
    warned = project.run("plan", "--local").stderr
    assert "lamda_timeout" in warned
    assert ".chalice/config.json:3" in warned
    assert "lambda_timeout" in warned
    project.run("delete", "--local", "-y")


def test_a_requirement_that_does_not_exist_stops_before_anything_is_made(
    new_project: Callable[[str], Project],
) -> None:
    project = new_project("norequirement")
    project.write("requirements.txt", "--no-index\nno-such-thing-anywhere==1.0\n")
    refused = project.run("deploy", "--local", code=1)
    assert "no-such-thing-anywhere" in refused.stderr
    assert "Creating IAM role" not in refused.stderr
    assert not (project.directory / ".chalice" / "deployed" / "local" / "dev.json").exists()


def test_a_full_disk_while_bundling_leaves_the_deployed_stage_as_it_was(
    new_project: Callable[[str], Project],
) -> None:
    project = new_project("fulldisk")
    with project.deploy() as api:
        project.write("chalicelib/__init__.py", f"DATA = {'x' * 10!r}\n")
        # Random bytes do not compress: the zip outgrows the limit of 64 blocks of 512 bytes.
        project.write(
            "chalicelib/data.py", repr(bytes((i * i * 31 + i) % 251 for i in range(2**20)))
        )
        state = (project.directory / ".chalice/deployed/local/dev.json").read_bytes()
        command = shlex.join([sys.executable, "-m", "chalice", "deploy", "--local"])
        limited = subprocess.run(
            ["bash", "-c", f"ulimit -f 16; exec {command}"],
            cwd=project.directory,
            env=dict(project.environment),
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        assert limited.returncode == 1, limited.stderr
        assert "error: " in limited.stderr
        assert "Traceback" not in limited.stderr
        assert (project.directory / ".chalice/deployed/local/dev.json").read_bytes() == state
        assert api.get("").json() == {"hello": "world"}
        project.run("deploy", "--local")
    project.run("delete", "--local", "-y")


def test_a_port_in_use_is_named(user: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environment = {**user, "CHALICE_CLOUD_HOME": str(tmp_path / "cloud")}
        project = Project(tmp_path, environment)
        refused = project.run("cloud", "start", "--port", str(port), code=1)
    assert str(port) in refused.stderr
    assert "hint: " in refused.stderr


BROKEN_APP = """
import os
import time

from chalice import Chalice, Response

app = Chalice(app_name="broken")


@app.route("/")
def index():
    return {"fine": True}


@app.route("/sleep")
def sleep():
    time.sleep(60)


@app.route("/memory")
def memory():
    return {"size": len(bytearray(1 << 30))}


@app.route("/exit")
def leave():
    os._exit(3)


@app.route("/unserialisable")
def unserialisable():
    return object()


@app.route("/body", methods=["POST"])
def body():
    return {"size": len(app.current_request.raw_body)}
"""


@pytest.fixture(scope="module")
def broken(new_project: Callable[[str], Project]) -> Iterator[httpx.Client]:
    project = new_project("broken")
    project.write("app.py", BROKEN_APP)
    config = {"version": "2.0", "app_name": "broken", "lambda_timeout": 2}
    project.write(".chalice/config.json", json.dumps(config))
    with project.deploy() as api:
        yield api
    project.run("delete", "--local", "-y")


@pytest.mark.parametrize("path", ["sleep", "exit"])
def test_a_function_that_dies_answers_502_and_lives_again(broken: httpx.Client, path: str) -> None:
    died = broken.get(path)
    assert died.status_code == 502
    assert died.json() == {"message": "Internal server error"}
    assert broken.get("").json() == {"fine": True}


def test_too_much_memory_is_a_500_or_502_and_the_function_lives_again(
    broken: httpx.Client,
) -> None:
    assert broken.get("memory").status_code in (500, 502)
    assert broken.get("").json() == {"fine": True}


def test_an_answer_that_json_cannot_hold_is_a_logged_500(broken: httpx.Client) -> None:
    answer = broken.get("unserialisable")
    assert answer.status_code == 500
    assert answer.json()["Code"] == "InternalServerError"


def test_a_body_of_11_mb_is_refused(broken: httpx.Client) -> None:
    refused = broken.post(
        "body",
        content=b"[" + b" " * (11 << 20) + b"]",
        headers={"Content-Type": "application/json"},
    )
    assert refused.status_code == 413
    assert refused.json() == {"message": "Request Too Long"}
    assert broken.post("body", json=[1]).json() == {"size": 3}


def test_malformed_http_is_a_400(broken: httpx.Client) -> None:
    url = broken.base_url
    assert url.port is not None
    with socket.create_connection((url.host, url.port)) as connection:
        connection.settimeout(10)
        connection.sendall(b"\x00\x01 nonsense\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    assert broken.get("").json() == {"fine": True}


def test_a_function_that_fails_at_import_answers_502(
    new_project: Callable[[str], Project],
) -> None:
    project = new_project("initfails")
    project.write(
        "app.py",
        """
        import os

        from chalice import Chalice

        app = Chalice(app_name="initfails")
        if "AWS_CHALICE_CLI_MODE" not in os.environ:
            raise RuntimeError("only in Lambda")


        @app.route("/")
        def index():
            return {}
        """,
    )
    said = project.run("deploy", "--local", code=1).stderr
    assert "from the bundle, with Python" in said
    assert "raised RuntimeError: only in Lambda" in said
    config = '{"version": "2.0", "app_name": "initfails", "bundle_check": false}'
    project.write(".chalice/config.json", config)
    with project.deploy() as api:
        failed = api.get("")
        assert failed.status_code == 502
        assert failed.json() == {"message": "Internal server error"}
    project.run("delete", "--local", "-y")


def test_what_triggers_a_function_must_exist_and_the_deploy_goes_on_once_it_does(
    new_project: Callable[[str], Project],
) -> None:
    project = new_project("sourceless")
    project.write(
        "app.py",
        """
        from chalice import Chalice

        app = Chalice(app_name="sourceless")


        @app.on_sqs_message(queue="missing")
        def work(event):
            pass
        """,
    )
    refused = project.run("deploy", "--local", code=1).stderr
    assert "The specified queue does not exist" in refused
    assert "hint: create it first, or correct its name" in refused
    assert "steps are done and recorded; run the same command again" in refused
    project.run("delete", "--local", "-y")
