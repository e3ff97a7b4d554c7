"""What the integration of a route answers.

https://docs.aws.amazon.com/apigateway/latest/developerguide/
apigateway-websocket-api-integrations.html
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from chalice.gateway.answers import (
    BAD_GATEWAY,
    INTEGRATION_TIMEOUT,
    INTERNAL_ERROR,
    RefusedError,
)
from chalice.gateway.guards import Unsupported
from chalice.gateway.invocations import Invocations, InvocationTimeoutError
from chalice.gateway.invoker import FunctionNotFoundError
from chalice.gateway.sockets.api import Fixed, Function, Route

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """An answer. ``body`` is bytes where the function marked it as base64."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes = ""


class Integrations:
    """Runs what routes are for."""

    def __init__(self, invocations: Invocations) -> None:
        self._invocations = invocations

    async def run(self, route: Route, event: Mapping[str, object]) -> Result:
        """Return the answer. Raises RefusedError for none, with what the client is told."""
        match route.integration:
            case Fixed(status):
                return Result(status)
            case Unsupported(reason):
                log.error("route %s: %s", route.key, reason)
                raise RefusedError(INTERNAL_ERROR)
            case Function() as function:
                payload = await self._invoke(route.key, function, event)
        try:
            return read_result(payload)
        except ValueError as error:
            log.error("route %s: malformed proxy response: %s", route.key, error)
            raise RefusedError(BAD_GATEWAY) from error

    async def _invoke(self, key: str, function: Function, event: Mapping[str, object]) -> bytes:
        try:
            result = await self._invocations.run(function.arn, event, function.timeout)
        except InvocationTimeoutError as error:
            log.error("route %s: no answer within %g seconds", key, function.timeout)
            raise RefusedError(INTEGRATION_TIMEOUT) from error
        except FunctionNotFoundError as error:
            log.error("route %s: no function %s", key, function.arn)
            raise RefusedError(INTERNAL_ERROR) from error
        if result.throttled:
            log.error("route %s: the function is throttled", key)
            raise RefusedError(INTERNAL_ERROR)
        if result.error is not None:
            log.error("route %s: %s", key, result.payload.decode("utf-8", "replace"))
            raise RefusedError(BAD_GATEWAY)
        return result.payload


def read_result(payload: bytes) -> Result:
    """Return what a function answered: ``{"statusCode": 200, "body": "hi"}``. Raises ValueError."""
    answer = json.loads(payload)
    if not isinstance(answer, dict):
        raise ValueError("not an object")
    status = answer.get("statusCode")
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 599:
        raise ValueError(f"statusCode is {status!r}")
    body = answer.get("body")
    if body is not None and not isinstance(body, str):
        raise ValueError("the body is not a string")
    headers = answer.get("headers") or {}
    if not isinstance(headers, dict):
        raise ValueError("headers is not an object")
    content: str | bytes = body or ""
    if answer.get("isBase64Encoded") is True:
        content = base64.b64decode(content)
    return Result(status, {name.lower(): str(value) for name, value in headers.items()}, content)
