"""Usage plans of a REST API and the API keys that have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalice.config import Config
from chalice.graph.handlers import name_prefix
from chalice.model.apis import ApiKey, UsagePlan
from chalice.model.resources import Resource
from chalice.model.values import Ref

_PERIOD = "MONTH"


def usage_plans(config: Config, stage_key: str, api_id: Ref, stage_name: str) -> Iterator[Resource]:
    """Yield the plans in the configuration, after the keys, which several plans may share."""
    plans: Mapping[str, Mapping[str, Any]] = config.api_usage_plans
    prefix = name_prefix(config)
    names = dict.fromkeys(key for plan in plans.values() for key in plan.get("api_keys") or ())
    for name in names:
        yield ApiKey(name=_resource(name), key_name=f"{prefix}-{name}", stage_key=stage_key)
    for name, plan in plans.items():
        limit = plan.get("quota_limit")
        yield UsagePlan(
            name=f"{name}-usage-plan",
            plan_name=f"{prefix}-{name}",
            stage_key=stage_key,
            api_id=api_id,
            stage_name=stage_name,
            rate_limit=plan.get("rate_limit"),
            burst_limit=plan.get("burst_limit"),
            quota_limit=limit,
            quota_period=None if limit is None else plan.get("quota_period") or _PERIOD,
            api_keys=tuple(Ref(_resource(key), "api_key_id") for key in plan.get("api_keys") or ()),
        )


def _resource(key: str) -> str:
    return f"{key}-api-key"
