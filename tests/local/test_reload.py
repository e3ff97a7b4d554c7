from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.cli.terminal import Terminal
from tests.local.program import Program, make_project, running, write

APP = """
import os
import time

import helpers
from chalice import Chalice
from chalicelib import data
from chalicelib.deep.inner import value

app = Chalice(app_name="demo")

@app.route("/")
def index():
    return [helpers.name, data.text, value, os.environ.get("COLOUR")]

@app.route("/slow")
def slow():
    time.sleep(0.5)
    return [helpers.name]
"""
DATA = """
from pathlib import Path

text = (Path(__file__).parent / "text.txt").read_text()
"""
FAST = 1.0
"""Seconds from saving to the new answer that even a busy machine keeps to."""


def make(folder: Path) -> Path:
    make_project(folder, APP)
    write(folder, "helpers.py", 'name = "h"')
    write(folder, "chalicelib/data.py", DATA)
    write(folder, "chalicelib/text.txt", "t")
    write(folder, "chalicelib/__init__.py", "")
    write(folder, "chalicelib/deep/inner.py", "value = 1")
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def program(project: Path) -> Iterator[Program]:
    with running(project) as program:
        program.wait_until(["h", "t", 1, None])
        yield program


@pytest.mark.parametrize(
    ("file", "text", "answer"),
    [
        ("helpers.py", 'name = "H"', ["H", "t", 1, None]),
        ("chalicelib/deep/inner.py", "value = 2", ["H", "t", 2, None]),
        ("chalicelib/text.txt", "T", ["H", "T", 2, None]),
        (
            ".chalice/config.json",
            '{"version": "2.0", "app_name": "demo", "environment_variables": {"COLOUR": "red"}}',
            ["H", "T", 2, "red"],
        ),
        (".chalice/config.json", '{"version": "2.0", "app_name": "demo"}', ["H", "T", 2, None]),
        ("app.py", APP.replace("[helpers", '["new", helpers'), ["new", "H", "T", 2, None]),
        ("app.py", APP, ["H", "T", 2, None]),
    ],
)
def test_what_is_saved_is_served_at_once(
    project: Path, program: Program, file: str, text: str, answer: object
) -> None:
    write(project, file, text)
    assert program.wait_until(answer) < FAST


def test_a_module_in_a_new_folder_is_watched_too(project: Path, program: Program) -> None:
    write(project, "chalicelib/new/thing.py", "value = 3")
    write(project, "chalicelib/deep/inner.py", "from chalicelib.new.thing import value")
    program.wait_until(["H", "T", 3, None])
    write(project, "chalicelib/new/thing.py", "value = 4")
    assert program.wait_until(["H", "T", 4, None]) < FAST


def test_code_that_a_link_leads_to_is_watched_too(
    project: Path, program: Program, tmp_path: Path
) -> None:
    write(tmp_path, "linked.py", "value = 5")
    (project / "shared").symlink_to(tmp_path)
    (tmp_path / "round").symlink_to(project)
    write(project, "chalicelib/deep/inner.py", "from shared.linked import value")
    program.wait_until(["H", "T", 5, None])
    write(tmp_path, "linked.py", "value = 6")
    assert program.wait_until(["H", "T", 6, None]) < FAST


def test_the_old_app_serves_while_the_new_one_is_broken(project: Path, program: Program) -> None:
    before = program.get().json()
    write(project, "helpers.py", "name = (")
    line = program.err.wait_for("error: ")
    assert line == "error: helpers.py has a syntax error: '(' was never closed"
    assert program.err.wait_for("-->").strip() == "--> helpers.py:1"
    answer = program.get()
    assert answer.json() == before
    assert answer.headers["x-chalice-error"] == (
        "helpers.py has a syntax error: '(' was never closed (helpers.py:1)"
    )
    write(project, "helpers.py", "import nothing_of_that_name")
    assert "No module named" in program.err.wait_for("ModuleNotFoundError")
    assert program.err.wait_for("-->").strip() == "--> helpers.py:1"
    assert program.get().json() == before
    write(project, "helpers.py", 'name = "fixed"')
    assert program.wait_until(["fixed", *before[1:]]) < FAST
    assert "x-chalice-error" not in program.get().headers


def test_a_request_under_way_ends_in_the_app_where_it_began(
    project: Path, program: Program
) -> None:
    write(project, "helpers.py", 'name = "old"')
    with ThreadPoolExecutor(1) as other:
        rest = program.get().json()[1:]
        program.wait_until(["old", *rest])
        slow = other.submit(httpx.get, f"{program.url}/slow", trust_env=False)
        time.sleep(0.1)
        write(project, "helpers.py", 'name = "new"')
        program.wait_until(["new", *rest])
        assert not slow.done()
        assert slow.result().json() == ["old"]


