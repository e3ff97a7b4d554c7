"""Where on a server the APIs are: which part of a request names the API and the stage."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol, TypeAlias

from chalice.gateway.deployment import Catalog, Deployment

DEFAULT_STAGE = "$default"
"""The stage of an HTTP API that has no name in paths."""

_EXECUTE_API = re.compile(r"([a-z0-9-]+)\.execute-api\.")
_ENDPOINT = "-vpce-"


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is for. ``path`` is inside the stage, still percent-encoded, and begins with
    ``/``; ``prefix`` is what ``requestContext.path`` shows in front of it: ``/api`` or nothing.
    ``base_path`` is what functions see in front of it: ``/v1`` where a custom domain has mapped
    the stage to that. ``domain`` is that custom domain, empty for none; ``endpoint`` the VPC
    endpoint that the request came through.
    """

    deployment: Deployment
    prefix: str
    path: str
    base_path: str = ""
    domain: str = ""
    endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """Where a custom domain leads: to a stage of an API, and within it to ``path``, which begins
    with ``/``. ``base_path`` is the part before it, ``/v1`` or nothing.
    """

    api_id: str
    stage: str
    base_path: str
    path: str


Domains: TypeAlias = Callable[[str, str], "Mapped | None"]
"""Finds where a custom domain leads: asked with a host name (lower-case, no port) and a path
(percent-encoded), returns None for a host that is no custom domain or a path it maps to nothing.
"""


def no_domains(name: str, path: str) -> Mapped | None:
    """Know no custom domain."""
    return None


class Mount(Protocol):
    """Finds the deployment that a request is for."""

    def find(self, host: str, path: str) -> Target | None:
        """Return the target of a request for ``path`` (percent-encoded) sent to ``host``."""
        ...


class SharedMount:
    """All APIs on one server: ``/<api-id>/<stage>/…``, and ``/<stage>/…`` of a host whose name
    begins with ``<api-id>.execute-api.`` or ``<api-id>-<vpc-endpoint-id>.execute-api.``. The stage
    ``$default`` has no segment in the path. A custom domain leads where it is mapped to.
    """

    def __init__(self, catalog: Catalog, domains: Domains = no_domains) -> None:
        self._catalog = catalog
        self._domains = domains

    def find(self, host: str, path: str) -> Target | None:
        """Return the target of a request for ``path`` sent to ``host``."""
        asked = _read_host(host)
        if asked.is_domain:
            mapped = self._domains(asked.name, path)
            if mapped is not None:
                deployment = self._catalog.find(mapped.api_id, mapped.stage)
                base = mapped.base_path
                if deployment is None:
                    return None
                return Target(deployment, base, mapped.path, base, asked.name)
        api_id = asked.api_id
        if api_id is None:
            api_id, _, rest = path[1:].partition("/")
            path = f"/{rest}"
        target = self._in_stage(api_id, path)
        if target is None or not target.deployment.default_endpoint:
            return None
        private = target.deployment.private_endpoint
        if private is not None:
            return replace(target, endpoint=asked.endpoint or private)
        return None if asked.endpoint else target

    def _in_stage(self, api_id: str, path: str) -> Target | None:
        stage, slash, rest = path[1:].partition("/")
        deployment = self._catalog.find(api_id, stage)
        if deployment is not None:
            return Target(deployment, f"/{stage}", slash + rest or "/")
        deployment = self._catalog.find(api_id, DEFAULT_STAGE)
        return None if deployment is None else Target(deployment, "", path)


@dataclass(frozen=True, slots=True)
class _Host:
    """What a ``Host`` header says: a name, and the API and VPC endpoint that are in it.

    ``is_domain``: it may be a custom domain, being neither this machine nor an API's own name.
    """

    name: str
    api_id: str | None
    endpoint: str | None
    is_domain: bool


@lru_cache(maxsize=1024)
def _read_host(host: str) -> _Host:
    name = host.lower().rpartition("]")[2].partition(":")[0]
    named = _EXECUTE_API.match(name)
    if named is None:
        here = name in ("", "localhost") or name.replace(".", "").isdigit()
        return _Host(name, None, None, not here)
    api_id, dash, endpoint = named.group(1).partition(_ENDPOINT)
    return _Host(name, api_id, f"{dash[1:]}{endpoint}" or None, is_domain=False)


class RootMount:
    """One API with its root at ``/``. ``current`` is asked at each request, so that the app may be
    replaced while the server runs.
    """

    def __init__(self, current: Callable[[], Deployment]) -> None:
        self._current = current

    def find(self, host: str, path: str) -> Target:
        """Return the one deployment with the whole path."""
        return Target(self._current(), "", path)
