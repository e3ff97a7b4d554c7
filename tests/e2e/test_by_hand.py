"""What people do in the console: they delete what we made, and make what we are about to make."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.every_source import write_project
from tests.e2e.inventory import Account
from tests.e2e.project import Project

USAGE = {"quota_limit": 3, "quota_period": "DAY", "api_keys": ["ann"]}


@pytest.fixture(scope="module")
def account(user: dict[str, str], new_project: Callable[[str], Project]) -> Account:
    project = new_project("any")
    project.run("cloud", "start")
    return Account(json.loads(project.run("cloud", "status", "--json").stdout)["endpoint_url"])


def remove(account: Account, name: str, record: dict[str, Any]) -> None:
    """Delete in the account what the record (``{"kind": "Rule", …}``) is of."""
    kind, lambda_ = record["kind"], account("lambda")
    rest, v2, iam = account("apigateway"), account("apigatewayv2"), account("iam")
    if kind == "Role":
        role = record["role_name"]
        iam.delete_role_policy(RoleName=role, PolicyName=role)
        iam.delete_role(RoleName=role)
    elif kind == "Function":
        lambda_.delete_function(FunctionName=record["lambda_arn"])
    elif kind == "Permission":
        lambda_.remove_permission(
            FunctionName=record["function"], StatementId=record["statement_id"]
        )
    elif kind == "EventSourceMapping":
        lambda_.delete_event_source_mapping(UUID=record["event_uuid"])
    elif kind == "Rule":
        account("events").remove_targets(Rule=record["rule_name"], Ids=["1"])
        account("events").delete_rule(Name=record["rule_name"])
    elif kind == "BucketNotification":
        account("s3").put_bucket_notification_configuration(
            Bucket=record["bucket"], NotificationConfiguration={}
        )
    elif kind == "TopicSubscription":
        account("sns").unsubscribe(SubscriptionArn=record["subscription_arn"])
    elif kind == "RestApi":
        take_off_plans(account, name)
        rest.delete_rest_api(restApiId=record["rest_api_id"])
    elif kind == "WebsocketApi":
        v2.delete_api(ApiId=record["websocket_api_id"])
    elif kind == "ApiMapping":
        rest.delete_base_path_mapping(domainName=record["domain_name"], basePath=record["key"])
    elif kind == "DomainName":
        rest.delete_domain_name(domainName=record["domain_name"])
    elif kind == "ApiKey":
        rest.delete_api_key(apiKey=record["api_key_id"])
    else:
        assert kind == "UsagePlan", kind
        take_off_plans(account, name)
        rest.delete_usage_plan(usagePlanId=record["usage_plan_id"])


def take_off_plans(account: Account, name: str) -> None:
    """Take the APIs off the usage plans, without which AWS deletes neither."""
    client = account("apigateway")
    for plan in client.get_usage_plans()["items"]:
        if plan["name"].startswith(name):
            patch = [
                {"op": "remove", "path": "/apiStages", "value": f"{each['apiId']}:{each['stage']}"}
                for each in plan["apiStages"]
            ]
            client.update_usage_plan(usagePlanId=plan["id"], patchOperations=patch)


def one_of_each_kind(deployed: str) -> list[dict[str, Any]]:
    """Return the first resource of each kind in what ``deploy --json`` printed."""
    found: dict[str, dict[str, Any]] = {}
    for record in json.loads(deployed)["resources"]:
        found.setdefault(record["kind"], record)
    return list(found.values())


@pytest.mark.slow
def test_what_was_deleted_by_hand_is_made_again(
    account: Account, new_project: Callable[[str], Project]
) -> None:
    project = new_project("handmade")
    write_project(project, account, api_usage_plans={"free": USAGE})
    deployed = project.run("deploy", "--local", "--json").stdout
    everything = account.inventory("handmade")
    kinds = [record["kind"] for record in one_of_each_kind(deployed)]
    assert len(kinds) == 13
    for kind in kinds:
        [record] = [each for each in one_of_each_kind(deployed) if each["kind"] == kind]
        remove(account, "handmade", record)
        assert account.inventory("handmade") != everything, kind
        deployed = project.run("deploy", "--local", "--json").stdout
        assert account.inventory("handmade") == everything, kind
    lines = project.run("plan", "--local").stdout.splitlines()
    assert [line for line in lines if not line.startswith("  keep ")] == []
    for record in reversed(one_of_each_kind(deployed)):
        with suppress(ClientError):  # what it belonged to has taken it along
            remove(account, "handmade", record)
    project.run("delete", "--local", "-y")
    assert account.inventory("handmade") == []


@pytest.mark.slow
def test_a_stage_whose_record_is_lost_is_found_again_and_not_doubled(
    account: Account, new_project: Callable[[str], Project]
) -> None:
    project = new_project("forgotten")
    write_project(project, account, api_usage_plans={"free": USAGE})
    project.run("deploy", "--local")
    everything = account.inventory("forgotten")
    state = project.directory / ".chalice/deployed/local/dev.json"
    state.unlink()
    planned = project.run("plan", "--local").stdout
    assert re.search(r"^[+±-]", planned, re.MULTILINE) is None, planned
    project.run("deploy", "--local")
    assert account.inventory("forgotten") == everything
    said = project.run("delete", "--local", "-y")
    assert "Leaving IAM role: forgotten-dev: it was there before this stage" in said.stderr
    assert account.inventory("forgotten") == ["role forgotten-dev with ['forgotten-dev']"]


@pytest.mark.slow
def test_a_rule_that_somebody_else_made_under_our_name_is_used_and_never_deleted(
    account: Account, new_project: Callable[[str], Project]
) -> None:
    project = new_project("ruled")
    write_project(project, account)
    events = account("events")
    name = "ruled-dev-tick-event"
    queue = "arn:aws:sqs:us-east-1:123456789012:ruled-work"
    events.put_rule(Name=name, ScheduleExpression="rate(9 hours)")
    events.put_targets(Rule=name, Targets=[{"Id": "theirs", "Arn": queue}])
    project.run("deploy", "--local")
    assert events.describe_rule(Name=name)["ScheduleExpression"] == "rate(1 minute)"
    targets = events.list_targets_by_rule(Rule=name)["Targets"]
    assert sorted(target["Id"] for target in targets) == ["1", "theirs"]
    project.run("delete", "--local", "-y")
    assert [line.split(" with ")[0] for line in account.inventory("ruled")] == [f"rule {name}"]
    targets = events.list_targets_by_rule(Rule=name)["Targets"]
    assert [target["Id"] for target in targets] == ["theirs"]


@pytest.mark.slow
def test_a_renamed_handler_and_another_kind_of_api_take_over_bucket_and_domain(
    account: Account, new_project: Callable[[str], Project]
) -> None:
    project = new_project("renamed")
    write_project(project, account)
    project.run("deploy", "--local")
    app = (project.directory / "app.py").read_text()
    project.write("app.py", app.replace("def photo(", "def picture("))
    config = json.loads((project.directory / ".chalice/config.json").read_text())
    project.write(".chalice/config.json", json.dumps({**config, "api_gateway_type": "http"}))
    project.run("deploy", "--local")
    found = account.inventory("renamed")
    arn = "arn:aws:lambda:us-east-1:123456789012:function:renamed-dev-picture"
    assert [line for line in found if "notification" in line or line.startswith("mapping")] == [
        "mapping v1 of api.renamed.example",
        f"notification of renamed-photos to {arn}",
    ]
    lines = project.run("plan", "--local").stdout.splitlines()
    assert [line for line in lines if not line.startswith("  keep ")] == []
    project.run("delete", "--local", "-y")
    assert account.inventory("renamed") == []
