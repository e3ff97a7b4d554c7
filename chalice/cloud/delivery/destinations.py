"""What Lambda sends when it is done with an asynchronous event: records and dead letters.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chalice.cloud.control.event_invoke import WaitingEvent
from chalice.cloud.delivery.times import iso_milliseconds
from chalice.cloud.functions import Invocation

Condition: TypeAlias = Literal[
    "Success", "RetriesExhausted", "EventAgeExceeded", "ZeroReservedConcurrency"
]

_MAX_ERROR_MESSAGE = 1024  # bytes of the error message that a dead letter carries


@dataclass(frozen=True, slots=True)
class Ending:
    """How the life of an event ended. ``result`` is of its last attempt."""

    event: WaitingEvent
    condition: Condition
    result: Invocation
    version: str


def end_of(
    event: WaitingEvent,
    result: Invocation,
    *,
    retries: int,
    max_age: float,
    next_try: float,
    stopped: bool,
) -> Condition | None:
    """Return why the event ends with ``result``, None if it is tried again at ``next_try``.

    ``max_age`` is in seconds, ``next_try`` in seconds since 1970. ``stopped`` is a function that
    may not run at all.
    """
    if result.throttled and stopped:
        return "ZeroReservedConcurrency"
    if result.error is None and not result.throttled:
        return "Success"
    if result.error is not None and event.attempts > retries:
        return "RetriesExhausted"
    return "EventAgeExceeded" if next_try > event.taken_at + max_age else None


def record(ending: Ending, now: float) -> dict[str, object]:
    """Return the document that a destination gets; ``now`` is in seconds since 1970."""
    event, result = ending.event, ending.result
    arn = event.arn if event.arn.count(":") == 7 else f"{event.arn}:{ending.version}"
    document: dict[str, object] = {
        "version": "1.0",
        "timestamp": iso_milliseconds(now),
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": arn,
            "condition": ending.condition,
            "approximateInvokeCount": event.attempts + (ending.condition == "Success"),
        },
        "requestPayload": json.loads(event.payload or b"{}"),
    }
    if not result.throttled:
        context: dict[str, object] = {"statusCode": 200, "executedVersion": ending.version}
        if result.error is not None:
            context["functionError"] = result.error
        document["responseContext"] = context
        document["responsePayload"] = json.loads(result.payload or b"null")
    return document


def dead_letter(ending: Ending) -> tuple[str, dict[str, dict[str, str]]]:
    """Return body and message attributes of a dead letter: the event, and what became of it."""
    result = ending.result
    payload = json.loads(result.payload or b"{}")
    message = payload.get("message" if result.throttled else "errorMessage", "")
    cut = str(message).encode()[:_MAX_ERROR_MESSAGE].decode(errors="ignore")
    attributes = {
        "RequestID": {"DataType": "String", "StringValue": ending.event.request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": "429" if result.throttled else "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": cut or "Unknown"},
    }
    return ending.event.payload.decode() or "{}", attributes
