"""A gateway on a real server, a real function behind it, and clients."""

from __future__ import annotations

import json
import socket
import threading
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import httpx
import uvicorn

from chalice.gateway.deployment import ApiKeys, Deployment, Throttle, no_api_keys
from chalice.gateway.gateway import Gateway
from chalice.gateway.http.function_urls import NO_URLS, UrlCatalog
from chalice.gateway.invoker import FunctionNotFoundError, InvocationResult, Invoker
from chalice.gateway.mounts import Mount, SharedMount
from chalice.gateway.request import Receive, Scope, Send
from chalice.gateway.signatures import NO_SIGNATURES, Signatures
from chalice.gateway.tokens import NO_ISSUERS, Issuers

NOW = 1_700_000_000.25
REQUEST_ID = uuid.UUID("0123456789abcdef0123456789abcdef")
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:shop-dev"
ASGIApplication: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Handler: TypeAlias = Callable[[dict[str, Any]], "InvocationResult | Awaitable[InvocationResult]"]


def uri(function: str = FUNCTION) -> str:
    return f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{function}/invocations"


def proxy(function: str = FUNCTION, **more: object) -> dict[str, object]:
    """An operation with a proxy integration."""
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri(function)}
    return {"x-amazon-apigateway-integration": {**integration, **more}}


def result(response: object) -> InvocationResult:
    return InvocationResult(json.dumps(response).encode())


OK = result({"statusCode": 200, "headers": {}, "multiValueHeaders": {}, "body": "ok"})


class Functions:
    """An invoker whose functions are Python callables. Keeps the events they got."""

    def __init__(self, handlers: Mapping[str, Handler] | None = None) -> None:
        self.handlers: dict[str, Handler] = dict(handlers or {FUNCTION: lambda event: OK})
        self.events: list[dict[str, Any]] = []

    async def __call__(self, function: str, event: Mapping[str, object]) -> InvocationResult:
        handler = self.handlers.get(function)
        if handler is None:
            raise FunctionNotFoundError(function)
        copy = json.loads(json.dumps(event))
        self.events.append(copy)
        answer = handler(copy)
        return answer if isinstance(answer, InvocationResult) else await answer


@dataclass
class Shelf:
    """A catalog that a test fills."""

    deployments: dict[tuple[str, str], Deployment] = field(default_factory=dict)

    def put(self, deployment: Deployment) -> None:
        self.deployments[deployment.api_id, deployment.stage] = deployment

    def find(self, api_id: str, stage: str) -> Deployment | None:
        return self.deployments.get((api_id, stage))


def deployment(
    paths: Mapping[str, Mapping[str, object]],
    *,
    stage: str = "api",
    variables: Mapping[str, str] | None = None,
    minimum_compression_size: int | None = None,
    definitions: Mapping[str, object] | None = None,
    binary_types: Sequence[str] = (),
    throttles: Mapping[str, Throttle] | None = None,
    private_endpoint: str | None = None,
    **more: object,
) -> Deployment:
    """A deployment of the API ``abc123``; ``definitions`` are its security definitions, ``more``
    goes into the document with ``x-amazon-apigateway-`` in front.
    """
    return Deployment(
        api_id="abc123",
        stage=stage,
        document={
            "swagger": "2.0",
            "paths": paths,
            "securityDefinitions": definitions or {},
            "x-amazon-apigateway-binary-media-types": binary_types,
            **{
                f"x-amazon-apigateway-{key.replace('_', '-')}": value for key, value in more.items()
            },
        },
        account="123456789012",
        region="eu-west-1",
        deployment_id="dep001",
        variables=variables,
        minimum_compression_size=minimum_compression_size,
        throttles=throttles or {},
        private_endpoint=private_endpoint,
    )


def gateway(
    mount: Mount | Deployment,
    invoker: Invoker,
    *,
    clock: Callable[[], float] = lambda: NOW,
    api_keys: ApiKeys = no_api_keys,
    signatures: Signatures = NO_SIGNATURES,
    issuers: Issuers = NO_ISSUERS,
    urls: UrlCatalog = NO_URLS,
) -> Gateway:
    if isinstance(mount, Deployment):
        shelf = Shelf()
        shelf.put(mount)
        mount = SharedMount(shelf)
    return Gateway(
        mount,
        invoker,
        clock=clock,
        new_id=lambda: REQUEST_ID,
        api_keys=api_keys,
        signatures=signatures,
        issuers=issuers,
        urls=urls,
    )


@contextmanager
def serve(
    app: ASGIApplication,
    http: Literal["h11", "httptools"] = "httptools",
    *,
    lifespan: bool = True,
    ws: Literal["none", "websockets-sansio"] = "none",
) -> Iterator[int]:
    """Serve an ASGI application on a port of its own; stop when the block ends."""
    config = uvicorn.Config(
        app,
        http=http,
        ws=ws,
        lifespan="on" if lifespan else "off",
        log_level="error",
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    # asyncio turns Nagle's delay off only for sockets that say they are TCP.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


class Counter:
    """A server at which gateways take turns, since starting one takes a tenth of a second."""

    def __init__(self) -> None:
        self.app: Gateway | None = None
        self.client = httpx.Client(verify=False)  # TLS is slow to set up, and not used

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)

    @contextmanager
    def open(self) -> Iterator[Counter]:
        with serve(self, lifespan=False) as port, self.client:
            self.client.base_url = httpx.URL(f"http://127.0.0.1:{port}")
            yield self

    def ask(
        self,
        app: Gateway | Deployment,
        functions: Functions | None = None,
        *,
        method: str = "GET",
        target: str = "/abc123/api/",
        **request: Any,
    ) -> httpx.Response:
        """Send one request to that gateway, or to a new one that serves that deployment."""
        if isinstance(app, Deployment):
            app = gateway(app, functions or Functions())
        self.app = app
        return self.client.request(method, target, **request)


def exchange(port: int, request: bytes) -> bytes:
    """Send raw bytes, which ask for ``Connection: close``, and return all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request)
        parts = []
        while part := client.recv(65536):
            parts.append(part)
    return b"".join(parts)
