"""How a REST API answers: who asks, what they may, what the function says.

What an API document asks for beyond what the gateway can do is refused, never let through: a
method whose authorizer the gateway cannot run answers 500.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from weakref import WeakKeyDictionary

from chalice.gateway.answers import (
    AUTHORIZER_CONFIGURATION_ERROR,
    BAD_GATEWAY,
    INTEGRATION_TIMEOUT,
    INTERNAL_ERROR,
    THROTTLED,
    Answer,
    RefusedError,
)
from chalice.gateway.api import Integration, Method, Mock, Proxy
from chalice.gateway.compression import compress
from chalice.gateway.deployment import Deployment
from chalice.gateway.event import Call, Caller, proxy_event
from chalice.gateway.gatekeeper import Gatekeeper, no_such_method_of
from chalice.gateway.guards import Unsupported
from chalice.gateway.invocations import Invocations, InvocationTimeoutError
from chalice.gateway.invoker import FunctionNotFoundError
from chalice.gateway.mock import mock_answer
from chalice.gateway.mounts import Target
from chalice.gateway.proxy import MalformedResponseError, read_response
from chalice.gateway.request import Receive, Request, read_body
from chalice.gateway.served_api import ServedApi
from chalice.gateway.throttling import Throttling

log = logging.getLogger(__name__)


class RestApis:
    """Answers for REST APIs. ``clock`` gives seconds since the epoch."""

    def __init__(
        self, invocations: Invocations, gatekeeper: Gatekeeper, clock: Callable[[], float]
    ) -> None:
        self._invocations = invocations
        self._gatekeeper = gatekeeper
        self._clock = clock
        self._throttling = Throttling(clock)
        self._served: WeakKeyDictionary[Deployment, ServedApi] = WeakKeyDictionary()

    async def answer(self, target: Target, request: Request, receive: Receive) -> Answer:
        """Return the answer to a request. Raises ClientGoneError."""
        deployment = target.deployment
        served = self._served.get(deployment)
        if served is None:
            served = ServedApi(deployment, self._invocations, self._clock)
            self._served[deployment] = served
        try:
            request.check_size()
            answer = await self._answer(served, target, request, receive)
        except RefusedError as refused:
            return served.api.responses.answer(refused.response, request, deployment, target.path)
        accepted = request.headers.get("Accept-Encoding", "")
        return await compress(answer, deployment.minimum_compression_size, accepted)

    async def _answer(
        self, served: ServedApi, target: Target, request: Request, receive: Receive
    ) -> Answer:
        found = served.api.resources.match(target.path)
        methods: Mapping[str, Method] = found[0].methods if found else {}
        method = methods.get(request.method) or methods.get("ANY")
        if found is None or method is None:
            raise RefusedError(no_such_method_of(request))
        resource, parameters = found
        call = Call(request, target, resource, parameters, Caller(), b"")
        if served.is_open and method.is_open:
            # First who asks, then what: a stranger's body is not read.
            call.body = await read_body(receive, request.headers.get("Content-Length"))
        else:
            await self._admit(served, method, call, receive)
        if target.deployment.throttles:
            self._throttle(target.deployment, call)
        return await self._integrate(call, method.integration, served)

    async def _admit(self, served: ServedApi, method: Method, call: Call, receive: Receive) -> None:
        """Fill in who calls, and the body. Raises RefusedError for somebody who may not."""
        if served.fault is not None:
            log.error("%s: the resource policy: %s", call, served.fault)
            raise RefusedError(INTERNAL_ERROR)
        if isinstance(method.guard.authorizer, Unsupported):
            log.error("%s: %s", call, method.guard.authorizer.reason)
            raise RefusedError(AUTHORIZER_CONFIGURATION_ERROR)
        await self._gatekeeper.admit(served, method.guard, call, receive)

    def _throttle(self, deployment: Deployment, call: Call) -> None:
        name = call.method_key
        limit = deployment.throttles.get(name)
        if limit is None:
            name, limit = "*/*", deployment.throttles.get("*/*")
        stage = (deployment.api_id, deployment.stage, name)
        if limit is not None and not self._throttling.take(stage, limit):
            raise RefusedError(THROTTLED)

    async def _integrate(self, call: Call, integration: Integration, served: ServedApi) -> Answer:
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
