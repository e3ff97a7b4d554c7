"""What the messages of a log tell of themselves."""

from __future__ import annotations

import json

import pytest

from chalice.aws.log_events import LogEvent
from chalice.aws.log_messages import Requests, is_of_lambda, level_of

ONE = "39724eb9-5808-4147-b61e-df3e3dbe1fbe"
TWO = "747304cc-d658-478e-a605-703494b3091f"
START = json.dumps({"time": "t", "type": "platform.start", "record": {"requestId": ONE}})
REPORT = json.dumps({"time": "t", "type": "platform.report", "record": {"requestId": ONE}})

OF_LAMBDA = [
    f"START RequestId: {ONE} Version: $LATEST\n",
    f"END RequestId: {ONE}\n",
    f"REPORT RequestId: {ONE}\tDuration: 0.52 ms\t\n",
    "INIT_START Runtime Version: python:3.12.v36\tRuntime Version ARN: arn:aws:lambda:x\n",
    "INIT_REPORT Init Duration: 9999.00 ms\tPhase: init\tStatus: timeout\n",
    "RESTORE_START Runtime Version: python:3.12.v36\n",
    "EXTENSION\tName: agent\tState: Ready\tEvents: [SHUTDOWN]\n",
    START,
    REPORT,
]
OF_THE_FUNCTION = [
    "STARTing over\n",
    "REPORTed\n",
    f"RequestId: {ONE} Error: Runtime exited with error: exit status 1\n",
    f"2026-11-24T13:00:00.000Z {ONE} Task timed out after 3.00 seconds\n\n",
    '{"type": "platform.start"}',
    '{"type": 1, "record": {}}',
    "{not JSON",
    "",
]


@pytest.mark.parametrize("message", OF_LAMBDA)
def test_messages_of_lambda_are_told_apart(message: str) -> None:
    assert is_of_lambda(message)
    assert is_of_lambda(f"  {message}")


@pytest.mark.parametrize("message", OF_THE_FUNCTION)
def test_messages_of_functions_are_not_taken_for_them(message: str) -> None:
    assert not is_of_lambda(message)


@pytest.mark.parametrize(
    ("message", "level"),
    [
        ('{"level": "info", "message": "x"}\n', "info"),
        ('{"level": 30}', None),
        ("[WARNING]\t2026-11-24T13:00:00.000Z\tid\tcareful\n", "WARNING"),
        ("[ERROR] ZeroDivisionError: division by zero\nTraceback", "ERROR"),
        ("shop - INFO - asked", "INFO"),
        ("[NOTE] nothing", None),
        ("plain", None),
        ('["level"]', None),
    ],
)
def test_the_level_is_told_where_there_is_one(message: str, level: str | None) -> None:
    assert level_of(message) == level


@pytest.mark.parametrize(
    "message",
    [
        f"START RequestId: {ONE} Version: 3",
        f"RequestId: {ONE} Error: Runtime exited",
        f"[INFO]\t2026-11-24T13:00:00.000Z\t{ONE}\thello",
        f"2026-11-24T13:00:00.000Z {ONE} Task timed out after 3.00 seconds",
        json.dumps({"message": "x", "requestId": ONE}),
        json.dumps({"message": "x", "function_request_id": ONE}),
        START,
        REPORT,
    ],
)
def test_a_message_can_name_its_request(message: str) -> None:
    assert Requests().id_of(event(message)) == ONE


@pytest.mark.parametrize(
    ("start", "report"),
    [
        (f"START RequestId: {ONE} Version: 3", f"REPORT RequestId: {ONE}\tDuration: 1 ms"),
        (START, REPORT),
    ],
)
def test_what_is_logged_during_a_request_is_of_it(start: str, report: str) -> None:
    requests = Requests()
    told = [
        requests.id_of(event(*each))
        for each in [
            ("before",),
            (start,),
            ("during",),
            (f"START RequestId: {TWO} Version: 3", "other"),
            ("elsewhere", "other"),
            ("still",),
            (report,),
            ("after",),
            ("elsewhere still", "other"),
        ]
    ]
    assert told == [None, ONE, ONE, TWO, TWO, ONE, ONE, None, TWO]


def event(message: str, stream: str = "stream") -> LogEvent:
    return LogEvent("job", 1, stream, message, "id")
