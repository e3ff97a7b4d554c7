"""Schedules: how ``@app.schedule`` is checked and deployed.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from chalice.errors import ToolError
from chalice.model.resources import Resource
from chalice.model.values import Arn, Document
from chalice.runtime.events.schedule import ScheduledEventConfig, ScheduleExpression
from chalice.sources.base import Problem, Target
from chalice.sources.eventbridge import event
from chalice.sources.given import Given
from chalice.sources.occasions import Occasion
from chalice.sources.rules import rule, rule_name

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\(([^()]*)\)")
_DESCRIPTION = 512


class ScheduleSource:
    """Points in time."""

    kind = "schedule"

    def problems(self, trigger: ScheduledEventConfig) -> Iterable[Problem]:
        """Return what is wrong with the form of the expression."""
        text = _text(trigger)
        rate, cron = _RATE.fullmatch(text), _CRON.fullmatch(text)
        summary = f"`{text}` is no schedule"
        if rate is not None:
            number, unit, plural = int(rate[1]), rate[2], rate[3]
            if number < 1:
                yield Problem(summary, "a rate is 1 or more")
            elif (number == 1) != (not plural):
                yield Problem(summary, f"write `{unit if number == 1 else unit + 's'}`")
        elif cron is not None:
            fields = cron[1].split()
            if len(fields) != 6:
                yield Problem(
                    summary,
                    "cron has six fields: minutes, hours, day of month, month, day of week, year",
                )
            elif (fields[2] == "?") == (fields[4] == "?"):
                hint = "one of day of month and day of week is `?`, the other is not"
                yield Problem(summary, hint)
        else:
            yield Problem(summary, "write `rate(5 minutes)` or `cron(0 10 * * ? *)`")
        if len(trigger.description) > _DESCRIPTION:
            hint = f"EventBridge takes up to {_DESCRIPTION} characters"
            yield Problem("`description` is too long", hint)

    def resources(self, trigger: ScheduledEventConfig, target: Target) -> Iterable[Resource]:
        """Return the rule and the permission."""
        description = trigger.description or ""
        when = _text(trigger)
        return rule(trigger.name, target, None, schedule_expression=when, description=description)

    def statements(self, trigger: ScheduledEventConfig) -> Iterable[Document]:
        """Return nothing: EventBridge invokes the function itself."""
        return ()

    def options(self, trigger: ScheduledEventConfig) -> Mapping[str, str]:
        """Return what can be said of a point in time."""
        return {"time": "when it is, in UTC: 2026-01-31T12:00:00Z"}

    def sample(
        self, trigger: ScheduledEventConfig, given: Given, occasion: Occasion
    ) -> dict[str, Any]:
        """Return what EventBridge sends at a point in time."""
        if "time" in given:
            occasion = replace(occasion, now=_seconds(given.text("time", "")))
        name = rule_name(occasion.prefix, trigger.name)
        return scheduled_event(occasion.arn(Arn("events", (f"rule/{name}",))), occasion)


def scheduled_event(rule_arn: str, occasion: Occasion) -> dict[str, Any]:
    """Return what a rule with a schedule sends."""
    return event("aws.events", "Scheduled Event", {}, [rule_arn], occasion)


def _seconds(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise ToolError(f"`time={text}` is no time", hint="write 2026-01-31T12:00:00Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def _text(trigger: ScheduledEventConfig) -> str:
    given = trigger.schedule_expression
    return given.to_string() if isinstance(given, ScheduleExpression) else str(given)
