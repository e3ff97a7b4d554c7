"""``chalice invoke``, run as a program against a scripted AWS."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest

from tests.aws.scripted import Answer, ScriptedAws, error
from tests.cli.command import SECONDS, environment
from tests.cli.deployed import record
from tests.cli.terminal import Terminal


def invoke(
    scripted: ScriptedAws, project: Path, *arguments: str, stdin: bytes = b"", code: int = 0
) -> tuple[bytes, str]:
    """Run ``chalice invoke …`` with AWS being what is scripted; return stdout and stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "chalice", "invoke", *arguments],
        cwd=project,
        env=environment(**scripted.environment()),
        input=stdin,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    told = done.stderr.decode()
    assert done.returncode == code, told
    return done.stdout, told


def test_the_payload_comes_from_stdin_and_goes_to_stdout(
    scripted: ScriptedAws, tmp_path: Path
) -> None:
    record(tmp_path, "job")
    scripted.says("Invoke", Answer('{"area":  6, "é": "\\u001b"}'))
    out, told = invoke(scripted, tmp_path, "-n", "job", stdin=b' {"width": 2}\n')
    assert out == '{"area":  6, "é": "\\u001b"}\n'.encode()
    assert told == ""
    assert scripted.asked("Invoke") == [{"width": 2}]


def test_payloads_come_from_elsewhere_too(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "job")
    scripted.says("Invoke", Answer("null"))
    (tmp_path / "event.json").write_bytes(b"\xef\xbb\xbf[1, 2]\n")
    for arguments in (["--payload", '"text"'], ["--payload", "@event.json"], ["--payload", "-"]):
        assert invoke(scripted, tmp_path, "-n", "job", *arguments, stdin=b"3")[0] == b"null\n"
    invoke(scripted, tmp_path, "-n", "job", stdin=b"\n")
    assert scripted.asked("Invoke") == ["text", [1, 2], 3, b""]


def test_nothing_is_read_from_a_terminal(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "job")
    scripted.says("Invoke", Answer("true"))
    arguments = ["-m", "chalice", "invoke", "-n", "job"]
    terminal = Terminal(*arguments, cwd=tmp_path, **scripted.environment())
    assert (terminal.leave(), terminal.shown) == (0, "true\r\n")
    assert scripted.asked("Invoke") == [b""]


@pytest.mark.parametrize("payload", ["hello", '{"a": 1', "NaN", "{'a': 1}"])
def test_a_payload_that_is_not_json_is_not_sent(
    scripted: ScriptedAws, tmp_path: Path, payload: str
) -> None:
    record(tmp_path, "job")
    told = invoke(scripted, tmp_path, "-n", "job", "--payload", payload, code=1)[1]
    assert told.startswith("error: the payload is not JSON: ")
    assert "quotes of its own" in told
    assert scripted.calls == []


def test_a_payload_that_cannot_be_read_is_an_error(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "job")
    told = invoke(scripted, tmp_path, "-n", "job", "--payload", "@missing", code=1)[1]
    assert told == "error: cannot read the payload: No such file or directory\n  --> missing\n"
    told = invoke(scripted, tmp_path, "-n", "job", stdin=b'"\xff"', code=1)[1]
    assert told.startswith("error: the payload is not UTF-8: ")
    assert scripted.calls == []


@pytest.mark.parametrize("kind", ["Handled", "Unhandled"])
def test_what_a_function_raises_is_shown(scripted: ScriptedAws, tmp_path: Path, kind: str) -> None:
    record(tmp_path, "job")
    failure = {
        "errorType": "ZeroDivisionError",
        "errorMessage": "division by zero",
        "stackTrace": ['  File "/var/task/app.py", line 3, in job\n    1 / 0\n'],
    }
    scripted.says("Invoke", Answer(failure, headers={"X-Amz-Function-Error": kind}))
    assert invoke(scripted, tmp_path, "-n", "job", code=1) == (
        b"",
        "Traceback (most recent call last):\n"
        '  File "/var/task/app.py", line 3, in job\n'
        "    1 / 0\n"
        "ZeroDivisionError: division by zero\n"
        f"error: {kind} exception in Lambda function, details above.\n",
    )


def test_the_end_of_the_log_goes_to_stderr(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "job")
    tail = base64.b64encode(b"START\nhello\nEND\n").decode()
    scripted.says("Invoke", Answer("1", headers={"X-Amz-Log-Result": tail}))
    assert invoke(scripted, tmp_path, "-n", "job", "--log") == (b"1\n", "START\nhello\nEND\n")


def test_an_event_is_queued(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "job")
    scripted.says("Invoke", Answer("", status=202))
    assert invoke(scripted, tmp_path, "-n", "job", "--async") == (b"", "Queued for job.\n")
    assert scripted.calls[0].headers["X-Amz-Invocation-Type"] == "Event"
    told = invoke(scripted, tmp_path, "-n", "job", "--async", "--log", code=2)[1]
    assert "exclude each other" in told


def test_a_failure_of_lambda_is_told_and_nothing_is_tried_again(
    scripted: ScriptedAws, tmp_path: Path
) -> None:
    record(tmp_path, "job")
    scripted.says("Invoke", error("ServiceException", "oops", 500))
    assert invoke(scripted, tmp_path, "-n", "job", code=1) == (
        b"",
        "error: got 'ServiceException' exception back from Lambda\n  oops\n",
    )
    assert len(scripted.calls) == 1


def test_the_answer_is_waited_for_as_long_as_the_function_may_take(
    scripted: ScriptedAws, tmp_path: Path
) -> None:
    functions = '{"job": {"lambda_timeout": 800}}'
    config = f'{{"version": "2.0", "app_name": "demo", "lambda_functions": {functions}}}'
    record(tmp_path, "job", config=config)
    scripted.says("Invoke", Answer("1"))
    done = subprocess.run(
        [sys.executable, "-m", "chalice", "--debug", "invoke", "-n", "job"],
        cwd=tmp_path,
        env=environment(**scripted.environment()),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    assert "lambda timeout as (60, 815.0)" in done.stderr  # what botocore logs


@pytest.mark.parametrize("name", ["jop", "default-role", "jobs"])
def test_a_function_that_is_not_recorded_is_an_error(
    scripted: ScriptedAws, tmp_path: Path, name: str
) -> None:
    record(tmp_path, "job")
    out, told = invoke(scripted, tmp_path, "-n", name, code=2)
    assert out == b""
    assert told.startswith(f"error: could not find a lambda function named {name}")
    assert "recorded for stage dev: job" in told
    assert ("did you mean `job`?" in told) == (name != "default-role")
    assert scripted.calls == []


def test_a_stage_that_is_not_deployed_has_no_functions(
    scripted: ScriptedAws, tmp_path: Path
) -> None:
    record(tmp_path, "job")
    told = invoke(scripted, tmp_path, "-n", "job", "--stage", "prod", "--local", code=2)[1]
    assert "deploy it: chalice deploy --stage prod --local\n" in told


def test_a_name_is_required(scripted: ScriptedAws, tmp_path: Path) -> None:
    assert "'--name'" in invoke(scripted, tmp_path, code=2)[1]
