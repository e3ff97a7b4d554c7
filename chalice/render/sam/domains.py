"""Custom domains, as each of the two versions of API Gateway has them."""

from __future__ import annotations

from chalice.aws.stage_tags import TAG
from chalice.model.apis import ApiMapping, DomainName
from chalice.model.values import Ref
from chalice.render.sam.draft import Draft, Properties

_ROOT = "(none)"


def add_domain_name(domain: DomainName, draft: Draft) -> None:
    """Add the domain, for REST APIs or for APIs of version 2, whichever is mapped to it."""
    id_ = draft.id(domain.name)
    tags = {key: value for key, value in domain.tags.items() if key != TAG}
    if _is_rest(domain, draft):
        _add_rest(domain, id_, tags, draft)
        is_edge = domain.endpoint_type == "EDGE"
        alias, zone = (
            ("DistributionDomainName", "DistributionHostedZoneId")
            if is_edge
            else ("RegionalDomainName", "RegionalHostedZoneId")
        )
    else:
        alias, zone = "RegionalDomainName", "RegionalHostedZoneId"
        settings = {
            "CertificateArn": domain.certificate_arn,
            "EndpointType": domain.endpoint_type,
            "SecurityPolicy": domain.security_policy,
        }
        properties: Properties = {
            "DomainName": domain.domain_name,
            "DomainNameConfigurations": [settings],
        }
        if tags:
            properties["Tags"] = tags
        draft.add(id_, "AWS::ApiGatewayV2::DomainName", properties, domain.name)
    prefix = "Websocket" if domain.name.startswith("websocket") else ""
    draft.output(f"{prefix}AliasDomainName", {"Fn::GetAtt": [id_, alias]})
    draft.output(f"{prefix}HostedZoneId", {"Fn::GetAtt": [id_, zone]})


def add_mapping(mapping: ApiMapping, draft: Draft) -> None:
    """Add what leads from the domain to the stage of the API, which must exist before."""
    id_ = draft.id(mapping.name)
    domain = draft.value(mapping.domain_name)
    api, stage = draft.value(mapping.api_id), draft.stage_of(mapping.api_id)
    if mapping.is_rest:
        # A key that was there and goes, or comes, would replace the mapping, which AWS refuses.
        properties: Properties = {
            "DomainName": domain,
            "RestApiId": api,
            "BasePath": mapping.key or _ROOT,
            "Stage": stage,
        }
        draft.add(id_, "AWS::ApiGateway::BasePathMapping", properties, mapping.name)
        return
    properties = {"DomainName": domain, "ApiId": api, "Stage": stage}
    if mapping.key:
        properties["ApiMappingKey"] = mapping.key
    draft.add(id_, "AWS::ApiGatewayV2::ApiMapping", properties, mapping.name)


def _add_rest(domain: DomainName, id_: str, tags: dict[str, str], draft: Draft) -> None:
    is_edge = domain.endpoint_type == "EDGE"
    certificate = "CertificateArn" if is_edge else "RegionalCertificateArn"
    properties: Properties = {
        "DomainName": domain.domain_name,
        "EndpointConfiguration": {"Types": [domain.endpoint_type]},
        certificate: domain.certificate_arn,
        "SecurityPolicy": domain.security_policy,
    }
    if tags:
        properties["Tags"] = [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
    draft.add(id_, "AWS::ApiGateway::DomainName", properties, domain.name)


def _is_rest(domain: DomainName, draft: Draft) -> bool:
    return any(
        isinstance(each, ApiMapping)
        and isinstance(each.domain_name, Ref)
        and each.domain_name.resource == domain.name
        and each.is_rest
        for each in draft.resources.values()
    )
