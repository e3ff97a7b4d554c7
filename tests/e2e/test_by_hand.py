"""What people do in the console: they delete what we made, and make what we are about to make."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.every_source import write_project
from tests.e2e.inventory import Account
from tests.e2e.project import Project

USAGE = {"quota_limit": 3, "quota_period": "DAY", "api_keys": ["ann"]}
ACCOUNT = "123456789012"


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
        for plan in rest.get_usage_plans()["items"]:
            if plan["name"].startswith(name):
                stage = f"{record['rest_api_id']}:api"
                patch = {"op": "remove", "path": "/apiStages", "value": stage}
                rest.update_usage_plan(usagePlanId=plan["id"], patchOperations=[patch])
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
        rest.delete_usage_plan(usagePlanId=record["usage_plan_id"])


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
        if record["kind"] != "UsagePlan":
            remove_if_there(account, "handmade", record)
    project.run("delete", "--local", "-y")
    assert account.inventory("handmade") == []


def remove_if_there(account: Account, name: str, record: dict[str, Any]) -> None:
    """Delete it unless that what it belongs to took it along."""
    try:
        remove(account, name, record)
    except account(_SERVICES[record["kind"]]).exceptions.ClientError as error:
        assert "NotFound" in error.response["Error"]["Code"], error


_SERVICES = {
    "Role": "iam",
    "Rule": "events",
    "BucketNotification": "s3",
    "TopicSubscription": "sns",
    "RestApi": "apigateway",
    "ApiMapping": "apigateway",
    "DomainName": "apigateway",
    "ApiKey": "apigateway",
    "WebsocketApi": "apigatewayv2",
    "Function": "lambda",
    "Permission": "lambda",
    "EventSourceMapping": "lambda",
}
