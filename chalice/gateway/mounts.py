"""Where on a server the APIs are: which part of a request names the API and the stage."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from chalice.gateway.deployment import Catalog, Deployment

_EXECUTE_API = re.compile(r"([a-z0-9-]+)\.execute-api\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is for. ``path`` is inside the stage, still percent-encoded, and begins with
    ``/``; ``prefix`` is what ``requestContext.path`` shows in front of it: ``/api`` or nothing.
    """

    deployment: Deployment
    prefix: str
    path: str


class Mount(Protocol):
    """Finds the deployment that a request is for."""

    def find(self, host: str, path: str) -> Target | None:
        """Return the target of a request for ``path`` (percent-encoded) sent to ``host``."""
        ...


class SharedMount:
    """All APIs on one server: ``/<api-id>/<stage>/…``, and ``/<stage>/…`` of a host whose name
    begins with ``<api-id>.execute-api.``.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def find(self, host: str, path: str) -> Target | None:
        """Return the target of a request for ``path`` sent to ``host``."""
        named = _EXECUTE_API.match(host)
        if named is not None:
            api_id = named.group(1).lower()
        else:
            api_id, _, rest = path[1:].partition("/")
            path = f"/{rest}"
        stage, slash, rest = path[1:].partition("/")
        deployment = self._catalog.find(api_id, stage)
        if deployment is None:
            return None
        return Target(deployment, f"/{stage}", slash + rest or "/")


class RootMount:
    """One API with its root at ``/``. ``current`` is asked at each request, so that the app may be
    replaced while the server runs.
    """

    def __init__(self, current: Callable[[], Deployment]) -> None:
        self._current = current

    def find(self, host: str, path: str) -> Target:
        """Return the one deployment with the whole path."""
        return Target(self._current(), "", path)
