"""EventBridge Scheduler: at its time, in its time zone, to its target."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, unique
from tests.cloud.delivery.recorder import Inbox, Recorder
from tests.cloud.waiting import wait_until

ROLE = "arn:aws:iam::123456789012:role/scheduler"


@pytest.fixture
def scheduler(cloud: CloudStatus) -> Any:
    return client(cloud, "scheduler")


def soon(zone: str) -> str:
    moment = datetime.now(ZoneInfo(zone)) + timedelta(seconds=2)
    return f"at({moment:%Y-%m-%dT%H:%M:%S})"


def schedule(scheduler: Any, expression: str, target: dict[str, Any], **settings: Any) -> str:
    """Make a schedule; return its name."""
    name = unique("schedule")
    scheduler.create_schedule(
        Name=name,
        ScheduleExpression=expression,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"RoleArn": ROLE, **target},
        **settings,
    )
    return name


def test_schedules_are_due_once_and_may_be_deleted_then(cloud: CloudStatus, scheduler: Any) -> None:
    recorder, inbox, dead = Recorder(cloud), Inbox(cloud), Inbox(cloud)
    kept = schedule(scheduler, soon("UTC"), {"Arn": recorder.arn})
    text = '{"at": "<aws.scheduler.scheduled-time>", "n": 1}'
    deleted = schedule(
        scheduler,
        soon("Asia/Kolkata"),
        {"Arn": inbox.arn, "Input": text},
        ScheduleExpressionTimezone="Asia/Kolkata",
        ActionAfterCompletion="DELETE",
    )
    missing = f"{recorder.arn}-missing"
    lost = {"Arn": missing, "Input": '{"n": 2}', "DeadLetterConfig": {"Arn": dead.arn}}
    schedule(scheduler, soon("UTC"), lost)
    (event,) = recorder.wait()
    arn = scheduler.get_schedule(Name=kept)["Arn"]
    assert event.pop("id")
    moment = datetime.fromisoformat(event.pop("time").replace("Z", "+00:00"))
    assert abs((datetime.now(timezone.utc) - moment).total_seconds()) < 60
    assert event == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "123456789012",
        "region": "us-east-1",
        "resources": [arn],
        "detail": "{}",
    }
    body = inbox.body()
    assert (body["n"], body["at"][-1]) == (1, "Z")
    letter = dead.message()
    assert json.loads(letter["Body"]) == {"n": 2}
    assert letter["MessageAttributes"]["TARGET_ARN"]["StringValue"] == missing

    def is_gone() -> bool:
        listed = scheduler.list_schedules(NamePrefix="schedule-")["Schedules"]
        return deleted not in [each["Name"] for each in listed]

    wait_until(is_gone)


@pytest.mark.parametrize(
    ("expression", "settings"),
    [
        ("rate(1 minutes)", {}),
        ("cron(0 10 * * *)", {}),
        ("at(tomorrow)", {}),
        ("rate(1 minute)", {"ScheduleExpressionTimezone": "Mars/Olympus"}),
    ],
)
def test_what_is_no_schedule_is_refused(
    cloud: CloudStatus, scheduler: Any, expression: str, settings: dict[str, str]
) -> None:
    with pytest.raises(ClientError) as refused:
        schedule(scheduler, expression, {"Arn": Inbox(cloud).arn}, **settings)
    assert error_of(refused.value) == (400, "ValidationException")
