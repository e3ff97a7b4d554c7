"""What callers get from functions that break, in AWS's words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cloud.functions.lab import Lab, alive, eventually, function, package

ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def test_an_exception_is_reported_with_its_stack_trace(lab: Lab, name: str) -> None:
    broken = function("def handler(event, context):\n    raise ValueError('no good')", name)
    error_type, message, invocation = lab.failure(broken)
    error = json.loads(invocation.payload)
    assert (error_type, message) == ("ValueError", "no good")
    assert error["requestId"] == invocation.request_id
    assert "raise ValueError" in error["stackTrace"][0]
    assert lab.invoke(broken).init_ms is None  # the process lives on


@pytest.mark.parametrize(
    ("source", "error_type", "message"),
    [
        (
            "import nothing_like_it",
            "Runtime.ImportModuleError",
            "No module named 'nothing_like_it'",
        ),
        ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ("other = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("1 / 0", "ZeroDivisionError", "division by zero"),
    ],
)
def test_a_function_that_does_not_load_says_why(
    lab: Lab, name: str, source: str, error_type: str, message: str
) -> None:
    got_type, got_message, invocation = lab.failure(function(source, name))
    assert got_type == error_type
    assert message in got_message
    log = invocation.log.decode()
    assert f"[ERROR] {error_type}: " in log
    status = rf"Phase: init\tStatus: error\tError Type: {error_type}"
    assert re.search(rf"INIT_REPORT Init Duration: [\d.]+ ms\t{status}", log)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("os._exit(3)", "with error: exit status 3"),
        ("os._exit(0)", "without providing a reason"),
        ("sys.exit(5)", "with error: exit status 5"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "with error: signal: segmentation fault"),
        ("os.kill(os.getpid(), signal.SIGABRT)", "with error: signal: aborted"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "with error: signal: killed"),
    ],
)
@pytest.mark.parametrize("at_import", [True, False])
def test_a_process_that_ends_is_reported_and_replaced(
    lab: Lab, name: str, tmp_path: Path, *, statement: str, reason: str, at_import: bool
) -> None:
    source = (
        "import os, signal, sys, pathlib\n"
        f"def end():\n if not pathlib.Path({str(tmp_path / 'mended')!r}).exists(): {statement}\n"
        f"{'end()' if at_import else ''}\n"
        "def handler(event, context):\n end()\n return 'well'"
    )
    dying = function(source, name)
    error_type, message, invocation = lab.failure(dying)
    assert error_type == "Runtime.ExitError"
    assert message == f"RequestId: {invocation.request_id} Error: Runtime exited {reason}"
    assert f"{message}\nRuntime.ExitError\n" in lab.messages(name)
    assert "Status: error\tError Type: Runtime.ExitError" in lab.messages(name)[-1]
    (tmp_path / "mended").touch()
    assert lab.answer(dying) == "well"


def test_a_timeout_kills_the_function_and_its_children(lab: Lab, name: str, tmp_path: Path) -> None:
    source = (
        "import os, pathlib, subprocess, time\n"
        "def handler(event, context):\n"
        " if event is None: return 'well'\n"
        " child = subprocess.Popen(['sleep', '60'])\n"
        " pathlib.Path(event).write_text(f'{os.getpid()} {child.pid}')\n"
        " print('on it')\n"
        " time.sleep(60)"
    )
    slow = function(source, name, timeout=0.5)
    error_type, message, invocation = lab.failure(slow, str(tmp_path / "pids"))
    assert error_type == "Sandbox.Timedout"
    assert message == f"RequestId: {invocation.request_id} Error: Task timed out after 0.50 seconds"
    assert invocation.duration_ms >= 500
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    eventually(lambda: not any(alive(pid) for pid in pids))
    log = lab.messages(name)
    assert "on it\n" in log
    line = rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z {ID} Task timed out after 0.50 seconds\n\n"
    assert any(re.fullmatch(line, message) for message in log)
    assert "Status: timeout" in log[-1]
    assert lab.answer(slow) == "well"


def test_a_process_deaf_to_signals_is_killed_all_the_same(lab: Lab, name: str) -> None:
    source = (
        "import signal\n"
        "for each in (signal.SIGTERM, signal.SIGINT): signal.signal(each, signal.SIG_IGN)\n"
        "def handler(event, context):\n"
        " while True: pass"
    )
    assert lab.failure(function(source, name, timeout=0.3))[0] == "Sandbox.Timedout"


@pytest.mark.parametrize("size", [150, 3000])
def test_memory_past_the_limit_ends_the_function(lab: Lab, name: str, size: int) -> None:
    source = (
        "def handler(event, context):\n"
        " held = []\n"
        " for _ in range(event): held.append(b'x' * 1024 * 1024)\n"
        " return len(held)"
    )
    greedy = function(source, name, memory_size=128, timeout=30)
    assert lab.answer(greedy, 64) == 64
    error_type, message, invocation = lab.failure(greedy, size)
    assert error_type == "Runtime.OutOfMemory"
    assert message == (
        f"RequestId: {invocation.request_id} Error: Runtime exited with error: signal: killed"
    )
    assert invocation.max_memory_used == 128
    assert lab.answer(greedy, 1) == 1


def test_one_allocation_larger_than_the_machine_lends_is_a_memory_error(
    lab: Lab, name: str
) -> None:
    source = "def handler(event, context): return len(bytes(10 ** 9))"
    assert lab.failure(function(source, name))[0] == "MemoryError"


def test_an_import_past_the_init_limit_is_tried_again_in_the_time_of_the_invocation(
    open_lab: Callable[..., Lab], tmp_path: Path
) -> None:
    lab = open_lab(init_timeout=0.5)
    source = (
        "import os, pathlib, time\n"
        "tries = pathlib.Path(os.environ['TRIES'])\n"
        "tries.write_text(tries.read_text() + 'x')\n"
        "if len(tries.read_text()) < int(os.environ['NEEDED']): time.sleep(60)\n"
        "def handler(event, context): return 'well'"
    )
    for needed, timeout in (("2", 30), ("3", 1)):
        (tmp_path / needed).touch()
        variables = {"TRIES": str(tmp_path / needed), "NEEDED": needed}
        slow = function(source, f"f{needed}", timeout=timeout, environment=variables)
        if needed == "2":
            assert lab.answer(slow) == "well"
        else:
            error_type, message, _ = lab.failure(slow)
            assert error_type == "Sandbox.Timedout"
            assert message.endswith("Task timed out after 1.00 seconds")
        assert (tmp_path / needed).read_text() == "xx"
        assert "Phase: init\tStatus: timeout" in lab.messages(f"f{needed}")[0]


def test_a_return_value_that_is_not_json_is_a_marshal_error(lab: Lab, name: str) -> None:
    error_type, message, _ = lab.failure(function("def handler(e, c): return {1, 2}", name))
    assert error_type == "Runtime.MarshalError"
    assert message.startswith("Unable to marshal response: ")


def test_a_response_past_six_megabytes_is_refused(lab: Lab, name: str) -> None:
    large = function("def handler(event, context): return 'x' * event", name, memory_size=512)
    error_type, message, _ = lab.failure(large, 6_291_555)  # and two quotation marks
    assert error_type == "Function.ResponseSizeTooLarge"
    assert message == (
        "Response payload size (6291557 bytes) exceeded maximum allowed payload size "
        "(6291556 bytes)."
    )
    assert lab.invoke(large, 6_291_554).error is None


def test_an_event_that_is_not_json_is_an_unmarshal_error(lab: Lab, name: str) -> None:
    echo = function("def handler(event, context): return event", name)
    invocation = lab.call(lab.executor.invoke, echo, b"{not json")
    assert json.loads(invocation.payload)["errorType"] == "Runtime.UnmarshalError"


def test_a_process_that_dies_while_idle_is_replaced_unnoticed(lab: Lab, name: str) -> None:
    source = (
        "import os, signal, threading\n"
        "def handler(event, context):\n"
        " if event: threading.Timer(0.05, os._exit, [1]).start()\n"
        " return os.getpid()"
    )
    mortal = function(source, name)
    pid = lab.answer(mortal, True)
    eventually(lambda: not Path(f"/proc/{pid}").exists())
    assert lab.answer(mortal) != pid


def test_a_runtime_nobody_installed_is_named_with_the_remedy(lab: Lab, name: str) -> None:
    error_type, message, invocation = lab.failure(function("", name, runtime="python3.99"))
    assert error_type == "Runtime.InterpreterNotFound"
    assert "uv python install 3.99" in message
    assert message.encode() in invocation.log
    assert lab.failure(function("", name, runtime="nodejs22.x"))[0] == error_type


@pytest.mark.parametrize(
    "code",
    [b"not a zip", b"", package({"app.py": "x" * 99})[:60]],
    ids=["text", "nothing", "half a zip"],  # a zip holds the time, and names must not change
)
def test_code_that_is_no_zip_is_an_error_of_the_function(lab: Lab, name: str, code: bytes) -> None:
    assert lab.failure(function(code, name))[0] == "Runtime.InvalidCode"


def test_variables_that_no_process_can_have_are_an_error_of_the_function(
    lab: Lab, name: str
) -> None:
    for value in ("x" * 5_000_000, "a\0b"):
        unfit = function("", name, environment={"BIG": value})
        assert lab.failure(unfit)[0] == "Runtime.StartFailed"
