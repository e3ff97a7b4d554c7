"""Usage plans of REST APIs and the keys that have them."""

from __future__ import annotations

from chalice.model.apis import ApiKey, UsagePlan
from chalice.model.values import Ref
from chalice.render.terraform.draft import Arguments, Draft
from chalice.render.terraform.references import expression, key_of, literal


def add_api_key(key: ApiKey, draft: Draft) -> None:
    """Add the key, whose value AWS makes up."""
    draft.add("aws_api_gateway_api_key", key.name, {"name": literal(key.key_name)}, key.name)


def add_usage_plan(plan: UsagePlan, draft: Draft) -> None:
    """Add the plan of the API's stage, and its keys."""
    assert isinstance(plan.api_id, Ref)
    stage = f"${{aws_api_gateway_stage.{plan.api_id.resource}.stage_name}}"
    arguments: Arguments = {
        "name": literal(plan.plan_name),
        "api_stages": [{"api_id": expression(plan.api_id), "stage": stage}],
    }
    throttle = {"rate_limit": plan.rate_limit, "burst_limit": plan.burst_limit}
    given = {name: value for name, value in throttle.items() if value is not None}
    if given:
        arguments["throttle_settings"] = given
    if plan.quota_limit is not None:
        arguments["quota_settings"] = {"limit": plan.quota_limit, "period": plan.quota_period}
    draft.add("aws_api_gateway_usage_plan", plan.name, arguments, plan.name)
    for key in plan.api_keys:
        assert isinstance(key, Ref)
        member = {
            "key_id": expression(key),
            "key_type": "API_KEY",
            "usage_plan_id": f"${{aws_api_gateway_usage_plan.{key_of(plan.name)}.id}}",
        }
        name = f"{plan.name}-{key.resource}"
        draft.add("aws_api_gateway_usage_plan_key", name, member, plan.name)
