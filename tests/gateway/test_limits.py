"""Usage plans and throttling: who asks too often, and who asks too much."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timezone
from typing import Any

import pytest

from chalice.gateway.answers import RefusedError
from chalice.gateway.deployment import ApiKey, Quota, Throttle, UsagePlan
from chalice.gateway.gateway import Gateway
from chalice.gateway.throttling import Throttling
from chalice.gateway.usage import Usage
from tests.gateway.serving import Counter, Functions, deployment, gateway, proxy

TOO_MANY = (429, "TooManyRequestsException", {"message": "Too Many Requests"})
TOO_MUCH = (429, "LimitExceededException", {"message": "Limit Exceeded"})
DEFINITIONS = {"key": {"type": "apiKey", "in": "header", "name": "x-api-key"}}


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with Counter().open() as counter:
        yield counter


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2024, 5, 15, 12, tzinfo=timezone.utc).timestamp()  # a Wednesday

    def __call__(self) -> float:
        return self.now


def ask(counter: Counter, app: Gateway, path: str = "/", key: str = "k1") -> Any:
    answer = counter.ask(app, target=f"/abc123/api{path}", headers={"X-Api-Key": key})
    if answer.status_code == 200:
        return 200
    return answer.status_code, answer.headers["x-amzn-errortype"], answer.json()


def planned(plan: UsagePlan, clock: Clock) -> Gateway:
    operation = {**proxy(), "security": [{"key": []}]}
    api = deployment({"/": {"get": operation}, "/a": {"get": operation}}, definitions=DEFINITIONS)
    return gateway(api, Functions(), clock=clock, api_keys=lambda _, key: ApiKey(key, plan))


def test_each_key_of_a_plan_has_its_own_rate_and_burst(counter: Counter) -> None:
    clock = Clock()
    app = planned(UsagePlan("p", throttle=Throttle(rate=2, burst=3)), clock)
    assert [ask(counter, app) for _ in range(4)] == [200, 200, 200, TOO_MANY]
    assert ask(counter, app, key="k2") == 200
    clock.now += 1
    assert [ask(counter, app, "/a") for _ in range(3)] == [200, 200, TOO_MANY]
    clock.now += 100
    assert [ask(counter, app) for _ in range(4)] == [200, 200, 200, TOO_MANY]


def test_a_plan_may_limit_single_methods(counter: Counter) -> None:
    clock = Clock()
    plan = UsagePlan("p", throttle=Throttle(10, 10), methods={"/a/GET": Throttle(1, 1)})
    app = planned(plan, clock)
    assert [ask(counter, app, "/a"), ask(counter, app, "/a"), ask(counter, app)] == [
        200,
        TOO_MANY,
        200,
    ]


@pytest.mark.parametrize(
    ("quota", "days"),
    [(Quota(2, "DAY"), 1), (Quota(2, "WEEK"), 4), (Quota(3, "MONTH", offset=1), 17)],
)
def test_a_quota_is_for_a_period(counter: Counter, quota: Quota, days: int) -> None:
    clock = Clock()
    app = planned(UsagePlan("p", quota=quota), clock)
    assert [ask(counter, app) for _ in range(3)] == [200, 200, TOO_MUCH]
    assert ask(counter, app, key="k2") == 200
    clock.now += (days - 1) * 86_400
    assert ask(counter, app) == TOO_MUCH
    clock.now += 86_400
    assert ask(counter, app) == 200


def test_usage_can_be_read_and_extended() -> None:
    clock = Clock()
    usage, quota = Usage(clock), Quota(2, "DAY")
    key = ApiKey("k1", UsagePlan("p", quota=quota))
    usage.spend(key, "abc123/api", "/GET")
    today = date(2024, 5, 15)
    assert (usage.used("p", "k1", today), usage.remaining("p", "k1", quota, today)) == (1, 1)
    assert usage.keys("p") == ["k1"]
    usage.grant("p", "k1", quota, 2)
    for _ in range(2):
        usage.spend(key, "abc123/api", "/GET")
    with pytest.raises(RefusedError):
        usage.spend(key, "abc123/api", "/GET")
    assert usage.used("p", "k1", today) == 3
    usage.grant("p", "k1", quota, 1)
    usage.spend(key, "abc123/api", "/GET")
    clock.now += 86_400
    assert usage.remaining("p", "k1", quota, date(2024, 5, 16)) == 2


def test_a_stage_may_limit_all_methods_and_single_ones(counter: Counter) -> None:
    clock = Clock()
    api = deployment(
        {path: {"get": proxy()} for path in ("/", "/a", "/b/{c}")},
        throttles={"*/*": Throttle(1, 2), "/b/{c}/GET": Throttle(1, 1)},
    )
    app = gateway(api, Functions(), clock=clock)
    assert [ask(counter, app), ask(counter, app, "/a"), ask(counter, app)] == [200, 200, TOO_MANY]
    assert [ask(counter, app, "/b/1"), ask(counter, app, "/b/2")] == [200, TOO_MANY]


def test_no_limit_is_none_and_a_limit_of_nothing_lets_nothing_through() -> None:
    throttling = Throttling(lambda: 0.0)
    assert all(throttling.take("a", Throttle()) for _ in range(10))
    assert not throttling.take("b", Throttle(0, 0))
    assert [throttling.take("c", Throttle(2, None)) for _ in range(3)] == [True, True, False]
    assert [throttling.take("d", Throttle(None, 1)) for _ in range(2)] == [True, False]
