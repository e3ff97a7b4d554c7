"""``chalice invoke --local NAME``, run as a program: handlers of the app as it is in the folder."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.aws.scripted import Answer, ScriptedAws
from tests.cli.command import SECONDS, environment
from tests.cli.deployed import record

APP = """
import os

from chalice import AuthResponse, Chalice
from chalicelib.deep import divide

print("imported by", os.environ.get("WHO"))
app = Chalice(app_name="demo")
app.experimental_feature_flags.add("WEBSOCKETS")


@app.route("/users/{name}", methods=["GET", "POST"])
def user(name):
    request = app.current_request
    return {"name": name, "query": request.query_params, "body": request.json_body}


@app.authorizer()
def gate(request):
    return AuthResponse(["*"], request.token)


@app.on_s3_event(bucket="photos", prefix="uploads/")
def resize(event):
    print("resizing", event.key)
    return {"bucket": event.bucket, "key": event.key, "who": os.environ.get("WHO")}


@app.on_sqs_message(queue="orders")
@app.on_sns_message(topic="news")
def both(event):
    return type(event).__name__


@app.schedule("rate(1 hour)")
def hourly(event):
    return event.resources


@app.lambda_function()
def broken(event, context):
    return divide(1, event.get("by", 0))


@app.lambda_function()
def unserialisable(event, context):
    return object()


@app.on_ws_message()
def said(event):
    app.websocket_api.send(event.connection_id, event.body.upper())
    app.websocket_api.close(event.connection_id)
    return {"body": os.environ["WHO"]}
"""
CONFIG = {
    "version": "2.0",
    "app_name": "demo",
    "environment_variables": {"WHO": "all"},
    "stages": {
        "prod": {
            "api_gateway_stage": "v1",
            "lambda_functions": {
                "resize": {"environment_variables": {"WHO": "resize"}},
                "websocket_message": {"environment_variables": {"WHO": "socket"}},
            },
        }
    },
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / ".chalice").mkdir()
    (folder / ".chalice" / "config.json").write_text(json.dumps(CONFIG))
    (folder / "app.py").write_text(APP)
    (folder / "chalicelib").mkdir()
    (folder / "chalicelib" / "__init__.py").write_text("")
    (folder / "chalicelib" / "deep.py").write_text("def divide(a, b):\n    return a / b\n")
    return folder


def run(
    project: Path,
    *arguments: str,
    stdin: str = "",
    code: int = 0,
    changes: Mapping[str, str] | None = None,
) -> tuple[str, str]:
    """Run ``chalice invoke …`` and return its stdout and stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "chalice", "invoke", *arguments],
        cwd=project,
        env=environment(**(changes or {})),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def test_a_sample_is_what_the_decorator_declares(project: Path) -> None:
    out, told = run(project, "--local", "--stage", "prod", "resize", "--sample")
    assert json.loads(out) == {"bucket": "photos", "key": "uploads/sample.txt", "who": "resize"}
    assert told == "imported by resize\nresizing uploads/sample.txt\n"


def test_a_sample_is_as_its_options_say(project: Path) -> None:
    out, _ = run(project, "--local", "resize", "--sample", "s3", "key=uploads/a b.png")
    assert json.loads(out) == {"bucket": "photos", "key": "uploads/a b.png", "who": "all"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["resize", "--sample", "sqs"], "it gets s3: --sample s3"),
        (["resize", "--sample", "ky=x"], "did you mean `key`?"),
        (["resize", "--sample", "key=other/x"], "keys that count begin with `uploads/`"),
        (["both", "--sample"], "say which: --sample sns"),
        (["GET", "/user/7"], "did you mean `/users/{name}`?"),
        (["DELETE", "/users/7"], "it has GET, POST"),
        (["api_handler", "--sample"], "write the request: --sample GET /users/{name}"),
    ],
)
def test_a_sample_that_cannot_be_is_an_error_with_a_hint(
    project: Path, words: list[str], said: str
) -> None:
    out, told = run(project, "--local", *words, code=1)
    assert out == ""
    assert said in told


def test_the_kind_tells_the_sources_of_a_function_apart(project: Path) -> None:
    assert run(project, "--local", "both", "--sample", "sqs")[0] == '"SQSEvent"\n'


