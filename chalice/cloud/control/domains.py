"""Custom domains: one set of them, whichever version of API Gateway made them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from moto.apigateway.models import apigateway_backends
from moto.apigatewayv2.models import apigatewayv2_backends
from moto.core.exceptions import JsonRESTError
from moto.utilities.utils import get_partition

from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.control.v2_stages import new_id
from chalice.gateway.mounts import Mapped

NO_BASE_PATH = "(none)"
"""How version 1 spells the empty base path."""

_CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
# https://docs.aws.amazon.com/general/latest/gr/apigateway.html
_REGIONAL_ZONES = {
    "us-east-1": "Z1UJRXOUMOOFQ8",
    "us-east-2": "ZOJJZC49E0EPZ",
    "us-west-1": "Z2MUQ32089INYE",
    "us-west-2": "Z2OJLYMUO9EFXC",
    "ap-northeast-1": "Z1YSHQZHG15GKL",
    "ap-northeast-2": "Z20JF4UZKIW1U8",
    "ap-south-1": "Z3VO1THU9YC4UR",
    "ap-southeast-1": "ZL327KTPIQFUL",
    "ap-southeast-2": "Z2RPCDW04V8134",
    "ca-central-1": "Z19DQILCV0OWEC",
    "eu-central-1": "Z1U9ULNL0V5AJ3",
    "eu-north-1": "Z3UWIKFBOOGXPP",
    "eu-west-1": "ZLY8HYME6SFDD",
    "eu-west-2": "ZJ5UAJN8Y3Z2Q",
    "eu-west-3": "Z3KY65QIEKYHQQ",
    "sa-east-1": "ZCMLWB8V5SYIT",
}
_NAME = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+")
_KEY = re.compile(r"[A-Za-z0-9$\-_.+!*'()/~]*")


class DomainError(JsonRESTError):
    """AWS's answer to what cannot be done with a domain."""

    def __init__(self, status: int, error_type: str, sentence: str) -> None:
        super().__init__(error_type, sentence)
        self.code = status


class DomainMapping:
    """A base path (``orders/v1``, empty for the root) that leads to a stage of an API.

    Without a stage (empty) the next segment of the path names it.
    """

    def __init__(self, key: str, api_id: str, stage: str) -> None:
        self.id = new_id()
        self.key = key
        self.api_id = api_id
        self.stage = stage


class CustomDomain:
    """A domain name of a region. ``kind`` is ``EDGE``, ``REGIONAL`` or ``PRIVATE``."""

    def __init__(self, name: str, region: str, kind: str, tags: Mapping[str, str]) -> None:
        self.name = name
        self.region = region
        self.kind = kind
        self.tags = dict(tags)
        self.certificate_arn: str | None = None
        self.certificate_name: str | None = None
        self.security_policy = "TLS_1_2"
        self.mutual_tls: dict[str, Any] | None = None
        self.uploaded = int(time.time())
        self.mappings: dict[str, DomainMapping] = {}
        self._digest = hashlib.sha256(f"{region} {name}".encode()).hexdigest()

    @property
    def arn(self) -> str:
        """The ARN under which it is tagged."""
        return (
            f"arn:{get_partition(self.region)}:apigateway:{self.region}::/domainnames/{self.name}"
        )

    @property
    def target(self) -> str:
        """The name that DNS must lead it to."""
        if self.kind == "EDGE":
            return f"d{self._digest[:13]}.cloudfront.net"
        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return f"d-{self._digest[:10]}.execute-api.{self.region}.{suffix}"

    @property
    def zone(self) -> str:
        """The hosted zone of the target."""
        if self.kind == "EDGE":
            return _CLOUDFRONT_ZONE
        made_up = "Z" + hashlib.sha256(self.region.encode()).hexdigest()[:13].upper()
        return _REGIONAL_ZONES.get(self.region, made_up)

    def to_v1(self) -> dict[str, Any]:
        """Return it as GetDomainName of version 1 shows it."""
        edge = self.kind == "EDGE"
        shown = {
            "domainName": self.name,
            "domainNameArn": self.arn,
            "certificateUploadDate": self.uploaded,
            "endpointConfiguration": {"types": [self.kind], "ipAddressType": "ipv4"},
            "domainNameStatus": "AVAILABLE",
            "securityPolicy": self.security_policy,
            "mutualTlsAuthentication": self.mutual_tls,
            "tags": self.tags or None,
            "certificateArn" if edge else "regionalCertificateArn": self.certificate_arn,
            "certificateName" if edge else "regionalCertificateName": self.certificate_name,
            "distributionDomainName" if edge else "regionalDomainName": self.target,
            "distributionHostedZoneId" if edge else "regionalHostedZoneId": self.zone,
        }
        return {name: value for name, value in shown.items() if value is not None}

    def to_v2(self) -> dict[str, Any]:
        """Return it as GetDomainName of version 2 shows it."""
        uploaded = datetime.fromtimestamp(self.uploaded, timezone.utc)
        configuration = {
            "apiGatewayDomainName": self.target,
            "certificateArn": self.certificate_arn,
            "certificateName": self.certificate_name,
            "certificateUploadDate": uploaded.isoformat().replace("+00:00", "Z"),
            "domainNameStatus": "AVAILABLE",
            "endpointType": self.kind,
            "hostedZoneId": self.zone,
            "ipAddressType": "ipv4",
            "securityPolicy": self.security_policy,
        }
        shown = {
            "apiMappingSelectionExpression": "$request.basepath",
            "domainName": self.name,
            "domainNameArn": self.arn,
            "domainNameConfigurations": [
                {name: value for name, value in configuration.items() if value is not None}
            ],
            "mutualTlsAuthentication": self.mutual_tls,
            "routingMode": "API_MAPPING_ONLY",
            "tags": self.tags,
        }
        return {name: value for name, value in shown.items() if value is not None}

    def map(self, key: str, api_id: str, stage: str) -> DomainMapping:
        """Map a base path. Raises DomainError when it is mapped, or no API has that id."""
        self.check_mapping(key, api_id, stage, None)
        mapping = DomainMapping(key, api_id, stage)
        self.mappings[mapping.id] = mapping
        return mapping

    def check_mapping(self, key: str, api_id: str, stage: str, mapping_id: str | None) -> None:
        """Raise DomainError when a mapping, that of the id or a new one, cannot be so."""
        if key.startswith("/") or key.endswith("/") or "//" in key or not _KEY.fullmatch(key):
            raise DomainError(
                400,
                "BadRequestException",
                "API mapping key should not start or end with a '/', have consecutive '/'s, or "
                f"other characters than URLs have: {key}",
            )
        if any(each.key == key and each.id != mapping_id for each in self.mappings.values()):
            sentence = "Base path already exists for this domain name"
            raise DomainError(409, "ConflictException", sentence)
        stages = _stages_of(api_id, self.region)
        if stages is None:
            sentence = f"Invalid API identifier specified {ACCOUNT}:{api_id}"
            raise DomainError(404, "NotFoundException", sentence)
        if stage and stage not in stages:
            raise DomainError(404, "NotFoundException", "Invalid stage identifier specified")

    def mapping(self, mapping_id: str) -> DomainMapping:
        """Return a mapping by its id. Raises DomainError."""
        if mapping_id not in self.mappings:
            sentence = "The api mapping resource specified in the request was not found."
            raise DomainError(404, "NotFoundException", sentence)
        return self.mappings[mapping_id]

    def mapping_at(self, key: str) -> DomainMapping:
        """Return the mapping of a base path. Raises DomainError."""
        for mapping in self.mappings.values():
            if mapping.key == key:
                return mapping
        raise DomainError(
            404, "NotFoundException", "Invalid base path mapping identifier specified"
        )


