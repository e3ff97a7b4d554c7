from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from chalice.bundle import Bundle, Target, build
from chalice.errors import ToolError

TARGET = Target("3.12", "x86_64")
Projects = Callable[..., Path]


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither the settings nor the cache of whoever runs the tests."""
    for name in os.environ:
        if name.startswith(("UV_", "PIP_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "uv-cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "settings"))


@pytest.fixture
def links(tmp_path: Path) -> Path:
    """A directory that requirements are looked up in."""
    folder = tmp_path / "links"
    folder.mkdir()
    return folder


@pytest.fixture
def project(tmp_path: Path, links: Path) -> Projects:
    """Makes a project of files by path; ``requirements`` are looked up in ``links`` alone."""

    def make(
        files: Mapping[str, str | bytes] | None = None,
        *,
        requirements: str = "",
        name: str = "project",
    ) -> Path:
        root = tmp_path / name
        contents: dict[str, str | bytes] = {"app.py": "ANSWER = 42\n", **(files or {})}
        if requirements:
            contents["requirements.txt"] = f"--no-index\n--find-links {links}\n{requirements}\n"
        for path, data in contents.items():
            write(root / path, data)
        return root

    return make


def write(path: Path, data: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


def bundled(project_dir: Path, target: Target = TARGET) -> Bundle:
    return build(project_dir, target, say=lambda line: None)


def refused(project_dir: Path, target: Target = TARGET) -> ToolError:
    """The error that bundling ends with; no bundle or part of a file may be left by it."""
    before = made(project_dir)
    with pytest.raises(ToolError) as caught:
        bundled(project_dir, target)
    assert made(project_dir) - before <= set(dependencies(project_dir))
    return caught.value


def made(project_dir: Path) -> set[Path]:
    return set((project_dir / ".chalice" / "deployments").glob("*"))


def dependencies(project_dir: Path) -> list[Path]:
    """The zips of installed requirements."""
    return sorted((project_dir / ".chalice" / "deployments").glob("dependencies-*.zip"))
