"""The stack of a failure as data, with the source around each line of the project's own."""

from __future__ import annotations

import linecache
import os
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from chalice.local.tree import is_own_file

Stack: TypeAlias = list[dict[str, object]]
"""The failures of a chain, that which was raised last at first:
``{"type": "ValueError", "message": "…", "because": "cause", "frames": […]}``. ``because`` says what
the next one is to it: its ``cause``, its ``context``, or None at the end.

A frame is ``{"file": "app.py", "line": 12, "function": "index", "own": True, "source":
[[12, "…"]]}``, innermost last; one that is not the project's ``own`` has no source around its line.
"""

_AROUND = 2
_MOST_FRAMES = 60
_MOST_CAUSES = 6


def stack_of(error: BaseException, project: Path) -> Stack:
    """Return the stack of an error, and of those that it came from."""
    return list(_chain(error, project))


def _chain(error: BaseException, project: Path) -> Iterator[dict[str, object]]:
    current: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if current is None:
            return
        if current.__cause__ is not None:
            because, following = "cause", current.__cause__
        elif current.__context__ is not None and not current.__suppress_context__:
            because, following = "context", current.__context__
        else:
            because, following = None, None
        yield {
            "type": type(current).__qualname__,
            "message": _message(current),
            "because": because,
            "frames": list(_frames(current.__traceback__, project)),
        }
        current = following


def _message(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(type(error), error)).strip()


def _frames(trace: TracebackType | None, project: Path) -> Iterator[dict[str, object]]:
    steps = list(traceback.walk_tb(trace))
    for frame, line in steps[-_MOST_FRAMES:]:
        code = frame.f_code
        path = code.co_filename
        own = is_own_file(Path(path), project)
        linecache.checkcache(path)
        around = _AROUND if own else 0
        numbers = range(max(1, line - around), line + around + 1)
        found = [(number, linecache.getline(path, number, frame.f_globals)) for number in numbers]
        yield {
            "file": os.path.relpath(path, project) if own else path,
            "line": line,
            "function": getattr(code, "co_qualname", code.co_name),
            "own": own,
            "source": [[number, text.rstrip()] for number, text in found if text],
        }
