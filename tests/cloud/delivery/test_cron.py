"""When schedules are due. Each row was worked out on a calendar."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalice.cloud.delivery.cron import Cron, InvalidScheduleError, Rate, parse_once, parse_schedule


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


# Expression, a moment, and the next occurrences after it.
TABLE = [
    ("0 10 * * ? *", "2026-01-31 10:00", ["2026-02-01 10:00", "2026-02-02 10:00"]),
    ("15 12 * * ? *", "2026-01-01 12:14:59", ["2026-01-01 12:15", "2026-01-02 12:15"]),
    ("0 18 ? * MON-FRI *", "2026-11-20 18:00", ["2026-11-23 18:00", "2026-11-24 18:00"]),
    ("0 8 1 * ? *", "2026-11-24 00:00", ["2026-12-01 08:00", "2027-01-01 08:00"]),
    ("0/15 * * * ? *", "2026-11-24 23:50", ["2026-11-25 00:00", "2026-11-25 00:15"]),
    ("*/20 9-10 * * ? *", "2026-11-24 09:20", ["2026-11-24 09:40", "2026-11-24 10:00"]),
    (
        "0/10 * ? * MON-FRI *",
        "2026-11-27 23:50",
        ["2026-11-30 00:00", "2026-11-30 00:10"],
    ),
    ("0/5 8-17 ? * MON-FRI *", "2026-11-27 17:55", ["2026-11-30 08:00"]),
    ("5 4,16 * * ? *", "2026-11-24 04:05", ["2026-11-24 16:05", "2026-11-25 04:05"]),
    ("30 22-1 * * ? *", "2026-11-24 23:00", ["2026-11-24 23:30", "2026-11-25 00:30"]),
    ("10-14/2 0 * * ? *", "2026-11-24 00:10", ["2026-11-24 00:12", "2026-11-24 00:14"]),
    ("0 0 L * ? *", "2028-01-31 00:00", ["2028-02-29 00:00", "2028-03-31 00:00"]),
    ("0 0 L-2 * ? *", "2026-02-01 00:00", ["2026-02-26 00:00", "2026-03-29 00:00"]),
    ("0 0 LW * ? *", "2026-01-01 00:00", ["2026-01-30 00:00", "2026-02-27 00:00"]),
    # 15 August 2026 is a Saturday, 15 November 2026 a Sunday; 1 August 2026 is a Saturday.
    ("0 0 15W 8,11 ? *", "2026-08-01 00:00", ["2026-08-14 00:00", "2026-11-16 00:00"]),
    ("0 0 1W * ? *", "2026-07-15 00:00", ["2026-08-03 00:00", "2026-09-01 00:00"]),
    ("0 0 31W * ? *", "2026-05-01 00:00", ["2026-05-29 00:00", "2026-07-31 00:00"]),
    ("0 0 31 * ? *", "2026-01-31 00:00", ["2026-03-31 00:00", "2026-05-31 00:00"]),
    ("0 0 29 2 ? *", "2026-01-01 00:00", ["2028-02-29 00:00", "2032-02-29 00:00"]),
    ("0 0 ? * 6#3 *", "2026-11-01 00:00", ["2026-11-20 00:00", "2026-12-18 00:00"]),
    ("0 0 ? * MON#5 *", "2026-09-01 00:00", ["2026-11-30 00:00", "2027-03-29 00:00"]),
    ("0 0 ? * 6L *", "2026-11-01 00:00", ["2026-11-27 00:00", "2026-12-25 00:00"]),
    ("0 0 ? * SUNL *", "2026-11-01 00:00", ["2026-11-29 00:00"]),
    ("0 0 ? * L *", "2026-11-24 00:00", ["2026-11-28 00:00", "2026-12-05 00:00"]),
    ("0 0 ? * 1 *", "2026-11-24 00:00", ["2026-11-29 00:00"]),
    ("0 0 ? * FRI-SUN *", "2026-11-24 00:00", ["2026-11-27 00:00", "2026-11-28 00:00"]),
    ("0 0 ? JAN,jul Tue *", "2026-11-24 00:00", ["2027-01-05 00:00", "2027-01-12 00:00"]),
    ("0 0 1 NOV-FEB ? *", "2026-11-24 00:00", ["2026-12-01 00:00", "2027-01-01 00:00"]),
    ("0 0 1 1/6 ? *", "2026-11-24 00:00", ["2027-01-01 00:00", "2027-07-01 00:00"]),
    ("0 0 1 1 ? 2027,2030", "2026-11-24 00:00", ["2027-01-01 00:00", "2030-01-01 00:00"]),
    ("0 0 1 1 ? 2026-2199/4", "2026-11-24 00:00", ["2030-01-01 00:00"]),
    ("59 23 31 12 ? 2199", "2026-11-24 00:00", ["2199-12-31 23:59"]),
]


@pytest.mark.parametrize(("expression", "after", "expected"), TABLE, ids=str)
def test_a_schedule_is_due_when_the_calendar_says(
    expression: str, after: str, expected: list[str]
) -> None:
    cron = Cron(expression)
    moment: datetime | None = utc(after)
    for each in expected:
        assert moment is not None
        moment = cron.next(moment)
        assert moment == utc(each)


@st.composite
def fields(draw: st.DrawFn, low: int, high: int) -> tuple[str, set[int]]:
    """A field, and the numbers that it means."""
    numbers = st.integers(low, high)
    match draw(st.sampled_from(["every", "list", "range", "step"])):
        case "every":
            return "*", set(range(low, high + 1))
        case "list":
            listed = draw(st.lists(numbers, min_size=1, max_size=4))
            return ",".join(map(str, listed)), set(listed)
        case "range":
            first, last = draw(numbers), draw(numbers)
            around = {*range(first, high + 1), *range(low, last + 1)}
            return f"{first}-{last}", set(range(first, last + 1)) if first <= last else around
        case _:
            first, step = draw(numbers), draw(st.integers(1, high))
            return f"{first}/{step}", set(range(first, high + 1, step))


@settings(max_examples=60, deadline=None)
@given(
    fields(0, 59),
    fields(0, 23),
    fields(1, 7),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
)
def test_no_minute_is_missed_and_none_is_too_many(
    minutes: tuple[str, set[int]],
    hours: tuple[str, set[int]],
    weekdays: tuple[str, set[int]],
    after: datetime,
) -> None:
    moment = after.replace(second=0, microsecond=0, tzinfo=timezone.utc)
    while True:
        moment += timedelta(minutes=1)
        weekday = moment.isoweekday() % 7 + 1
        if moment.minute in minutes[1] and moment.hour in hours[1] and weekday in weekdays[1]:
            break
    cron = Cron(f"{minutes[0]} {hours[0]} ? * {weekdays[0]} *")
    assert cron.next(after.replace(tzinfo=timezone.utc)) == moment


@pytest.mark.parametrize("expression", ["0 0 30 2 ? *", "0 0 1 1 ? 1999", "0 0 ? 2 MON#5 2027"])
def test_a_schedule_may_never_be_due_again(expression: str) -> None:
    assert Cron(expression).next(utc("2026-11-24 00:00")) is None


def test_other_time_zones_are_the_same_moments() -> None:
    east = timezone(timedelta(hours=2))
    after = datetime(2026, 11, 24, 13, 30, tzinfo=east)
    assert Cron("0 12 * * ? *").next(after) == utc("2026-11-24 12:00")


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 10 * * *)",
        "cron(0 10 * * ? * *)",
        "cron(0 10 * * * *)",
        "cron(0 10 ? * ? *)",
        "cron(60 10 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 10 0 * ? *)",
        "cron(0 10 32 * ? *)",
        "cron(0 10 * 13 ? *)",
        "cron(0 10 ? * 8 *)",
        "cron(0 10 ? * 0 *)",
        "cron(0 10 ? * MON#6 *)",
        "cron(0 10 ? * FOO *)",
        "cron(0 10 * * ? 1969)",
        "cron(0 10 * * ? 2200)",
        "cron(0 10 * * ? 2030-2020)",
        "cron(0/0 10 * * ? *)",
        "cron(0, 10 * * ? *)",
        "cron(- 10 * * ? *)",
        "cron(0 10 1W,2 * ? *)",
        "cron()",
        "rate(0 minutes)",
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(5 seconds)",
        "rate(1.5 hours)",
        "rate(-1 days)",
        "rate(99999999999999999 days)",
        "rate(5  minutes)",
        "every 5 minutes",
        "",
    ],
)
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(InvalidScheduleError):
        parse_schedule(expression)


@pytest.mark.parametrize(
    ("expression", "period"),
    [
        ("rate(1 minute)", timedelta(minutes=1)),
        ("rate(5 minutes)", timedelta(minutes=5)),
        ("rate(1 hour)", timedelta(hours=1)),
        ("rate(36 hours)", timedelta(hours=36)),
        ("rate(7 days)", timedelta(days=7)),
    ],
)
def test_a_rate_is_a_period(expression: str, period: timedelta) -> None:
    assert parse_schedule(expression) == Rate(period)


def test_a_rate_counts_from_when_it_began_and_skips_what_was_missed() -> None:
    rate = Rate(timedelta(minutes=5))
    since = utc("2026-11-24 12:01:30")
    assert rate.next(since, since) == utc("2026-11-24 12:06:30")
    assert rate.next(utc("2026-11-24 12:06:30"), since) == utc("2026-11-24 12:11:30")
    assert rate.next(utc("2026-11-25 00:00"), since) == utc("2026-11-25 00:01:30")
    assert rate.next(utc("2026-11-24 11:00"), since) == utc("2026-11-24 12:06:30")


def test_a_rate_may_be_longer_than_the_calendar() -> None:
    since = utc("2026-11-24 12:00")
    assert Rate(timedelta(days=9_999_999)).next(since, since) is None


# 2026-03-29 02:00 to 03:00 does not exist in Berlin, 2026-10-25 02:00 to 03:00 comes twice.
BERLIN = [
    ("0 12 * * ? *", "2026-11-24 11:30", "2026-11-25 11:00"),
    ("0 12 * * ? *", "2026-07-01 09:30", "2026-07-01 10:00"),
    ("30 2 * * ? *", "2026-03-28 01:30", "2026-03-30 00:30"),
    ("30 2 * * ? *", "2026-10-24 00:30", "2026-10-25 00:30"),
    ("30 2 * * ? *", "2026-10-25 00:30", "2026-10-26 01:30"),
    ("30 0 1 * ? *", "2026-11-24 00:00", "2026-11-30 23:30"),
]


@pytest.mark.parametrize(("expression", "after", "expected"), BERLIN)
def test_the_fields_can_be_of_a_time_zone(expression: str, after: str, expected: str) -> None:
    found = Cron(expression).next(utc(after), ZoneInfo("Europe/Berlin"))
    assert found == utc(expected)


def test_a_schedule_can_be_due_once() -> None:
    once = parse_once("at(2026-07-01T12:00:00)")
    assert once is not None
    berlin = ZoneInfo("Europe/Berlin")
    assert once.next(utc("2026-07-01 09:00"), berlin) == utc("2026-07-01 10:00")
    assert once.next(utc("2026-07-01 10:00"), berlin) is None
    assert parse_once("rate(1 day)") is None
    with pytest.raises(InvalidScheduleError):
        parse_once("at(2026-02-30T12:00:00)")
