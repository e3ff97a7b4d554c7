"""`chalice local` under debugpy, which is what VS Code starts it with."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.cli.command import ROOT, environment
from tests.local.debug_adapter import SECONDS, Editor
from tests.local.program import make_project, write

debugpy = pytest.importorskip("debugpy")

APP = """\
from chalice import Chalice
from chalicelib.words import greeting

app = Chalice(app_name="debugged")

@app.route("/{name}")
def view(name):
    said = greeting(name)
    return said

@app.route("/")
def index():
    return greeting("")
"""
WORDS = """\
def greeting(name):
    words = "{} " + name
    return words
"""


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False, timeout=SECONDS)


@pytest.mark.parametrize("more", [(), ("--no-autoreload",)], ids=["autoreload", "no autoreload"])
def test_an_editor_stops_a_view_at_a_breakpoint(tmp_path: Path, more: tuple[str, ...]) -> None:
    make_project(tmp_path, APP)
    write(tmp_path, "chalicelib/__init__.py", "")
    write(tmp_path, "chalicelib/words.py", WORDS.format("hello"))
    debugger, port = free_port(), free_port()
    where = os.path.dirname(os.path.dirname(str(debugpy.__file__)))  # noqa: PTH120
    listen = ("-Xfrozen_modules=off", "-m", "debugpy", "--listen", f"127.0.0.1:{debugger}")
    program = subprocess.Popen(
        [
            *(sys.executable, *listen, "--wait-for-client"),
            *("-m", "chalice", "local", "--port", str(port), *more),
        ],
        cwd=tmp_path,
        env=environment(PYTHONPATH=f"{ROOT}{os.pathsep}{where}"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        editor = Editor(debugger)
        editor.attach(tmp_path / "chalicelib" / "words.py", 3)
        with ThreadPoolExecutor(2) as clients:
            wait_until_it_serves(url)
            stopped = clients.submit(get, f"{url}/ann")
            thread = editor.wait_until_stopped()
            assert editor.evaluate(thread, "words") == "'hello ann'"
            editor.go_on(thread)
            assert stopped.result().text == "hello ann"
            if not more:
                write(tmp_path, "chalicelib/words.py", WORDS.format("bye"))
                wait_for_new_code(editor, clients, url)
        editor.close()
    finally:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait(SECONDS)


def wait_until_it_serves(url: str) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            assert get(f"{url}/no/such/route").status_code == 403
            return
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def wait_for_new_code(editor: Editor, clients: ThreadPoolExecutor, url: str) -> None:
    """Ask until the new code answers, which stops at the breakpoint as the old one did."""
    deadline = time.monotonic() + SECONDS
    said = ""
    while said != "bye ann":
        assert time.monotonic() < deadline
        stopped = clients.submit(get, f"{url}/ann")
        thread = editor.wait_until_stopped()
        assert editor.evaluate(thread, "words") in ("'hello ann'", "'bye ann'")
        editor.go_on(thread)
        said = stopped.result().text
