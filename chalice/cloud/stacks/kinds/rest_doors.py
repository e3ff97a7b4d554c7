"""API Gateway: custom domains, API keys and usage plans of REST APIs, and the account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalice.cloud.stacks.kinds.kind import (
    Kind,
    Made,
    Properties,
    Site,
    changed,
    keep,
    mapped,
    pick,
    set_of,
    without,
)
from chalice.cloud.stacks.kinds.rest_apis import SERVICE, patch, retag

_PART = "AWS::ApiGateway::"


class DomainName(Kind):
    """``AWS::ApiGateway::DomainName``."""

    type = f"{_PART}DomainName"
    takes = set_of(
        "CertificateArn DomainName EndpointConfiguration MutualTlsAuthentication "
        "OwnershipVerificationCertificateArn RegionalCertificateArn SecurityPolicy Tags"
    )
    needs = set_of("DomainName")
    fixed = set_of("DomainName")
    tags = "list"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the domain name."""
        values = {**without(wanted, "Tags"), "tags": mapped(wanted.get("Tags"))}
        return _domain(site.call(SERVICE, "create_domain_name", values))

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change certificates and security."""
        keep(before, wanted, *without(before, "DomainName", "Tags"))
        operations = [
            patch(path, wanted[name])
            for name, path in (
                ("CertificateArn", "certificateArn"),
                ("OwnershipVerificationCertificateArn", "ownershipVerificationCertificateArn"),
                ("RegionalCertificateArn", "regionalCertificateArn"),
                ("SecurityPolicy", "securityPolicy"),
            )
            if name in wanted and changed(before, wanted, name)
        ]
        types = [each.get("EndpointConfiguration", {}).get("Types") for each in (before, wanted)]
        if types[0] and types[1] and types[0] != types[1]:
            operations.append(patch(f"endpointConfiguration/types/{types[0][0]}", types[1][0]))
        trust = wanted.get("MutualTlsAuthentication") or {}
        if changed(before, wanted, "MutualTlsAuthentication"):
            operations += [
                patch(f"mutualTlsAuthentication/{name[0].lower()}{name[1:]}", value)
                for name, value in trust.items()
            ]
        values: dict[str, Any] = {"domainName": physical_id}
        if operations:
            site.call(SERVICE, "update_domain_name", {**values, "patchOperations": operations})
        arn = f"arn:{site.partition}:apigateway:{site.region}::/domainnames/{physical_id}"
        retag(site, arn, before, wanted)
        return _domain(site.call(SERVICE, "get_domain_name", values))

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the domain name."""
        site.call(SERVICE, "delete_domain_name", {"domainName": physical_id})


_OF_DOMAINS = {
    "DistributionDomainName": "distributionDomainName",
    "DistributionHostedZoneId": "distributionHostedZoneId",
    "DomainNameArn": "domainNameArn",
    "RegionalDomainName": "regionalDomainName",
    "RegionalHostedZoneId": "regionalHostedZoneId",
}


def _domain(answer: Mapping[str, Any]) -> Made:
    attributes = {name: answer[key] for name, key in _OF_DOMAINS.items() if key in answer}
    return Made(answer["domainName"], attributes)


class BasePathMapping(Kind):
    """``AWS::ApiGateway::BasePathMapping``."""

    type = f"{_PART}BasePathMapping"
    takes = set_of("BasePath DomainName RestApiId Stage")
    needs = set_of("DomainName")
    fixed = set_of("BasePath DomainName RestApiId")
    follows = frozenset({f"{_PART}Stage", f"{_PART}Deployment"})

    def create(self, site: Site, wanted: Properties) -> Made:
        """Lead a path of the domain to the stage."""
        site.call(SERVICE, "create_base_path_mapping", wanted)
        return Made(f"{wanted['DomainName']}|{wanted.get('BasePath') or ''}")

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Lead it to another stage."""
        operations = [patch("stage", wanted.get("Stage", ""))]
        values = {**_path(wanted), "patchOperations": operations}
        site.call(SERVICE, "update_base_path_mapping", values)
        return Made(physical_id)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Lead it nowhere."""
        site.call(SERVICE, "delete_base_path_mapping", _path(held))


def _path(values: Properties) -> dict[str, str]:
    return {"domainName": values["DomainName"], "basePath": values.get("BasePath") or "(none)"}


