"""What the gateway serves: an API document, deployed to a stage; a function at a URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Throttle:
    """``rate`` requests a second on average, ``burst`` at once; None for no limit."""

    rate: float | None = None
    burst: int | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """``limit`` requests in each ``period``, of which the first has ``offset`` fewer."""

    limit: int
    period: Literal["DAY", "WEEK", "MONTH"]
    offset: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Deployment:
    """One stage of one API. Two deployments are equal when they are the same object.

    ``document`` is the resolved API document, plain JSON: its integration URIs hold function
    ARNs. It is a REST API's (Swagger 2.0 or OpenAPI 3), an HTTP API's (OpenAPI 3) or a WebSocket
    API's (`chalice.gateway.sockets.api`), as ``protocol`` says.
    ``variables`` are the stage variables, None or empty for none.
    ``minimum_compression_size`` is in bytes, None for no compression. ``throttles`` are the limits
    of the stage: by method of a REST API (``/users/{id}/GET``, ``*/*`` for those not named), by
    route key of an HTTP API (``$default`` is a route; ``*`` for those not named).
    ``default_endpoint`` says whether it can be reached other than by a domain name of its own,
    ``private_endpoint`` through which VPC endpoint requests come that do not name one: None for a
    public API, empty for an endpoint that policies cannot name.
    """

    api_id: str
    stage: str
    document: Mapping[str, object]
    account: str
    region: str
    partition: str = "aws"
    deployment_id: str | None = None
    variables: Mapping[str, str] | None = None
    minimum_compression_size: int | None = None
    protocol: Literal["REST", "HTTP", "WEBSOCKET"] = "REST"
    throttles: Mapping[str, Throttle] = field(default_factory=dict)
    default_endpoint: bool = True
    private_endpoint: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class FunctionUrl:
    """A function that answers at a URL of its own.

    ``function`` is the ARN, with the alias if it is the URL of one. ``cors`` is as in
    CreateFunctionUrlConfig: ``{"AllowOrigins": ["*"], …}``. ``policy`` is the resource policy of
    the function, None for none.
    """

    url_id: str
    function: str
    account: str
    region: str
    auth_type: Literal["NONE", "AWS_IAM"]
    cors: Mapping[str, Any] | None = None
    policy: Mapping[str, Any] | None = None


class Catalog(Protocol):
    """Knows what is deployed.

    It returns the *same* object as long as nothing about that stage changed: the gateway keeps
    what it compiled, and its cache of authorizations, exactly as long as the object lives.
    """

    def find(self, api_id: str, stage: str) -> Deployment | None:
        """Return what that stage of that API serves, None when there is no such stage."""
        ...


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """How much the holders of a plan may ask of one stage; each API key counts for itself.

    ``methods`` are stricter limits of single methods (``/users/{id}/GET``).
    """

    id: str
    throttle: Throttle | None = None
    quota: Quota | None = None
    methods: Mapping[str, Throttle] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key that is valid for a deployment, through a plan if there is one."""

    id: str
    plan: UsagePlan | None = None


ApiKeys: TypeAlias = Callable[[Deployment, str], "ApiKey | None"]
"""Returns that API key if it is valid for that deployment, else None."""


def no_api_keys(deployment: Deployment, key: str) -> ApiKey | None:
    """Find no key valid."""
    return None
