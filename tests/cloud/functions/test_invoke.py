"""What a function that works gets and gives."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from chalice.cloud.functions import Invocation
from tests.cloud.functions.lab import Lab, alive, eventually, function

ECHO = "def handler(event, context): return event"


def test_a_function_returns_its_answer(lab: Lab, name: str) -> None:
    assert lab.answer(function(ECHO, name), {"a": ["é", 1.5, None]}) == {"a": ["é", 1.5, None]}


def test_a_warm_environment_keeps_its_globals(lab: Lab, name: str) -> None:
    counter = function("n = 0\ndef handler(event, context):\n global n\n n += 1\n return n", name)
    first, second = lab.invoke(counter), lab.invoke(counter)
    assert (first.payload, second.payload) == (b"1", b"2")
    assert first.init_ms is not None
    assert second.init_ms is None


def test_the_context_tells_about_the_invocation(lab: Lab, name: str) -> None:
    source = (
        "def handler(event, context):\n"
        " c = context\n"
        " return [c.aws_request_id, c.function_name, c.function_version, c.memory_limit_in_mb,\n"
        "  c.invoked_function_arn, c.log_group_name, c.log_stream_name,\n"
        "  0 < c.get_remaining_time_in_millis() <= 7000, c.client_context.custom]"
    )
    asked = function(source, name, memory_size=256, timeout=7, version="12", log_group="/my/logs")
    context = json.dumps({"custom": {"k": "ü"}}, indent=1)
    invocation = lab.call(lab.executor.invoke, asked, b"{}", client_context=context)
    request_id, *rest, stream, has_time, custom = json.loads(invocation.payload)
    assert request_id == invocation.request_id
    assert rest == [name, "12", "256", asked.arn, "/my/logs"]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[12\][0-9a-f]{32}", stream)
    assert has_time
    assert custom == {"k": "ü"}


def test_a_function_may_return_bytes_that_are_json(lab: Lab, name: str) -> None:
    assert lab.answer(function("def handler(e, c): return b'[1, 2]'", name)) == [1, 2]


def test_payloads_up_to_six_megabytes_pass_both_ways(lab: Lab, name: str) -> None:
    event = {"text": "x" * 6_000_000}
    assert lab.answer(function(ECHO, name, memory_size=512), event) == event


def test_invocations_run_in_parallel_in_processes_of_their_own(
    lab: Lab, name: str, tmp_path: Path
) -> None:
    source = (
        "import os, pathlib, time\n"
        "def handler(event, context):\n"
        " here = pathlib.Path(event)\n"
        " (here / str(os.getpid())).touch()\n"
        " while len(list(here.iterdir())) < 3: time.sleep(0.01)\n"
        " return os.getpid()"
    )
    meeting = function(source, name, timeout=30)
    running = [lab.start(meeting, str(tmp_path)) for _ in range(3)]
    assert len({json.loads(each.result(60).payload) for each in running}) == 3


def test_invocations_beyond_the_bound_wait_their_turn(open_lab: Callable[..., Lab]) -> None:
    lab = open_lab(max_environments=1)
    pid = "import os\ndef handler(event, context): return os.getpid()"
    first, second = function(pid, "first"), function(pid, "second")
    running = [lab.start(each) for each in (first, second, first, second)]
    assert all(each.result(60).error is None for each in running)
    last = lab.answer(second)
    assert not alive(json.loads(running[0].result().payload))
    assert alive(last)


def test_reserved_concurrency_throttles(lab: Lab, name: str, tmp_path: Path) -> None:
    source = (
        "import pathlib, time\n"
        "def handler(event, context):\n"
        " pathlib.Path(event + '/started').touch()\n"
        " while not pathlib.Path(event + '/go').exists(): time.sleep(0.01)"
    )
    one = function(source, name, reserved_concurrency=1, timeout=30)
    running = lab.start(one, str(tmp_path))
    eventually((tmp_path / "started").exists)
    refused = lab.invoke(one)
    assert refused.throttled
    assert json.loads(refused.payload)["message"] == "Rate Exceeded."
    (tmp_path / "go").touch()
    assert running.result(60).error is None
    assert not lab.invoke(one, str(tmp_path)).throttled


def test_a_reserved_concurrency_of_zero_stops_the_function(lab: Lab, name: str) -> None:
    assert lab.invoke(function(ECHO, name, reserved_concurrency=0)).throttled


def test_new_code_and_new_configuration_get_new_environments(lab: Lab, name: str) -> None:
    source = "import os\ndef handler(event, context): return [{}, os.getpid(), os.getenv('A')]"
    old = lab.answer(function(source.format(1), name))
    new = lab.answer(function(source.format(2), name))
    configured = lab.answer(function(source.format(2), name, environment={"A": "b"}))
    assert [old[0], new[0], new[2], configured[2]] == [1, 2, None, "b"]
    assert len({old[1], new[1], configured[1]}) == 3
    eventually(lambda: not alive(old[1]) and not alive(new[1]))


def test_a_forgotten_function_leaves_no_process_and_no_code(lab: Lab, name: str) -> None:
    source = "import os\ndef handler(event, context): return [os.getpid(), os.getcwd()]"
    forgotten = function(source, name)
    pid, code = lab.answer(forgotten)
    lab.call(lab.executor.forget, forgotten.arn)
    assert not alive(pid)
    assert not Path(code).exists()
    assert lab.answer(forgotten)[1] == code


def test_a_busy_environment_of_a_forgotten_function_ends_its_work_first(
    lab: Lab, name: str, tmp_path: Path
) -> None:
    source = (
        "import os, pathlib, time\n"
        "def handler(event, context):\n"
        " pathlib.Path(event + '/started').touch()\n"
        " while not pathlib.Path(event + '/go').exists(): time.sleep(0.01)\n"
        " return os.getpid()"
    )
    forgotten = function(source, name, timeout=30)
    running = lab.start(forgotten, str(tmp_path))
    eventually((tmp_path / "started").exists)
    lab.call(lab.executor.forget, forgotten.arn)
    (tmp_path / "go").touch()
    pid = json.loads(running.result(60).payload)
    eventually(lambda: not alive(pid))


def test_idle_environments_end(open_lab: Callable[..., Lab]) -> None:
    lab = open_lab(idle_timeout=0.1)
    pid = lab.answer(function("import os\ndef handler(event, context): return os.getpid()"))
    eventually(lambda: not alive(pid))


def test_a_caller_who_hangs_up_leaves_the_function_running(
    lab: Lab, name: str, tmp_path: Path
) -> None:
    source = (
        "import os, pathlib, time\n"
        "def handler(event, context):\n"
        " if event:\n"
        "  pathlib.Path(event + '/started').touch()\n"
        "  while not pathlib.Path(event + '/go').exists(): time.sleep(0.01)\n"
        "  print('did it')\n"
        " return os.getpid()"
    )
    left = function(source, name, timeout=30)
    caller: Future[Invocation] = lab.start(left, str(tmp_path))
    eventually((tmp_path / "started").exists)
    caller.cancel()
    (tmp_path / "go").touch()
    eventually(lambda: "did it\n" in lab.messages(name))
    assert lab.invoke(left).init_ms is None


def test_the_identity_of_the_code_is_what_tells_packages_apart(lab: Lab, name: str) -> None:
    same = function(ECHO, name)
    assert same == function(ECHO, name, code=b"")
    assert same != function(ECHO, name, code_sha256="other")
    assert "PK" not in repr(same)
