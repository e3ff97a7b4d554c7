"""Compiled files: the same bytes each time, used as they are, and never older than the source."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

from chalice.bundle import Settings, Target, build, build_with_layer
from tests.bundle.conftest import Projects
from tests.bundle.packages import wheel

HERE = Target(f"3.{sys.version_info[1]}", "x86_64")
COMPILED = Settings(bytecode=True)
TAG = sys.implementation.cache_tag


def made(root: Path, target: Target = HERE, settings: Settings = COMPILED) -> Path:
    return build(root, target, say=lambda line: None, settings=settings).path


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_is_compiled_is_loaded_without_a_look_at_its_source(
    project: Projects, links: Path, tmp_path: Path
) -> None:
    wheel(links, "needed", files={"needed/__init__.py": b"ANSWER = {'a', 'b'}\n"})
    root = project({"app.py": "import needed\n"}, requirements="needed")
    inside = contents(made(root))
    own = {f"__pycache__/app.{TAG}.pyc", f"needed/__pycache__/__init__.{TAG}.pyc"}
    assert own <= set(inside)
    for name in own:
        assert inside[name][:4] == importlib.util.MAGIC_NUMBER
        assert inside[name][4:8] == b"\1\0\0\0"  # a hash that nobody checks
    with zipfile.ZipFile(made(root)) as archive:
        archive.extractall(tmp_path / "task")
    (tmp_path / "task/needed/__init__.py").write_text("ANSWER = 'the source'\n")
    code = "import sys; sys.path.insert(0, '.'); import needed; print(sorted(needed.ANSWER))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        cwd=tmp_path / "task",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "['a', 'b']\n"


def test_equal_sources_make_equal_compiled_files(project: Projects, links: Path) -> None:
    source = b"NAMES = {'x', 'y', 'z'}\ndef f(a, *, b=('x', 'y')):\n    return {'x': a}[b]\n"
    wheel(links, "needed", files={"needed.py": source})
    first, second = (project(requirements="needed", name=name) for name in ("one", "two"))
    assert made(first).read_bytes() == made(second).read_bytes()


def test_a_module_that_replaces_another_is_not_overruled_by_its_compiled_file(
    project: Projects, links: Path
) -> None:
    wheel(links, "needed", files={"needed.py": b"WHO = 'required'\n"})
    root = project({"vendor/needed.py": "this is { no Python\n"}, requirements="needed")
    inside = contents(made(root))
    assert inside["needed.py"] == b"this is { no Python\n"
    assert f"__pycache__/needed.{TAG}.pyc" not in inside


def test_where_the_python_of_the_functions_is_not_here_nothing_is_compiled(
    project: Projects,
) -> None:
    inside = contents(made(project(), Target("3.99", "x86_64")))
    assert not [name for name in inside if name.endswith(".pyc")]


def test_the_files_of_a_layer_are_compiled_too(project: Projects, links: Path) -> None:
    wheel(links, "needed")
    root = project({"vendor/mine.py": "A = 1\n"}, requirements="needed")
    bundles = build_with_layer(root, HERE, say=lambda line: None, settings=COMPILED)
    assert bundles.layer
    cache = f"python/lib/python{HERE.python_version}/site-packages/__pycache__"
    inside = contents(bundles.layer.path)
    assert {f"{cache}/needed.{TAG}.pyc", f"{cache}/mine.{TAG}.pyc"} <= set(inside)
