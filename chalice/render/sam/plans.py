"""Usage plans of REST APIs and the keys that have them."""

from __future__ import annotations

from chalice.model.apis import ApiKey, UsagePlan
from chalice.model.values import Ref
from chalice.render.sam.draft import Draft, Properties

_STACK = "${AWS::StackName}"


def add_api_key(key: ApiKey, draft: Draft) -> None:
    """Add the key, whose value AWS makes up."""
    properties = {"Enabled": True, "Name": _named(key.key_name, key.stage_key)}
    draft.add(draft.id(key.name), "AWS::ApiGateway::ApiKey", properties, key.name)


def add_usage_plan(plan: UsagePlan, draft: Draft) -> None:
    """Add the plan of the API's stage, and its keys."""
    id_ = draft.id(plan.name)
    api, stage = draft.value(plan.api_id), draft.stage_of(plan.api_id)
    properties: Properties = {
        "ApiStages": [{"ApiId": api, "Stage": stage}],
        "UsagePlanName": _named(plan.plan_name, plan.stage_key),
    }
    throttle = {"RateLimit": plan.rate_limit, "BurstLimit": plan.burst_limit}
    given = {name: value for name, value in throttle.items() if value is not None}
    if given:
        properties["Throttle"] = given
    if plan.quota_limit is not None:
        properties["Quota"] = {"Limit": plan.quota_limit, "Period": plan.quota_period}
    draft.add(id_, "AWS::ApiGateway::UsagePlan", properties, plan.name)
    for key in plan.api_keys:
        assert isinstance(key, Ref)
        member = {
            "KeyId": draft.value(key),
            "KeyType": "API_KEY",
            "UsagePlanId": {"Ref": id_},
        }
        key_id = f"{id_}{draft.id(key.resource)}"
        draft.add(key_id, "AWS::ApiGateway::UsagePlanKey", member, plan.name)


def _named(name: str, stage_key: str) -> dict[str, str]:
    """Return a name with that of the stack where the deployer has app and stage."""
    own = name.removeprefix(stage_key.replace("/", "-"))
    return {"Fn::Sub": _STACK + own.replace("${", "${!")}
