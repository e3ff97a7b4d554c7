"""Custom domains on the wires of both versions of API Gateway.

https://docs.aws.amazon.com/apigateway/latest/api/API_DomainName.html
https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from moto.core.common_types import TYPE_RESPONSE

from chalice.cloud.control.domains import (
    NO_BASE_PATH,
    CustomDomain,
    DomainError,
    DomainMapping,
    create_domain,
    domain_of,
    domains_of,
    read_key,
)
from chalice.cloud.control.v2_stages import parse_settings

PAGE = 25
"""Items in one answer of version 1, when the request does not say how many."""

_KINDS = frozenset({"EDGE", "REGIONAL", "PRIVATE"})


class V1DomainActions:
    """Mixed into the responses of version 1."""

    path: str
    body: str
    region: str
    querystring: dict[str, Any]

    def create_domain_name(self) -> TYPE_RESPONSE:
        """Answer CreateDomainName."""
        settings = parse_settings(self.body)
        types = (settings.get("endpointConfiguration") or {}).get("types") or ["EDGE"]
        kind = _kind(types[0])
        try:
            domain = create_domain(
                self.region, settings.get("domainName"), kind, settings.get("tags")
            )
        except DomainError as error:
            # This version has one code for both.
            raise _bad(str(error.message)) from None
        prefix = "certificate" if kind == "EDGE" else "regionalCertificate"
        domain.certificate_arn = settings.get(f"{prefix}Arn") or settings.get("certificateArn")
        domain.certificate_name = settings.get(f"{prefix}Name") or settings.get("certificateName")
        domain.security_policy = settings.get("securityPolicy") or domain.security_policy
        domain.mutual_tls = settings.get("mutualTlsAuthentication")
        return 201, {"status": "201"}, json.dumps(domain.to_v1())

    def get_domain_name(self) -> str:
        """Answer GetDomainName."""
        return json.dumps(self._domain().to_v1())

    def get_domain_names(self) -> str:
        """Answer GetDomainNames."""
        return self._list(each.to_v1() for each in domains_of(self.region).values())

    def update_domain_name(self) -> str:
        """Answer UpdateDomainName."""
        domain = self._domain()
        for operation in parse_settings(self.body).get("patchOperations") or []:
            _patch_domain(domain, operation)
        return json.dumps(domain.to_v1())

    def delete_domain_name(self) -> TYPE_RESPONSE:
        """Answer DeleteDomainName."""
        del domains_of(self.region)[self._domain().name]
        return 202, {"status": "202"}, ""

    def create_base_path_mapping(self) -> TYPE_RESPONSE:
        """Answer CreateBasePathMapping."""
        domain, settings = self._domain(), parse_settings(self.body)
        key = read_key(settings.get("basePath"))
        if "/" in key:
            raise _bad(
                "API Gateway V1 doesn't support the slash character (/) in base path mappings. "
                "To create a multi-level base path mapping, use API Gateway V2."
            )
        api_id, stage = str(settings.get("restApiId")), read_key(settings.get("stage"))
        try:
            mapping = domain.map(key, api_id, stage)
        except DomainError as error:
            raise error if error.code == 409 else _bad(str(error.message)) from None
        return 201, {"status": "201"}, json.dumps(_v1_mapping(mapping))

    def get_base_path_mapping(self) -> str:
        """Answer GetBasePathMapping."""
        return json.dumps(_v1_mapping(self._mapping()))

    def get_base_path_mappings(self) -> str:
        """Answer GetBasePathMappings."""
        return self._list(map(_v1_mapping, self._domain().mappings.values()))

    def update_base_path_mapping(self) -> str:
        """Answer UpdateBasePathMapping."""
        domain, mapping = self._domain(), self._mapping()
        changed = {"basepath": mapping.key, "restapiid": mapping.api_id, "stage": mapping.stage}
        for operation in parse_settings(self.body).get("patchOperations") or []:
            name = str(operation.get("path")).strip("/").lower()
            if operation.get("op") != "replace" or name not in changed:
                raise _bad(f"Invalid patch operation: {json.dumps(operation)}")
            changed[name] = read_key(operation.get("value"))
        key, api_id, stage = changed.values()
        domain.check_mapping(key, api_id, stage, mapping.id)
        mapping.key, mapping.api_id, mapping.stage = key, api_id, stage
        return json.dumps(_v1_mapping(mapping))

    def delete_base_path_mapping(self) -> TYPE_RESPONSE:
        """Answer DeleteBasePathMapping."""
        del self._domain().mappings[self._mapping().id]
        return 202, {"status": "202"}, ""

    def _domain(self) -> CustomDomain:
        return domain_of(self.region, unquote(self.path.split("/")[2]))

    def _mapping(self) -> DomainMapping:
        key = unquote("/".join(self.path.split("/")[4:]))
        return self._domain().mapping_at(read_key(key))

    def _list(self, found: Iterable[Mapping[str, Any]]) -> str:
        items = list(found)
        start = self.querystring.get("position", ["0"])[0]
        limit = self.querystring.get("limit", [str(PAGE)])[0]
        if not (start.isdecimal() and limit.isdecimal()):
            raise _bad("Invalid position or limit specified")
        end = int(start) + int(limit)
        page: dict[str, Any] = {"item": items[int(start) : end]}
        if end < len(items):
            page["position"] = str(end)
        return json.dumps(page)


class V2DomainActions:
    """Mixed into the responses of version 2."""

    path: str
    body: str
    region: str

    def create_domain_name(self) -> TYPE_RESPONSE:
        """Answer CreateDomainName."""
        settings = parse_settings(self.body)
        configurations = settings.get("domainNameConfigurations") or [{}]
        kind = _kind(configurations[0].get("endpointType") or "REGIONAL")
        domain = create_domain(self.region, settings.get("domainName"), kind, settings.get("tags"))
        _configure(domain, settings)
        return 201, {}, json.dumps(domain.to_v2())

    def get_domain_name(self) -> TYPE_RESPONSE:
        """Answer GetDomainName."""
        return 200, {}, json.dumps(self._domain().to_v2())

    def get_domain_names(self) -> TYPE_RESPONSE:
        """Answer GetDomainNames."""
        found = [each.to_v2() for each in domains_of(self.region).values()]
        return 200, {}, json.dumps({"items": found})

    def update_domain_name(self) -> TYPE_RESPONSE:
        """Answer UpdateDomainName."""
        domain = self._domain()
        _configure(domain, parse_settings(self.body))
        return 200, {}, json.dumps(domain.to_v2())

    def delete_domain_name(self) -> TYPE_RESPONSE:
        """Answer DeleteDomainName."""
        del domains_of(self.region)[self._domain().name]
        return 204, {}, ""

    def create_api_mapping(self) -> TYPE_RESPONSE:
        """Answer CreateApiMapping."""
        domain, settings = self._domain(), parse_settings(self.body)
        mapping = domain.map(
            read_key(settings.get("apiMappingKey")),
            str(settings.get("apiId")),
            str(settings.get("stage") or ""),
        )
        return 201, {}, json.dumps(_v2_mapping(mapping))

    def get_api_mapping(self) -> TYPE_RESPONSE:
        """Answer GetApiMapping."""
        return 200, {}, json.dumps(_v2_mapping(self._mapping()))

    def get_api_mappings(self) -> TYPE_RESPONSE:
        """Answer GetApiMappings."""
        found = [_v2_mapping(each) for each in self._domain().mappings.values()]
        return 200, {}, json.dumps({"items": found})

    def update_api_mapping(self) -> TYPE_RESPONSE:
        """Answer UpdateApiMapping."""
        mapping, settings = self._mapping(), parse_settings(self.body)
        key = read_key(settings.get("apiMappingKey", mapping.key))
        api_id = str(settings.get("apiId") or mapping.api_id)
        stage = str(settings.get("stage") or mapping.stage)
        self._domain().check_mapping(key, api_id, stage, mapping.id)
        mapping.key, mapping.api_id, mapping.stage = key, api_id, stage
        return 200, {}, json.dumps(_v2_mapping(mapping))

    def delete_api_mapping(self) -> TYPE_RESPONSE:
        """Answer DeleteApiMapping."""
        del self._domain().mappings[self._mapping().id]
        return 204, {}, ""

    def _domain(self) -> CustomDomain:
        return domain_of(self.region, unquote(self.path.split("/")[3]))

    def _mapping(self) -> DomainMapping:
        return self._domain().mapping(self.path.split("/")[5])


def _v1_mapping(mapping: DomainMapping) -> dict[str, str]:
    return {
        "basePath": mapping.key or NO_BASE_PATH,
        "restApiId": mapping.api_id,
        "stage": mapping.stage or NO_BASE_PATH,
    }


def _v2_mapping(mapping: DomainMapping) -> dict[str, str]:
    return {
        "apiId": mapping.api_id,
        "apiMappingId": mapping.id,
        "apiMappingKey": mapping.key,
        "stage": mapping.stage,
    }


def _configure(domain: CustomDomain, settings: Mapping[str, Any]) -> None:
    """Take on what a request of version 2 says of a domain."""
    for configuration in (settings.get("domainNameConfigurations") or [])[:1]:
        domain.kind = _kind(configuration.get("endpointType") or domain.kind)
        domain.certificate_arn = configuration.get("certificateArn") or domain.certificate_arn
        domain.certificate_name = configuration.get("certificateName") or domain.certificate_name
        domain.security_policy = configuration.get("securityPolicy") or domain.security_policy
    domain.mutual_tls = settings.get("mutualTlsAuthentication", domain.mutual_tls)


def _patch_domain(domain: CustomDomain, operation: Mapping[str, str]) -> None:
    value = operation.get("value", "")
    match operation.get("op"), *str(operation.get("path")).strip("/").split("/"):
        case (("replace" | "add"), "securityPolicy"):
            domain.security_policy = value
        case (("replace" | "add"), ("certificateArn" | "regionalCertificateArn")):
            domain.certificate_arn = value
        case (("replace" | "add"), ("certificateName" | "regionalCertificateName")):
            domain.certificate_name = value
        case (("replace" | "add"), "endpointConfiguration", "types", *_) if value in _KINDS:
            domain.kind = value
        case ("remove", "endpointConfiguration", "types", *_) if value in _KINDS - {domain.kind}:
            pass  # the last step of a move from that type: the domain has one of them here
        case (("replace" | "add"), "mutualTlsAuthentication", ("truststoreUri" as name)):
            domain.mutual_tls = {**(domain.mutual_tls or {}), name: value}
        case _:
            raise _bad(f"Invalid patch operation: {json.dumps(operation)}")


def _kind(text: object) -> str:
    if text not in _KINDS:
        raise _bad(f"Invalid endpoint type: {text}")
    return str(text)


def _bad(sentence: str) -> DomainError:
    return DomainError(400, "BadRequestException", sentence)
