"""Usage plans: what their holders may ask, how often, and how much of it is used.

https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateUsagePlan.html

moto does not know the limits of single methods, leaves values as the strings that a patch has,
checks nothing, and counts nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from moto.apigateway.exceptions import (
    BadRequestException,
    ConflictException,
    NotFoundException,
)
from moto.apigateway.models import APIGatewayBackend, UsagePlan, UsagePlanKey
from moto.apigateway.responses import APIGatewayResponse
from moto.core.common_types import TYPE_RESPONSE

from chalice.gateway.deployment import Quota, Throttle
from chalice.gateway.deployment import UsagePlan as Limits
from chalice.gateway.usage import Usage

_PERIODS = ("DAY", "WEEK", "MONTH")
_MAX_DAYS = 90


class ServedUsagePlan(UsagePlan):
    """A usage plan whose numbers are numbers."""

    def __init__(self, usage_plan_id: str, **settings: Any) -> None:
        super().__init__(usage_plan_id, **settings)
        self.throttle = _throttle(self.throttle)
        self.quota = _quota(self.quota) if self.quota else {}
        self.api_stages = [_stage(stage) for stage in self.api_stages]

    def apply_patch_operations(self, patch_operations: Sequence[Mapping[str, Any]]) -> None:
        """Apply operations; raises ``BadRequestException`` for one that cannot be."""
        for operation in patch_operations:
            parts = [part.replace("~1", "/") for part in operation["path"][1:].split("/")]
            self._patch(operation["op"], parts, str(operation.get("value", "")))

    def _patch(self, op: str, path: list[str], value: str) -> None:
        match op, *path:
            case "replace", "name":
                self.name = value
            case (("replace" | "add"), "description"):
                self.description = value
            case (("replace" | "add"), "productCode"):
                self.product_code = value
            case "remove", "productCode":
                self.product_code = None
            case "add", "apiStages":
                self.api_stages.append(_stage(_named(value)))
            case "remove", "apiStages":
                self.api_stages.remove(self._api_stage(value))
            case (("replace" | "add"), "throttle", ("rateLimit" | "burstLimit" as name)):
                self.throttle = _throttle({**self.throttle, name: value})
            case "remove", "throttle", ("rateLimit" | "burstLimit" as name):
                self.throttle = {key: each for key, each in self.throttle.items() if key != name}
            case "remove", "throttle":
                self.throttle = {}
            case (("replace" | "add"), "quota", ("limit" | "period" | "offset" as name)):
                self.quota = {**self.quota, name: value if name == "period" else int(value)}
                if "limit" in self.quota and "period" in self.quota:
                    self.quota = _quota(self.quota)
            case "remove", "quota":
                self.quota = {}
            case _, "apiStages", stage, "throttle", *rest:
                self._patch_method(op, self._api_stage(stage), rest, value)
            case _:
                raise BadRequestException(f"Invalid patch path: /{'/'.join(path)}")

    def _patch_method(self, op: str, stage: dict[str, Any], path: list[str], value: str) -> None:
        """Apply an operation on ``/apiStages/a1b2:api/throttle/~1users~1GET/rateLimit``."""
        limits: dict[str, Any] = stage.setdefault("throttle", {})
        if op == "remove" and not path:
            del stage["throttle"]
            return
        name = path[-1] if path[-1:] and path[-1] in ("rateLimit", "burstLimit") else ""
        method = "/" + "/".join(path[:-1] if name else path).strip("/")
        if op == "remove":
            limits.pop(method, None)
        elif name:
            limits[method] = _throttle({**limits.get(method, {}), name: value})
        else:
            raise BadRequestException(f"Invalid patch path for a throttle: {method}")

    def _api_stage(self, name: str) -> dict[str, Any]:
        wanted = _named(name)
        for stage in self.api_stages:
            if (stage["apiId"], stage["stage"]) == (wanted["apiId"], wanted["stage"]):
                found: dict[str, Any] = stage
                return found
        raise NotFoundException("Invalid API Stage specified")


class UsagePlans(APIGatewayBackend):
    """The usage plans of one region."""

    def create_usage_plan(self, payload: Any) -> UsagePlan:
        """Make a usage plan."""
        if not payload.get("name"):
            raise BadRequestException("Usage Plan name is required")
        for stage in payload.get("apiStages") or ():
            self._check_stage(stage)
        made = super().create_usage_plan(payload)
        try:
            plan = ServedUsagePlan(made.id, **payload)
        except BadRequestException:
            del self.usage_plans[made.id]
            raise
        self.usage_plans[made.id] = plan
        return plan

    def update_usage_plan(self, usage_plan_id: str, patch_operations: Any) -> UsagePlan:
        """Change a usage plan."""
        for operation in patch_operations:
            if (operation["op"], operation["path"]) == ("add", "/apiStages"):
                self._check_stage(_named(str(operation.get("value", ""))))
        return super().update_usage_plan(usage_plan_id, patch_operations)

    def delete_usage_plan(self, usage_plan_id: str) -> None:
        """Delete a usage plan with its keys, which themselves stay."""
        if self.get_usage_plan(usage_plan_id).api_stages:
            raise BadRequestException(
                f"Cannot delete Usage Plan {usage_plan_id} because API stages are associated "
                "with it"
            )
        super().delete_usage_plan(usage_plan_id)
        self.usage_plan_keys.pop(usage_plan_id, None)

    def create_usage_plan_key(self, usage_plan_id: str, payload: dict[str, Any]) -> UsagePlanKey:
        """Give a key to a plan."""
        self.get_usage_plan(usage_plan_id)
        if payload.get("keyId") in self.usage_plan_keys.get(usage_plan_id, {}):
            raise ConflictException("Usage Plan Key already exists")
        return super().create_usage_plan_key(usage_plan_id, payload)

    def delete_usage_plan_key(self, usage_plan_id: str, key_id: str) -> None:
        """Take a key from a plan."""
        if key_id not in self.usage_plan_keys.get(usage_plan_id, {}):
            raise NotFoundException("Invalid Usage Plan Key identifier specified")
        super().delete_usage_plan_key(usage_plan_id, key_id)

    def _check_stage(self, stage: Mapping[str, Any]) -> None:
        api = self.apis.get(stage.get("apiId", ""))
        if api is None or stage.get("stage") not in api.stages:
            raise NotFoundException("Invalid API Stage specified")


class UsageActions(APIGatewayResponse):
    """The requests to API Gateway that are about usage; ``backend.usage`` counts it."""

    def get_usage(self) -> TYPE_RESPONSE:
        """Answer GetUsage."""
        plan, usage = self._plan(), self._usage
        first, last = (self._day(name) for name in ("startDate", "endDate"))
        if not first <= last <= first + timedelta(days=_MAX_DAYS):
            raise BadRequestException("Usage Plan end date must not be before the start date")
        wanted = self.querystring.get("keyId", [None])[0]
        held = self.backend.usage_plan_keys.get(plan.id, {})
        keys = [wanted] if wanted else [*held, *(set(usage.keys(plan.id)) - set(held))]
        days = [first + timedelta(days=each) for each in range((last - first).days + 1)]
        quota = quota_of(plan.quota)
        items = {
            key: [
                [
                    usage.used(plan.id, key, day),
                    usage.remaining(plan.id, key, quota, day) if quota else 0,
                ]
                for day in days
            ]
            for key in keys
        }
        content = {
            "usagePlanId": plan.id,
            "startDate": first.isoformat(),
            "endDate": last.isoformat(),
            "values": items,
        }
        return 200, {}, json.dumps(content)

    def update_usage(self) -> TYPE_RESPONSE:
        """Answer UpdateUsage, which says how much a key has left in this period."""
        plan, key = self._plan(), self.path.split("/")[4]
        self.backend.get_usage_plan_key(plan.id, key)
        quota = quota_of(plan.quota)
        for operation in self._get_param("patchOperations") or ():
            if operation.get("path") != "/remaining" or quota is None:
                raise BadRequestException("Only /remaining of a plan with a quota can be updated")
            self._usage.grant(plan.id, key, quota, int(operation["value"]))
        return 200, {}, json.dumps({"usagePlanId": plan.id})

    @property
    def _usage(self) -> Usage:
        usage: Usage = self.backend.usage  # type: ignore[attr-defined]  # of our backend
        return usage

    def _plan(self) -> UsagePlan:
        return self.backend.get_usage_plan(self.path.split("/")[2])

    def _day(self, name: str) -> date:
        try:
            return date.fromisoformat(self.querystring.get(name, [""])[0])
        except ValueError:
            raise BadRequestException(f"Invalid date for {name}: yyyy-mm-dd is needed") from None


def plan_of(plan: UsagePlan, stage: Mapping[str, Any]) -> Limits:
    """Return the limits of a plan in one of its stages, for the gateway."""
    return Limits(
        id=plan.id,
        throttle=_limit(plan.throttle) if plan.throttle else None,
        quota=quota_of(plan.quota),
        methods={key: _limit(each) for key, each in (stage.get("throttle") or {}).items()},
    )


def quota_of(settings: Mapping[str, Any]) -> Quota | None:
    """Return a quota, ``{"limit": 100, "period": "DAY"}``, for the gateway."""
    if "limit" not in settings or "period" not in settings:
        return None
    return Quota(int(settings["limit"]), settings["period"], int(settings.get("offset") or 0))


def _limit(settings: Mapping[str, Any]) -> Throttle:
    return Throttle(settings.get("rateLimit"), settings.get("burstLimit"))


def _named(text: str) -> dict[str, Any]:
    api_id, colon, stage = text.partition(":")
    if not colon:
        raise BadRequestException(f"Invalid API Stage specified: {text}")
    return {"apiId": api_id, "stage": stage}


def _stage(stage: Mapping[str, Any]) -> dict[str, Any]:
    limits = {
        "/" + key.strip("/"): _throttle(each) for key, each in (stage.get("throttle") or {}).items()
    }
    return {
        "apiId": stage["apiId"],
        "stage": stage["stage"],
        **({"throttle": limits} if limits else {}),
    }


def _throttle(settings: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    try:
        if settings.get("rateLimit") is not None:
            found["rateLimit"] = float(settings["rateLimit"])
        if settings.get("burstLimit") is not None:
            found["burstLimit"] = int(settings["burstLimit"])
    except ValueError:
        raise BadRequestException("Throttle limits must be numbers") from None
    if any(value < 0 for value in found.values()):
        raise BadRequestException("Usage Plan throttle limits must not be negative")
    return found


def _quota(settings: Mapping[str, Any]) -> dict[str, Any]:
    limit, period = settings.get("limit"), settings.get("period")
    offset = int(settings.get("offset") or 0)
    if not limit or int(limit) < 1:
        raise BadRequestException("Usage Plan quota limit must be 1 or more")
    if period not in _PERIODS:
        raise BadRequestException(f"Usage Plan quota period must be one of {', '.join(_PERIODS)}")
    if offset < 0 or offset > int(limit):
        raise BadRequestException("Usage Plan quota offset must be within its limit")
    return {"limit": int(limit), "period": period, "offset": offset}
