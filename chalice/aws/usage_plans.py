"""API keys and usage plans of REST APIs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from chalice.aws.calls import code_of, doing, or_none
from chalice.aws.session import Session
from chalice.aws.stage_tags import TAG
from chalice.model.apis import ApiKey, UsagePlan
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Outputs


class ApiKeys:
    """Keys, found by their names. AWS makes up their values, which nothing here reads."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _client(self) -> Any:
        return self._session.client("apigateway")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the key of that name."""
        name = identity["key_name"]
        with doing(f"looking for API key {name}"):
            pages = self._client.get_paginator("get_api_keys").paginate(nameQuery=name)
            for page in pages:
                for key in page["items"]:
                    if key["name"] == name:
                        return {"api_key_id": key["id"], "key_name": name}
        return None

    def read(self, record: Record) -> Found | None:
        """Return the key. It is ours if it carries our tag."""
        key_id = record.outputs["api_key_id"]
        with doing(f"reading API key {key_id}"):
            found = or_none(lambda: self._client.get_api_key(apiKey=key_id))
        if found is None:
            return None
        tag = found.get("tags", {}).get(TAG, "")
        key = ApiKey(name=record.name, key_name=found["name"], stage_key=tag)
        return Found(key, record.outputs, ours=bool(tag))

    def create(self, key: ApiKey) -> Outputs:
        """Create the key."""
        with doing(f"creating API key {key.key_name}"):
            made = self._client.create_api_key(
                name=key.key_name, enabled=True, tags={TAG: key.stage_key}
            )
        return {"api_key_id": made["id"], "key_name": key.key_name}

    def update(self, key: ApiKey, record: Record, fields: Collection[str]) -> Outputs:
        """Change which stage the key belongs to."""
        _tag(self._session, f"apikeys/{record.outputs['api_key_id']}", key.stage_key)
        return record.outputs

    def delete(self, record: Record) -> None:
        """Delete the key."""
        key_id = record.outputs["api_key_id"]
        with doing(f"deleting API key {key_id}"):
            or_none(lambda: self._client.delete_api_key(apiKey=key_id))


class UsagePlans:
    """Plans, found by their names. Keys that others add to them are left alone."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _client(self) -> Any:
        return self._session.client("apigateway")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the plan of that name."""
        name = identity["plan_name"]
        with doing(f"looking for usage plan {name}"):
            for page in self._client.get_paginator("get_usage_plans").paginate():
                for plan in page["items"]:
                    if plan["name"] == name:
                        return {"usage_plan_id": plan["id"], "plan_name": name, "api_keys": ""}
        return None

    def read(self, record: Record) -> Found | None:
        """Return the plan with those of its keys that this stage gave it."""
        plan_id = record.outputs["usage_plan_id"]
        with doing(f"reading usage plan {plan_id}"):
            found = or_none(lambda: self._client.get_usage_plan(usagePlanId=plan_id))
            if found is None:
                return None
            keys = [key for key in self._keys(plan_id) if key in _recorded_keys(record)]
        stages = [each for each in found.get("apiStages", []) if each.get("apiId")]
        throttle, quota = found.get("throttle", {}), found.get("quota", {})
        rate, burst = throttle.get("rateLimit"), throttle.get("burstLimit")
        tag = found.get("tags", {}).get(TAG, "")
        plan = UsagePlan(
            name=record.name,
            plan_name=found["name"],
            stage_key=tag,
            api_id=stages[0]["apiId"] if stages else "",
            stage_name=stages[0]["stage"] if stages else "",
            rate_limit=None if rate is None else int(rate),
            burst_limit=None if burst is None else int(burst),
            quota_limit=quota.get("limit"),
            quota_period=quota.get("period"),
            api_keys=tuple(sorted(keys)),
        )
        return Found(plan, record.outputs, ours=bool(tag))

    def create(self, plan: UsagePlan) -> Outputs:
        """Create the plan for the API's stage, with its keys."""
        settings = {
            name: value
            for name, value in (("throttle", _throttle(plan)), ("quota", _quota(plan)))
            if value
        }
        with doing(f"creating usage plan {plan.plan_name}"):
            made = self._client.create_usage_plan(
                name=plan.plan_name,
                apiStages=[{"apiId": plan.api_id, "stage": plan.stage_name}],
                tags={TAG: plan.stage_key},
                **settings,
            )
        return self._with_keys(plan, made["id"], frozenset())

    def update(self, plan: UsagePlan, record: Record, fields: Collection[str]) -> Outputs:
        """Change limits, stage and keys as far as they differ."""
        plan_id, changed = record.outputs["usage_plan_id"], set(fields)
        if "stage_key" in changed:
            _tag(self._session, f"usageplans/{plan_id}", plan.stage_key)
        operations: list[dict[str, str]] = []
        if changed & {"rate_limit", "burst_limit"}:
            operations += _operations("throttle", _throttle(plan))
        if changed & {"quota_limit", "quota_period"}:
            operations += _operations("quota", _quota(plan))
        with doing(f"updating usage plan {plan.plan_name}"):
            if changed & {"api_id", "stage_name"}:
                operations += self._stage_operations(plan, plan_id)
            if operations:
                self._client.update_usage_plan(usagePlanId=plan_id, patchOperations=operations)
        return self._with_keys(plan, plan_id, _recorded_keys(record))

    def delete(self, record: Record) -> None:
        """Delete the plan; AWS wants its stages taken off first."""
        plan_id = record.outputs["usage_plan_id"]
        with doing(f"deleting usage plan {plan_id}"):
            found = or_none(lambda: self._client.get_usage_plan(usagePlanId=plan_id))
            if found is None:
                return
            removed = [_stage("remove", each) for each in found.get("apiStages", [])]
            if removed:
                or_none(
                    lambda: self._client.update_usage_plan(
                        usagePlanId=plan_id, patchOperations=removed
                    )
                )
            or_none(lambda: self._client.delete_usage_plan(usagePlanId=plan_id))

    def _with_keys(self, plan: UsagePlan, plan_id: str, before: Collection[str]) -> Outputs:
        """Give the plan its keys, take off those it had before, and return its outputs."""
        wanted = [str(key) for key in plan.api_keys]
        with doing(f"giving usage plan {plan.plan_name} its API keys"):
            present = set(self._keys(plan_id))
            for key in wanted:
                if key not in present:
                    self._add_key(plan_id, key)
            for key in set(before) & present - set(wanted):
                self._remove_key(plan_id, key)
        return {
            "usage_plan_id": plan_id,
            "plan_name": plan.plan_name,
            "api_keys": ",".join(wanted),
        }

    def _add_key(self, plan_id: str, key: str) -> None:
        try:
            self._client.create_usage_plan_key(usagePlanId=plan_id, keyId=key, keyType="API_KEY")
        except ClientError as error:
            if code_of(error) != "ConflictException":
                raise

    def _remove_key(self, plan_id: str, key: str) -> None:
        or_none(lambda: self._client.delete_usage_plan_key(usagePlanId=plan_id, keyId=key))

    def _keys(self, plan_id: str) -> Iterator[str]:
        pages = self._client.get_paginator("get_usage_plan_keys").paginate(usagePlanId=plan_id)
        for page in pages:
            yield from (str(key["id"]) for key in page["items"])

    def _stage_operations(self, plan: UsagePlan, plan_id: str) -> list[dict[str, str]]:
        found = self._client.get_usage_plan(usagePlanId=plan_id).get("apiStages", [])
        wanted = {"apiId": str(plan.api_id), "stage": plan.stage_name}
        old = [each for each in found if (each["apiId"], each["stage"]) != (*wanted.values(),)]
        added = [] if len(old) < len(found) else [_stage("add", wanted)]
        return [*added, *(_stage("remove", each) for each in old)]


