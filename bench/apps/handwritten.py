"""The yardstick: a handler that only does `json.dumps`, with no routing and no checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def build(routes: int) -> Callable[[dict[str, Any], Any], Any]:
    import json

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return {"statusCode": 200, "headers": {}, "body": json.dumps({"hello": "world"})}

    return handler
