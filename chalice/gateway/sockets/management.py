"""``@connections``: sending to connected clients, looking at them, and ending connections.

https://docs.aws.amazon.com/apigateway/latest/developerguide/
apigateway-how-to-call-websocket-api-connections.html
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from urllib.parse import unquote

from chalice.gateway.answers import (
    FORBIDDEN,
    JSON_TYPE,
    Answer,
    GatewayResponse,
    RefusedError,
    no_such_method,
)
from chalice.gateway.deployment import Catalog, Deployment
from chalice.gateway.mounts import Target
from chalice.gateway.request import Request
from chalice.gateway.sockets.connections import (
    CLOSED_NORMALLY,
    Connection,
    Connections,
    GoneError,
)
from chalice.gateway.sockets.signers import Signers, require_signature

ACTION = "execute-api:ManageConnections"
GONE = GatewayResponse(410, "GoneException", b"{}")
TOO_LARGE = GatewayResponse(413, "PayloadTooLargeException", b'{"message":"Message too long"}')

_PATH = "/@connections/"
_CONNECTION_ID = re.compile(r"[\w-]{15}=")


class Management:
    """Answers requests for ``…/@connections/<id>``. ``limit`` is in bytes of a message."""

    def __init__(
        self, catalog: Catalog, connections: Connections, signers: Signers, limit: int
    ) -> None:
        self._catalog = catalog
        self._connections = connections
        self._signers = signers
        self._limit = limit

    async def answer(self, target: Target | None, request: Request, body: bytes) -> Answer:
        """Answer. Raises RefusedError.

        Without a target, a path with nothing before ``/@connections`` is for any API: that is what
        clients ask who were told where the cloud is, and no more.
        """
        path = request.path if target is None else target.path
        if not path.startswith(_PATH):
            raise RefusedError(FORBIDDEN)
        connection_id = unquote(path[len(_PATH) :])
        require_signature(request)
        deployment = self._deployment(connection_id) if target is None else target.deployment
        if deployment is None:
            raise RefusedError(GONE)
        path = f"{request.method}/@connections/{connection_id}"
        await self._signers.check(request, body, ACTION, deployment, path)
        try:
            return await self._act(request, body, self._find(deployment, connection_id))
        except GoneError:
            raise RefusedError(GONE) from None

    def _deployment(self, connection_id: str) -> Deployment | None:
        """Return what a client is connected to."""
        try:
            client = self._connections.find(connection_id).client
        except GoneError:
            return None
        return self._catalog.find(client.api_id, client.stage)

    def _find(self, deployment: Deployment, connection_id: str) -> Connection:
        if _CONNECTION_ID.fullmatch(connection_id) is None:
            sentence = json.dumps({"message": f"Invalid connectionId: {connection_id}"})
            raise RefusedError(GatewayResponse(400, "BadRequestException", sentence.encode()))
        connection = self._connections.find(connection_id)
        if not connection.client.belongs_to(deployment):
            raise GoneError
        return connection

    async def _act(self, request: Request, body: bytes, connection: Connection) -> Answer:
        match request.method:
            case "POST":
                if len(body) > self._limit:
                    raise RefusedError(TOO_LARGE)
                await connection.send(body.decode("utf-8", "replace"))
                return Answer(200, [JSON_TYPE])
            case "GET":
                return Answer(200, [JSON_TYPE], json.dumps(_describe(connection)).encode())
            case "DELETE":
                await connection.close(1000, CLOSED_NORMALLY)
                return Answer(204, [])
            case _:
                authorization = request.headers.get("Authorization")
                raise RefusedError(no_such_method(authorization, dated=True))


def _describe(connection: Connection) -> dict[str, object]:
    client = connection.client
    return {
        "connectedAt": _time(client.connected_at),
        "identity": {
            "sourceIp": client.request.source_ip,
            "userAgent": client.user_agent or "",
        },
        "lastActiveAt": _time(connection.last_active_at),
    }


def _time(seconds: float) -> str:
    """Return seconds since the epoch as ``2020-02-17T21:07:35.123Z``."""
    at = datetime.fromtimestamp(seconds, timezone.utc)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
