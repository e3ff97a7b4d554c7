"""Custom domains: https://docs.aws.amazon.com/apigateway/latest/api/API_DomainName.html

Domains of HTTP and WebSocket APIs are the same ones, so version 1 of the API is enough.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from chalice.aws.calls import doing, once_admitted, or_none
from chalice.aws.session import Session
from chalice.aws.stage_tags import TAG
from chalice.model.apis import DomainName
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Outputs


class DomainNames:
    """Domains, with one certificate each."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _client(self) -> Any:
        return self._session.client("apigateway")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the domain."""
        found = self._get(identity["domain_name"])
        return None if found is None else _outputs(found)

    def read(self, record: Record) -> Found | None:
        """Return the domain with all its tags. It is ours if it carries our tag."""
        found = self._get(record.outputs["domain_name"])
        if found is None:
            return None
        tags = found.get("tags", {})
        domain = DomainName(
            name=record.name,
            domain_name=found["domainName"],
            certificate_arn=_certificate(found),
            endpoint_type=_endpoint_type(found),
            security_policy=found.get("securityPolicy", "TLS_1_2"),
            tags=tags,
        )
        return Found(domain, _outputs(found), ours=TAG in tags)

    def create(self, domain: DomainName) -> Outputs:
        """Create the domain."""
        with doing(f"creating custom domain name {domain.domain_name}"):
            made = once_admitted(
                lambda: self._client.create_domain_name(
                    domainName=domain.domain_name,
                    endpointConfiguration={"types": [domain.endpoint_type]},
                    securityPolicy=domain.security_policy,
                    tags=dict(domain.tags),
                    **{_certificate_key(domain.endpoint_type): domain.certificate_arn},
                ),
                self._session.pause,
            )
        return _outputs(made)

    def update(self, domain: DomainName, record: Record, fields: Collection[str]) -> Outputs:
        """Change certificate, TLS version, endpoint and tags as far as they differ."""
        changed, name = set(fields), domain.domain_name
        if "endpoint_type" in changed:
            self._migrate(domain)
        operations = []
        if "certificate_arn" in changed:
            path = f"/{_certificate_key(domain.endpoint_type)}"
            operations.append(_replace(path, domain.certificate_arn))
        if "security_policy" in changed:
            operations.append(_replace("/securityPolicy", domain.security_policy))
        if operations:
            self._patch(name, operations)
        if "tags" in changed:
            self._tag(domain, record)
        with doing(f"reading custom domain name {name}"):
            return _outputs(self._client.get_domain_name(domainName=name))

    def delete(self, record: Record) -> None:
        """Delete the domain with all its mappings."""
        name = record.outputs["domain_name"]
        with doing(f"deleting custom domain name {name}"):
            once_admitted(
                lambda: or_none(lambda: self._client.delete_domain_name(domainName=name)),
                self._session.pause,
            )

    def _migrate(self, domain: DomainName) -> None:
        """Add the endpoint that is wanted, then remove the other: the domain stays reachable.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-regional-api-custom-domain-migrate.html
        """
        types, certificate = "/endpointConfiguration/types", _certificate_key(domain.endpoint_type)
        added = [
            {"op": "add", "path": types, "value": domain.endpoint_type},
            {"op": "add", "path": f"/{certificate}", "value": domain.certificate_arn},
        ]
        self._patch(domain.domain_name, added)
        other = "EDGE" if domain.endpoint_type == "REGIONAL" else "REGIONAL"
        self._patch(domain.domain_name, [{"op": "remove", "path": types, "value": other}])

    def _patch(self, name: str, operations: list[dict[str, str]]) -> None:
        with doing(f"updating custom domain name {name}"):
            once_admitted(
                lambda: self._client.update_domain_name(
                    domainName=name, patchOperations=operations
                ),
                self._session.pause,
            )

    def _tag(self, domain: DomainName, record: Record) -> None:
        place = self._session.place()
        path = f"/domainnames/{domain.domain_name}"
        arn = f"arn:{place.partition}:apigateway:{place.region}::{path}"
        unwanted = sorted(set(record.tag_keys) - domain.tags.keys())
        with doing(f"tagging custom domain name {domain.domain_name}"):
            self._client.tag_resource(resourceArn=arn, tags=dict(domain.tags))
            if unwanted:
                self._client.untag_resource(resourceArn=arn, tagKeys=unwanted)

    def _get(self, name: str) -> Any:
        with doing(f"reading custom domain name {name}"):
            return or_none(lambda: self._client.get_domain_name(domainName=name))


def _certificate_key(endpoint_type: str) -> str:
    return "certificateArn" if endpoint_type == "EDGE" else "regionalCertificateArn"


def _endpoint_type(found: Mapping[str, Any]) -> str:
    types: list[str] = found.get("endpointConfiguration", {}).get("types") or ["EDGE"]
    return types[-1]


def _certificate(found: Mapping[str, Any]) -> str:
    return str(found.get(_certificate_key(_endpoint_type(found)), ""))


def _outputs(found: Mapping[str, Any]) -> Outputs:
    """Return the outputs; a DNS record of the domain's own is to point at the alias."""
    is_edge = _endpoint_type(found) == "EDGE"
    zone, alias = (
        ("distributionHostedZoneId", "distributionDomainName")
        if is_edge
        else ("regionalHostedZoneId", "regionalDomainName")
    )
    return {
        "hosted_zone_id": found.get(zone, ""),
        "alias_domain_name": found.get(alias, ""),
        "certificate_arn": _certificate(found),
        "security_policy": found.get("securityPolicy", "TLS_1_2"),
        "domain_name": found["domainName"],
    }


def _replace(path: str, value: str) -> dict[str, str]:
    return {"op": "replace", "path": path, "value": value}
