"""Handlers of blueprints where Lambda imports their module and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import chalice

ROOT = Path(chalice.__file__).parent.parent
APP = """
from chalice import Chalice
from chalicelib.part import part

app = Chalice("deployed")
app.register_blueprint(part)


@app.middleware("pure_lambda")
def mark(event, get_response):
    return ["middleware", get_response(event)]
"""
PART = """
from chalice import Blueprint

part = Blueprint(__name__)


@part.lambda_function()
def job(event, context):
    return part.current_app.app_name


@part.on_ws_message()
def message(event):
    return {"body": part.current_app.websocket_api is message.websocket_api}


@part.authorizer()
def gate(request):
    return part.current_app.app_name
"""
PROGRAM = """
from chalicelib import part
from tests.runtime.lambda_events import websocket_event
print(part.job({}, None))
print(part.message(websocket_event(), None))
token = {"type": "TOKEN", "authorizationToken": "t", "methodArn": "a:b:c:d:e:f/g"}
print(part.gate(token, None))
"""


def run(project: Path, program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (project / "chalicelib").mkdir()
    (project / "chalicelib" / "part.py").write_text(PART)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        cwd=project,
        env={**inherited, "PYTHONPATH": str(ROOT), "AWS_REGION": "us-east-1", **environment},
    )


def test_on_lambda_they_run_as_part_of_the_app(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    done = run(tmp_path, PROGRAM, AWS_LAMBDA_FUNCTION_NAME="f")
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "['middleware', 'deployed']",
        "{'statusCode': 200, 'body': True}",
        "deployed",
    ]


def test_elsewhere_nothing_is_imported_for_them(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("raise SystemExit('imported')")
    done = run(tmp_path, "from chalicelib import part; part.job({}, None)")
    assert "RuntimeError: Can only access Blueprint.current_app" in done.stderr


@pytest.mark.parametrize(
    ("app", "said"),
    [(None, "Can only access Blueprint.current_app"), ("import nosuchmodule", "nosuchmodule")],
)
def test_an_app_that_is_missing_or_broken(tmp_path: Path, app: str | None, said: str) -> None:
    if app is not None:
        (tmp_path / "app.py").write_text(app)
    program = "from chalicelib import part; part.job({}, None)"
    assert said in run(tmp_path, program, AWS_LAMBDA_FUNCTION_NAME="f").stderr
