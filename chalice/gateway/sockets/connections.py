"""The connections that are open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalice.gateway.deployment import Deployment
from chalice.gateway.request import Request, Send

CLOSED_NORMALLY = "Connection Closed Normally"


class GoneError(Exception):
    """The client is not connected any more."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who connected to what. ``domain_name`` is the host that the API's functions see; times are in
    seconds since the epoch; ``authorizer`` is what an authorizer said of the client.
    """

    connection_id: str
    api_id: str
    stage: str
    domain_name: str
    request: Request
    connected_at: float
    authorizer: Mapping[str, object] | None = None

    @property
    def user_agent(self) -> str | None:
        """What the client calls itself."""
        return self.request.headers.get("User-Agent")

    def belongs_to(self, deployment: Deployment) -> bool:
        """Whether it connected to that stage of that API."""
        return (self.api_id, self.stage) == (deployment.api_id, deployment.stage)


class Connection:
    """A WebSocket that was accepted. ``last_active_at`` is when a message last went either way."""

    def __init__(self, client: Client, send: Send, clock: Callable[[], float]) -> None:
        self.client = client
        self.last_active_at = clock()
        self._send = send
        self._clock = clock
        self._sending = asyncio.Lock()
        self._open = True

    async def send(self, message: str | bytes) -> None:
        """Send a message: text, or bytes in a binary frame. Raises GoneError."""
        kind = "bytes" if isinstance(message, bytes) else "text"
        await self._tell({"type": "websocket.send", kind: message})
        self.touch()

    async def close(self, code: int, reason: str) -> None:
        """End the connection. Raises GoneError when it has ended."""
        await self._tell({"type": "websocket.close", "code": code, "reason": reason})
        self._open = False

    def touch(self) -> None:
        """Note that a message arrived."""
        self.last_active_at = self._clock()

    def end(self) -> None:
        """Note that the client is gone."""
        self._open = False

    async def _tell(self, message: dict[str, object]) -> None:
        async with self._sending:
            if not self._open:
                raise GoneError
            try:
                await self._send(message)
            except OSError:  # what servers raise for a client that left
                self._open = False
                raise GoneError from None


class Connections:
    """Those that are open, by id."""

    def __init__(self) -> None:
        self._open: dict[str, Connection] = {}

    def add(self, connection: Connection) -> None:
        """Take in a connection that was accepted."""
        self._open[connection.client.connection_id] = connection

    def remove(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        connection.end()
        del self._open[connection.client.connection_id]

    def find(self, connection_id: str) -> Connection:
        """Return the connection. Raises GoneError."""
        try:
            return self._open[connection_id]
        except KeyError:
            raise GoneError from None
