"""From the schedules of EventBridge Scheduler to their targets.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from functools import partial
from typing import Any

from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.control.schedules import EnabledSchedule
from chalice.cloud.delivery.outbox import Outbox
from chalice.cloud.delivery.targets import Letter, UndeliverableError, send
from chalice.cloud.delivery.times import iso_seconds

LOGGER = logging.getLogger(__name__)


class ScheduleTargets:
    """Sends what schedules send. They act as their role, which may: no policy is asked."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def fire(self, enabled: EnabledSchedule, due: float) -> None:
        """Send to the target of a schedule that is due."""
        target = dict(enabled.schedule.target)
        self._outbox.later(partial(_send, enabled.schedule.arn, target, due))
        self._outbox.later(partial(enabled.complete, due))


def body_of(arn: str, target: Mapping[str, Any], due: float, execution: str) -> str:
    """Return the text that the target of the schedule ``arn`` gets."""
    if target.get("Input") is None:
        event = {
            "version": "0",
            "id": execution,
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": ACCOUNT,
            "time": iso_seconds(due),
            "region": arn.split(":")[3],
            "resources": [arn],
            "detail": "{}",
        }
        return json.dumps(event)
    known = {
        "schedule-arn": arn,
        "scheduled-time": iso_seconds(due),
        "execution-id": execution,
        "attempt-number": "1",
    }
    text = str(target["Input"])
    for name, value in known.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def _send(arn: str, target: Mapping[str, Any], due: float) -> None:
    execution = str(uuid.uuid4())
    body = body_of(arn, target, due, execution)
    group_id = (target.get("SqsParameters") or {}).get("MessageGroupId")
    try:
        event = _bus_event(arn, target, due, execution, body)
        send(target["Arn"], Letter(body, group_id=group_id, event=event), None)
    except UndeliverableError as error:
        LOGGER.error("%s does not reach %s: %s", arn, target["Arn"], error)
        dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
        if dead_letters:
            _send_dead_letter(dead_letters, arn, target["Arn"], body, error)


def _bus_event(
    arn: str, target: Mapping[str, Any], due: float, execution: str, body: str
) -> dict[str, Any] | None:
    """Return the event for an event bus, None for other targets. Raises ``UndeliverableError``."""
    named = target.get("EventBridgeParameters")
    if named is None:
        return None
    try:
        detail = json.loads(body)
    except ValueError:
        raise UndeliverableError("INVALID_PARAMETER", "its input is not JSON") from None
    return {
        "version": "0",
        "id": execution,
        "detail-type": named["DetailType"],
        "source": named["Source"],
        "account": ACCOUNT,
        "time": iso_seconds(due),
        "region": arn.split(":")[3],
        "resources": [arn],
        "detail": detail,
    }


def _send_dead_letter(
    queue: str, arn: str, target: str, body: str, error: UndeliverableError
) -> None:
    texts = {
        "SCHEDULE_ARN": arn,
        "TARGET_ARN": target,
        "ERROR_CODE": error.code,
        "ERROR_MESSAGE": str(error),
        "RETRY_ATTEMPTS": "0",
    }
    attributes = {
        name: {"DataType": "String", "StringValue": value} for name, value in texts.items()
    }
    try:
        send(queue, Letter(body, attributes), None)
    except UndeliverableError as lost:
        LOGGER.error("%s: the dead letter is lost: %s", arn, lost)
