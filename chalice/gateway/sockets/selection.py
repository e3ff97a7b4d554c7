"""Route selection expressions: which part of a message names its route.

https://docs.aws.amazon.com/apigateway/latest/developerguide/
websocket-api-develop-routes.html#apigateway-websocket-api-route-selection-expressions
"""

from __future__ import annotations

import json
import re

_BODY = re.compile(r"\$(\{)?request\.body\.([\w.-]+)(?(1)\})")


class RouteSelection:
    """``$request.body.action``, ``${request.body.to.room}``, or several of these with text."""

    def __init__(self, expression: str) -> None:
        self._expression = expression

    def select(self, message: str) -> str | None:
        """Return the key that a message names, None when it names none."""
        if _BODY.search(self._expression) is None:
            return None
        try:
            body = json.loads(message)
            return _BODY.sub(lambda found: _read(body, found.group(2)), self._expression)
        except (ValueError, LookupError, RecursionError):
            return None


def _read(body: object, path: str) -> str:
    """Return what is at ``to.room``. Raises LookupError for nothing, or nothing simple."""
    value = body
    for name in path.split("."):
        if not isinstance(value, dict):
            raise LookupError(name)
        value = value[name]
    match value:
        case str():
            return value
        case bool() | int() | float():
            return json.dumps(value)
        case _:
            raise LookupError(path)
