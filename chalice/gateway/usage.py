"""What the holders of API keys use of their plans.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

from chalice.gateway.answers import QUOTA_EXCEEDED, THROTTLED, RefusedError
from chalice.gateway.deployment import ApiKey, Quota
from chalice.gateway.throttling import Throttling


class Usage:
    """Counts requests by plan and API key. ``clock`` gives seconds since the epoch.

    Days begin at midnight UTC, weeks on Sunday.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._throttling = Throttling(clock)
        self._days: dict[tuple[str, str], dict[date, int]] = {}
        self._granted: dict[tuple[str, str], tuple[date, int]] = {}

    def spend(self, key: ApiKey, stage: str, method: str) -> None:
        """Count one request of ``key`` for a method (``/users/{id}/GET``) of a stage
        (``a1b2c3/api``). Raises RefusedError when it is one too many.
        """
        plan = key.plan
        if plan is None:
            return
        throttle = plan.methods.get(method)
        if throttle is not None:
            if not self._throttling.take((plan.id, key.id, stage, method), throttle):
                raise RefusedError(THROTTLED)
        elif plan.throttle is not None and not self._throttling.take(
            (plan.id, key.id, stage), plan.throttle
        ):
            raise RefusedError(THROTTLED)
        today = self._today()
        days = self._days.setdefault((plan.id, key.id), {})
        if plan.quota is not None and self.remaining(plan.id, key.id, plan.quota, today) <= 0:
            raise RefusedError(QUOTA_EXCEEDED)
        days[today] = days.get(today, 0) + 1

    def used(self, plan_id: str, key_id: str, day: date) -> int:
        """Return how many requests a key made on a day."""
        return self._days.get((plan_id, key_id), {}).get(day, 0)

    def keys(self, plan_id: str) -> list[str]:
        """Return the ids of the keys that used a plan."""
        return [key for plan, key in self._days if plan == plan_id]

    def remaining(self, plan_id: str, key_id: str, quota: Quota, day: date) -> int:
        """Return how many requests a key had left at the end of a day, or has now."""
        begin = _begin(quota, day)
        days = self._days.get((plan_id, key_id), {})
        spent = sum(count for at, count in days.items() if begin <= at <= day)
        first = min(days, default=day)
        limit = quota.limit - (quota.offset if begin <= first else 0)
        since, granted = self._granted.get((plan_id, key_id), (begin, 0))
        return limit + (granted if begin <= since <= day else 0) - spent

    def grant(self, plan_id: str, key_id: str, quota: Quota, remaining: int) -> None:
        """Let a key have so many requests left in this period."""
        today = self._today()
        self._granted.pop((plan_id, key_id), None)
        more = remaining - self.remaining(plan_id, key_id, quota, today)
        self._granted[plan_id, key_id] = (today, more)

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock(), timezone.utc).date()


def _begin(quota: Quota, day: date) -> date:
    """Return the first day of the period that ``day`` is in."""
    match quota.period:
        case "DAY":
            return day
        case "WEEK":
            return day - timedelta(days=(day.weekday() + 1) % 7)
        case "MONTH":
            return day.replace(day=1)