class DomainsBackend:
    """Mixed into the backend of version 2: the custom domains of its region, by name."""

    custom_domains: dict[str, CustomDomain]


def domains_of(region: str) -> dict[str, CustomDomain]:
    """Return the custom domains of a region, by name."""
    backend = apigatewayv2_backends[ACCOUNT][region]
    assert isinstance(backend, DomainsBackend)
    return backend.custom_domains


def domain_of(region: str, name: str) -> CustomDomain:
    """Return a custom domain. Raises DomainError."""
    known = domains_of(region)
    if name not in known:
        sentence = "Invalid domain name identifier specified"
        raise DomainError(404, "NotFoundException", sentence)
    return known[name]


def create_domain(
    region: str, name: object, kind: str, tags: Mapping[str, str] | None
) -> CustomDomain:
    """Make a custom domain. Raises DomainError."""
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > 253:
        raise DomainError(400, "BadRequestException", f"Invalid domain name specified: {name}")
    known = domains_of(region)
    if name in known:
        sentence = "The domain name you provided already exists."
        raise DomainError(409, "ConflictException", sentence)
    domain = CustomDomain(name, region, kind, tags or {})
    known[name] = domain
    return domain


def read_key(text: str | None) -> str:
    """Return a base path as it is kept; the deployers of old spell the empty one as version 1."""
    return "" if text in (None, NO_BASE_PATH) else str(text)


def find_mapped(name: str, path: str) -> Mapped | None:
    """Return where a custom domain leads: the longest base path that the path begins with."""
    domain = _domain(name)
    if domain is None:
        return None
    found: DomainMapping | None = None
    for mapping in list(domain.mappings.values()):
        fits = not mapping.key or f"{path}/".startswith(f"/{mapping.key}/")
        if fits and (found is None or len(mapping.key) > len(found.key)):
            found = mapping
    if found is None:
        return None
    base = f"/{found.key}" if found.key else ""
    rest = path[len(base) :] or "/"
    if found.stage:
        return Mapped(found.api_id, found.stage, base, rest)
    stage, slash, rest = rest[1:].partition("/")
    return Mapped(found.api_id, stage, f"{base}/{stage}", slash + rest or "/")


def _domain(name: str) -> CustomDomain | None:
    wildcard = f"*.{name.partition('.')[2]}"
    for backend in list(apigatewayv2_backends[ACCOUNT].values()):
        assert isinstance(backend, DomainsBackend)
        known = backend.custom_domains
        found = known.get(name) or known.get(wildcard)
        if found is not None:
            return found
    return None


def _stages_of(api_id: str, region: str) -> set[str] | None:
    """Return the names of an API's stages, None for no such API."""
    rest = apigateway_backends[ACCOUNT][region].apis.get(api_id)
    if rest is not None:
        return set(rest.stages)
    api = apigatewayv2_backends[ACCOUNT][region].apis.get(api_id)
    return None if api is None else set(api.stages)
