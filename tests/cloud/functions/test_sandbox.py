"""What a function can see, and what is left of it afterwards."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from chalice.cloud.functions.interpreters import find_interpreter
from chalice.cloud.functions.outcomes import SandboxError
from chalice.cloud.functions.sandbox import bootstrap
from tests.cloud.functions.lab import Lab, alive, descendants, eventually, function

ENVIRON = "import os\ndef handler(event, context): return dict(os.environ)"


def test_only_the_package_and_the_runtimes_own_modules_can_be_imported(lab: Lab, name: str) -> None:
    source = (
        "import importlib.util, sys, mine\n"
        "import boto3, botocore, urllib3\n"
        "def handler(event, context):\n"
        " return [n for n in event if importlib.util.find_spec(n)] + [mine.x]"
    )
    files = {"app.py": source, "mine.py": "x = 'mine'", "flask/__init__.py": ""}
    hosts = ["chalice", "moto", "flask", "pytest", "uvicorn", "pip", "httptools"]
    assert lab.answer(function(files, name, memory_size=256), hosts) == ["flask", "mine"]


def test_the_package_wins_over_the_runtimes_own_modules(lab: Lab, name: str) -> None:
    files = {
        "app.py": "import boto3\ndef handler(event, context): return boto3.__version__",
        "boto3.py": "__version__ = 'mine'",
    }
    assert lab.answer(function(files, name)) == "mine"


def test_exit_is_there_as_in_any_python(lab: Lab, name: str) -> None:
    leaving = function("def handler(event, context): exit(4)", name)
    assert lab.failure(leaving)[1].endswith("exit status 4")


def test_the_variables_are_lambdas_and_none_of_the_hosts(
    lab: Lab, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "x")
    shown = lab.answer(function(ENVIRON, name, region="eu-west-1", memory_size=192))
    assert "SECRET_OF_THE_HOST" not in shown
    expected = {
        "_HANDLER": "app.handler",
        "AWS_ENDPOINT_URL": "http://cloud",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "192",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_REGION": "eu-west-1",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
    }
    assert {key: shown[key] for key in expected} == expected
    assert shown["AWS_ACCESS_KEY_ID"]
    assert shown["PYTHONPATH"] == shown["LAMBDA_RUNTIME_DIR"]
    assert shown["HOME"] != os.environ.get("HOME")
    assert shown["_X_AMZN_TRACE_ID"].startswith("Root=1-")


def test_the_functions_variables_win_except_over_reserved_names(lab: Lab, name: str) -> None:
    mine = {
        "http_proxy": "http://127.0.0.1:1",
        "TZ": "Europe/Bern",
        "AWS_ENDPOINT_URL": "http://mine",
        "PYTHONPATH": "/mine",
        "A": "ü",
    }
    reserved = {"AWS_LAMBDA_FUNCTION_NAME": "x", "LAMBDA_TASK_ROOT": "/x", "_HANDLER": "x.y"}
    shown = lab.answer(function(ENVIRON, name, environment={**mine, **reserved}))
    del mine["PYTHONPATH"]
    assert {key: shown[key] for key in mine} == mine
    assert shown["PYTHONPATH"] == f"/mine:{shown['LAMBDA_RUNTIME_DIR']}"
    assert shown["AWS_LAMBDA_FUNCTION_NAME"] == name


def test_a_handler_runs_in_its_read_only_code_with_a_scratch_directory_of_its_own(
    lab: Lab, name: str
) -> None:
    source = (
        "import os, stat, tempfile\n"
        "def handler(event, context):\n"
        " tempfile.mkstemp()\n"
        " mode = lambda p: stat.S_IMODE(os.stat(p).st_mode)\n"
        " in_root = os.getcwd() == os.environ['LAMBDA_TASK_ROOT']\n"
        " return [in_root, tempfile.gettempdir(),\n"
        "         mode('.'), mode('app.py'), mode('bin/tool'), mode('bin'),\n"
        "         sorted(os.listdir('.'))]"
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", source)
        tool = zipfile.ZipInfo("bin/tool")
        tool.external_attr = 0o755 << 16
        archive.writestr(tool, "#!/bin/sh\n")
    neat = function(content.getvalue(), name)
    in_root, scratch, *modes, listing = lab.answer(neat)
    assert in_root
    assert modes == [0o555, 0o444, 0o555, 0o555]
    assert listing == ["app.py", "bin"]  # bytecode goes elsewhere
    assert list(Path(scratch).iterdir())
    lab.call(lab.executor.forget, neat.arn)
    assert not Path(scratch).exists()


def test_bytecode_is_kept_for_the_next_cold_start(
    open_lab: Callable[..., Lab],
) -> None:
    source = "import mine\ndef handler(event, context): return mine.__cached__"
    again = function({"app.py": source, "mine.py": ""})
    lab = open_lab()
    compiled = Path(lab.answer(again))
    assert compiled.is_relative_to(lab.home)
    written = compiled.stat().st_mtime_ns
    lab = open_lab()
    assert Path(lab.answer(again)) == compiled
    assert compiled.stat().st_mtime_ns == written
    lab.call(lab.executor.forget, again.arn)
    assert not compiled.exists()


@pytest.mark.parametrize("member", ["../out.py", "/out.py", "a/../../out.py"])
def test_a_package_that_reaches_out_of_its_directory_is_refused(
    lab: Lab, name: str, member: str
) -> None:
    error_type, message, _ = lab.failure(function({"app.py": "", member: ""}, name))
    assert error_type == "Runtime.InvalidCode"
    assert member in message
    assert not (lab.home / "code" / "out.py").exists()


def test_links_in_a_package_stay_inside_it(lab: Lab, name: str) -> None:
    def linked(goal: str) -> bytes:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            link = zipfile.ZipInfo("app.py")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, goal)
            archive.writestr("src/real.py", "def handler(event, context): return 'linked'")
        return content.getvalue()

    assert lab.answer(function(linked("src/real.py"), name)) == "linked"
    assert lab.failure(function(linked("../../x.py"), name))[0] == "Runtime.InvalidCode"


def test_a_function_may_open_no_more_files_than_on_lambda(lab: Lab, name: str) -> None:
    source = (
        "import resource\n"
        "def handler(event, context): return resource.getrlimit(resource.RLIMIT_NOFILE)[0]"
    )
    assert lab.answer(function(source, name)) <= 1024


def test_the_pure_python_runtime_client_does_what_the_native_one_does(
    open_lab: Callable[..., Lab],
) -> None:
    lab = open_lab(native_client=False)
    source = (
        "import runtime_client\n"
        "def handler(event, context):\n"
        " if event == 'large': return 'x' * 7_000_000\n"
        " if event == 'bad': raise ValueError('é')\n"
        " return [runtime_client.__file__, event]"
    )
    client = function(source, memory_size=256, timeout=30)
    event = {"text": "é" * 1_000_000}
    path, echoed = lab.answer(client, event)
    assert path.endswith("runtime_client.py")
    assert echoed == event
    assert lab.failure(client, "bad")[:2] == ("ValueError", "é")
    assert lab.failure(client, "large")[0] == "Function.ResponseSizeTooLarge"
    assert lab.failure(function("1/0", "broken"))[0] == "ZeroDivisionError"
    assert lab.invoke(client).init_ms is not None
    assert lab.invoke(client).init_ms is None


def test_a_function_of_another_python_runs_under_that_python(lab: Lab, name: str) -> None:
    other = next(filter(_is_installed, ("python3.12", "python3.11", "python3.13")), None)
    if other is None and "CI" not in os.environ:
        pytest.skip("there is no other Python here")
    source = (
        "import sys, boto3\n"
        "def handler(event, context): return 'python%d.%d' % sys.version_info[:2]"
    )
    asked = function(source, name, runtime=other, memory_size=512, timeout=30)
    assert lab.answer(asked) == other


def _is_installed(runtime: str) -> bool:
    try:
        return not find_interpreter(runtime).is_ours
    except SandboxError:
        return False


CLOUD = """
import asyncio, sys
from pathlib import Path
from chalice.cloud.functions import Executor
from tests.cloud.functions.lab import function

