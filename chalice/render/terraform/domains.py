"""Custom domains, as each of the two versions of API Gateway has them."""

from __future__ import annotations

from chalice.aws.stage_tags import TAG
from chalice.model.apis import ApiMapping, DomainName
from chalice.model.values import Ref
from chalice.render.terraform.draft import Arguments, Draft
from chalice.render.terraform.references import expression, literal

_REST = "aws_api_gateway_domain_name"
_V2 = "aws_apigatewayv2_domain_name"


def add_domain_name(domain: DomainName, draft: Draft) -> None:
    """Add the domain, for REST APIs or for APIs of version 2, whichever is mapped to it."""
    certificate = literal(domain.certificate_arn)
    arguments: Arguments = {"domain_name": literal(domain.domain_name)}
    if _is_rest(domain.name, draft):
        kind, is_edge = _REST, domain.endpoint_type == "EDGE"
        arguments |= {
            "endpoint_configuration": {"types": [domain.endpoint_type]},
            "certificate_arn" if is_edge else "regional_certificate_arn": certificate,
            "security_policy": domain.security_policy,
        }
        place = "cloudfront" if is_edge else "regional"
        alias, zone = f"{place}_domain_name", f"{place}_zone_id"
    else:
        kind, settings = _V2, "domain_name_configuration"
        arguments[settings] = {
            "certificate_arn": certificate,
            "endpoint_type": domain.endpoint_type,
            "security_policy": domain.security_policy,
        }
        alias, zone = f"{settings}[0].target_domain_name", f"{settings}[0].hosted_zone_id"
    tags = {key: literal(value) for key, value in domain.tags.items() if key != TAG}
    if tags:
        arguments["tags"] = tags
    draft.add(kind, domain.name, arguments, domain.name)
    prefix = "Websocket" if domain.name.startswith("websocket") else ""
    draft.output(f"{prefix}AliasDomainName", f"${{{kind}.{domain.name}.{alias}}}")
    draft.output(f"{prefix}HostedZoneId", f"${{{kind}.{domain.name}.{zone}}}")


def add_mapping(mapping: ApiMapping, draft: Draft) -> None:
    """Add what leads from the domain to the stage of the API, which must exist before."""
    assert isinstance(mapping.domain_name, Ref)
    assert isinstance(mapping.api_id, Ref)
    domain, api = mapping.domain_name.resource, mapping.api_id
    arguments = {"api_id": expression(api)}
    name = mapping.name.replace("-", "_")
    if mapping.is_rest:
        arguments |= {
            "stage_name": f"${{aws_api_gateway_stage.{api.resource}.stage_name}}",
            "domain_name": f"${{{_REST}.{domain}.domain_name}}",
        }
        if mapping.key:
            arguments["base_path"] = literal(mapping.key)
        draft.add("aws_api_gateway_base_path_mapping", name, arguments, mapping.name)
        return
    stage = f"{api.resource}_stage" if api.output == "websocket_api_id" else api.resource
    arguments |= {
        "domain_name": f"${{{_V2}.{domain}.id}}",
        "stage": f"${{aws_apigatewayv2_stage.{stage}.id}}",
    }
    if mapping.key:
        arguments["api_mapping_key"] = literal(mapping.key)
    draft.add("aws_apigatewayv2_api_mapping", name, arguments, mapping.name)


def _is_rest(domain: str, draft: Draft) -> bool:
    return any(
        isinstance(each, ApiMapping)
        and isinstance(each.domain_name, Ref)
        and each.domain_name.resource == domain
        and each.is_rest
        for each in draft.resources.values()
    )
