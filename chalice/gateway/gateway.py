"""API Gateway as an ASGI application, over ports for what it serves and for those who ask."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

from chalice.gateway.answers import FORBIDDEN, INTERNAL_ERROR, Answer, RefusedError
from chalice.gateway.deployment import ApiKeys, no_api_keys
from chalice.gateway.gatekeeper import Gatekeeper
from chalice.gateway.http.apis import HttpApis
from chalice.gateway.http.function_urls import NO_URLS, FunctionUrls, UrlCatalog, address_of
from chalice.gateway.invocations import Invocations
from chalice.gateway.invoker import Invoker
from chalice.gateway.mounts import Mount
from chalice.gateway.request import (
    ClientGoneError,
    Receive,
    Request,
    Scope,
    Send,
    raw_path,
    read_body,
)
from chalice.gateway.rest_apis import RestApis
from chalice.gateway.signatures import NO_SIGNATURES, Signatures
from chalice.gateway.sockets.sockets import Sockets
from chalice.gateway.tokens import NO_ISSUERS, Issuers, Tokens
from chalice.gateway.usage import Usage

log = logging.getLogger(__name__)


class Gateway:
    """An ASGI application that serves the deployments its mount finds, through an invoker.

    ``clock`` gives seconds since the epoch, ``new_id`` a random UUID for each request. ``usage``
    counts what the holders of API keys ask; ``sockets`` serves WebSocket APIs, None refuses them.
    ``url_invoker`` runs functions that answer at URLs of their own, without asking whether an API
    may run them; None is for the same invoker.
    Failures that a client sees only as 500 or 502 are explained in the log. A server must leave
    ``X-Forwarded-For`` alone (uvicorn: ``proxy_headers=False``), or clients choose their address.
    """

    def __init__(
        self,
        mount: Mount,
        invoker: Invoker,
        *,
        clock: Callable[[], float],
        new_id: Callable[[], UUID],
        api_keys: ApiKeys = no_api_keys,
        signatures: Signatures = NO_SIGNATURES,
        issuers: Issuers = NO_ISSUERS,
        sockets: Sockets | None = None,
        urls: UrlCatalog = NO_URLS,
        url_invoker: Invoker | None = None,
        usage: Usage | None = None,
    ) -> None:
        self._mount = mount
        self._sockets = sockets
        self._invocations = Invocations(invoker)
        self._clock = clock
        self._new_id = new_id
        tokens = Tokens(issuers, clock)
        gatekeeper = Gatekeeper(tokens, signatures, api_keys, usage or Usage(clock))
        self._rest_apis = RestApis(self._invocations, gatekeeper, clock)
        self._http_apis = HttpApis(self._invocations, tokens, signatures, clock)
        self._url_invocations = Invocations(url_invoker or invoker)
        self._function_urls = FunctionUrls(urls, self._url_invocations, signatures)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection: HTTP, a WebSocket, or the lifespan."""
        match scope["type"]:
            case "http":
                await self._serve_http(scope, receive, send)
            case "lifespan":
                await self._live(receive, send)
            case "websocket" if self._sockets is not None:
                host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
                target = self._mount.find(host, raw_path(scope))
                await self._sockets.serve(target, scope, receive, send)
            case "websocket":
                await send({"type": "websocket.close", "code": 1000})
            case kind:
                raise ValueError(f"an ASGI scope of type {kind!r}")

    async def close(self) -> None:
        """Cancel the invocations that outlived their requests. For servers without a lifespan."""
        await self._invocations.close()
        await self._url_invocations.close()
        if self._sockets is not None:
            await self._sockets.close()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return
            await send({"type": "lifespan.startup.complete"})

    async def _serve_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, self._new_id(), self._clock())
        try:
            answer = await self._answer(request, receive)
        except RefusedError as refused:
            answer = refused.response.answer()
        except ClientGoneError:
            return
        except Exception:
            log.exception("%s %s", request.method, request.path)
            answer = INTERNAL_ERROR.answer()
        await _send_answer(send, request, answer)

    async def _answer(self, request: Request, receive: Receive) -> Answer:
        address = address_of(request)
        if address is not None:
            return await self._function_urls.answer(address, request, receive)
        target = self._mount.find(request.host, request.path)
        if target is None or target.deployment.protocol == "WEBSOCKET":
            request.check_size()
            if self._sockets is None:
                raise RefusedError(FORBIDDEN)
            body = await read_body(receive, request.headers.get("Content-Length"))
            return await self._sockets.management.answer(target, request, body)
        if target.deployment.protocol == "HTTP":
            return await self._http_apis.answer(target, request, receive)
        return await self._rest_apis.answer(target, request, receive)


async def _send_answer(send: Send, request: Request, answer: Answer) -> None:
    headers = [*answer.headers]
    if not answer.is_identified:
        headers.append((b"x-amzn-requestid", request.id.encode("ascii")))
        headers.append((b"x-amz-apigw-id", request.extended_id.encode("ascii")))
    body = answer.body
    if answer.status in (204, 304):
        body = b""
    else:
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else body})
