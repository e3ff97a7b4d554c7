"""Where on a server the APIs are: which part of a request names the API and the stage."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from chalice.gateway.deployment import Catalog, Deployment

DEFAULT_STAGE = "$default"
"""The stage of an HTTP API that has no name in paths."""

_EXECUTE_API = re.compile(r"([a-z0-9-]+)\.execute-api\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is for. ``path`` is inside the stage, still percent-encoded, and begins with
    ``/``; ``prefix`` is what ``requestContext.path`` shows in front of it: ``/api`` or nothing.
    ``domain`` is the API's own domain name that was asked, empty for none, and ``base`` the path
    under which it is there (``/shop``), which the event's ``path`` shows as well. ``endpoint`` is
    the VPC endpoint that the request came through.
    """

    deployment: Deployment
    prefix: str
    path: str
    domain: str = ""
    base: str = ""
    endpoint: str | None = None


class Mount(Protocol):
    """Finds the deployment that a request is for."""

    def find(self, host: str, path: str) -> Target | None:
        """Return the target of a request for ``path`` (percent-encoded) sent to ``host``."""
        ...


class Domains(Protocol):
    """Knows the domain names that APIs have for themselves."""

    def find(self, name: str) -> Mapping[str, Mapped] | None:
        """Return what is mapped under a domain name (lower-case, no port), None for a name that
        nobody has. Keys are base paths without slashes at the ends: ``orders/v1``, and the empty
        one for all other paths.
        """
        ...


@dataclass(frozen=True, slots=True)
class Mapped:
    """A stage of an API that a domain name leads to. Without a stage (None) the first segment
    after the base path names it.
    """

    api_id: str
    stage: str | None


class SharedMount:
    """All APIs on one server: ``/<api-id>/<stage>/…``, and ``/<stage>/…`` of a host whose name
    begins with ``<api-id>.execute-api.`` or ``<api-id>-<vpc-endpoint-id>.execute-api.``. An HTTP
    API's stage ``$default`` has no segment of its own. Hosts in ``domains`` lead to what is mapped.
    """

    def __init__(self, catalog: Catalog, domains: Domains | None = None) -> None:
        self._catalog = catalog
        self._domains = domains

    def find(self, host: str, path: str) -> Target | None:
        """Return the target of a request for ``path`` sent to ``host``."""
        kind, api_id, endpoint = _read_host(host)
        if kind == "other" and self._domains is not None:
            name = host.rpartition(":")[0].lower() if ":" in host else host.lower()
            mapped = self._domains.find(name)
            if mapped is not None:
                return self._mapped(name, mapped, path)
        if kind != "api":
            api_id, _, rest = path[1:].partition("/")
            path = f"/{rest}"
        target = self._in_stage(api_id, path)
        if target is None or not target.deployment.default_endpoint:
            return None
        private = target.deployment.private_endpoint
        if private is not None:
            return replace(target, endpoint=endpoint or private)
        return None if endpoint else target

    def _in_stage(self, api_id: str, path: str) -> Target | None:
        stage, slash, rest = path[1:].partition("/")
        deployment = self._catalog.find(api_id, stage)
        if deployment is not None:
            return Target(deployment, f"/{stage}", slash + rest or "/")
        deployment = self._catalog.find(api_id, DEFAULT_STAGE)
        return None if deployment is None else Target(deployment, "", path)

    def _mapped(self, name: str, mapped: Mapping[str, Mapped], path: str) -> Target | None:
        """Return the target of the longest base path that ``path`` begins with."""
        parts = path[1:].split("/")
        for count in range(len(parts), -1, -1):
            key = "/".join(parts[:count])
            found = mapped.get(key)
            if found is None or (count and not key):
                continue
            base = f"/{key}" if key else ""
            rest = path[len(base) :] or "/"
            if found.stage is None:
                target = self._in_stage(found.api_id, rest)
                if target is None:
                    return None
                return replace(target, prefix=base + target.prefix, domain=name, base=base)
            deployment = self._catalog.find(found.api_id, found.stage)
            if deployment is None:
                return None
            return Target(deployment, base, rest, domain=name, base=base)
        return None


@lru_cache(maxsize=1024)
def _read_host(host: str) -> tuple[str, str, str | None]:
    """Return what a host is (``api``, ``here`` for this machine, ``other``), the API that it
    names, and the VPC endpoint.
    """
    named = _EXECUTE_API.match(host)
    if named is not None:
        api_id, dash, endpoint = named.group(1).lower().partition("-vpce-")
        return "api", api_id, f"vpce-{endpoint}" if dash else None
    name = host.rpartition(":")[0] if ":" in host else host
    here = name in ("", "localhost") or name[-1:].isdigit() or name[-1:] == "]"
    return "here" if here else "other", "", None


class RootMount:
    """One API with its root at ``/``. ``current`` is asked at each request, so that the app may be
    replaced while the server runs.
    """

    def __init__(self, current: Callable[[], Deployment]) -> None:
        self._current = current

    def find(self, host: str, path: str) -> Target:
        """Return the one deployment with the whole path."""
        return Target(self._current(), "", path)
