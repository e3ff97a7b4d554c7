"""APIs in front of functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalice.model.fields import DIGEST, IDENTITY, NAME, SOLE, TAGS
from chalice.model.values import Document, Value


@dataclass(frozen=True, kw_only=True)
class RestApi:
    """An API Gateway REST API and the one stage it serves ``document`` from.

    ``document`` is the whole API document. ``minimum_compression_size`` is in bytes, None for
    no compression. ``stage_key`` (``app/stage``) is how an API is recognised as ours.
    """

    name: str
    title: str
    stage_key: str = field(metadata=IDENTITY)
    document: Document = field(metadata=DIGEST)
    stage_name: str = field(metadata=IDENTITY)
    endpoint_type: str = "EDGE"
    minimum_compression_size: int | None = None
    tracing: bool = False


@dataclass(frozen=True, kw_only=True)
class WebsocketApi:
    """An API Gateway WebSocket API and the one stage that serves ``routes``.

    ``routes`` maps a route key (``$connect``) to the ARN of its function.
    """

    name: str
    title: str
    stage_key: str = field(metadata=IDENTITY)
    routes: Document = field(metadata=DIGEST)
    stage_name: str = field(metadata=IDENTITY)


@dataclass(frozen=True, kw_only=True)
class HttpApi:
    """An API Gateway HTTP API and the one stage it serves ``document``, an OpenAPI 3, from."""

    name: str
    title: str
    stage_key: str = field(metadata=IDENTITY)
    document: Document = field(metadata=DIGEST)
    stage_name: str = field(metadata=IDENTITY)


@dataclass(frozen=True, kw_only=True)
class FunctionUrl:
    """The URL of a function. ``auth_type`` is ``NONE`` or ``AWS_IAM``."""

    name: str
    function: Value = field(metadata=NAME)
    auth_type: str


@dataclass(frozen=True, kw_only=True)
class DomainName:
    """A domain of one's own in front of APIs: ``endpoint_type`` is ``EDGE`` or ``REGIONAL``.

    ``security_policy`` is the oldest TLS version, ``TLS_1_2``.
    """

    name: str
    domain_name: str = field(metadata=NAME)
    certificate_arn: str
    endpoint_type: str
    security_policy: str
    tags: Mapping[str, str] = field(default_factory=dict, metadata=TAGS)


@dataclass(frozen=True, kw_only=True)
class ApiMapping:
    """A stage of an API at a domain, below ``key``: ``v1``, empty for the root of the domain.

    ``is_rest`` tells REST APIs from those of version 2: their mappings are managed apart.
    """

    name: str
    domain_name: Value = field(metadata=NAME)
    key: str = field(metadata=NAME)
    is_rest: bool = field(metadata=SOLE)
    api_id: Value
    stage_name: str


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A key that callers of a REST API show. AWS makes up its value."""

    name: str
    key_name: str = field(metadata=NAME)
    stage_key: str


@dataclass(frozen=True, kw_only=True)
class UsagePlan:
    """How much the holders of API keys may use a stage of a REST API.

    Rates are in requests a second, None for no limit. ``api_keys`` are ids of keys.
    """

    name: str
    plan_name: str = field(metadata=NAME)
    stage_key: str
    api_id: Value
    stage_name: str
    rate_limit: int | None = None
    burst_limit: int | None = None
    quota_limit: int | None = None
    quota_period: str | None = None
    api_keys: tuple[Value, ...] = ()
