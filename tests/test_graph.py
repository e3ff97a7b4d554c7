"""From an app and its configuration to resources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import pytest

from chalice import AuthResponse, Chalice, IAMAuthorizer
from chalice.config import Config
from chalice.errors import ToolError
from chalice.graph import build
from chalice.model.apis import RestApi, WebsocketApi
from chalice.model.functions import Code, Function, LogGroup, Permission, Role
from chalice.model.resources import Resource, dependencies, identity, resolved
from chalice.model.values import Arn, Place, Ref, resolve_document
from chalice.policy import StagePolicies

CODE = Code("sha", Path("deployment.zip"))
R = TypeVar("R")


def rest_app() -> Chalice:
    app = Chalice("demo", env={})

    @app.route("/")
    def index() -> dict[str, str]:
        return {}

    return app


def authorized_app() -> Chalice:
    app = rest_app()

    @app.authorizer(name="gate", ttl_seconds=30)
    def auth(request: object) -> AuthResponse:
        return AuthResponse(routes=["*"], principal_id="you")

    @app.route("/secret", authorizer=auth)
    def secret() -> str:
        return ""

    @app.route("/signed", authorizer=IAMAuthorizer())
    def signed() -> str:
        return ""

    return app


def resources(
    app: Chalice, project: Path, settings: Mapping[str, object] | None = None, stage: str = "prod"
) -> tuple[Resource, ...]:
    config = Config(stage, config_from_disk={"app_name": "demo", **(settings or {})})
    return build(app, config, CODE, StagePolicies(project))


def only(kind: type[R], found: tuple[Resource, ...]) -> R:
    matching = [resource for resource in found if isinstance(resource, kind)]
    assert len(matching) == 1
    return matching[0]


def policy_file(project: Path, name: str, action: str) -> object:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}],
    }
    (project / ".chalice").mkdir(exist_ok=True)
    (project / ".chalice" / name).write_text(json.dumps(document))
    return document


def test_an_app_without_handlers_needs_nothing(tmp_path: Path) -> None:
    assert resources(Chalice("demo", env={}), tmp_path) == ()


def test_names_are_those_that_deployed_apps_have(tmp_path: Path) -> None:
    found = resources(rest_app(), tmp_path)
    assert [resource.name for resource in found] == [
        "default-role",
        "api_handler",
        "rest_api",
        "api_handler-rest_api-permission",
    ]
    assert only(Role, found).role_name == "demo-prod"
    function = only(Function, found)
    assert (function.function_name, function.handler) == ("demo-prod", "app.app")
    assert function.role == Ref("default-role", "role_arn")
    assert function.tags["aws-chalice"].endswith(":stage=prod:app=demo")
    api = only(RestApi, found)
    assert (api.title, api.stage_name, api.stage_key) == ("demo", "api", "demo/prod")


def test_each_resource_comes_after_all_that_it_needs(tmp_path: Path) -> None:
    settings = {"log_retention_in_days": 30}
    seen: set[str] = set()
    for resource in resources(authorized_app(), tmp_path, settings):
        assert dependencies(resource) <= seen
        seen.add(resource.name)


def test_a_built_in_authorizer_is_a_function_that_the_api_may_call(tmp_path: Path) -> None:
    found = resources(authorized_app(), tmp_path)
    functions = {r.name: r for r in found if isinstance(r, Function)}
    assert functions["gate"].function_name == "demo-prod-gate"
    assert functions["gate"].handler == "app.auth"
    permissions = [r for r in found if isinstance(r, Permission)]
    assert [permission.function for permission in permissions] == [
        Ref("api_handler", "lambda_arn"),
        Ref("gate", "lambda_arn"),
    ]
    assert {permission.source_arn for permission in permissions} == {
        Arn("execute-api", (Ref("rest_api", "rest_api_id"), "/*"))
    }
    assert dependencies(only(RestApi, found)) == {"api_handler", "gate"}


def test_functions_called_by_name_come_first_and_the_api_may_not_call_them(tmp_path: Path) -> None:
    app = authorized_app()
    app.lambda_function(name="second")(lambda event, context: None)

    @app.lambda_function()
    def first(event: object, context: object) -> None:
        """Does nothing."""

    found = resources(app, tmp_path)
    functions = [r for r in found if isinstance(r, Function)]
    assert [(function.name, function.handler) for function in functions] == [
        ("second", "app.<lambda>"),
        ("first", "app.first"),
        ("api_handler", "app.app"),
        ("gate", "app.auth"),
    ]
    assert functions[1].function_name == "demo-prod-first"
    permissions = [r for r in found if isinstance(r, Permission)]
    assert [permission.function for permission in permissions] == [
        Ref("api_handler", "lambda_arn"),
        Ref("gate", "lambda_arn"),
    ]


def test_an_app_of_functions_alone_has_no_api(tmp_path: Path) -> None:
    app = Chalice("demo", env={})
    app.lambda_function(name="job")(lambda event, context: None)
    found = resources(app, tmp_path, {"log_retention_in_days": 7})
    assert [resource.name for resource in found] == ["default-role", "job-log-group", "job"]
    assert only(LogGroup, found).log_group_name == "/aws/lambda/demo-prod-job"


def triggered_app() -> Chalice:
    app = Chalice("evt", env={})
    table = "arn:aws:dynamodb:us-west-2:1:table/T/stream/2026"

    @app.schedule("rate(1 hour)", description="often")
    def tick(event: object) -> None:
        """Does nothing."""

    @app.on_cw_event({"source": ["shop"]}, event_bus="orders")
    def ordered(event: object) -> None:
        """Does nothing."""

    @app.on_s3_event("photos", prefix="in/")
    def photo(event: object) -> None:
        """Does nothing."""

    @app.on_sns_message("news", filter_policy={"kind": ["urgent"]})
    def news(event: object) -> None:
        """Does nothing."""

    @app.on_sqs_message("work", batch_size=5)
    def work(event: object) -> None:
        """Does nothing."""

    @app.on_kinesis_record("clicks", bisect_batch_on_function_error=True)
    def click(event: object) -> None:
        """Does nothing."""

    @app.on_dynamodb_record(table, each=True)
    def change(event: object) -> None:
        """Does nothing."""

    return app


def test_each_trigger_becomes_what_makes_its_events_arrive(tmp_path: Path) -> None:
    found = resources(triggered_app(), tmp_path)
    seen: set[str] = set()
    for resource in found:
        assert dependencies(resource) <= seen
        seen.add(resource.name)
    others = [r for r in found if not isinstance(r, (Function, Role))]
    assert [(resource.name, type(resource).__name__) for resource in others] == [
        ("tick-event", "Rule"),
        ("tick-event-permission", "Permission"),
        ("ordered-event", "Rule"),
        ("ordered-event-permission", "Permission"),
        ("photo-s3event-permission", "Permission"),
        ("photo-s3event", "BucketNotification"),
        ("news-sns-subscription-permission", "Permission"),
        ("news-sns-subscription", "TopicSubscription"),
        ("work-sqs-event-source", "EventSourceMapping"),
        ("click-kinesis-event-source", "EventSourceMapping"),
        ("change-dynamodb-event-source", "EventSourceMapping"),
    ]
    place = Place("aws", "us-west-2", "1")
    known = {name: {"lambda_arn": f"arn:{name}"} for name in ("photo", "ordered", "work")}
    by_name = {resource.name: resolved(resource, place, known) for resource in others}
    assert getattr(by_name["photo-s3event-permission"], "source_arn", "") == "arn:aws:s3:::photos"
    assert (
        getattr(by_name["ordered-event-permission"], "source_arn", "")
        == "arn:aws:events:us-west-2:1:rule/orders/demo-prod-ordered-event"
    )
    assert identity(by_name["work-sqs-event-source"]) == {
        "function": "arn:work",
        "source": "arn:aws:sqs:us-west-2:1:work",
        "topic": "",
        "bootstrap_servers": "",
    }


def test_a_role_may_read_the_queues_and_streams_of_its_functions_only(tmp_path: Path) -> None:
    role = only(Role, resources(triggered_app(), tmp_path))
    policy = resolve_document(role.policy, Place("aws", "us-west-2", "1"), {})
    assert isinstance(policy, dict)
    granted = {
        action: statement["Resource"]
        for statement in policy["Statement"]
        for action in statement["Action"]
        if not action.startswith("logs:")
    }
    assert granted["sqs:DeleteMessage"] == ["arn:aws:sqs:us-west-2:1:work"]
    assert granted["kinesis:GetRecords"] == ["arn:aws:kinesis:us-west-2:1:stream/clicks"]
    table = "arn:aws:dynamodb:us-west-2:1:table/T/stream/2026"
    assert granted["dynamodb:GetShardIterator"] == [table]
    assert not [action for action in granted if action.startswith(("s3:", "sns:", "events:"))]


def test_websocket_handlers_become_an_api_with_functions_of_fixed_names(tmp_path: Path) -> None:
    app = Chalice("chat", env={})

    @app.on_ws_connect()
    def hello(event: object) -> None:
        """Does nothing."""

    @app.on_ws_message(name="said")
    def say(event: object) -> None:
        """Does nothing."""

    found = resources(app, tmp_path)
    functions = {r.name: r for r in found if isinstance(r, Function)}
    assert {name: each.handler for name, each in functions.items()} == {
        "websocket_connect": "app.hello",
        "websocket_message": "app.say",
    }
    api = only(WebsocketApi, found)
    assert (api.title, api.stage_name) == ("demo-prod-websocket-api", "api")
    assert api.routes == {
        "$connect": Ref("websocket_connect", "lambda_arn"),
        "$default": Ref("websocket_message", "lambda_arn"),
    }
    granted = json.dumps(resolve_document(only(Role, found).policy, Place("aws", "r", "1"), {}))
    assert "arn:aws:execute-api:r:1:*/api/*/@connections/*" in granted


def test_a_function_with_the_name_of_another_resource_is_refused(tmp_path: Path) -> None:
    app = rest_app()

    @app.lambda_function(name="rest_api")
    def confusing(event: object, context: object) -> None:
        """Does nothing."""

    with pytest.raises(ToolError, match="cannot be called `rest_api`"):
        resources(app, tmp_path)


def test_settings_of_one_function_are_its_own(tmp_path: Path) -> None:
    settings = {
        "lambda_timeout": 10,
        "lambda_functions": {"gate": {"lambda_timeout": 5, "log_retention_in_days": 1}},
        "environment_variables": {"A": "1"},
    }
    found = resources(authorized_app(), tmp_path, settings)
    functions = {r.name: r for r in found if isinstance(r, Function)}
    assert functions["gate"].timeout == 5
    assert functions["api_handler"].timeout == 10
    assert functions["api_handler"].environment == {"A": "1"}
    assert only(LogGroup, found).log_group_name == "/aws/lambda/demo-prod-gate"
    assert functions["api_handler"].after is None


def test_the_log_group_of_the_routes_is_the_one_they_log_to(tmp_path: Path) -> None:
    found = resources(rest_app(), tmp_path, {"log_retention_in_days": 7})
    assert only(LogGroup, found).log_group_name == "/aws/lambda/demo-prod"


def test_the_generated_policy_allows_logs_and_what_the_settings_need(tmp_path: Path) -> None:
    def actions(settings: Mapping[str, object]) -> str:
        return json.dumps(only(Role, resources(rest_app(), tmp_path, settings)).policy)

    assert "logs:PutLogEvents" in actions({})
    assert "ec2:" not in actions({})
    assert "ec2:CreateNetworkInterface" in actions(
        {"subnet_ids": ["s"], "security_group_ids": ["g"]}
    )
    assert "xray:PutTraceSegments" in actions({"xray": True})


def test_policy_files_give_each_function_a_role_of_its_own(tmp_path: Path) -> None:
    own = policy_file(tmp_path, "policy-prod.json", "s3:GetObject")
    settings = {"autogen_policy": False}
    roles = [r for r in resources(authorized_app(), tmp_path, settings) if isinstance(r, Role)]
    assert [(role.name, role.role_name, role.policy) for role in roles] == [
        ("api_handler_role", "demo-prod-api_handler", own),
        ("gate_role", "demo-prod-gate", own),
    ]


def test_policy_files_are_looked_for_under_three_names(tmp_path: Path) -> None:
    settings = {"autogen_policy": False}
    with pytest.raises(ToolError) as missing:
        resources(rest_app(), tmp_path, settings)
    assert missing.value.where == ".chalice/policy-prod.json or .chalice/policy.json"
    last = policy_file(tmp_path, "policy.json", "s3:ListBucket")
    assert only(Role, resources(rest_app(), tmp_path, settings)).policy == last
    staged = policy_file(tmp_path, "policy-prod.json", "s3:GetObject")
    assert only(Role, resources(rest_app(), tmp_path, settings)).policy == staged
    named = policy_file(tmp_path, "mine.json", "s3:PutObject")
    settings_named = {**settings, "iam_policy_file": "mine.json"}
    assert only(Role, resources(rest_app(), tmp_path, settings_named)).policy == named


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_a_policy_file_that_is_no_policy_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "policy.json").write_text(text)
    with pytest.raises(ToolError, match="policy"):
        resources(rest_app(), tmp_path, {"autogen_policy": False})


def test_a_role_of_the_users_is_used_and_not_managed(tmp_path: Path) -> None:
    settings = {"manage_iam_role": False, "iam_role_arn": "arn:aws:iam::1:role/mine"}
    found = resources(rest_app(), tmp_path, settings)
    assert not [resource for resource in found if isinstance(resource, Role)]
    assert only(Function, found).role == "arn:aws:iam::1:role/mine"


def test_a_private_api_is_open_to_its_endpoints_only(tmp_path: Path) -> None:
    settings = {"api_gateway_endpoint_type": "PRIVATE", "api_gateway_endpoint_vpce": "vpce-1"}
    api = only(RestApi, resources(rest_app(), tmp_path, settings))
    document = json.loads(json.dumps(api.document, default=str))
    statement = document["x-amazon-apigateway-policy"]["Statement"][0]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    assert document["x-amazon-apigateway-endpoint-configuration"] == {"vpcEndpointIds": ["vpce-1"]}
    assert api.endpoint_type == "PRIVATE"


def test_a_resource_policy_in_a_file_is_part_of_the_document(tmp_path: Path) -> None:
    own = policy_file(tmp_path, "api.json", "execute-api:Invoke")
    settings = {"api_gateway_policy_file": "api.json"}
    api = only(RestApi, resources(rest_app(), tmp_path, settings))
    document = json.loads(json.dumps(api.document, default=str))
    assert document["x-amazon-apigateway-policy"] == own
    with pytest.raises(ToolError, match="does not exist"):
        resources(rest_app(), tmp_path, {"api_gateway_policy_file": "none.json"})
