"""What of an app runs in an account, whatever it is called there: to compare two ways to deploy."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.e2e.inventory import Account

_SETTINGS = (
    "Architectures",
    "CodeSha256",
    "DeadLetterConfig",
    "Environment",
    "EphemeralStorage",
    "Handler",
    "Layers",
    "MemorySize",
    "Runtime",
    "SnapStart",
    "Timeout",
    "TracingConfig",
)
_MAPPING = (
    "BatchSize",
    "BisectBatchOnFunctionError",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "ScalingConfig",
    "StartingPosition",
    "State",
)
_TOOLS = ("aws:", "lambda:createdBy", "httpapi:createdBy")
"""Tags of those who deploy."""

_OF_SAM = "Stage"
"""A stage that SAM gives every REST API, as a deployment once needed one."""


@dataclass(frozen=True)
class Names:
    """What parts of an app are called in an account: functions, roles and APIs by their ids."""

    functions: Mapping[str, str]
    apis: Mapping[str, str]


def described(account: Account, names: Names) -> Any:
    """Return what there is of the parts that ``names`` has, with our names in place of theirs."""
    roles: dict[str, str] = {}
    found: dict[str, Any] = {}
    for name, physical in names.functions.items():
        function = account("lambda").get_function(FunctionName=physical)
        roles[function["Configuration"]["Role"].rpartition("/")[2]] = name
        found[name] = dict(_function(account, function))
    for api, id_ in names.apis.items():
        found[api] = _rest_api(account, id_) if api == "rest_api" else _socket_api(account, id_)
    ours = {
        **{physical: name for name, physical in names.functions.items()},
        **roles,
        **{id_: api for api, id_ in names.apis.items()},
    }
    text = json.dumps(found, sort_keys=True, default=str)
    for physical in sorted(ours, key=len, reverse=True):
        text = text.replace(physical, f"<{ours[physical]}>")
    return json.loads(text)


def _function(account: Account, function: Any) -> Iterator[tuple[str, Any]]:
    settings = function["Configuration"]
    arn = settings["FunctionArn"]
    yield "settings", {key: settings[key] for key in _SETTINGS if key in settings}
    tags = function.get("Tags", {})
    yield "tags", {key: tags[key] for key in tags if not key.startswith(_TOOLS)}
    yield "role", sorted(_grants(account, settings["Role"].rpartition("/")[2]))
    yield "permissions", sorted(_permissions(account, settings["FunctionName"]))
    mappings = account("lambda").list_event_source_mappings(FunctionName=arn)
    yield (
        "mappings",
        [
            {key: mapping[key] for key in _MAPPING if mapping.get(key)}
            for mapping in mappings["EventSourceMappings"]
        ],
    )
    yield "rules", list(_rules(account, arn))
    yield (
        "topics",
        sorted(
            each["TopicArn"]
            for each in account("sns").list_subscriptions()["Subscriptions"]
            if each["Endpoint"] == arn
        ),
    )
    yield "buckets", list(_notifications(account, arn))


def _grants(account: Account, role: str) -> Iterator[str]:
    iam = account("iam")
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for statement in document["Statement"]:
            for action in _listed(statement["Action"]):
                for resource in _listed(statement["Resource"]):
                    yield f"{statement['Effect']} {action} on {resource}"


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _permissions(account: Account, function: str) -> Iterator[str]:
    try:
        policy = json.loads(account("lambda").get_policy(FunctionName=function)["Policy"])
    except ClientError:
        return
    for statement in policy["Statement"]:
        condition = statement.get("Condition", {})
        source = condition.get("ArnLike", {}).get("AWS:SourceArn", "anything")
        if ":rule/" in source:
            source = "rule"
        owner = condition.get("StringEquals", {}).get("AWS:SourceAccount", "anybody")
        yield f"{statement['Principal']['Service']}: {source} of {owner}"


def _rules(account: Account, arn: str) -> Iterator[Any]:
    events = account("events")
    for name in events.list_rule_names_by_target(TargetArn=arn)["RuleNames"]:
        rule = events.describe_rule(Name=name)
        keys = ("Description", "EventPattern", "ScheduleExpression", "State")
        said = {key: rule[key] for key in keys if rule.get(key)}
        if "EventPattern" in said:
            said["EventPattern"] = json.loads(said["EventPattern"])
        yield said


def _notifications(account: Account, arn: str) -> Iterator[Any]:
    for bucket in account("s3").list_buckets()["Buckets"]:
        name = bucket["Name"]
        found = account("s3").get_bucket_notification_configuration(Bucket=name)
        for entry in found.get("LambdaFunctionConfigurations", []):
            if entry["LambdaFunctionArn"] == arn:
                yield {"bucket": name, **{key: entry[key] for key in entry if key != "Id"}}


def _rest_api(account: Account, id_: str) -> Any:
    apis = account("apigateway")
    api = apis.get_rest_api(restApiId=id_)
    stages = apis.get_stages(restApiId=id_)["item"]
    (stage,) = (each for each in stages if each["stageName"] != _OF_SAM)
    exported = apis.get_export(
        restApiId=id_,
        stageName=stage["stageName"],
        exportType="swagger",
        parameters={"extensions": "integrations,authorizers,apigateway"},
    )
    document = json.loads(exported["body"].read())
    document.pop("info")  # when it was exported
    document.pop("host", None)
    return {
        "name": api["name"],
        "endpoint": api["endpointConfiguration"],
        "binary": sorted(api.get("binaryMediaTypes", [])),
        "stage": stage["stageName"],
        "tracing": stage.get("tracingEnabled", False),
        "document": document,
    }


def _socket_api(account: Account, id_: str) -> Any:
    apis = account("apigatewayv2")
    (stage,) = apis.get_stages(ApiId=id_)["Items"]
    uris = {
        each["IntegrationId"]: each["IntegrationUri"]
        for each in apis.get_integrations(ApiId=id_)["Items"]
    }
    return {
        "selection": apis.get_api(ApiId=id_)["RouteSelectionExpression"],
        "stage": stage["StageName"],
        "routes": {
            each["RouteKey"]: uris[each["Target"].removeprefix("integrations/")]
            for each in apis.get_routes(ApiId=id_)["Items"]
        },
    }
