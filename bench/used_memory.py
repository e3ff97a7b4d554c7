"""Measures what one peer's app takes of memory; runs in that peer's environment, a fresh process.

What counts is taken between the loaded Lambda runtime client and the first answer: the framework's
modules, the app and its routes. Prints the KiB as JSON, null where it cannot be told.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

STATM = Path("/proc/self/statm")


def traced() -> int:
    """Bytes that Python's allocator has given out since `tracemalloc` began."""
    return tracemalloc.get_traced_memory()[0]


def resident() -> int:
    """Bytes of this process that are in memory."""
    import resource

    return int(STATM.read_text().split()[1]) * resource.getpagesize()


def measure(app: str, routes: int, used: Callable[[], int], event: Any, context: Any) -> float:
    import gc
    import importlib

    gc.collect()
    before = used()
    handler = importlib.import_module(app).build(routes)
    answer = handler(event, context)
    assert answer["statusCode"] == 200, answer
    gc.collect()
    return (used() - before) / 1024


def main(app: str, how: str, routes: int) -> float | None:
    import proxy_event

    event, context = proxy_event.get("/r0"), proxy_event.Context()
    if how == "traced":
        tracemalloc.start()
        return measure(app, routes, traced, event, context)
    if not STATM.exists():
        return None
    return measure(app, routes, resident, event, context)


if __name__ == "__main__":
    import awslambdaric.bootstrap  # noqa: F401

    sys.path.insert(0, str(Path(__file__).parent / "apps"))
    import json

    json.dump(main(sys.argv[1], sys.argv[2], int(sys.argv[3])), sys.stdout)
