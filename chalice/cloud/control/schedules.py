"""EventBridge Scheduler: schedules that are checked, and known to the clock.

moto keeps schedules and runs none.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, scheduler_backends
from moto.scheduler.responses import EventBridgeSchedulerResponse

from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.control.service import CorrectedBackend, register
from chalice.cloud.delivery.cron import InvalidScheduleError, Rate, parse_once, parse_schedule


class ServedSchedulerBackend(EventBridgeSchedulerBackend):
    """The schedules of one region. ``changed`` is called when there are others."""

    def __init__(self, region_name: str, account_id: str, changed: Callable[[], None]) -> None:
        super().__init__(region_name, account_id)
        self.changed = changed

    def create_schedule(  # type: ignore[override]  # the settings are the model's to name
        self, **settings: Any
    ) -> Schedule:
        """Make a schedule."""
        _check(settings["schedule_expression"], settings["schedule_expression_timezone"])
        self.get_schedule_group(settings["group_name"])
        schedule = super().create_schedule(**settings)
        self.changed()
        return schedule

    def update_schedule(  # type: ignore[override]
        self, **settings: Any
    ) -> Schedule:
        """Replace what a schedule says."""
        _check(settings["schedule_expression"], settings["schedule_expression_timezone"])
        settings["state"] = settings["state"] or "ENABLED"
        schedule = super().update_schedule(**settings)
        self.changed()
        return schedule


class CorrectedSchedulerBackend(CorrectedBackend, ServedSchedulerBackend):
    """moto's Scheduler in the place of its own."""

    service_package = "moto.scheduler"
    response = EventBridgeSchedulerResponse
    unsaved = frozenset({"changed"})


def correct_scheduler(changed: Callable[[], None]) -> None:
    """Let moto serve the Scheduler with all of this."""

    def make(region_name: str, account_id: str) -> CorrectedSchedulerBackend:
        return CorrectedSchedulerBackend(region_name, account_id, changed)

    register(scheduler_backends, make)


@dataclass(frozen=True, slots=True)
class EnabledSchedule:
    """A schedule that runs, and the backend that has it."""

    schedule: Schedule
    backend: EventBridgeSchedulerBackend

    def due_after(self, moment: float) -> float | None:
        """Return when it is due next, None if never; seconds since 1970."""
        schedule = self.schedule
        began = float(schedule.start_date or schedule.creation_date)
        after = datetime.fromtimestamp(max(moment, began), timezone.utc)
        zone = ZoneInfo(schedule.schedule_expression_timezone)
        expression = schedule.schedule_expression
        kind = parse_once(expression) or parse_schedule(expression)
        if isinstance(kind, Rate):
            due = kind.next(after, datetime.fromtimestamp(began, timezone.utc))
        else:
            due = kind.next(after, zone)
        if due is None or (schedule.end_date and due.timestamp() > float(schedule.end_date)):
            return None
        return due.timestamp()

    def complete(self, moment: float) -> None:
        """Delete it if that was the last time, and it is said to be deleted then."""
        if self.schedule.action_after_completion == "DELETE" and self.due_after(moment) is None:
            group = self.backend.schedule_groups.get(self.schedule.group_name)
            if group is not None and group.schedules.get(self.schedule.name) is self.schedule:
                group.delete_schedule(self.schedule.name)


def enabled_schedules() -> list[EnabledSchedule]:
    """Return the enabled schedules of all regions."""
    return [
        EnabledSchedule(schedule, backend)
        for backend in list(scheduler_backends[ACCOUNT].values())
        for group in list(backend.schedule_groups.values())
        for schedule in list(group.schedules.values())
        if schedule.state == "ENABLED"
    ]


def _check(expression: str, zone: str | None) -> None:
    try:
        if parse_once(expression) is None:
            parse_schedule(expression)
    except InvalidScheduleError:
        raise ValidationException(f"Invalid Schedule Expression {expression}.") from None
    try:
        ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        raise ValidationException(f"Invalid Schedule Expression Timezone {zone}.") from None