class ApiKey(Kind):
    """``AWS::ApiGateway::ApiKey``."""

    type = f"{_PART}ApiKey"
    takes = set_of("CustomerId Description Enabled GenerateDistinctId Name StageKeys Tags Value")
    fixed = set_of("GenerateDistinctId Name StageKeys Value")
    tags = "list"
    follows = frozenset({f"{_PART}Stage"})

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the key."""
        values = {
            "Enabled": False,
            **without(wanted, "Tags"),
            "name": wanted.get("Name") or site.name(),
            "tags": mapped(wanted.get("Tags")),
        }
        made = site.call(SERVICE, "create_api_key", values)
        return Made(made["id"], {"APIKeyId": made["id"]})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change what differs."""
        operations = [
            patch(path, wanted.get(name, unset))
            for name, path, unset in (
                ("CustomerId", "customerId", ""),
                ("Description", "description", ""),
                ("Enabled", "enabled", "false"),
            )
            if changed(before, wanted, name)
        ]
        if operations:
            values = {"apiKey": physical_id, "patchOperations": operations}
            site.call(SERVICE, "update_api_key", values)
        arn = f"arn:{site.partition}:apigateway:{site.region}::/apikeys/{physical_id}"
        retag(site, arn, before, wanted)
        return Made(physical_id, {"APIKeyId": physical_id})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the key."""
        site.call(SERVICE, "delete_api_key", {"apiKey": physical_id})


class UsagePlan(Kind):
    """``AWS::ApiGateway::UsagePlan``."""

    type = f"{_PART}UsagePlan"
    takes = set_of("ApiStages Description Quota Tags Throttle UsagePlanName")
    tags = "list"
    follows = frozenset({f"{_PART}Stage", f"{_PART}Deployment"})

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the plan."""
        values = {
            **pick(wanted, ["ApiStages", "Description", "Quota", "Throttle"]),
            "name": wanted.get("UsagePlanName") or site.name(),
            "tags": mapped(wanted.get("Tags")),
        }
        made = site.call(SERVICE, "create_usage_plan", values)
        return Made(made["id"], {"Id": made["id"]})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change what differs."""
        keep(before, wanted, "Description", "UsagePlanName")
        operations = list(_of_plan(before, wanted))
        if operations:
            values = {"usagePlanId": physical_id, "patchOperations": operations}
            site.call(SERVICE, "update_usage_plan", values)
        arn = f"arn:{site.partition}:apigateway:{site.region}::/usageplans/{physical_id}"
        retag(site, arn, before, wanted)
        return Made(physical_id, {"Id": physical_id})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Take the stages out of the plan, and delete it."""
        operations = list(_of_plan(held, without(held, "ApiStages")))
        if operations:
            values = {"usagePlanId": physical_id, "patchOperations": operations}
            site.drop(SERVICE, "update_usage_plan", values)
        site.call(SERVICE, "delete_usage_plan", {"usagePlanId": physical_id})


def _of_plan(before: Properties, wanted: Properties) -> Iterator[dict[str, str]]:
    for name, path in (("UsagePlanName", "name"), ("Description", "description")):
        if changed(before, wanted, name) and name in wanted:
            yield patch(path, wanted[name])
    old, new = _stages(before), _stages(wanted)
    yield from ({"op": "remove", "path": "/apiStages", "value": each} for each in old - new)
    yield from ({"op": "add", "path": "/apiStages", "value": each} for each in new - old)
    for name in ("Quota", "Throttle"):
        if not changed(before, wanted, name):
            continue
        if name not in wanted:
            yield {"op": "remove", "path": f"/{name.lower()}"}
        for member, value in (wanted.get(name) or {}).items():
            yield patch(f"{name.lower()}/{member[0].lower()}{member[1:]}", value)


def _stages(values: Properties) -> set[str]:
    return {f"{each['ApiId']}:{each['Stage']}" for each in values.get("ApiStages") or []}


class UsagePlanKey(Kind):
    """``AWS::ApiGateway::UsagePlanKey``."""

    type = f"{_PART}UsagePlanKey"
    takes = set_of("KeyId KeyType UsagePlanId")
    needs = takes

    def create(self, site: Site, wanted: Properties) -> Made:
        """Give the key the plan."""
        site.call(SERVICE, "create_usage_plan_key", wanted)
        name = f"{wanted['KeyId']}:{wanted['UsagePlanId']}"
        return Made(name, {"Id": name})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Take it away."""
        site.call(SERVICE, "delete_usage_plan_key", pick(held, ["UsagePlanId", "KeyId"]))


class Account(Kind):
    """``AWS::ApiGateway::Account``."""

    type = f"{_PART}Account"
    takes = set_of("CloudWatchRoleArn")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Set the role that API Gateway logs with."""
        operations = [patch("cloudwatchRoleArn", wanted.get("CloudWatchRoleArn", ""))]
        site.call(SERVICE, "update_account", {"patchOperations": operations})
        name = site.name()
        return Made(name, {"Id": name})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Set another role."""
        return Made(physical_id, self.create(site, wanted).attributes)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Leave it as it is, as AWS does: there is one for all."""
