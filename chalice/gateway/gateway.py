"""API Gateway as an ASGI application.

REST APIs with proxy integrations (payload version 1.0), mock integrations, API keys and token
authorizers. What an API document asks for beyond these is refused, never let through: a method
whose authorizer the gateway cannot run answers 500. Resource policies are not evaluated.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from uuid import UUID
from weakref import WeakKeyDictionary

from chalice.gateway.answers import (
    AUTHORIZER_CONFIGURATION_ERROR,
    BAD_GATEWAY,
    FORBIDDEN,
    INTEGRATION_TIMEOUT,
    INTERNAL_ERROR,
    Answer,
    RefusedError,
    no_such_method,
)
from chalice.gateway.api import Api, Integration, Method, Mock, Proxy, Unsupported
from chalice.gateway.authorizers import Authorizations, method_arn
from chalice.gateway.compression import compress
from chalice.gateway.deployment import ApiKeys, Deployment, no_api_keys
from chalice.gateway.event import Call, Caller, proxy_event
from chalice.gateway.invocations import Invocations, InvocationTimeoutError
from chalice.gateway.invoker import FunctionNotFoundError, Invoker
from chalice.gateway.mock import mock_answer
from chalice.gateway.mounts import Mount, Target
from chalice.gateway.proxy import MalformedResponseError, read_response
from chalice.gateway.request import ClientGoneError, Receive, Request, Scope, Send, read_body
from chalice.gateway.sockets.sockets import Sockets

log = logging.getLogger(__name__)


class _Served:
    """A deployment compiled, with what its authorizers said."""

    def __init__(
        self, deployment: Deployment, invocations: Invocations, clock: Callable[[], float]
    ) -> None:
        self.api = Api(deployment)
        self.authorizations = Authorizations(invocations, clock)


class Gateway:
    """An ASGI application that serves the deployments its mount finds, through an invoker.

    ``clock`` gives seconds since the epoch, ``new_id`` a random UUID for each request.
    ``sockets`` serves WebSocket APIs; None refuses WebSockets.
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
        sockets: Sockets | None = None,
    ) -> None:
        self._mount = mount
        self._sockets = sockets
        self._invocations = Invocations(invoker)
        self._clock = clock
        self._new_id = new_id
        self._api_keys = api_keys
        self._served: WeakKeyDictionary[Deployment, _Served] = WeakKeyDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection: HTTP, a WebSocket, or the lifespan."""
        match scope["type"]:
            case "http":
                await self._serve_http(scope, receive, send)
            case "lifespan":
                await self._live(receive, send)
            case "websocket" if self._sockets is not None:
                await self._sockets(scope, receive, send)
            case "websocket":
                await send({"type": "websocket.close", "code": 1000})
            case kind:
                raise ValueError(f"an ASGI scope of type {kind!r}")

    async def close(self) -> None:
        """Cancel the invocations that outlived their requests. For servers without a lifespan."""
        await self._invocations.close()
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
        request.check_size()
        target = self._mount.find(request.host, request.path)
        if target is None and self._sockets is not None:
            body = await read_body(receive, request.headers.get("Content-Length"))
            return await self._sockets.management.answer(request, body)
        if target is None:
            raise RefusedError(FORBIDDEN)
        served = self._compiled(target.deployment)
        found = served.api.resources.match(target.path)
        methods: Mapping[str, Method] = found[0].methods if found else {}
        method = methods.get(request.method) or methods.get("ANY")
        if found is None or method is None:
            dated = "X-Amz-Date" in request.headers or "Date" in request.headers
            raise RefusedError(no_such_method(request.headers.get("Authorization"), dated=dated))
        resource, parameters = found
        # First who asks, then what: a stranger's body is not read.
        caller = await self._identify(served, method, request, target)
        body = await read_body(receive, request.headers.get("Content-Length"))
        answer = await self._integrate(
            Call(request, target, resource, parameters, caller, body), method.integration, served
        )
        return await compress(
            answer,
            target.deployment.minimum_compression_size,
            request.headers.get("Accept-Encoding", ""),
        )

    def _compiled(self, deployment: Deployment) -> _Served:
        served = self._served.get(deployment)
        if served is None:
            served = _Served(deployment, self._invocations, self._clock)
            self._served[deployment] = served
        return served

    async def _identify(
        self, served: _Served, method: Method, request: Request, target: Target
    ) -> Caller:
        """Return who calls. Raises RefusedError for somebody who may not."""
        context = None
        authorizer = method.authorizer
        if isinstance(authorizer, Unsupported):
            log.error("%s %s: %s", request.method, request.path, authorizer.reason)
            raise RefusedError(AUTHORIZER_CONFIGURATION_ERROR)
        if authorizer is not None:
            arn = method_arn(target.deployment, request.method, target.path)
            context = await served.authorizations.authorize(authorizer, request.headers, arn)
        if not method.api_key_required:
            return Caller(authorizer=context)
        key = request.headers.get("X-Api-Key")
        key_id = self._api_keys(target.deployment, key) if key else None
        if key_id is None:
            raise RefusedError(FORBIDDEN)
        return Caller(key, key_id, context)

    async def _integrate(self, call: Call, integration: Integration, served: _Served) -> Answer:
        match integration:
            case Mock() as mock:
                content_type = call.request.headers.get("Content-Type", "application/json")
                return mock_answer(mock, content_type, call.body)
            case Unsupported(reason):
                log.error("%s: %s", call, reason)
                raise RefusedError(INTERNAL_ERROR)
            case Proxy() as proxy:
                payload = await self._invoke(call, proxy, proxy_event(call, served.api.binary))
        try:
            accept = call.request.headers.get("Accept", "")
            answer = read_response(payload, accept, served.api.binary)
        except MalformedResponseError as error:
            log.error("%s: malformed proxy response: %s", call, error)
            raise RefusedError(BAD_GATEWAY) from error
        answer.headers.append((b"x-amzn-trace-id", call.request.trace_id.encode("latin-1")))
        return answer

    async def _invoke(self, call: Call, proxy: Proxy, event: Mapping[str, object]) -> bytes:
        """Return what the function returned."""
        try:
            result = await self._invocations.run(proxy.function, event, proxy.timeout)
        except InvocationTimeoutError as error:
            log.error("%s: no answer within %g seconds", call, proxy.timeout)
            raise RefusedError(INTEGRATION_TIMEOUT) from error
        except FunctionNotFoundError as error:
            log.error("%s: no function %s", call, proxy.function)
            raise RefusedError(INTERNAL_ERROR) from error
        if result.throttled:
            # https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html
            log.error("%s: the function is throttled", call)
            raise RefusedError(INTERNAL_ERROR)
        if result.error is not None:
            log.error("%s: %s", call, result.payload.decode("utf-8", "replace"))
            raise RefusedError(BAD_GATEWAY)
        return result.payload


async def _send_answer(send: Send, request: Request, answer: Answer) -> None:
    headers = [
        *answer.headers,
        (b"x-amzn-requestid", request.id.encode("ascii")),
        (b"x-amz-apigw-id", request.extended_id.encode("ascii")),
    ]
    body = answer.body
    if answer.status in (204, 304):
        body = b""
    else:
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else body})
