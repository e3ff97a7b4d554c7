"""WebSocket APIs on a real server, real functions behind them, and clients."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from chalice.gateway.gateway import Gateway
from chalice.gateway.invoker import InvocationResult, Invoker
from chalice.gateway.mounts import Domains, SharedMount, no_domains
from chalice.gateway.signatures import Signatures
from chalice.gateway.sockets.deployment import Function, Route, SocketDeployment
from chalice.gateway.sockets.mount import SocketMount
from chalice.gateway.sockets.selection import RouteSelection
from chalice.gateway.sockets.sockets import SocketLimits, Sockets
from tests.gateway.serving import FUNCTION, Functions, Handler, Shelf, result, serve

SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/execute-api/aws4_request,"
    " SignedHeaders=host;x-amz-date, Signature=00"
}
DONE = result({"statusCode": 200})


def route(key: str, function: str = FUNCTION, **more: Any) -> Route:
    return Route(key, Function(function, more.pop("timeout", 29.0)), **more)


def chat(
    *routes: Route,
    selection: str = "$request.body.action",
    variables: Mapping[str, str] | None = None,
) -> SocketDeployment:
    """A deployment of the API ``ws1`` to the stage ``dev``: three routes unless others are said."""
    wanted = routes or tuple(map(route, ("$connect", "$default", "$disconnect")))
    return SocketDeployment(
        api_id="ws1",
        stage="dev",
        routes={each.key: each for each in wanted},
        selection=RouteSelection(selection),
        account="123456789012",
        region="eu-west-1",
        variables=variables,
    )


class Chats:
    """A catalog of WebSocket APIs that a test fills."""

    def __init__(self, *deployments: SocketDeployment) -> None:
        self.deployments = {(each.api_id, each.stage): each for each in deployments}

    def find(self, api_id: str, stage: str) -> SocketDeployment | None:
        return self.deployments.get((api_id, stage))


class Server:
    """A gateway that serves WebSocket APIs on a port."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", verify=False)

    def connect(self, path: str = "/ws1/dev", **more: Any) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.port}{path}", proxy=None, **more)

    def manage(
        self, method: str, connection_id: str, content: bytes | None = None, **more: Any
    ) -> httpx.Response:
        """Send a signed request for a connection."""
        path = f"/ws1/dev/@connections/{connection_id.replace('=', '%3D')}"
        return self.http.request(method, path, content=content, headers=SIGNED, **more)


@contextmanager
def serving(
    deployment: SocketDeployment | Chats,
    invoker: Invoker,
    *,
    limits: SocketLimits | None = None,
    signatures: Signatures | None = None,
    domains: Domains = no_domains,
) -> Iterator[Server]:
    """Serve WebSocket APIs until the block ends."""
    chats = deployment if isinstance(deployment, Chats) else Chats(deployment)
    sockets = Sockets(
        SocketMount(chats, domains),
        invoker,
        clock=time.time,
        new_id=uuid.uuid4,
        limits=limits,
        signatures=signatures,
    )
    gateway = Gateway(
        SharedMount(Shelf(), domains), invoker, clock=time.time, new_id=uuid.uuid4, sockets=sockets
    )
    with serve(gateway, ws="websockets-sansio") as port:
        server = Server(port)
        with server.http:
            yield server


def functions(handler: Handler | None = None, **by_route: Handler) -> Functions:
    """An invoker with one function, which does what is said for the route, 200 for all others.

    ``connect``, ``default`` and ``disconnect`` are those with a dollar.
    """

    def run(event: dict[str, Any]) -> Any:
        name = event["requestContext"]["routeKey"].lstrip("$")
        return by_route.get(name, handler or (lambda _: DONE))(event)

    return Functions({FUNCTION: run})


def wait_for(found: Functions, kind: str, timeout: float = 5.0) -> dict[str, Any]:
    """Return the first event of that kind (``CONNECT``), once it is there."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        for event in list(found.events):
            if event["requestContext"]["eventType"] == kind:
                return event
        time.sleep(0.005)
    raise AssertionError(f"no {kind} among {json.dumps(found.events)}")


def echo(event: dict[str, Any]) -> InvocationResult:
    """Answer with the body of the message."""
    return result({"statusCode": 200, "body": event["body"]})
