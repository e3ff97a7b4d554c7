"""WebSocket APIs as an ASGI application.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-about.html
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID
from weakref import WeakKeyDictionary

from chalice.gateway.answers import (
    AUTHORIZER_CONFIGURATION_ERROR,
    FORBIDDEN,
    INTERNAL_ERROR,
    INVALID_API_KEY,
    JSON_TYPE,
    Answer,
    RefusedError,
)
from chalice.gateway.authorizers import Authorizations
from chalice.gateway.deployment import ApiKeys, Catalog, Deployment, no_api_keys
from chalice.gateway.guards import IamAuthorizer, RequestAuthorizer, Unsupported
from chalice.gateway.identity_sources import read_sources
from chalice.gateway.invocations import Invocations
from chalice.gateway.invoker import Invoker
from chalice.gateway.mounts import Target
from chalice.gateway.request import Message, Receive, Request, Scope, Send
from chalice.gateway.signatures import Signatures
from chalice.gateway.sockets.api import (
    CONNECT,
    DISCONNECT,
    Route,
    SocketApi,
    arn_of,
    host_of,
)
from chalice.gateway.sockets.connections import Client, Connection, Connections, GoneError
from chalice.gateway.sockets.events import (
    authorizer_event,
    connect_event,
    disconnect_event,
    message_event,
    short_id,
)
from chalice.gateway.sockets.handshakes import answer_of, read_handshake, refuse, sentence_of
from chalice.gateway.sockets.integrations import Integrations
from chalice.gateway.sockets.management import Management
from chalice.gateway.sockets.signers import Signers

log = logging.getLogger(__name__)

MAXIMUM_FRAME = 32 * 1024
"""Bytes of a frame. The server keeps to it and closes with 1009, as it does for messages."""
MAXIMUM_MESSAGE = 128 * 1024

_GOING_AWAY = 1001, "Going away"
_NOT_ACCEPTABLE = 1003, "Binary frames are not supported"
_ABNORMAL = 1006, "Connection closed abnormally"
_NO_STATUS = 1005, "Client-side close frame status not set"


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """Seconds without a message, and in all, after which a connection is ended; bytes of a message
    to a client; messages of one connection that are handled at once.
    """

    idle: float = 600.0
    lifetime: float = 7200.0
    message: int = MAXIMUM_MESSAGE
    concurrent: int = 32


class Sockets:
    """Serves the WebSocket APIs of a catalog, through an invoker.

    ``clock`` gives seconds since the epoch, ``new_id`` a random UUID for each id. ``signatures``
    is asked of those who connect to an API that wants a signature; None lets all signers in.
    ``managers`` is asked before anything is done to a connection from outside; None is for the
    same.
    """

    def __init__(
        self,
        catalog: Catalog,
        invoker: Invoker,
        *,
        clock: Callable[[], float],
        new_id: Callable[[], UUID],
        api_keys: ApiKeys = no_api_keys,
        signatures: Signatures | None = None,
        managers: Signatures | None = None,
        limits: SocketLimits | None = None,
    ) -> None:
        self._limits = limits or SocketLimits()
        self._catalog = catalog
        self._api_keys = api_keys
        self._invocations = Invocations(invoker)
        self._integrations = Integrations(self._invocations)
        self._clock = clock
        self._new_id = new_id
        self._signers = Signers(signatures)
        self._connections = Connections()
        self._messages: set[asyncio.Task[None]] = set()
        self._authorizations = Authorizations(self._invocations, clock)
        self._served: WeakKeyDictionary[Deployment, SocketApi] = WeakKeyDictionary()
        self.management = Management(
            catalog, self._connections, Signers(managers or signatures), self._limits.message
        )

    async def serve(
        self, target: Target | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Serve one WebSocket, from its handshake to its end; ``target`` is what it is for."""
        await receive()
        request = read_handshake(scope, self._new_id(), self._clock())
        connection_id = short_id(self._new_id())
        try:
            client, subprotocol = await self._admit(target, request, connection_id)
        except RefusedError as refused:
            await refuse(send, scope, answer_of(refused.response, connection_id, request))
            return
        except _RefusedByFunctionError as refused:
            await refuse(send, scope, refused.answer)
            return
        try:
            await send({"type": "websocket.accept", "subprotocol": subprotocol})
        except OSError:  # what servers raise for a client that left meanwhile
            await self._say_goodbye(client, *_ABNORMAL)
            return
        connection = Connection(client, send, self._clock)
        self._connections.add(connection)
        try:
            end = await self._converse(connection, receive)
        finally:
            self._connections.remove(connection)
        await self._say_goodbye(client, *end)

    async def close(self) -> None:
        """End what still runs for connections that have ended."""
        for task in self._messages:
            task.cancel()
        await asyncio.gather(*self._messages, return_exceptions=True)
        await self._invocations.close()

    async def _admit(
        self, target: Target | None, request: Request, connection_id: str
    ) -> tuple[Client, str | None]:
        """Return the client that may connect, and the subprotocol that the API chose for it."""
        request.check_size()
        if target is None or target.deployment.protocol != "WEBSOCKET" or target.path != "/":
            raise RefusedError(FORBIDDEN)
        deployment = target.deployment
        client = Client(
            connection_id,
            deployment.api_id,
            deployment.stage,
            target.domain or host_of(deployment),
            request,
            request.now,
        )
        route = self._compiled(deployment).routes.get(CONNECT)
        if route is None:
            return client, None
        request_id = short_id(self._new_id())
        client = await self._identify(route, client, deployment, request_id)
        event = connect_event(client, deployment, request_id)
        result = await self._integrations.run(route, event)
        if result.status >= 300:
            body = result.body if isinstance(result.body, bytes) else result.body.encode()
            raise _RefusedByFunctionError(Answer(result.status, [JSON_TYPE], body))
        return client, result.headers.get("sec-websocket-protocol")

    async def _identify(
        self, route: Route, client: Client, deployment: Deployment, request_id: str
    ) -> Client:
        """Return the client with what the route's authorizer says of it. Raises RefusedError."""
        if route.api_key_required:
            key = client.request.headers.get("X-Api-Key")
            if not key or self._api_keys(deployment, key) is None:
                raise RefusedError(INVALID_API_KEY)
        match route.authorizer:
            case None:
                return client
            case Unsupported(reason):
                log.error("%s: %s", CONNECT, reason)
                raise RefusedError(AUTHORIZER_CONFIGURATION_ERROR)
            case IamAuthorizer():
                action = "execute-api:Invoke"
                await self._signers.check(client.request, b"", action, deployment, CONNECT)
                return client
            case RequestAuthorizer() as authorizer:
                event = authorizer_event(client, deployment, request_id)
                context = event["requestContext"]
                assert isinstance(context, Mapping)
                values = read_sources(
                    authorizer.sources, client.request, deployment.variables, context
                )
                authorization = await self._authorizations.authorize_request(
                    authorizer, values, event, arn_of(deployment, CONNECT)
                )
                authorization.require()
                return replace(client, authorizer=authorization.context)

    async def _converse(self, connection: Connection, receive: Receive) -> tuple[int, str]:
        """Take messages until the connection ends, and return its code and reason."""
        slots = asyncio.Semaphore(self._limits.concurrent)
        receiving = asyncio.ensure_future(receive())
        try:
            while True:
                left = self._time_left(connection)
                if left <= 0:
                    return await self._end(connection, *_GOING_AWAY)
                done, _ = await asyncio.wait((receiving,), timeout=left)
                if not done:
                    continue
                message = receiving.result()
                if message["type"] == "websocket.disconnect":
                    return _reason(message)
                text = message.get("text")
                if text is None:
                    return await self._end(connection, *_NOT_ACCEPTABLE)
                receiving = asyncio.ensure_future(receive())
                connection.touch()
                await slots.acquire()
                task = asyncio.create_task(self._handle(connection, text))
                self._messages.add(task)
                task.add_done_callback(self._messages.discard)
                task.add_done_callback(lambda _: slots.release())
        finally:
            receiving.cancel()

    def _time_left(self, connection: Connection) -> float:
        ends = min(
            connection.last_active_at + self._limits.idle,
            connection.client.connected_at + self._limits.lifetime,
        )
        return ends - self._clock()

    async def _end(self, connection: Connection, code: int, reason: str) -> tuple[int, str]:
        with suppress(GoneError):
            await connection.close(code, reason)
        return code, reason

    async def _handle(self, connection: Connection, text: str) -> None:
        """Run the route of a message, and answer when the client is to have an answer."""
        request_id = short_id(self._new_id())
        with suppress(GoneError):
            try:
                answer = await self._run_route(connection.client, text, request_id)
            except RefusedError as refused:
                answer = sentence_of(refused.response, connection.client.connection_id, request_id)
            except Exception:
                log.exception("a message of connection %s", connection.client.connection_id)
                answer = sentence_of(INTERNAL_ERROR, connection.client.connection_id, request_id)
            if answer:
                await connection.send(answer)

    async def _run_route(self, client: Client, text: str, request_id: str) -> str | bytes:
        """Return what the client gets, nothing for nothing. Raises RefusedError."""
        deployment = self._catalog.find(client.api_id, client.stage)
        route = None if deployment is None else self._compiled(deployment).select(text)
        if deployment is None or route is None:
            raise RefusedError(FORBIDDEN)
        message_id = short_id(self._new_id())
        event = message_event(
            client, deployment, route.key, text, request_id, message_id, self._clock()
        )
        result = await self._integrations.run(route, event)
        return result.body if route.responds else ""

    async def _say_goodbye(self, client: Client, code: int, reason: str) -> None:
        """Run the route of ended connections; nobody is there to hear of a failure."""
        deployment = self._catalog.find(client.api_id, client.stage)
        route = None if deployment is None else self._compiled(deployment).routes.get(DISCONNECT)
        if deployment is None or route is None:
            return
        request_id = short_id(self._new_id())
        event = disconnect_event(client, deployment, code, reason, request_id, self._clock())
        with suppress(RefusedError):
            await self._integrations.run(route, event)

    def _compiled(self, deployment: Deployment) -> SocketApi:
        served = self._served.get(deployment)
        if served is None:
            served = SocketApi(deployment)
            self._served[deployment] = served
        return served


class _RefusedByFunctionError(Exception):
    """The function of ``$connect`` answered that."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def _reason(message: Message) -> tuple[int, str]:
    """Return code and reason of a connection that ended, in API Gateway's words where the client
    gave none.
    """
    code: int = message.get("code", 1005)
    reason: str | None = message.get("reason")
    if code == 1005:
        return _ABNORMAL if reason is None else _NO_STATUS
    return code, reason or ""
