"""Times a cold start of one peer's app once; runs in that peer's environment, in a fresh process.

The clock runs from the loaded Lambda runtime client to the first answer of an app with one route.
Prints `{"ms": ..., "modules": ...}` as JSON.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any


def measure(app: str, event: Any, context: Any) -> dict[str, float]:
    import importlib
    import time

    before = len(sys.modules)
    start = time.perf_counter()
    answer = importlib.import_module(app).build(1)(event, context)
    elapsed = time.perf_counter() - start
    assert answer["statusCode"] == 200, answer
    return {"ms": elapsed * 1e3, "modules": len(sys.modules) - before}


if __name__ == "__main__":
    import awslambdaric.bootstrap  # noqa: F401

    sys.path.insert(0, str(Path(__file__).parent / "apps"))
    import json

    import proxy_event

    json.dump(measure(sys.argv[1], proxy_event.get("/r0"), proxy_event.Context()), sys.stdout)
