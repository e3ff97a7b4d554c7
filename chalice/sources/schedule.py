"""Schedules: how ``@app.schedule`` is checked and deployed.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from chalice.model.resources import Resource
from chalice.model.values import Document
from chalice.runtime.events.schedule import ScheduledEventConfig, ScheduleExpression
from chalice.sources.base import Problem, Target
from chalice.sources.rules import rule

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\(([^()]*)\)")
_DESCRIPTION = 512


class ScheduleSource:
    """Points in time."""

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


def _text(trigger: ScheduledEventConfig) -> str:
    given = trigger.schedule_expression
    return given.to_string() if isinstance(given, ScheduleExpression) else str(given)
