"""Lambda's Invoke: the one action of the AWS port that moto has no part in.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from chalice.cloud.control.lambda_functions import Runs
from chalice.cloud.control.lookups import (
    FunctionName,
    NoSuchFunctionError,
    find_function,
    parse_function_name,
)
from chalice.cloud.functions import Executor, Invocation

MAX_REQUEST = 6_291_456
"""Bytes of the payload of a synchronous invocation."""
MAX_EVENT = 1_048_576
"""Bytes of the payload of an asynchronous invocation."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response. ``headers`` are besides ``Content-Type: application/json``."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


async def invoke(
    executor: Executor,
    events: Runs,
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
            return Reply(202, {"x-amzn-RequestId": events.submit(function.arn, payload)})
        case "RequestResponse":
            try:
                context = _client_context(headers.get("x-amz-client-context"))
            except ValueError:
                sentence = "Client context must be a valid Base64-encoded JSON object."
                return refuse(400, "InvalidRequestContentException", sentence)
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


def _client_context(header: str | None) -> str | None:
    """Return the JSON in a header, None without one. Raises ValueError."""
    if not header:
        return None
    text = base64.b64decode(header, validate=True).decode()
    if not isinstance(json.loads(text), dict):
        raise ValueError(text)
    return text


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
