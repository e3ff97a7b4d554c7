from __future__ import annotations

import csv
import functools
import http.server
import os
import platform
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chalice.bundle import Target
from tests.bundle.conftest import Projects, bundled, made, refused, write
from tests.bundle.packages import (
    ARM64,
    NATIVE,
    recorded_hash,
    sdist,
    shared_library,
    sources,
    wheel,
)

HERE = Target(f"3.{sys.version_info[1]}", "arm64" if platform.machine() == "aarch64" else "x86_64")
ELSEWHERE = Target("3.14", HERE.architecture)
NATIVE_HERE = pytest.mark.skipif(sys.platform != "linux", reason="builds for Linux on Linux only")


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_only_comments_need_neither_uv_nor_a_network(
    project: Projects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", "/dev/null/nowhere")
    root = project({"requirements.txt": "# one\n\n  # two\n--no-index\n-r more.txt\n"})
    write(root / "more.txt", "# three\n")
    bundled(root)
    assert len(made(root)) == 1


def test_the_wheel_for_the_target_is_taken_whatever_this_machine_is(
    project: Projects, links: Path
) -> None:
    for tag in (
        "cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64",
        "cp312-cp312-manylinux_2_17_x86_64",
        "cp312-cp312-macosx_11_0_arm64",
        "cp312-cp312-win_amd64",
        "cp313-cp313-manylinux_2_34_aarch64",
    ):
        wheel(links, "native", tag=tag, files={"native.so": tag.encode()})
    root = project(requirements="native")
    for target, tag in (
        (Target("3.12", "arm64"), "cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64"),
        (Target("3.12", "x86_64"), "cp312-cp312-manylinux_2_17_x86_64"),
        (Target("3.13", "arm64"), "cp313-cp313-manylinux_2_34_aarch64"),
    ):
        assert contents(bundled(root, target).path)["native.so"] == tag.encode()


def test_a_wheel_that_fits_is_preferred_to_building_a_newer_version(
    project: Projects, links: Path
) -> None:
    wheel(links, "native", "1.0", tag="cp310-abi3-manylinux2014_x86_64")
    wheel(links, "native", "2.0", tag="cp310-abi3-manylinux_2_34_x86_64")
    sdist(links, "native", "2.0", failure="building it takes an hour and fails")
    root = project(requirements="native")
    for version, expected in (("3.11", "1.0"), ("3.12", "2.0")):
        installed = contents(bundled(root, Target(version, "x86_64")).path)
        assert f"native-{expected}.dist-info/METADATA" in installed


def test_what_has_no_wheel_is_built_if_it_is_pure(project: Projects, links: Path) -> None:
    sdist(links, "pure", needs=["also_pure", "wheeled"])
    sdist(links, "also_pure")
    wheel(links, "wheeled", tag="py2.py3-none-any")
    installed = contents(bundled(project(requirements="Pure")).path)
    assert {"pure.py", "also_pure.py", "wheeled.py"} <= set(installed)


@pytest.mark.parametrize(
    "requirement",
    ["./local", "-e ./local", "local @ file://{root}/local", "--editable=./local"],
)
def test_a_local_package_is_bundled_as_it_is_now(project: Projects, requirement: str) -> None:
    root = project({f"local/{path}": text for path, text in sources("local").items()})
    write(root / "requirements.txt", requirement.format(root=root) + "\n")
    installed = contents(bundled(root).path)
    assert installed["local.py"] == b"ANSWER = 42\n"
    everything = b"".join(installed.values())
    assert str(root).encode() not in everything
    backend = root / "local/backend.py"
    backend.write_text(backend.read_text().replace("42", "43"))
    assert contents(bundled(root).path)["local.py"] == b"ANSWER = 43\n"


def test_a_local_package_that_is_not_there_is_named(project: Projects) -> None:
    root = project({"requirements.txt": "./gone\n"})
    assert refused(root).summary == f"there is no package at `file://{root}/gone`"


def test_a_local_package_without_a_declared_name_is_built(project: Projects) -> None:
    backend = sources("nameless")["backend.py"]
    build = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    root = project({"local/backend.py": backend, "local/pyproject.toml": build})
    write(root / "requirements.txt", "./local\n")
    assert "nameless.py" in contents(bundled(root).path)


@pytest.mark.parametrize("make", [wheel, sdist])
def test_scripts_and_records_do_not_tell_of_the_machine_that_bundled(
    project: Projects, links: Path, make: Callable[..., None]
) -> None:
    inner = "tool/_vendor/inner-1.0.dist-info/RECORD"
    script = b"#!python\nimport tool\n"
    brought = {
        "tool/__init__.py": b"",
        inner: b"inner.py,,\n",
        "tool-1.0.data/scripts/tool": script,
        "tool-1.0.data/data/share/tool.txt": b"data",
        "tool-1.0.data/platlib/tool_fast.py": b"",
        "tool-1.0.dist-info/entry_points.txt": b"[console_scripts]\nmade-up = tool:main\n",
    }
    make(links, "tool", files=brought)
    installed = contents(bundled(project(requirements="tool")).path)
    ours = script.replace(b"#!python", b"#!/usr/bin/env python3")
    assert installed["bin/tool"] == ours
    assert "bin/made-up" not in installed
    assert {"share/tool.txt", "tool_fast.py"} <= set(installed)
    assert sys.prefix.encode() not in b"".join(installed.values())
    rows = {
        row[0]: row[1:]
        for row in csv.reader(installed["tool-1.0.dist-info/RECORD"].decode().splitlines())
    }
    assert installed[inner] == b"inner.py,,\n"
    assert rows["bin/tool"] == [recorded_hash(ours), str(len(ours))]
    assert set(rows) == {name for name in installed if not name.startswith(("chalice", "app.py"))}


@pytest.mark.parametrize(
    ("requirement", "summary", "where"),
    [
        ("six\nnosuch", "there is no package `nosuch`", "requirements.txt:4"),
        ("six==9", "no version of `six` satisfies `six==9`", "requirements.txt:3"),
        ("six>9", "no version of `six` satisfies `six>9`", "requirements.txt:3"),
        ("six=9", "a requirement cannot be understood", "requirements.txt:3"),
        ("six<1\nsix>1", "the requirements contradict each other", "requirements.txt"),
        ("-r gone.txt", "cannot read `gone.txt`: No such file or directory", "requirements.txt:3"),
        ("-r more.txt", "there is no package `nosuch`", "more.txt:2"),
        (
            "later",
            f"`later` needs Python >=3.15, the bundle is for {ELSEWHERE}",
            "requirements.txt:3",
        ),
        (
            "demanding",
            "there is no package `nosuch`; `demanding` needs it",
            "requirements.txt:3",
        ),
        (
            "six==1.0 \\\n  --hash=sha256:" + "0" * 64,
            "`six` does not have the hash that the requirements demand",
            "requirements.txt:3",
        ),
        (
            "failing",
            f"`failing` has no wheel for {ELSEWHERE} and cannot be built",
            "requirements.txt:3",
        ),
        (
            "windows",
            f"`windows` has no wheel for {ELSEWHERE} and nothing to build one from",
            "requirements.txt:3",
        ),
    ],
)
def test_a_requirement_that_cannot_be_met_is_named_with_the_reason(
    project: Projects, links: Path, requirement: str, summary: str, where: str
) -> None:
    wheel(links, "six")
    wheel(links, "demanding", needs=["nosuch"])
    wheel(links, "later", python=">=3.15")
    wheel(links, "windows", tag="cp314-cp314-win_amd64")
    sdist(links, "failing", failure="cannot find libfoo.h")
    root = project({"more.txt": "six\nnosuch\n"}, requirements=requirement)
    error = refused(root, ELSEWHERE)
    assert (error.summary, error.where) == (summary, where)
    if requirement == "failing":
        assert "cannot find libfoo.h" in str(error.excerpt)


@NATIVE_HERE
def test_native_code_built_here_for_another_python_is_refused(
    project: Projects, links: Path
) -> None:
    sdist(links, "native", tag=NATIVE, files={"native.so": shared_library()})
    wheel(links, "dependent", needs=["native"])
    error = refused(project(requirements="dependent"), ELSEWHERE)
    assert error.summary.startswith(
        f"`native` has no wheel for {ELSEWHERE}, and the one built here does not run there: `native"
    )
    assert error.summary.endswith("; `dependent` needs it")
    assert error.where == "requirements.txt:3"


@NATIVE_HERE
def test_a_compiler_is_lent_only_where_its_work_runs_on_the_target(
    project: Projects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "mine")
    tree = sources("optional")
    tree["backend.py"] = tree["backend.py"].replace(
        "wheel.writestr(path, data)", "wheel.writestr(path, os.environ['CC'])"
    )
    root = project({f"local/{path}": text for path, text in tree.items()})
    write(root / "requirements.txt", "./local\n")
    assert contents(bundled(root, ELSEWHERE).path)["optional.py"] == b"false"
    write(root / "local/changed", "")
    assert contents(bundled(root, HERE).path)["optional.py"] == b"mine"


@NATIVE_HERE
@pytest.mark.parametrize(
    ("library", "reason"),
    [
        (shared_library(ARM64 if HERE.machine == "x86_64" else 62), "`native.so` is for "),
        (b"MZ", "`native.so` is not a Linux library"),
        (shared_library(symbols=["GLIBC_2.4", "GLIBC_2.99"]), "`native.so` needs GLIBC 2.99, the"),
        (
            shared_library(libraries=["libc.so.6", "libxml2.so.2"]),
            "`native.so` needs libxml2.so.2, which the runtime lacks",
        ),
    ],
)
def test_native_code_built_here_that_lacks_something_there_is_refused(
    project: Projects, links: Path, library: bytes, reason: str
) -> None:
    sdist(links, "native", tag=NATIVE, files={"native.so": library})
    sdist(links, "other", tag=NATIVE, files={"other.so": b""})
    error = refused(project(requirements="native\nother"), HERE)
    first, second = error.problems
    assert first.summary.startswith(f"`native 1.0` does not run on {HERE}: {reason}")
    assert first.where == "requirements.txt:3"
    assert second.where == "requirements.txt:4"


@NATIVE_HERE
def test_native_code_built_here_that_runs_there_is_bundled(project: Projects, links: Path) -> None:
    machine = 62 if HERE.machine == "x86_64" else ARM64
    library = shared_library(machine, libraries=["libc.so.6", "libown.so"])
    sdist(links, "native", tag=NATIVE, files={"native.so": library, "libown.so": library})
    assert contents(bundled(project(requirements="native"), HERE).path)["native.so"] == library


@contextmanager
def served(folder: Path, status: int | None = None) -> Iterator[str]:
    """Serve a directory as a package index, or answer every request with ``status``."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if status is None:
                super().do_GET()
            else:
                self.send_error(status)

        def log_message(self, *arguments: object) -> None:
            pass

    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("variable", ["PIP_INDEX_URL", "UV_DEFAULT_INDEX"])
def test_an_index_named_to_pip_or_uv_is_asked(
    project: Projects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    index = tmp_path / "index" / "private"
    index.mkdir(parents=True)
    wheel(index, "private")
    root = project({"requirements.txt": "private\n"})
    with served(tmp_path / "index") as url:
        monkeypatch.setenv(variable, url)
        assert "private.py" in contents(bundled(root).path)


def test_links_named_to_pip_are_followed(
    project: Projects, links: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(links, "one")
    (tmp_path / "more").mkdir()
    wheel(tmp_path / "more", "two")
    monkeypatch.setenv("PIP_FIND_LINKS", f"{links} {tmp_path / 'more'}")
    root = project({"requirements.txt": "--no-index\none\ntwo\n"})
    assert {"one.py", "two.py"} <= set(contents(bundled(root).path))


@pytest.mark.parametrize("status", [401, 403, 500])
def test_an_index_that_does_not_answer_is_named(
    project: Projects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with served(tmp_path, status) as server:
        url = f"{server}/simple"
        monkeypatch.setenv("UV_DEFAULT_INDEX", url)
        error = refused(project({"requirements.txt": "private\n"}))
    assert error.summary in (f"`{url}` refuses access", f"`{url}/private/` cannot be fetched")
    assert error.hint is not None


def test_no_network_is_told(project: Projects, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(Path()) as url:
        pass
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_DEFAULT_INDEX", url)
    error = refused(project({"requirements.txt": "private\n"}))
    assert error.summary == f"`{url}/private/` cannot be fetched"
    monkeypatch.setenv("UV_OFFLINE", "1")
    error = refused(project({"requirements.txt": "private\n"}))
    assert error.hint == "unset `UV_OFFLINE`"


def test_without_uv_the_way_to_get_it_is_told(project: Projects, links: Path) -> None:
    wheel(links, "installed")
    root = project(requirements="installed")
    code = """
import sys
from pathlib import Path
from chalice.bundle import Target, build
from chalice.errors import ToolError
try:
    build(Path(sys.argv[1]), Target("3.12", "x86_64"), say=lambda line: None)
except ToolError as error:
    sys.exit(f"{error.summary} / {error.hint}")
"""
    environ = {**os.environ, "PATH": str(links), "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(
        [sys.executable, "-S", "-c", code, str(root)],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == (
        "uv, which installs the requirements, is missing or does not run"
        f" / install it with `{sys.executable} -m pip install uv`\n"
    )


def test_a_requirement_file_that_is_not_text_is_named(project: Projects) -> None:
    root = project({"requirements.txt": b"caf\xe9\n"})
    error = refused(root)
    assert (error.summary, error.where) == (
        "a requirement file is not UTF-8 text",
        "requirements.txt",
    )
