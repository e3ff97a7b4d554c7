"""Lambda's Invoke: the one action of the AWS port that moto has no part in.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalice.cloud.control.lookups import (
    FunctionName,
    NoSuchFunctionError,
    find_function,
    parse_function_name,
)
from chalice.cloud.functions import Executor, Invocation

LOGGER = logging.getLogger(__name__)

MAX_REQUEST = 6_291_456
"""Bytes of the payload of a synchronous invocation."""
MAX_EVENT = 1_048_576
"""Bytes of the payload of an asynchronous invocation."""
RETRY_DELAYS = (1.0, 2.0)
"""Seconds before each retry of an event whose function failed. AWS waits one minute, then two."""
MAX_AGE = 6 * 3600.0
"""Seconds after which an event is dropped that found its function throttled all the time."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response. ``headers`` are besides ``Content-Type: application/json``."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


async def invoke(
    executor: Executor,
    events: EventQueue,
    name: str,
    qualifier: str | None,
    region: str,
    headers: Mapping[str, str],
    payload: bytes,
) -> Reply:
    """Answer an Invoke request. ``name`` is decoded; the keys of ``headers`` are lower-case."""
    kind = headers.get("x-amz-invocation-type", "RequestResponse")
    limit = MAX_EVENT if kind == "Event" else MAX_REQUEST
    if len(payload) > limit:
        sentence = f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
        return refuse(413, "RequestTooLargeException", sentence)
    try:
        named = parse_function_name(name, region)
        function = FunctionName(named.region, named.name, named.qualifier or qualifier)
        config = find_function(function)
        json.loads(payload or b"{}")
    except NoSuchFunctionError as error:
        return refuse(404, "ResourceNotFoundException", str(error))
    except ValueError as error:
        sentence = f"Could not parse request body into json: {error}"
        return refuse(400, "InvalidRequestContentException", sentence)
    match kind:
        case "DryRun":
            return Reply(204)
        case "Event":
            events.submit(function.arn, payload)
            return Reply(202)
        case "RequestResponse":
            context = headers.get("x-amz-client-context")
            result = await executor.invoke(config, payload or b"{}", client_context=context)
            tail = headers.get("x-amz-log-type") == "Tail"
            return _reply(result, config.version, tail=tail)
        case _:
            sentence = f"Value '{kind}' at 'invocationType' is no invocation type"
            return refuse(400, "InvalidParameterValueException", sentence)


def refuse(status: int, code: str, sentence: str) -> Reply:
    """Return an error in the shape that Lambda gives it."""
    body = json.dumps({"Type": "User", "message": sentence}).encode()
    return Reply(status, {"X-Amzn-ErrorType": code}, body)


def _reply(result: Invocation, version: str, *, tail: bool) -> Reply:
    headers = {"x-amzn-RequestId": result.request_id}
    if result.throttled:
        headers["X-Amzn-ErrorType"] = "TooManyRequestsException"
        return Reply(429, headers, result.payload)
    headers["X-Amz-Executed-Version"] = version
    if result.error is not None:
        headers["X-Amz-Function-Error"] = result.error
    if tail:
        headers["X-Amz-Log-Result"] = base64.b64encode(result.log).decode()
    return Reply(200, headers, result.payload)


class EventQueue:
    """Delivers events to functions: at once, then twice more while the function fails.

    What is still waiting when the cloud stops is lost.
    """

    def __init__(self, executor: Executor, loop: asyncio.AbstractEventLoop) -> None:
        self._executor = executor
        self._loop = loop
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, arn: str, payload: bytes) -> None:
        """Take an event for the function with that ARN; from any thread."""
        self._loop.call_soon_threadsafe(self._start, arn, payload)

    def forget(self, arn: str) -> None:
        """End what runs the function with that ARN, which was deleted; from any thread."""
        self._loop.call_soon_threadsafe(self._keep, self._executor.forget(arn))

    async def close(self) -> None:
        """Stop delivering."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, arn: str, payload: bytes) -> None:
        self._keep(self._deliver(arn, payload or b"{}"))

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, arn: str, payload: bytes) -> None:
        delays = list(RETRY_DELAYS)
        throttled_for = 0.0
        while True:
            try:
                config = find_function(parse_function_name(arn, ""))
            except NoSuchFunctionError:
                LOGGER.warning("an event for %s is dropped: the function is gone", arn)
                return
            result = await self._executor.invoke(config, payload)
            if result.throttled and throttled_for < MAX_AGE:
                delay = min(60.0, 1.0 + throttled_for)
                throttled_for += delay
            elif result.error is not None and delays:
                delay = delays.pop(0)
            else:
                break
            await asyncio.sleep(delay)
        if result.error is not None or result.throttled:
            LOGGER.warning("an event for %s is dropped: %s", arn, result.payload[:500])
