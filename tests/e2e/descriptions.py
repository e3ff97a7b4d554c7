"""What an embedded cloud holds in detail, so that two ways to deploy one app can be compared.

Ids that AWS makes up are replaced by what they are ids of. What differs on purpose is left out:
tags of APIs, ids of statements and of deployments, names of policies in a role.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from tests.e2e.inventory import Account

_VOLATILE = (
    "CodeSha256",
    "CodeSize",
    "LastModified",
    "LastUpdateStatus",
    "ResponseMetadata",
    "RevisionId",
    "State",
    "StateReason",
    "StateReasonCode",
)


def described(account: Account) -> dict[str, Any]:
    """Return everything that an app may consist of, by what it is: ``function shop-dev``."""
    found = dict(
        pair
        for part in (
            _roles,
            _functions,
            _mappings,
            _rest_apis,
            _v2_apis,
            _domains,
            _plans,
            _rules,
            _subscriptions,
            _notifications,
            _log_groups,
        )
        for pair in part(account)
    )
    text = json.dumps(found, sort_keys=True, default=str)
    text = re.sub(r"/stream/\d{4}-[\w:.-]+", "/stream/<created>", text)
    for id_, name in _api_ids(account).items():
        text = text.replace(id_, name)
    result: dict[str, Any] = json.loads(text)
    return {key: _without_nothing(value) for key, value in result.items()}


def _without_nothing(value: Any) -> Any:
    """Leave out what says that there is nothing: tools differ in whether they say it."""
    if isinstance(value, list):
        return [_without_nothing(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _without_nothing(item) for key, item in value.items()}
    return {key: item for key, item in kept.items() if item not in (None, "", [], {})}


def _api_ids(account: Account) -> dict[str, str]:
    rest = account("apigateway").get_rest_apis()["items"]
    v2 = account("apigatewayv2").get_apis()["Items"]
    return {api["id"]: f"<{api['name']}>" for api in rest} | {
        api["ApiId"]: f"<{api['Name']}>" for api in v2
    }


def _roles(account: Account) -> Iterator[tuple[str, Any]]:
    iam = account("iam")
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        policies = [
            iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        ]
        yield f"role {name}", [role["AssumeRolePolicyDocument"], policies]


def _functions(account: Account) -> Iterator[tuple[str, Any]]:
    client = account("lambda")
    for function in client.list_functions()["Functions"]:
        name = function["FunctionName"]
        settings = client.get_function_configuration(FunctionName=name)
        concurrency = client.get_function_concurrency(FunctionName=name)
        urls = client.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"]
        yield (
            f"function {name}",
            {
                **{key: value for key, value in settings.items() if key not in _VOLATILE},
                "Tags": client.list_tags(Resource=function["FunctionArn"])["Tags"],
                "Concurrency": concurrency.get("ReservedConcurrentExecutions"),
                "Permissions": _statements(client, name),
                "URLs": [url["AuthType"] for url in urls],
            },
        )


def _statements(client: Any, function: str) -> list[Any]:
    try:
        policy = json.loads(client.get_policy(FunctionName=function)["Policy"])
    except ClientError:
        return []
    found = {  # a set: Terraform's provider opens function URLs by itself as well
        json.dumps({key: value for key, value in each.items() if key != "Sid"}, sort_keys=True)
        for each in policy["Statement"]
    }
    return sorted(found)


def _mappings(account: Account) -> Iterator[tuple[str, Any]]:
    for mapping in account("lambda").list_event_source_mappings()["EventSourceMappings"]:
        left_out = ("UUID", "LastModified", "EventSourceMappingArn", "LastProcessingResult")
        settings = {key: value for key, value in mapping.items() if key not in left_out}
        yield f"mapping of {mapping['FunctionArn']} to {mapping['EventSourceArn']}", settings


def _rest_apis(account: Account) -> Iterator[tuple[str, Any]]:
    client = account("apigateway")
    for api in client.get_rest_apis()["items"]:
        left_out = ("id", "rootResourceId", "createdDate", "tags", "version")
        yield f"REST API {api['name']}", {k: v for k, v in api.items() if k not in left_out}
        for resource in client.get_resources(restApiId=api["id"], embed=["methods"])["items"]:
            methods = resource.get("resourceMethods", {})
            for method in methods.values():
                method.pop("authorizerId", None)
                method.get("methodIntegration", {}).pop("cacheNamespace", None)
            yield f"resource {resource['path']} of {api['name']}", methods
        authorizers = client.get_authorizers(restApiId=api["id"])["items"]
        for authorizer in authorizers:
            authorizer.pop("id")
        yield f"authorizers of {api['name']}", authorizers
        for stage in client.get_stages(restApiId=api["id"])["item"]:
            kept = ("stageName", "tracingEnabled", "variables", "cacheClusterEnabled")
            settings = {key: stage.get(key) for key in kept}
            yield f"stage of {api['name']}", settings


def _v2_apis(account: Account) -> Iterator[tuple[str, Any]]:
    client = account("apigatewayv2")
    for api in client.get_apis()["Items"]:
        id_, name = api["ApiId"], api["Name"]
        kept = ("ProtocolType", "RouteSelectionExpression", "CorsConfiguration")
        yield f"API {name}", {key: api.get(key) for key in kept}
        integrations = {
            each["IntegrationId"]: {
                "IntegrationType": each["IntegrationType"],
                "IntegrationUri": each["IntegrationUri"],
                "PayloadFormatVersion": each.get("PayloadFormatVersion", "1.0"),
            }
            for each in client.get_integrations(ApiId=id_)["Items"]
        }
        for route in client.get_routes(ApiId=id_)["Items"]:
            target = integrations[route["Target"].rpartition("/")[2]]
            yield f"route {route['RouteKey']} of {name}", [route["AuthorizationType"], target]
        for stage in client.get_stages(ApiId=id_)["Items"]:
            yield f"stage {stage['StageName']} of {name}", bool(stage.get("DeploymentId"))


def _domains(account: Account) -> Iterator[tuple[str, Any]]:
    client = account("apigatewayv2")
    for domain in client.get_domain_names()["Items"]:
        name = domain["DomainName"]
        kept = ("CertificateArn", "EndpointType", "SecurityPolicy")
        settings = [
            {key: each.get(key) for key in kept} for each in domain["DomainNameConfigurations"]
        ]
        mappings = [
            {key: value for key, value in each.items() if key != "ApiMappingId"}
            for each in client.get_api_mappings(DomainName=name)["Items"]
        ]
        yield f"domain {name}", [settings, mappings]


def _plans(account: Account) -> Iterator[tuple[str, Any]]:
    client = account("apigateway")
    for plan in client.get_usage_plans()["items"]:
        keys = client.get_usage_plan_keys(usagePlanId=plan["id"])["items"]
        kept = ("apiStages", "throttle", "quota")
        settings = {key: plan.get(key) for key in kept}
        yield f"usage plan {plan['name']}", [settings, [key["name"] for key in keys]]
    for key in client.get_api_keys()["items"]:
        yield f"API key {key['name']}", key["enabled"]


def _rules(account: Account) -> Iterator[tuple[str, Any]]:
    client = account("events")
    for rule in client.list_rules()["Rules"]:
        targets = client.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        settings = {key: value for key, value in rule.items() if key != "EventPattern"}
        pattern = json.loads(rule.get("EventPattern", "{}"))
        yield f"rule {rule['Name']}", [settings, pattern, [target["Arn"] for target in targets]]


def _subscriptions(account: Account) -> Iterator[tuple[str, Any]]:
    client = account("sns")
    for each in client.list_subscriptions()["Subscriptions"]:
        attributes = client.get_subscription_attributes(SubscriptionArn=each["SubscriptionArn"])
        kept = ("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "Endpoint", "Protocol")
        settings = {key: attributes["Attributes"].get(key) for key in kept}
        yield f"subscription to {each['TopicArn']}", settings


def _notifications(account: Account) -> Iterator[tuple[str, Any]]:
    client = account("s3")
    for bucket in client.list_buckets()["Buckets"]:
        found = client.get_bucket_notification_configuration(Bucket=bucket["Name"])
        entries = found.get("LambdaFunctionConfigurations", [])
        for entry in entries:
            entry.pop("Id")
            rules = entry.get("Filter", {}).get("Key", {}).get("FilterRules", [])
            rules.sort(key=lambda rule: rule["Name"].lower())
            for rule in rules:
                rule["Name"] = rule["Name"].lower()
        yield f"notifications of {bucket['Name']}", entries


def _log_groups(account: Account) -> Iterator[tuple[str, Any]]:
    for group in account("logs").describe_log_groups()["logGroups"]:
        yield f"log group {group['logGroupName']}", group.get("retentionInDays")
