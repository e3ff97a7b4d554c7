"""Schedules: ``rate(5 minutes)`` and the six fields of ``cron(0 12 ? * MON-FRI *)``, in UTC.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import TypeAlias

Days: TypeAlias = Callable[[int, int], Sequence[int]]
"""The days that are wanted of a year and month."""

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)(s?)\)")
_AT = re.compile(r"at\((.*)\)")
_CRON = re.compile(r"cron\((.*)\)")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


class InvalidScheduleError(ValueError):
    """It is no schedule expression."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A regular schedule, which starts to count at some moment."""

    period: timedelta

    def next(self, after: datetime, since: datetime) -> datetime | None:
        """Return the first time later than ``after`` that is whole periods after ``since``.

        None means that the calendar ends before.
        """
        periods = max(0, (after - since) // self.period) + 1
        try:
            return since + periods * self.period
        except OverflowError:
            return None


class Cron:
    """A schedule by the calendar: ``0 12 ? * MON-FRI *``. Raises ``InvalidScheduleError``."""

    def __init__(self, expression: str) -> None:
        fields = expression.split()
        if len(fields) != 6:
            raise InvalidScheduleError(f"{expression!r} has not six fields")
        minute, hour, day, month, weekday, year = (field.upper() for field in fields)
        if (day == "?") == (weekday == "?"):
            raise InvalidScheduleError("one of day-of-month and day-of-week must be ?")
        self._minutes = _values(minute, 0, 59)
        self._hours = _values(hour, 0, 23)
        self._months = _values(month, 1, 12, _MONTHS)
        self._years = _values(year, 1970, 2199, cyclic=False)
        self._days = _days_of_month(day) if weekday == "?" else _days_of_week(weekday)

    def next(self, after: datetime, zone: tzinfo = timezone.utc) -> datetime | None:
        """Return the first minute later than ``after``, None if there is none before 2200.

        The fields are read in ``zone``. A time that its clocks skip is skipped; one that they
        show twice counts the first time.
        """
        for day in self._dates(after.astimezone(zone).date()):
            for hour in self._hours:
                for minute in self._minutes:
                    local = datetime(day.year, day.month, day.day, hour, minute)
                    moment = local.replace(tzinfo=zone).astimezone(timezone.utc)
                    exists = moment.astimezone(zone).replace(tzinfo=None) == local
                    if moment > after and exists:
                        return moment
        return None

    def _dates(self, first: date) -> Iterator[date]:
        for year in self._years:
            if year < first.year:
                continue
            for month in self._months:
                if (year, month) < (first.year, first.month):
                    continue
                for day in self._days(year, month):
                    found = date(year, month, day)
                    if found >= first:
                        yield found


@dataclass(frozen=True, slots=True)
class Once:
    """One moment, ``local`` time of any zone."""

    local: datetime

    def next(self, after: datetime, zone: tzinfo) -> datetime | None:
        """Return the moment in ``zone`` if it is later than ``after``, else None."""
        moment = self.local.replace(tzinfo=zone).astimezone(timezone.utc)
        return moment if moment > after else None


def parse_once(expression: str) -> Once | None:
    """Parse ``at(2026-11-24T12:00:00)``; None means that it is another kind of expression.

    Raises ``InvalidScheduleError``.
    """
    found = _AT.fullmatch(expression)
    if found is None:
        return None
    try:
        return Once(datetime.strptime(found[1], "%Y-%m-%dT%H:%M:%S"))
    except ValueError:
        raise InvalidScheduleError(f"{found[1]} is not a time") from None


def parse_schedule(expression: str) -> Cron | Rate:
    """Parse ``cron(…)`` or ``rate(…)``. Raises ``InvalidScheduleError``."""
    rate = _RATE.fullmatch(expression)
    if rate is not None:
        number, unit, plural = int(rate[1]), rate[2], bool(rate[3])
        if plural == (number == 1):
            raise InvalidScheduleError(f"{number} takes {'no ' if plural else ''}plural")
        try:
            return Rate(number * _UNITS[unit])
        except OverflowError:
            raise InvalidScheduleError(f"{number} is too many") from None
    cron = _CRON.fullmatch(expression)
    if cron is None:
        raise InvalidScheduleError(f"{expression!r} is neither cron nor rate")
    return Cron(cron[1])


# The fields.


def _values(
    field: str, low: int, high: int, names: Sequence[str] = (), *, cyclic: bool = True
) -> list[int]:
    """Return the numbers that a field names, sorted."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step_text = part.partition("/")
        step = _number(step_text, 1, high, ()) if slash else 1
        if span == "*":
            first, last = low, high
        elif "-" in span:
            start, _, end = span.partition("-")
            first, last = _number(start, low, high, names), _number(end, low, high, names)
            if first > last and not cyclic:
                raise InvalidScheduleError(f"{span} runs backwards")
        else:
            first = _number(span, low, high, names)
            last = high if slash else first
        length = (last - first) % (high - low + 1)
        found.update(low + (first - low + n) % (high - low + 1) for n in range(0, length + 1, step))
    return sorted(found)


def _number(text: str, low: int, high: int, names: Sequence[str]) -> int:
    """Return a number, or the place of a name: the first name is 1."""
    if text in names:
        return names.index(text) + 1
    if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
        raise InvalidScheduleError(f"{text!r} is not between {low} and {high}")
    return int(text)


def _days_of_month(field: str) -> Days:
    if field == "L":
        return lambda year, month: [_length(year, month)]
    if field == "LW":
        return lambda year, month: [_nearest_weekday(year, month, _length(year, month))]
    if field.startswith("L-"):
        offset = _number(field[2:], 1, 30, ())
        return lambda year, month: [day for day in [_length(year, month) - offset] if day > 0]
    if field.endswith("W"):
        wanted = _number(field[:-1], 1, 31, ())
        return lambda year, month: (
            [_nearest_weekday(year, month, wanted)] if wanted <= _length(year, month) else []
        )
    days = _values(field, 1, 31)
    return lambda year, month: [day for day in days if day <= _length(year, month)]


def _days_of_week(field: str) -> Days:
    if "#" in field:
        name, _, nth = field.partition("#")
        weekday, number = _number(name, 1, 7, _WEEKDAYS), _number(nth, 1, 5, ())
        return lambda year, month: _falling_on(year, month, [weekday])[number - 1 : number]
    if field.endswith("L") and field != "L":
        weekday = _number(field[:-1], 1, 7, _WEEKDAYS)
        return lambda year, month: _falling_on(year, month, [weekday])[-1:]
    weekdays = [7] if field == "L" else _values(field, 1, 7, _WEEKDAYS)
    return lambda year, month: _falling_on(year, month, weekdays)


def _falling_on(year: int, month: int, weekdays: Sequence[int]) -> list[int]:
    """Return the days that fall on those days of the week, Sunday being 1."""
    first = date(year, month, 1).isoweekday() % 7
    days = range(1, _length(year, month) + 1)
    return [day for day in days if (first + day - 1) % 7 + 1 in weekdays]


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """Return the day from Monday to Friday that is nearest to ``day`` in the same month."""
    weekday = date(year, month, day).isoweekday()
    if weekday == 6:
        return day - 1 if day > 1 else day + 2
    if weekday == 7:
        return day + 1 if day < _length(year, month) else day - 2
    return day


def _length(year: int, month: int) -> int:
    return monthrange(year, month)[1]
