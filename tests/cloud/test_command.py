"""``chalice cloud``, run as a program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from chalice.cloud import ensure_running, logs_path, status
from chalice.cloud.home import Home
from tests.cloud.waiting import quiet, wait_until


def chalice(*arguments: str, code: int = 0) -> tuple[str, str]:
    """Run ``chalice cloud …`` and return its stdout and stderr."""
    program = [sys.executable, "-m", "chalice", "cloud", *arguments]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def test_start_status_logs_and_stop(home: Path) -> None:
    assert chalice("status") == ("The embedded cloud is not running.\n", "")
    assert json.loads(chalice("status", "--json")[0]) == {"running": False}
    assert "has logged nothing" in chalice("logs", code=1)[1]

    out, err = chalice("start")
    running = status(home)
    assert running is not None
    assert out == f"AWS calls  {running.endpoint_url}\nREST APIs  {running.gateway_url}\n"
    assert err == "Starting the embedded cloud.\n"
    assert chalice("start") == (out, "")

    shown = chalice("status")[0]
    assert f"process {running.pid}" in shown
    assert running.endpoint_url in shown
    document = json.loads(chalice("status", "--json")[0])
    assert document["running"] is True
    assert document["pid"] == running.pid
    assert (document["functions"], document["apis"], document["notice"]) == ([], [], None)

    assert len(chalice("logs", "-n", "1")[0].splitlines()) == 1
    assert "ready: " in chalice("logs")[0]
    assert chalice("stop") == ("", "Stopped the embedded cloud.\n")
    assert chalice("stop") == ("", "The embedded cloud is not running.\n")


def test_the_log_can_be_followed(home: Path, tmp_path: Path) -> None:
    ensure_running(home, quiet)
    shown = tmp_path / "shown"
    program = [sys.executable, "-m", "chalice", "cloud", "logs", "-n", "0", "--follow"]
    with shown.open("w") as file, subprocess.Popen(program, stdout=file) as following:
        try:
            wait_until(lambda: _append(home) and "marked" in shown.read_text())
            rotated = logs_path(home).rename(home / "cloud.log.1")  # as when it is too large
            with rotated.open("a") as log:
                log.write("last\n")
            wait_until(lambda: _append(home, "rotated") and "rotated" in shown.read_text())
        finally:
            following.send_signal(signal.SIGINT)
    assert following.returncode == 0
    assert set(shown.read_text().split()) == {"marked", "last", "rotated"}


def _append(home: Path, line: str = "marked") -> bool:
    with logs_path(home).open("a") as log:
        log.write(f"{line}\n")
    return True


def test_a_cloud_that_does_not_answer_is_not_taken_for_none(home: Path) -> None:
    running = ensure_running(home, quiet)
    os.kill(running.pid, signal.SIGSTOP)
    try:
        shown = chalice("status")[0]
    finally:
        os.kill(running.pid, signal.SIGCONT)
    assert shown.startswith(
        f"The embedded cloud is running, but does not answer: process {running.pid}.\n"
    )
    assert "`chalice cloud stop` ends it" in shown
    assert json.loads(chalice("status", "--json")[0])["answering"] is True


def test_a_cloud_that_starts_is_not_taken_for_none(home: Path) -> None:
    with Home(home).alive():  # and no record of it yet
        assert chalice("status")[0] == "The embedded cloud is starting or stopping.\n"
        document = json.loads(chalice("status", "--json")[0])
        assert document == {"running": True, "answering": False, "pid": None}
    assert json.loads(chalice("status", "--json")[0]) == {"running": False}


def test_a_cloud_in_the_foreground_ends_with_ctrl_c(home: Path) -> None:
    program = [sys.executable, "-m", "chalice", "cloud", "start", "--foreground"]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as foreground:
        try:
            wait_until(lambda: status(home) is not None)
            running = status(home)
            assert running is not None
            assert running.pid == foreground.pid
            assert "already runs" in chalice("start", "--foreground", code=1)[1]
        finally:
            foreground.send_signal(signal.SIGINT)
        log = foreground.communicate()[1]
    assert foreground.returncode == 0
    assert "ready: " in log
    assert "Traceback" not in log
    assert status(home) is None


def test_a_shell_is_told_how_other_programs_reach_the_cloud(home: Path) -> None:
    program = f"'{sys.executable}' -m chalice cloud env"
    script = f'eval "$({program})"; env | grep ^AWS_ | sort'
    inherited = {**os.environ, "AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "old"}
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, check=True, env=inherited
    )
    running = status(home)
    assert running is not None
    seen = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert seen["AWS_ENDPOINT_URL"] == running.endpoint_url
    assert seen["AWS_DEFAULT_REGION"] == "us-east-1"
    assert not seen.keys() & {"AWS_PROFILE", "AWS_SESSION_TOKEN"}
    assert seen["AWS_ACCESS_KEY_ID"]
    chalice("stop")
