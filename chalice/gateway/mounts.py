"""Where on a server the APIs are: which part of a request names the API and the stage."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from chalice.gateway.deployment import Catalog, Deployment

_EXECUTE_API = re.compile(r"([a-z0-9-]+)\.execute-api\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is for. ``path`` is inside the stage, still percent-encoded, and begins with
    ``/``; ``prefix`` is what ``requestContext.path`` shows in front of it: ``/api`` or nothing.
    ``base_path`` is what functions see in front of it: ``/v1`` where a custom domain has mapped
    the stage to that.
    """

    deployment: Deployment
    prefix: str
    path: str
    base_path: str = ""


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


def host_name(host: str) -> str:
    """Return the name in a ``Host`` header: ``API.example.com:8443`` is ``api.example.com``."""
    return host.lower().rpartition("]")[2].partition(":")[0]


class Mount(Protocol):
    """Finds the deployment that a request is for."""

    def find(self, host: str, path: str) -> Target | None:
        """Return the target of a request for ``path`` (percent-encoded) sent to ``host``."""
        ...


class SharedMount:
    """All APIs on one server: ``/<api-id>/<stage>/…``, and ``/<stage>/…`` of a host whose name
    begins with ``<api-id>.execute-api.``; a custom domain leads where it is mapped to.
    """

    def __init__(self, catalog: Catalog, domains: Domains = no_domains) -> None:
        self._catalog = catalog
        self._domains = domains

    def find(self, host: str, path: str) -> Target | None:
        """Return the target of a request for ``path`` sent to ``host``."""
        mapped = self._domains(host_name(host), path)
        if mapped is not None:
            deployment = self._catalog.find(mapped.api_id, mapped.stage)
            base = mapped.base_path
            return Target(deployment, base, mapped.path, base) if deployment else None
        api_id, path = split_address(host, path)
        stage, slash, rest = path[1:].partition("/")
        deployment = self._catalog.find(api_id, stage)
        if deployment is None:
            return None
        return Target(deployment, f"/{stage}", slash + rest or "/")


def split_address(host: str, path: str) -> tuple[str, str]:
    """Return the API's id and the path within the API, which begins with the stage."""
    named = _EXECUTE_API.match(host)
    if named is not None:
        return named.group(1).lower(), path
    api_id, _, rest = path[1:].partition("/")
    return api_id, f"/{rest}"


class RootMount:
    """One API with its root at ``/``. ``current`` is asked at each request, so that the app may be
    replaced while the server runs.
    """

    def __init__(self, current: Callable[[], Deployment]) -> None:
        self._current = current

    def find(self, host: str, path: str) -> Target:
        """Return the one deployment with the whole path."""
        return Target(self._current(), "", path)
