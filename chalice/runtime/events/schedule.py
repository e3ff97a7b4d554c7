"""Points in time that trigger a function.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

from functools import wraps

from chalice.runtime.events import BaseEventSourceConfig
from chalice.runtime.events.handler import Registrar, event_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ClassVar

    from chalice.runtime.events.eventbridge import CloudWatchEvent
    from chalice.runtime.events.handler import BaseLambdaHandler, EventSourceHandler

    DecorateScheduled = Callable[
        [Callable[[CloudWatchEvent], Any] | Callable[[], Any] | BaseLambdaHandler[Any]],
        EventSourceHandler[CloudWatchEvent],
    ]

_VARIABLE_ARGUMENTS = 0x04  # inspect.CO_VARARGS; that module is long to import


class ScheduleExpression:
    """When a function runs."""

    def to_string(self) -> str:
        """AWS's form: `rate(...)` or `cron(...)`."""
        raise NotImplementedError("to_string")


class Rate(ScheduleExpression):
    """Every `value` units of `Rate.MINUTES`, `Rate.HOURS` or `Rate.DAYS`."""

    MINUTES: ClassVar[str] = "MINUTES"
    HOURS: ClassVar[str] = "HOURS"
    DAYS: ClassVar[str] = "DAYS"

    def __init__(self, value: int, unit: str) -> None:
        self.value = value
        self.unit = unit

    def to_string(self) -> str:
        """`rate(1 minute)`, `rate(2 hours)`."""
        unit = self.unit.lower()
        return f"rate({self.value} {unit[:-1] if self.value == 1 else unit})"


class Cron(ScheduleExpression):
    """The points in time in UTC that all six fields match; one of the two days is `?`."""

    def __init__(
        self,
        minutes: int | str,
        hours: int | str,
        day_of_month: int | str,
        month: int | str,
        day_of_week: int | str,
        year: int | str,
    ) -> None:
        self.minutes = minutes
        self.hours = hours
        self.day_of_month = day_of_month
        self.month = month
        self.day_of_week = day_of_week
        self.year = year

    def to_string(self) -> str:
        """`cron(0 10 * * ? *)`."""
        fields = (
            self.minutes,
            self.hours,
            self.day_of_month,
            self.month,
            self.day_of_week,
            self.year,
        )
        return f"cron({' '.join(map(str, fields))})"


class ScheduledEventConfig(BaseEventSourceConfig):
    """A schedule, as AWS's text or as an object, that triggers a function."""

    def __init__(
        self,
        name: str,
        handler_string: str,
        schedule_expression: str | ScheduleExpression,
        description: str,
    ) -> None:
        super().__init__(name, handler_string)
        self.schedule_expression = schedule_expression
        self.description = description


def taking_event(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """The function as one that takes the event, which one without parameters does not get."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_argcount or code.co_flags & _VARIABLE_ARGUMENTS:
        return function

    @wraps(function)
    def without_event(_event: Any) -> Any:
        return function()

    return without_event


class Triggers(Registrar):
    """The decorator of functions that points in time trigger."""

    _event_type: str = "scheduled"
    _record: str = "ScheduledEventConfig"

    def schedule(
        self, expression: str | ScheduleExpression, name: str | None = None, description: str = ""
    ) -> DecorateScheduled:
        """Call the function at these points in time: a Rate, a Cron, or AWS's text for one.

        The function takes the event or nothing.
        """
        from chalice.runtime.events.eventbridge import CloudWatchEvent  # noqa: PLC0415

        settings = {"schedule_expression": expression, "description": description}
        return event_handler(self, "schedule", name, CloudWatchEvent, settings, adapt=taking_event)
