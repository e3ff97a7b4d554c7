"""Custom domains in front of APIs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from chalice.config import Config
from chalice.model.apis import ApiMapping, DomainName
from chalice.model.resources import Resource
from chalice.model.values import Ref

_NO_PREFIX = "(none)"
"""What the configuration may call the root of the domain."""


def custom_domain(
    key: Literal["api_gateway_custom_domain", "websocket_api_custom_domain"],
    config: Config,
    *,
    api_id: Ref,
    stage_name: str,
    is_rest: bool,
) -> Iterator[Resource]:
    """Yield the domain that the configuration has under ``key``, and where it leads."""
    given: Mapping[str, Any] | None = getattr(config, key)
    if given is None:
        return
    tls = given.get("tls_version") or "TLS_1_2"
    tag = {"chalice-stage": f"{config.app_name}/{config.chalice_stage}"}
    domain = DomainName(
        name=key,
        domain_name=given["domain_name"],
        certificate_arn=given["certificate_arn"],
        endpoint_type=config.api_gateway_endpoint_type if is_rest else "REGIONAL",
        security_policy=tls if tls in ("TLS_1_0", "TLS_1_1", "TLS_1_2") else "TLS_1_2",
        tags={**(given.get("tags") or {}), **tag},
    )
    yield domain
    yield ApiMapping(
        name=f"{key}-mapping",
        domain_name=Ref(domain.name, "domain_name"),
        key=base_path(given.get("url_prefix")),
        is_rest=is_rest,
        api_id=api_id,
        stage_name=stage_name,
    )


def base_path(prefix: str | None) -> str:
    """Return the path below which an API is, without slashes around it; empty for the root."""
    path = (prefix or "").strip("/")
    return "" if path == _NO_PREFIX else path
