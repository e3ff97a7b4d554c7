"""One invocation: what is asked, what comes back, and that nothing is asked twice."""

from __future__ import annotations

import base64
import json

import pytest

from chalice.aws.invocations import describe_failure, invoke
from chalice.aws.session import Session
from chalice.errors import ToolError
from tests.aws.scripted import Answer, ScriptedAws, error

ARN = "arn:aws:lambda:us-west-2:123456789012:function:demo-dev-job"


def test_the_function_gets_the_payload_and_gives_its_own(scripted: ScriptedAws) -> None:
    scripted.says("Invoke", Answer({"area": 6}))
    done = invoke(Session(), ARN, b'{"width": 2}', timeout=60)
    assert (json.loads(done.payload), done.error, done.log) == ({"area": 6}, None, None)
    [call] = scripted.calls
    assert call.body == {"width": 2}
    assert "/us-west-2/" in call.headers["Authorization"]
    assert "X-Amz-Invocation-Type" not in call.headers


def test_an_event_is_handed_over(scripted: ScriptedAws) -> None:
    scripted.says("Invoke", Answer("", status=202))
    assert invoke(Session(), ARN, b"", timeout=60, is_event=True).payload == b""
    [call] = scripted.calls
    assert (call.body, call.headers["X-Amz-Invocation-Type"]) == (b"", "Event")


def test_the_end_of_the_log_comes_along(scripted: ScriptedAws) -> None:
    tail = base64.b64encode("START\nhé".encode()).decode()
    scripted.says("Invoke", Answer(1, headers={"X-Amz-Log-Result": tail}))
    assert invoke(Session(), ARN, b"", timeout=60, wants_log=True).log == "START\nhé"
    assert scripted.calls[0].headers["X-Amz-Log-Type"] == "Tail"


@pytest.mark.parametrize("kind", ["Handled", "Unhandled"])
def test_a_failure_of_the_function_is_told(scripted: ScriptedAws, kind: str) -> None:
    scripted.says("Invoke", Answer({"errorMessage": "x"}, headers={"X-Amz-Function-Error": kind}))
    assert invoke(Session(), ARN, b"", timeout=60).error == kind


@pytest.mark.parametrize(
    ("code", "status", "hint"),
    [
        ("ServiceException", 500, None),
        ("TooManyRequestsException", 429, "try again later"),
        ("ResourceNotFoundException", 404, "deploy the stage again"),
        ("RequestTooLargeException", 413, "6 MB"),
        ("AccessDeniedException", 403, "permission"),
    ],
)
def test_a_failure_of_lambda_is_told_and_nothing_is_tried_again(
    scripted: ScriptedAws,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    status: int,
    hint: str | None,
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    scripted.says("Invoke", error(code, "AWS's own sentence", status))
    with pytest.raises(ToolError) as failed:
        invoke(Session(), ARN, b"", timeout=60)
    assert failed.value.summary == f"got '{code}' exception back from Lambda\nAWS's own sentence"
    assert (failed.value.hint is None) == (hint is None)
    assert (hint or "") in (failed.value.hint or "")
    assert len(scripted.calls) == 1


def test_a_function_that_takes_too_long_is_asked_once(scripted: ScriptedAws) -> None:
    scripted.says("Invoke", Answer(1, delay=0.5))
    with pytest.raises(ToolError, match="invoking demo-dev-job failed: Read timeout") as failed:
        invoke(Session(), ARN, b"", timeout=0, grace=0.1)
    assert "may be running still" in str(failed.value.hint)
    assert len(scripted.calls) == 1


HEAD = "Traceback (most recent call last):\n"
FRAME = '  File "/var/task/app.py", line 3, in job\n    1 / 0'


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        (
            {"errorType": "E", "errorMessage": "m", "stackTrace": [FRAME, FRAME + "\n"]},
            f"{HEAD}{FRAME}\n{FRAME}\nE: m",
        ),
        (
            {"errorMessage": "m", "stackTrace": [["/var/task/app.py", 3, "job", "1 / 0"]]},
            f"{HEAD}{FRAME}\nm",
        ),
        (
            {"errorMessage": "m", "stackTrace": [["/var/task/app.py", 3, "job", None]]},
            f"{HEAD}{FRAME.splitlines()[0]}\nm",
        ),
        ({"errorType": "Runtime.ExitError", "errorMessage": "m"}, "Runtime.ExitError: m"),
        ({"errorType": "E", "errorMessage": "m", "stackTrace": []}, "E: m"),
        ({"other": 1}, '{"other": 1}'),
        ("text", '"text"'),
    ],
)
def test_a_failure_reads_as_in_python(payload: object, shown: str) -> None:
    assert describe_failure(json.dumps(payload).encode()) == shown


def test_a_failure_that_is_not_json_is_shown_as_it_is() -> None:
    assert describe_failure(b"oops \xff") == "oops \N{REPLACEMENT CHARACTER}"
