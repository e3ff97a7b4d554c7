"""Times the calls of one peer's app beside the handler by hand; runs in that peer's environment.

Prints `{scenario: [[seconds a call, seconds a call by hand], ...]}` as JSON.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "apps"))

import proxy_event

SCENARIOS: dict[str, tuple[int, dict[str, Any]]] = {
    "1 route": (1, proxy_event.get("/r0")),
    "1000 routes": (1000, proxy_event.get("/r999")),
    "path parameter": (1, proxy_event.get("/items/7", "/items/{id}", id="7")),
    "CORS": (1, proxy_event.get("/cors")),
    "Response": (1, proxy_event.get("/response")),
}
BATCH_SECONDS = 0.002


def seconds_a_call(call: Callable[[Any, Any], Any], event: Any, count: int) -> float:
    context = proxy_event.Context()
    rounds = range(count)
    start = time.perf_counter()
    for _ in rounds:
        call(event, context)
    return (time.perf_counter() - start) / count


def measure(app: str, batches: int) -> dict[str, list[list[float]]]:
    by_hand = importlib.import_module("handwritten").build(1)
    results = {}
    for scenario, (routes, event) in SCENARIOS.items():
        handler = importlib.import_module(app).build(routes)
        answer = handler(event, proxy_event.Context())
        assert answer["statusCode"] == 200, answer
        count, hand_count = (
            max(10, int(BATCH_SECONDS / seconds_a_call(call, event, 20)))
            for call in (handler, by_hand)
        )
        results[scenario] = [
            [seconds_a_call(handler, event, count), seconds_a_call(by_hand, event, hand_count)]
            for _ in range(batches)
        ]
    return results


if __name__ == "__main__":
    json.dump(measure(sys.argv[1], int(sys.argv[2])), sys.stdout)
