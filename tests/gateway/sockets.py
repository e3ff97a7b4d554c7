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

from chalice.gateway.deployment import ApiKeys, Deployment, no_api_keys
from chalice.gateway.gateway import Gateway
from chalice.gateway.invoker import InvocationResult, Invoker
from chalice.gateway.mounts import Domains, SharedMount, no_domains
from chalice.gateway.signatures import Signatures
from chalice.gateway.sockets.sockets import SocketLimits, Sockets
from tests.gateway.serving import FUNCTION, Functions, Handler, Shelf, result, serve, uri

SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/execute-api/aws4_request,"
    " SignedHeaders=host;x-amz-date, Signature=00"
}
DONE = result({"statusCode": 200})


def integration(function: str = FUNCTION, **more: object) -> dict[str, object]:
    return {"integrationType": "AWS_PROXY", "integrationUri": uri(function), **more}


DEFAULT_INTEGRATION = integration()


def route(
    key: str,
    runs: Mapping[str, object] | None = DEFAULT_INTEGRATION,
    *,
    responds: bool = False,
    **more: object,
) -> dict[str, Any]:
    """A route that runs an integration, none for None."""
    shown = {"routeKey": key, "runs": runs, **more}
    return shown | {"routeResponseSelectionExpression": "$default" if responds else None}


def chat(
    *routes: dict[str, Any],
    selection: str = "$request.body.action",
    variables: Mapping[str, str] | None = None,
    authorizers: Mapping[str, object] | None = None,
) -> Deployment:
    """A deployment of the API ``ws1`` to the stage ``dev``: three routes unless others are said."""
    wanted = routes or tuple(map(route, ("$connect", "$default", "$disconnect")))
    numbered = [each | {"target": f"integrations/{n}"} for n, each in enumerate(wanted)]
    return Deployment(
        api_id="ws1",
        stage="dev",
        protocol="WEBSOCKET",
        document={
            "routes": numbered,
            "routeSelectionExpression": selection,
            "integrations": {str(n): each["runs"] for n, each in enumerate(wanted)},
            "authorizers": authorizers or {},
        },
        account="123456789012",
        region="eu-west-1",
        variables=variables,
    )


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
    deployment: Deployment | Shelf,
    invoker: Invoker,
    *,
    api_keys: ApiKeys = no_api_keys,
    limits: SocketLimits | None = None,
    signatures: Signatures | None = None,
    domains: Domains = no_domains,
) -> Iterator[Server]:
    """Serve WebSocket APIs until the block ends."""
    shelf = Shelf()
    if isinstance(deployment, Shelf):
        shelf = deployment
    else:
        shelf.put(deployment)
    sockets = Sockets(
        shelf,
        invoker,
        clock=time.time,
        new_id=uuid.uuid4,
        api_keys=api_keys,
        limits=limits,
        signatures=signatures,
    )
    gateway = Gateway(
        SharedMount(shelf, domains), invoker, clock=time.time, new_id=uuid.uuid4, sockets=sockets
    )
    with serve(gateway, ws="websockets-sansio") as port:
        server = Server(port)
        with server.http:
            yield server


@contextmanager
def talking(
    deployment: Deployment | Shelf, invoker: Invoker, *, limits: SocketLimits | None = None
) -> Iterator[ClientConnection]:
    """Serve a WebSocket API, and be its client."""
    with serving(deployment, invoker, limits=limits) as server:
        client = server.connect()
        with client:
            yield client


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
