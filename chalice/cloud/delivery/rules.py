"""From the rules of EventBridge to their targets.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from moto.events.models import events_backends

from chalice.cloud.control.event_buses import Event, ServedRule
from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.delivery.outbox import Outbox
from chalice.cloud.delivery.targets import Letter, Sender, UndeliverableError, send
from chalice.cloud.delivery.times import iso_seconds
from chalice.cloud.delivery.transforms import InvalidInputError, dumps, input_of

LOGGER = logging.getLogger(__name__)


class RuleTargets:
    """Sends events to the targets of rules. ``wake`` is called when rules change.

    What a target does not take goes to its dead letter queue at once: here nothing is only
    unavailable for a while, so its retry policy never has to wait.
    """

    def __init__(self, outbox: Outbox, wake: Callable[[], None]) -> None:
        self._outbox = outbox
        self._wake = wake

    def deliver(self, rule: ServedRule, event: Event) -> None:
        """Send an event to the targets that ``rule`` has now."""
        taken_at = time.time()
        for target in list(rule.targets):
            self._outbox.later(partial(_send, rule.arn, target, event, taken_at))

    def rules_changed(self) -> None:
        """A rule was made, changed or deleted."""
        self._wake()

    def fire(self, rule: ServedRule, due: float) -> None:
        """Send the event of a schedule, due at that second since 1970."""
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": rule.account_id,
            "time": iso_seconds(due),
            "region": rule.region_name,
            "resources": [rule.arn],
            "detail": {},
        }
        self.deliver(rule, event)


def _send(rule_arn: str, target: Mapping[str, Any], event: Event, taken_at: float) -> None:
    arn: str = target["Arn"]
    try:
        body = input_of(target, event, rule_arn, taken_at)
        if arn.split(":")[2] == "events" and "event-bus/" not in arn:
            _archive(arn, json.loads(body)["archive-arn"], event)
            return
        group_id = (target.get("SqsParameters") or {}).get("MessageGroupId")
        letter = Letter(body, group_id=group_id, event=event)
        send(arn, letter, Sender("events.amazonaws.com", rule_arn))
    except InvalidInputError as error:
        _give_up(rule_arn, target, event, "INVALID_JSON", str(error))
    except UndeliverableError as error:
        _give_up(rule_arn, target, event, error.code, str(error))


def _archive(arn: str, archive_arn: str, event: Event) -> None:
    """Put the event into the archive whose own rule this is."""
    name = archive_arn.split("archive/")[1].split(":", maxsplit=1)[0]
    archive = events_backends[ACCOUNT][arn.split(":")[3]].archives.get(name)
    if archive is not None:
        archive.events.append(event)  # type: ignore[arg-type]


def _give_up(
    rule_arn: str, target: Mapping[str, Any], event: Event, code: str, reason: str
) -> None:
    LOGGER.error("%s does not reach %s: %s", rule_arn, target["Arn"], reason)
    dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not dead_letters:
        return
    texts = {
        "RULE_ARN": rule_arn,
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": code,
        "ERROR_MESSAGE": reason,
    }
    attributes = {
        name: {"DataType": "String", "StringValue": value} for name, value in texts.items()
    }
    attributes["RETRY_ATTEMPTS"] = {"DataType": "Number", "StringValue": "0"}
    try:
        send(dead_letters, Letter(dumps(event), attributes), None)
    except UndeliverableError as error:
        LOGGER.error("%s: the dead letter is lost: %s", rule_arn, error)
