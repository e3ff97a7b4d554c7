"""What the embedded cloud holds of an app, asked with botocore as AWS would be asked.

Each thing is one line that says what it is and what it belongs to, without the ids that AWS makes
up: a thing that is there twice is there as two equal lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import botocore.session
from botocore.exceptions import ClientError


class Account:
    """The account of one embedded cloud."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self._session = botocore.session.Session()
        self._session.set_credentials("any", "thing")
        self._clients: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        """Return the client of a service."""
        if service not in self._clients:
            self._clients[service] = self._session.create_client(
                service, region_name="us-east-1", endpoint_url=self._endpoint_url
            )
        return self._clients[service]

    def inventory(self, app: str) -> list[str]:
        """Return all that belongs to ``app``, sorted. Its buckets begin with its name."""
        return sorted(
            [
                *self._roles(app),
                *self._functions(app),
                *self._rest_apis(app),
                *self._v2_apis(app),
                *self._domains(app),
                *self._usage(app),
                *self._mappings(app),
                *self._pushes(app),
            ]
        )

    def _roles(self, app: str) -> Iterator[str]:
        iam = self("iam")
        for role in iam.list_roles()["Roles"]:
            name = role["RoleName"]
            if name.startswith(app):
                policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
                yield f"role {name} with {policies}"

    def _functions(self, app: str) -> Iterator[str]:
        client = self("lambda")
        for function in client.list_functions()["Functions"]:
            name = function["FunctionName"]
            if not name.startswith(app):
                continue
            yield f"function {name}"
            for url in client.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"]:
                yield f"URL of {name}: {url['AuthType']}"
            try:
                policy = json.loads(client.get_policy(FunctionName=name)["Policy"])
            except ClientError:
                continue
            for statement in policy["Statement"]:
                yield f"permission on {name} for {statement['Principal']}"

    def _rest_apis(self, app: str) -> Iterator[str]:
        client = self("apigateway")
        for api in client.get_rest_apis()["items"]:
            if api["name"].startswith(app):
                yield f"REST API {api['name']}"
                for stage in client.get_stages(restApiId=api["id"])["item"]:
                    yield f"stage {stage['stageName']} of REST API {api['name']}"

    def _v2_apis(self, app: str) -> Iterator[str]:
        client = self("apigatewayv2")
        for api in client.get_apis()["Items"]:
            if not api["Name"].startswith(app):
                continue
            named = f"{api['ProtocolType']} API {api['Name']}"
            id_ = api["ApiId"]
            yield named
            for stage in client.get_stages(ApiId=id_)["Items"]:
                yield f"stage {stage['StageName']} of {named}"
            for route in client.get_routes(ApiId=id_)["Items"]:
                yield f"route {route['RouteKey']} of {named}"
            for integration in client.get_integrations(ApiId=id_)["Items"]:
                yield f"integration {integration['IntegrationUri']} of {named}"

    def _domains(self, app: str) -> Iterator[str]:
        client = self("apigatewayv2")
        for domain in client.get_domain_names()["Items"]:
            name = domain["DomainName"]
            if app in name:
                yield f"domain {name}"
                for mapping in client.get_api_mappings(DomainName=name)["Items"]:
                    yield f"mapping {mapping['ApiMappingKey']} of {name}"

    def _usage(self, app: str) -> Iterator[str]:
        client = self("apigateway")
        for kind, found in (("key", client.get_api_keys()), ("plan", client.get_usage_plans())):
            for item in found["items"]:
                if item["name"].startswith(app):
                    yield f"{kind} {item['name']}"

    def _mappings(self, app: str) -> Iterator[str]:
        for mapping in self("lambda").list_event_source_mappings()["EventSourceMappings"]:
            function = mapping["FunctionArn"].rpartition(":")[2]
            if function.startswith(app):
                yield f"event source mapping of {function} to {mapping.get('EventSourceArn')}"

    def _pushes(self, app: str) -> Iterator[str]:
        for rule in self("events").list_rules()["Rules"]:
            name = rule["Name"]
            if name.startswith(app):
                targets = self("events").list_targets_by_rule(Rule=name)["Targets"]
                yield f"rule {name} with targets {[target['Arn'] for target in targets]}"
        for subscription in self("sns").list_subscriptions()["Subscriptions"]:
            if f":{app}" in subscription["Endpoint"]:
                yield f"subscription of {subscription['Endpoint']} to {subscription['TopicArn']}"
        for bucket in self("s3").list_buckets()["Buckets"]:
            name = bucket["Name"]
            if name.startswith(app):
                found = self("s3").get_bucket_notification_configuration(Bucket=name)
                for entry in found.get("LambdaFunctionConfigurations", []):
                    yield f"notification of {name} to {entry['LambdaFunctionArn']}"
