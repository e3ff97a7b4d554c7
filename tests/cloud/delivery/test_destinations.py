"""When an event ends, and what is said of events that no function took."""

from __future__ import annotations

import json

import pytest

from chalice.cloud.control.event_invoke import WaitingEvent
from chalice.cloud.delivery.destinations import Ending, dead_letter, end_of, record
from chalice.cloud.functions import Invocation

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
DONE = Invocation(payload=b"1", request_id="r")
FAILED = Invocation(payload=b'{"errorMessage": "no"}', error="Unhandled", request_id="r")
THROTTLED = Invocation(payload=b'{"message": "Rate Exceeded."}', throttled=True, request_id="r")


@pytest.mark.parametrize(
    ("result", "attempts", "next_try", "stopped", "expected"),
    [
        (DONE, 0, 1000.0, False, "Success"),
        (DONE, 2, 9999.0, False, "Success"),
        (FAILED, 1, 1001.0, False, None),
        (FAILED, 2, 1003.0, False, None),
        (FAILED, 3, 1003.0, False, "RetriesExhausted"),
        (FAILED, 1, 1061.0, False, "EventAgeExceeded"),
        (THROTTLED, 0, 1001.0, False, None),
        (THROTTLED, 5, 1060.0, False, None),
        (THROTTLED, 0, 1060.5, False, "EventAgeExceeded"),
        (THROTTLED, 0, 1001.0, True, "ZeroReservedConcurrency"),
    ],
)
def test_an_event_ends_when_it_is_done_or_given_up(
    result: Invocation, attempts: int, next_try: float, stopped: bool, expected: str | None
) -> None:
    event = WaitingEvent("r", ARN, b"{}", 1000.0, attempts)
    found = end_of(event, result, retries=2, max_age=60, next_try=next_try, stopped=stopped)
    assert found == expected


def test_the_record_of_an_event_that_grew_too_old_has_no_response() -> None:
    event = WaitingEvent("r", f"{ARN}:live", b'{"n": 1}', 1000.0)
    found = record(Ending(event, "EventAgeExceeded", THROTTLED, "7"), 1_795_521_600.25)
    assert found == {
        "version": "1.0",
        "timestamp": "2026-11-24T12:00:00.250Z",
        "requestContext": {
            "requestId": "r",
            "functionArn": f"{ARN}:live",
            "condition": "EventAgeExceeded",
            "approximateInvokeCount": 0,
        },
        "requestPayload": {"n": 1},
    }


def test_a_dead_letter_has_the_first_kilobyte_of_the_error() -> None:
    error = json.dumps({"errorMessage": "é" * 600, "errorType": "E"}).encode()
    result = Invocation(payload=error, error="Unhandled", request_id="r")
    event = WaitingEvent("r", ARN, b'{"n": 1}', 1000.0, 3)
    body, attributes = dead_letter(Ending(event, "RetriesExhausted", result, "$LATEST"))
    assert body == '{"n": 1}'
    assert attributes["ErrorMessage"]["StringValue"] == "é" * 512