def test_a_vendored_package_is_watched_and_only_then_imported_again(tmp_path: Path) -> None:
    make(tmp_path)
    write(tmp_path, "vendor/package/__init__.py", "from package.inner import value")
    write(tmp_path, "vendor/package/inner.py", "value = 1; loaded = [None]")
    text = "import package.inner; package.inner.loaded.append(0); name = package.value, len({})"
    write(tmp_path, "helpers.py", text.format("package.inner.loaded"))
    with running(tmp_path) as program:
        program.wait_until([[1, 2], "t", 1, None])
        write(tmp_path, "vendor/package/inner.py", "value = 2; loaded = []")
        assert program.wait_until([[2, 1], "t", 1, None]) < FAST
        write(tmp_path, "chalicelib/text.txt", "u")
        assert program.wait_until([[2, 2], "u", 1, None]) < FAST
        write(tmp_path, "vendor/package/inner.py", "value = (")
        line = program.err.wait_for("error: ")
        assert line.endswith("vendor/package/inner.py has a syntax error: '(' was never closed")
        assert program.get().json() == [[2, 2], "u", 1, None]
        write(tmp_path, "vendor/package/inner.py", "value = 3; loaded = []")
        assert program.wait_until([[3, 1], "u", 1, None]) < FAST


def test_what_is_no_code_of_the_project_is_not_watched(project: Path, program: Program) -> None:
    time.sleep(0.2)
    before = program.out.text
    for file in (
        "notes.txt",
        "database.sqlite",
        ".git/hooks.py",
        "__pycache__/app.cpython-311.pyc",
        ".chalice/deployed/dev.json",
        ".chalice/deployments/app.py",
        "env/lib/site-packages/package.py",
        "vendor/package-1.0.dist-info/RECORD.py",
        "vendor/__pycache__/package.py",
        ".mypy_cache/a.py",
    ):
        write(project, file, "x")
    time.sleep(0.4)
    assert program.out.text == before


def test_clients_stay_connected(project: Path, program: Program) -> None:
    with socket.create_connection(("127.0.0.1", program.port), timeout=10) as client:
        request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        client.sendall(request)
        rest = program.get().json()[1:]
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
        write(project, "helpers.py", 'name = "again"')
        program.wait_until(["again", *rest])
        client.sendall(request)
        assert b'"again"' in client.recv(65536)


def test_ten_thousand_files_beside_the_app_do_not_slow_it(tmp_path: Path) -> None:
    make(tmp_path)
    packages = tmp_path / "environment" / "lib"
    for number in range(100):
        folder = packages / f"package{number}"
        folder.mkdir(parents=True)
        for each in range(100):
            (folder / f"module{each}.py").touch()
    write(tmp_path, "environment/pyvenv.cfg", "")
    with running(tmp_path) as program:
        for name in ("a", "b", "c"):
            write(tmp_path, "helpers.py", f'name = "{name}"')
            assert program.wait_until([name, "t", 1, None]) < FAST


def test_files_are_watched_where_the_system_tells_of_no_change(tmp_path: Path) -> None:
    make(tmp_path)
    with running(tmp_path, WATCHFILES_FORCE_POLLING="true") as program:
        for name in ("a", "b"):
            write(tmp_path, "helpers.py", f'name = "{name}"')
            assert program.wait_until([name, "t", 1, None]) < FAST


def test_an_app_that_is_broken_from_the_start_is_served_once_it_is_not(tmp_path: Path) -> None:
    make(tmp_path)
    write(tmp_path, "app.py", "app = 1")
    with running(tmp_path) as program:
        assert "not a Chalice app" in program.err.wait_for("error: ")
        answer = program.get()
        assert answer.status_code == 502
        assert answer.json() == {
            "message": "`app` is not a Chalice app but an object of type `int` (app.py)"
        }
        write(tmp_path, "app.py", APP)
        program.wait_until(["h", "t", 1, None])


def test_without_reloading_a_file_may_change(tmp_path: Path) -> None:
    make(tmp_path)
    with running(tmp_path, "--no-autoreload") as program:
        assert program.get().json() == ["h", "t", 1, None]
        write(tmp_path, "helpers.py", 'name = "other"')
        time.sleep(0.3)
        assert program.get().json() == ["h", "t", 1, None]


def test_a_breakpoint_stops_at_the_terminal_and_saving_does_not_end_it(tmp_path: Path) -> None:
    make(tmp_path)
    write(tmp_path, "app.py", APP.replace("time.sleep(0.5)", "secret = 6 * 7; breakpoint()"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    terminal = Terminal("-m", "chalice", "local", "--port", str(port), cwd=tmp_path)
    terminal.wait_for("Serving on")
    url = f"http://127.0.0.1:{port}"
    with ThreadPoolExecutor(1) as other:
        stopped = other.submit(httpx.get, f"{url}/slow", trust_env=False, timeout=30)
        terminal.wait_for("(Pdb) ")
        terminal.type("p secret\n")
        terminal.wait_for("42")
        assert httpx.get(url, trust_env=False).json()[0] == "h"
        for name in ("new", "newer", "newest"):
            write(tmp_path, "helpers.py", f'name = "{name}"')
            deadline = time.monotonic() + 10
            while httpx.get(url, trust_env=False).json()[0] != name:
                assert time.monotonic() < deadline
                time.sleep(0.01)
        terminal.type("p secret + 1\n")
        terminal.wait_for("43")
        terminal.type("c\n")
        assert stopped.result().json() == ["h"]
    assert terminal.interrupt() == 0
