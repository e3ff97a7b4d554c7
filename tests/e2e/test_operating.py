"""A deployed app is invoked and its logs are read, with the program that its user has."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.cloud.waiting import wait_until
from tests.e2e.project import Project, run

APP = """
import json
import time

from chalice import Chalice

app = Chalice(app_name="works")


@app.route("/")
def index():
    print("asked for the index")
    return {"hello": "world"}


@app.lambda_function()
def divide(event, context):
    print(json.dumps({"level": "INFO", "message": "dividing", "by": event["b"]}))
    return event["a"] / event["b"]


@app.lambda_function()
def sleep(event, context):
    print("sleeping")
    time.sleep(event)


@app.lambda_function()
def idle(event, context):
    pass
"""


@pytest.fixture(scope="module")
def project(new_project: Callable[[str], Project]) -> Iterator[Project]:
    made = new_project("works")
    made.write("app.py", APP)
    config = made.directory / ".chalice" / "config.json"
    settings = json.loads(config.read_text())
    settings["lambda_functions"] = {"sleep": {"lambda_timeout": 1}}
    config.write_text(json.dumps(settings))
    with made.deploy() as client:
        assert client.get("/").status_code == 200
    yield made
    made.run("delete", "--local", "-y")


def test_a_function_is_invoked_and_its_log_read(project: Project) -> None:
    done = project.run("invoke", "-n", "divide", "--payload", '{"a": 1, "b": 4}')
    assert (done.stdout, done.stderr) == ("0.25\n", "")
    [line] = project.run("logs", "-n", "divide", "--json").stdout.splitlines()
    event = json.loads(line)
    assert json.loads(event["message"])["by"] == 4
    assert event["level"] == "INFO"
    everything = project.run("logs", "-n", "divide", "--include-lambda-messages").stdout
    assert f"START RequestId: {event['request_id']}" in everything


def test_the_log_of_the_routes_is_the_usual_one(project: Project) -> None:
    assert project.run("logs").stdout.endswith(" asked for the index\n")
    assert " asked for the index\n" in project.run("logs", "--all", "--local").stdout


def test_a_function_that_was_never_invoked_has_no_log(project: Project) -> None:
    done = project.run("logs", "-n", "idle")
    assert (done.stdout, done.stderr) == ("", "")
    assert project.run("invoke", "-n", "idle", "--payload", "").stdout == "null\n"
    assert project.run("logs", "-n", "idle").stdout == ""


def test_a_function_that_raises_is_shown_with_its_log(project: Project) -> None:
    payload = '{"a": 1, "b": 0}'
    arguments = ("invoke", "-n", "divide", "--log", "--payload", payload)
    done = run(project.environment, project.directory, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    for expected in (
        "START RequestId: ",
        'app.py", line 19, in divide\n    return event["a"] / event["b"]\n',
        "ZeroDivisionError: division by zero\n"
        "error: Unhandled exception in Lambda function, details above.\n",
    ):
        assert expected in done.stderr


def test_a_function_that_takes_too_long_is_told_in_lambdas_words(project: Project) -> None:
    done = project.run("invoke", "-n", "sleep", "--payload", "30", code=1)
    assert "Task timed out after 1.00 seconds\nerror: Unhandled exception" in done.stderr
    [first, second] = project.run("logs", "-n", "sleep", "--json").stdout.splitlines()
    assert json.loads(first)["message"] == "sleeping"
    assert "Task timed out" in json.loads(second)["message"]
    assert json.loads(first)["request_id"] == json.loads(second)["request_id"] is not None


def test_logs_are_followed_across_functions(project: Project, tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    since = datetime.now(timezone.utc).isoformat()
    program = [sys.executable, "-m", "chalice", "logs", "--all", "--follow", "--since", since]
    with (
        shown.open("w") as file,
        subprocess.Popen(
            program, cwd=project.directory, env=dict(project.environment), stdout=file
        ) as following,
    ):
        try:
            for b in (1, 2):
                project.run("invoke", "-n", "divide", "--payload", json.dumps({"a": 1, "b": b}))
            project.run("invoke", "-n", "sleep", "--payload", "0")
            wait_until(lambda: "sleeping" in shown.read_text())
        finally:
            following.send_signal(signal.SIGINT)
    assert following.returncode == 0
    lines = shown.read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["divide", "divide", "sleep"]
    assert [line[-2:] for line in lines[:2]] == ["1}", "2}"]


def test_an_event_runs_later(project: Project) -> None:
    done = project.run("invoke", "-n", "divide", "--async", "--payload", '{"a": 0, "b": 77}')
    assert (done.stdout, done.stderr) == ("", "Queued for divide.\n")
    wait_until(lambda: '"by": 77' in project.run("logs", "-n", "divide").stdout)


def test_a_cloud_that_was_stopped_is_started(project: Project) -> None:
    before = project.run("logs").stdout
    project.run("cloud", "stop")
    done = project.run("logs")
    assert (done.stdout, done.stderr) == (before, "Starting the embedded cloud.\n")
    project.run("cloud", "stop")
    payload = ("--payload", '{"a": 1, "b": 1}')
    assert project.run("invoke", "-n", "divide", *payload).stdout == "1.0\n"
