"""In front of the routes: a REST API, an HTTP API or a function URL, and what each has not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chalice import Chalice, CognitoUserPoolAuthorizer, IAMAuthorizer
from chalice.config import Config
from chalice.graph import build, problems
from chalice.model.apis import ApiKey, ApiMapping, DomainName, FunctionUrl, HttpApi, UsagePlan
from chalice.model.functions import Code, Permission
from chalice.model.resources import Resource, dependencies
from chalice.model.values import Ref
from chalice.policy import StagePolicies

DOMAIN = {"domain_name": "api.example.com", "certificate_arn": "arn:cert", "url_prefix": "/v1"}


def app_with(*authorizers: Any, **options: Any) -> Chalice:
    app = Chalice("demo", env={})
    for number, authorizer in enumerate(authorizers or [None]):

        @app.route(f"/{number}", authorizer=authorizer, **options)
        def view() -> str:
            return ""

    return app


def config_of(settings: Mapping[str, object]) -> Config:
    return Config("prod", config_from_disk={"app_name": "demo", **settings})


def resources(app: Chalice, **settings: object) -> tuple[Resource, ...]:
    found = build(app, config_of(settings), Code("sha", Path("x.zip")), StagePolicies(Path()))
    seen: set[str] = set()
    for resource in found:
        assert dependencies(resource) <= seen
        seen.add(resource.name)
    return found


def test_an_http_api_has_no_stage_in_its_urls_unless_it_is_named() -> None:
    [api] = [r for r in resources(app_with(), api_gateway_type="http") if isinstance(r, HttpApi)]
    assert (api.name, api.stage_name, api.stage_key) == ("http_api", "$default", "demo/prod")
    named = resources(app_with(), api_gateway_type="http", api_gateway_stage="v1")
    assert [r.stage_name for r in named if isinstance(r, HttpApi)] == ["v1"]


def test_a_function_url_is_open_or_signed_as_the_routes_are() -> None:
    found = resources(app_with(), api_gateway_type="function_url")
    assert [r.auth_type for r in found if isinstance(r, FunctionUrl)] == ["NONE"]
    grants = [(r.action, r.principal) for r in found if isinstance(r, Permission)]
    assert grants == [("lambda:InvokeFunctionUrl", "*"), ("lambda:InvokeFunction", "*")]
    signed = resources(app_with(IAMAuthorizer()), api_gateway_type="function_url")
    assert [r.auth_type for r in signed if isinstance(r, FunctionUrl)] == ["AWS_IAM"]
    assert not [r for r in signed if isinstance(r, Permission)]


@pytest.mark.parametrize(
    ("kind", "endpoint", "expected"),
    [("rest", "EDGE", ("EDGE", True)), ("http", "EDGE", ("REGIONAL", False))],
)
def test_a_domain_leads_to_the_stage(kind: str, endpoint: str, expected: object) -> None:
    settings = {"api_gateway_type": kind, "api_gateway_custom_domain": DOMAIN}
    found = resources(app_with(), api_gateway_endpoint_type=endpoint, **settings)
    [domain] = [r for r in found if isinstance(r, DomainName)]
    [mapping] = [r for r in found if isinstance(r, ApiMapping)]
    assert (domain.endpoint_type, mapping.is_rest) == expected
    assert domain.tags == {"chalice-stage": "demo/prod"}
    assert mapping.key == "v1"
    assert mapping.domain_name == Ref("api_gateway_custom_domain", "domain_name")


def test_usage_plans_share_their_keys() -> None:
    plans = {
        "free": {"rate_limit": 5, "quota_limit": 100, "api_keys": ["ann", "bob"]},
        "paid": {"burst_limit": 50, "api_keys": ["bob"]},
    }
    found = resources(app_with(api_key_required=True), api_usage_plans=plans)
    assert [r.key_name for r in found if isinstance(r, ApiKey)] == [
        "demo-prod-ann",
        "demo-prod-bob",
    ]
    free, paid = (r for r in found if isinstance(r, UsagePlan))
    assert (free.plan_name, free.rate_limit, free.quota_period) == ("demo-prod-free", 5, "MONTH")
    assert (paid.quota_limit, paid.quota_period) == (None, None)
    assert paid.api_keys == (Ref("bob-api-key", "api_key_id"),)


POOL = CognitoUserPoolAuthorizer("pool", ["arn:aws:cognito-idp:r:1:userpool/p"], audience=["c"])


@pytest.mark.parametrize(
    ("app", "settings", "expected"),
    [
        (app_with(POOL), {"api_gateway_type": "http"}, []),
        (app_with(api_key_required=True), {"api_gateway_type": "http"}, ["an HTTP API has no API"]),
        (
            app_with(),
            {
                "api_gateway_type": "http",
                "api_usage_plans": {"a": {}},
                "api_gateway_endpoint_vpce": "v",
            },
            ["an HTTP API has no private endpoints", "an HTTP API has no usage plans"],
        ),
        (
            app_with(),
            {"api_gateway_type": "http", "api_gateway_endpoint_type": "PRIVATE"},
            ["an HTTP API cannot be private"],
        ),
        (
            app_with(POOL),
            {"api_gateway_type": "function_url"},
            ["a function URL knows none but IAM"],
        ),
        (
            app_with(IAMAuthorizer(), None),
            {"api_gateway_type": "function_url"},
            ["signatures for all or for none"],
        ),
        (
            app_with(),
            {"api_gateway_type": "function_url", "api_gateway_custom_domain": DOMAIN},
            ["cannot have a custom domain"],
        ),
        (
            app_with(),
            {"api_gateway_endpoint_type": "PRIVATE", "api_gateway_custom_domain": DOMAIN},
            ["a private API cannot have a custom domain"],
        ),
        (
            app_with(),
            {"api_gateway_custom_domain": {**DOMAIN, "url_prefix": "a/b"}},
            ["one segment: `a/b`"],
        ),
    ],
)
def test_what_a_door_has_not_is_said_before_anything_is_made(
    app: Chalice, settings: dict[str, object], expected: list[str]
) -> None:
    found = [problem.summary for problem in problems(app, config_of(settings))]
    assert len(found) == len(expected), found
    for summary, part in zip(found, expected, strict=True):
        assert part in summary
