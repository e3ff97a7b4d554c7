"""Where in the project's own code something stands."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path


def inside(filename: str | None, project: Path) -> str | None:
    """Return the path relative to the project, None for a file that is not the user's own."""
    if filename is None:
        return None
    try:
        relative = Path(filename).resolve().relative_to(project.resolve())
    except ValueError:
        return None
    foreign = relative.parts[:1] == ("vendor",) or "site-packages" in relative.parts
    return None if foreign else relative.as_posix()


def place_of(function: Callable[..., object], project: Path) -> str:
    """Return the place of a function: ``app.py:14 in `index```."""
    inner = inspect.unwrap(function)
    name = getattr(inner, "__name__", type(inner).__name__)
    code = getattr(inner, "__code__", None)
    if code is None:
        return f"`{name}`"
    file = inside(code.co_filename, project) or code.co_filename
    return f"{file}:{code.co_firstlineno} in `{name}`"
