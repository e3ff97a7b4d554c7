"""Where on a server the WebSocket APIs are."""

from __future__ import annotations

from dataclasses import dataclass

from chalice.gateway.mounts import Domains, host_name, no_domains, split_address
from chalice.gateway.sockets.deployment import SocketCatalog, SocketDeployment


@dataclass(frozen=True, slots=True)
class SocketTarget:
    """What a request is for. ``path`` is inside the stage: ``/`` to connect.

    ``domain_name`` is the host that functions see.
    """

    deployment: SocketDeployment
    domain_name: str
    path: str


class SocketMount:
    """Where a `SharedMount` has the other APIs: ``/<api-id>/<stage>``, ``/<stage>`` of
    ``<api-id>.execute-api.…``, and what custom domains are mapped to.
    """

    def __init__(self, catalog: SocketCatalog, domains: Domains = no_domains) -> None:
        self._catalog = catalog
        self._domains = domains

    def find(self, host: str, path: str) -> SocketTarget | None:
        """Return the target of a request for ``path`` (percent-encoded) sent to ``host``."""
        name = host_name(host)
        mapped = self._domains(name, path)
        if mapped is not None:
            deployment = self._catalog.find(mapped.api_id, mapped.stage)
            return SocketTarget(deployment, name, mapped.path) if deployment else None
        api_id, path = split_address(host, path)
        stage, _, rest = path[1:].partition("/")
        deployment = self._catalog.find(api_id, stage)
        return SocketTarget(deployment, deployment.host, f"/{rest}") if deployment else None

    def stage(self, api_id: str, stage: str) -> SocketDeployment | None:
        """Return what a stage serves now, None when it is gone."""
        return self._catalog.find(api_id, stage)
