"""Projects in a directory of their own, and a process that importing them leaves as it was."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from chalice.config import Config, load


def write_project(directory: Path, app: str, /, **config: object) -> Config:
    """Write ``app.py`` and the configuration, and return that of the dev stage."""
    (directory / ".chalice").mkdir(parents=True, exist_ok=True)
    document = {"version": "2.0", "app_name": "demo", **config}
    (directory / ".chalice" / "config.json").write_text(json.dumps(document, indent=1))
    write_files(directory, {"app.py": app})
    return load(directory, "dev")


def write_files(directory: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")


@contextmanager
def untouched_process() -> Iterator[None]:
    """Undo what importing an app changes: paths, modules and environment."""
    path, modules, environment = list(sys.path), dict(sys.modules), dict(os.environ)
    try:
        yield
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - set(modules):
            del sys.modules[name]
        sys.modules.update(modules)
        os.environ.clear()
        os.environ.update(environment)