SOURCE = '''
import os, pathlib, subprocess, sys, time
pathlib.Path(os.environ['PIDS'] + '/' + str(os.getpid())).touch()
def handler(event, context):
    child = subprocess.Popen(['sleep', '60'])
    pathlib.Path(os.environ['PIDS'] + '/' + str(child.pid)).touch()
    if event: time.sleep(60)
'''

async def main(home, pids):
    executor = Executor(home, log_sink=lambda batch: None)
    watched = function(SOURCE, timeout=60, environment={'PIDS': pids})
    running = asyncio.create_task(executor.invoke(watched, b'true'))
    await executor.invoke(watched, b'false')
    await running

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


def test_no_process_outlives_a_cloud_that_was_killed(home: Path, tmp_path: Path) -> None:
    (tmp_path / "pids").mkdir()
    killed = home / "killed"
    command = [sys.executable, "-c", CLOUD, str(killed), str(tmp_path / "pids")]
    with subprocess.Popen(command) as cloud:
        try:
            eventually(lambda: len(list((tmp_path / "pids").iterdir())) == 4, 30)
        finally:
            cloud.send_signal(signal.SIGKILL)
    pids = [int(path.name) for path in (tmp_path / "pids").iterdir()]
    eventually(lambda: not any(alive(pid) for pid in pids))
    assert list((killed / "tmp").iterdir())
    next_lab = Lab(killed)
    try:
        assert not list((killed / "tmp").iterdir())
    finally:
        next_lab.close()


def test_where_pipes_do_not_signal_a_thread_watches_the_cloud() -> None:
    reader, writer = os.pipe()
    watched = (
        "import runpy, time\n"
        f"runpy.run_path({bootstrap.__file__!r})['watch']({reader})\n"
        "time.sleep(60)"
    )
    command = [sys.executable, "-c", watched]
    with subprocess.Popen(command, pass_fds=[reader], start_new_session=True) as process:
        os.close(reader)
        os.close(writer)
        assert process.wait(30) == -signal.SIGKILL


def test_a_closed_executor_leaves_no_process_no_file_and_no_descriptor(
    open_lab: Callable[..., Lab], tmp_path: Path
) -> None:
    pid = "import os\ndef handler(event, context): return os.getpid()"
    open_lab().answer(function(pid))  # whatever a first use opens for good
    before = set(Path("/proc/self/fd").iterdir())
    children = set(descendants(os.getpid()))
    lab = open_lab()
    idle = lab.answer(function(pid))
    source = (
        "import pathlib, time\n"
        "def handler(event, context):\n"
        " pathlib.Path(event).touch()\n"
        " time.sleep(60)"
    )
    running = lab.start(function(source, "busy", timeout=60), str(tmp_path / "started"))
    eventually((tmp_path / "started").exists)
    lab.close()
    assert json.loads(running.result(0).payload)["errorType"] == "Runtime.ExitError"
    assert not alive(idle)
    assert set(descendants(os.getpid())) <= children
    assert not (lab.home / "tmp").exists()
    assert set(Path("/proc/self/fd").iterdir()) - before == set()