def test_a_schedule_has_its_rule(project: Path) -> None:
    out, _ = run(project, "--local", "hourly", "--sample", changes={"AWS_REGION": "eu-west-1"})
    assert json.loads(out) == ["arn:aws:events:eu-west-1:123456789012:rule/demo-dev-hourly-event"]


@pytest.mark.parametrize(
    "words",
    [
        ["GET", "/users/ann%20b?x=1"],
        ["GET /users/7", "name=ann b", "query=x=1"],
        ["api_handler", "--sample", "GET", "/users/ann b", "query=x=1"],
    ],
)
def test_a_route_is_requested(project: Path, words: list[str]) -> None:
    answer: Any = json.loads(run(project, "--local", *words)[0])
    assert answer["statusCode"] == 200
    expected = {"name": "ann b", "query": {"x": "1"}, "body": None}
    assert json.loads(answer["body"]) == expected


def test_an_authorizer_is_asked(project: Path) -> None:
    out, _ = run(project, "--local", "gate", "--sample", "token=ann")
    assert json.loads(out)["principalId"] == "ann"


def test_what_a_handler_sends_to_a_client_is_told(project: Path) -> None:
    arguments = ["--sample", "body=hi", "connection=c1"]
    out, told = run(project, "--local", "--stage", "prod", "said", *arguments)
    assert json.loads(out) == {"statusCode": 200, "body": "socket"}
    assert told.endswith("to connection c1: HI\nconnection c1 closed\n")


def test_the_event_comes_from_a_file_or_from_stdin(project: Path, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text('{"by": 4}')
    event = ["--event", str(tmp_path / "event.json")]
    assert run(project, "--local", "broken", *event)[0] == "0.25\n"
    assert run(project, "--local", "broken", stdin='{"by": 2}')[0] == "0.5\n"


def test_a_failure_is_shown_with_the_frames_of_the_user(project: Path) -> None:
    out, told = run(project, "--local", "broken", code=1)
    assert out == ""
    lines = [line for line in told.splitlines() if line.strip("~^ ")]  # as newer Pythons mark
    assert lines == [
        "imported by all",
        "Traceback (most recent call last):",
        f'  File "{project}/app.py", line {_line("divide(1")}, in broken',
        '    return divide(1, event.get("by", 0))',
        f'  File "{project}/chalicelib/deep.py", line 2, in divide',
        "    return a / b",
        "ZeroDivisionError: division by zero",
        "error: Unhandled exception in Lambda function, details above.",
    ]


def _line(text: str) -> int:
    return next(number for number, line in enumerate(APP.split("\n"), 1) if text in line)


def test_a_result_that_is_not_json_is_a_failure(project: Path) -> None:
    told = run(project, "--local", "unserialisable", code=1)[1]
    assert "Runtime.MarshalError: Unable to marshal response: Object of type object" in told


def test_a_handler_that_is_not_there_is_an_error(project: Path) -> None:
    out, told = run(project, "--local", "resise", code=2)
    assert out == ""
    assert "could not find a handler named resise" in told
    assert "did you mean `resize`? the app has api_handler, gate, " in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["resize"], "Write `-n resize`, or `--local resize`"),
        (["--local"], "Missing option '-n' / '--name'"),
        (["--local", "resize", "--log"], "for functions that are deployed"),
        (["--local", "resize", "--sample", "--payload", "1"], "exclude each other"),
        (["--local", "resize", "key=a"], "unexpected argument: `key=a`"),
        (["--local", "resize", "--sample", "s3", "key"], "`key` is no option of a sample"),
    ],
)
def test_words_that_mean_nothing_are_a_usage_error(
    project: Path, arguments: list[str], said: str
) -> None:
    assert said in run(project, *arguments, code=2)[1]


def test_a_sample_is_sent_to_a_deployed_function_too(
    scripted: ScriptedAws, project: Path, tmp_path: Path
) -> None:
    record(tmp_path, "resize")
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "chalicelib").symlink_to(project / "chalicelib")
    scripted.says("Invoke", Answer("null"))
    arguments = ["-n", "resize", "--sample", "key=uploads/x"]
    assert run(tmp_path, *arguments, changes=scripted.environment())[0] == "null\n"
    (sent,) = scripted.asked("Invoke")
    assert sent["Records"][0]["s3"]["object"]["key"] == "uploads/x"