def _recorded_keys(record: Record) -> frozenset[str]:
    return frozenset(filter(None, record.outputs.get("api_keys", "").split(",")))


def _throttle(plan: UsagePlan) -> dict[str, int]:
    given = {"rateLimit": plan.rate_limit, "burstLimit": plan.burst_limit}
    return {name: value for name, value in given.items() if value is not None}


def _quota(plan: UsagePlan) -> dict[str, object]:
    if plan.quota_limit is None:
        return {}
    return {"limit": plan.quota_limit, "period": plan.quota_period}


def _operations(section: str, values: Mapping[str, object]) -> list[dict[str, str]]:
    """Return the patch that makes a section hold these values; without any, it goes."""
    removed = {"op": "remove", "path": f"/{section}"}
    if not values:
        return [removed]
    return [
        {"op": "replace", "path": f"/{section}/{name}", "value": str(value)}
        for name, value in values.items()
    ]


def _stage(op: str, stage: Mapping[str, str]) -> dict[str, str]:
    return {"op": op, "path": "/apiStages", "value": f"{stage['apiId']}:{stage['stage']}"}


def _tag(session: Session, path: str, stage_key: str) -> None:
    place = session.place()
    arn = f"arn:{place.partition}:apigateway:{place.region}::/{path}"
    with doing(f"tagging {path}"):
        session.client("apigateway").tag_resource(resourceArn=arn, tags={TAG: stage_key})
