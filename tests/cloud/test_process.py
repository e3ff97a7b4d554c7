"""The cloud as a process: it starts once, is found again, ends when told to."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

import chalice
from chalice.cloud import CloudStatus, ensure_running, logs_path, read_logs, status, stop
from chalice.errors import ToolError
from tests.cloud.waiting import quiet, wait_for_end


def test_nothing_runs_in_a_new_home(home: Path) -> None:
    assert status(home) is None
    assert stop(home) is False
    assert read_logs(home, 10) == []


def test_a_started_cloud_is_found_and_stopped(home: Path) -> None:
    said: list[str] = []
    started = ensure_running(home, said.append)
    assert said == ["Starting the embedded cloud."]
    assert started.version == chalice.__version__
    assert status(home) == started
    assert ensure_running(home, said.append) == started
    assert len(said) == 1
    assert any("ready: " in line for line in read_logs(home, 50))
    assert stop(home) is True
    wait_for_end(started.pid)
    assert status(home) is None
    assert stop(home) is False


def test_many_processes_that_start_at_once_get_the_same_cloud(home: Path) -> None:
    program = (
        "import pathlib, sys, chalice.cloud as c;"
        "print(c.ensure_running(pathlib.Path(sys.argv[1]), lambda _: None).pid)"
    )

    def start() -> str:
        return subprocess.check_output([sys.executable, "-c", program, str(home)], text=True)

    with ThreadPoolExecutor(4) as threads:
        pids = {future.result() for future in [threads.submit(start) for _ in range(4)]}
    running = status(home)
    assert running is not None
    assert pids == {f"{running.pid}\n"}


def test_the_urls_stay_the_same_after_a_restart(home: Path) -> None:
    first = ensure_running(home, quiet)
    stop(home)
    second = ensure_running(home, quiet)
    assert (second.endpoint_url, second.gateway_url) == (first.endpoint_url, first.gateway_url)
    assert second.pid != first.pid


def test_a_killed_cloud_is_replaced(home: Path) -> None:
    first = ensure_running(home, quiet)
    os.kill(first.pid, signal.SIGKILL)
    wait_for_end(first.pid)
    assert status(home) is None
    assert ensure_running(home, quiet).endpoint_url == first.endpoint_url


def test_a_record_of_another_process_is_not_believed(home: Path) -> None:
    home.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as other:
        url = f"http://127.0.0.1:{other.getsockname()[1]}"
        record = {
            "pid": os.getpid(),
            "endpoint_url": url,
            "gateway_url": url,
            "version": "1",
            "started": 1.0,
        }
        (home / "cloud.json").write_text(json.dumps(record))
        assert stop(home) is False  # it would have been us
    (home / "cloud.json").write_text("{")
    assert status(home) is None
    assert ensure_running(home, quiet).pid != os.getpid()


def test_a_cloud_of_another_version_is_replaced(home: Path) -> None:
    first = ensure_running(home, quiet)
    record = json.loads((home / "cloud.json").read_text())
    (home / "cloud.json").write_text(json.dumps(record | {"version": "1.0"}))
    said: list[str] = []
    second = ensure_running(home, said.append)
    assert second.pid != first.pid
    assert said[0] == (
        f"The embedded cloud is of chalice 1.0; it is started anew with {chalice.__version__}."
    )


def test_a_port_that_was_asked_for_and_is_taken_is_an_error(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ToolError) as refused:
            ensure_running(home, quiet, port)
    assert refused.value.summary == f"port {port} is in use"
    assert "--port" in str(refused.value.hint)
    assert status(home) is None


def test_a_port_that_was_asked_for_in_the_environment_is_used(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    monkeypatch.setenv("CHALICE_CLOUD_PORT", str(port))
    assert ensure_running(home, quiet).endpoint_url == f"http://127.0.0.1:{port}"
    monkeypatch.setenv("CHALICE_CLOUD_PORT", "many")
    with pytest.raises(ToolError, match="not a port"):
        ensure_running(home, quiet)


def test_a_running_cloud_does_not_change_its_port(home: Path) -> None:
    ensure_running(home, quiet)
    with pytest.raises(ToolError, match="the embedded cloud runs on port"):
        ensure_running(home, quiet, 1)


def test_a_cloud_that_cannot_start_says_why(home: Path) -> None:
    home.mkdir()
    (home / "functions").write_text("where a folder should be")
    with pytest.raises(ToolError) as failed:
        ensure_running(home, quiet)
    assert failed.value.summary.startswith("the embedded cloud did not start (exit code 1)")
    assert "functions" in failed.value.summary
    assert str(logs_path(home)) in str(failed.value.hint)


def test_a_home_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ToolError, match="cannot make the folder of the embedded cloud"):
        ensure_running(tmp_path / "file" / "home", quiet)


def test_without_the_extra_the_hint_says_what_to_install(home: Path, tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, chalice.cloud as c\n"
        "from chalice.errors import ToolError\n"
        "try: c.ensure_running(pathlib.Path(sys.argv[1]), print)\n"
        "except ToolError as error: print(error.hint)\n"
    )
    packages = Path(chalice.__file__).parent.parent
    answer = subprocess.check_output(
        [sys.executable, "-S", "-c", program, str(home)],
        text=True,
        env={"PYTHONPATH": str(packages), "PATH": os.environ["PATH"]},
        cwd=tmp_path,
    )
    assert answer == "pip install 'chalice[cloud]'\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_cloud_with_all_it_started(home: Path, number: signal.Signals) -> None:
    running = ensure_running(home, quiet)
    with httpx.Client() as client:  # an idle connection does not hold it up
        client.get(f"{running.endpoint_url}/_chalice/health")
        os.kill(running.pid, number)
        wait_for_end(running.pid)
    assert not (home / "cloud.json").exists()
    assert read_logs(home, 1)[0].endswith("stopping")


def test_a_cloud_whose_home_is_deleted_ends(home: Path) -> None:
    running = ensure_running(home, quiet)
    shutil.rmtree(home)
    wait_for_end(running.pid)
    assert not home.exists()


def test_importing_the_cloud_imports_nothing_of_what_runs_in_it() -> None:
    program = "import sys, chalice.cloud; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", program], text=True).split()
    foreign = {"moto", "boto3", "botocore", "uvicorn", "asyncio", "flask", "yaml"}
    assert not foreign & set(loaded)


def test_the_project_of_the_user_cannot_shadow_what_the_cloud_imports(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("flask", "moto", "uvicorn", "app"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.chdir(tmp_path)
    found: CloudStatus = ensure_running(home, quiet)
    assert status(home) == found
