"""How an HTTP API answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from weakref import WeakKeyDictionary

from chalice.gateway.answers import JSON_TYPE, Answer, GatewayResponse, RefusedError
from chalice.gateway.authorizers import method_arn
from chalice.gateway.deployment import Deployment
from chalice.gateway.guards import IamAuthorizer, Unsupported
from chalice.gateway.http.authorization import (
    FAILED,
    NOT_FOUND,
    TOO_MANY,
    UNAVAILABLE,
    HttpAuthorizations,
    said,
)
from chalice.gateway.http.cors import is_preflight
from chalice.gateway.http.document import FunctionIntegration, HttpApi, Route
from chalice.gateway.http.event import HttpCaller, Place, decoded, event_v1, event_v2
from chalice.gateway.http.response import read_v1, read_v2
from chalice.gateway.invocations import Invocations, InvocationTimeoutError
from chalice.gateway.invoker import FunctionNotFoundError, InvocationResult
from chalice.gateway.mounts import Target
from chalice.gateway.proxy import MalformedResponseError
from chalice.gateway.request import Receive, Request, read_body
from chalice.gateway.signatures import Signatures
from chalice.gateway.throttling import Throttling
from chalice.gateway.tokens import Tokens

log = logging.getLogger(__name__)


class _Served:
    """A deployment compiled, with what its authorizers said."""

    def __init__(self, deployment: Deployment, authorizations: HttpAuthorizations) -> None:
        self.api = HttpApi(deployment)
        self.authorizations = authorizations


class HttpApis:
    """Answers for HTTP APIs. ``clock`` gives seconds since the epoch."""

    def __init__(
        self,
        invocations: Invocations,
        tokens: Tokens,
        signatures: Signatures,
        clock: Callable[[], float],
    ) -> None:
        self._invocations = invocations
        self._tokens = tokens
        self._signatures = signatures
        self._clock = clock
        self._throttling = Throttling(clock)
        self._served: WeakKeyDictionary[Deployment, _Served] = WeakKeyDictionary()

    async def answer(self, target: Target, request: Request, receive: Receive) -> Answer:
        """Return the answer to a request. Raises ClientGoneError."""
        served = self._compiled(target.deployment)
        try:
            request.check_size()
            answer = await self._answer(served, target, request, receive)
        except RefusedError as refused:
            answer = _share(served, refuse(refused.response), request)
        answer.headers.append((b"apigw-requestid", request.extended_id.encode("ascii")))
        return Answer(answer.status, answer.headers, answer.body, is_identified=True)

    def _compiled(self, deployment: Deployment) -> _Served:
        served = self._served.get(deployment)
        if served is None:
            authorizations = HttpAuthorizations(
                self._invocations, self._tokens, self._signatures, self._clock
            )
            served = _Served(deployment, authorizations)
            self._served[deployment] = served
        return served

    async def _answer(
        self, served: _Served, target: Target, request: Request, receive: Receive
    ) -> Answer:
        cors = served.api.cors
        found = served.api.match(request.method, target.path)
        asks = cors is not None and is_preflight(request)
        if cors is not None and asks and (found is None or found[0].authorizer is None):
            return cors.preflight(request)
        if found is None:
            raise RefusedError(NOT_FOUND)
        route, parameters = found
        place = _place(target, request, route, parameters)
        length = request.headers.get("Content-Length")
        body = b""
        if isinstance(route.authorizer, IamAuthorizer):
            body = await read_body(receive, length)
        arn = method_arn(target.deployment, request.method, target.path)
        caller = await served.authorizations.authorize(route, request, place, body, arn)
        if cors is not None and asks:
            return cors.preflight(request)
        self._throttle(target.deployment, route)
        if not isinstance(route.authorizer, IamAuthorizer):
            body = await read_body(receive, length)
        answer = await self._integrate(route, request, place, caller, body)
        return _share(served, answer, request)

    def _throttle(self, deployment: Deployment, route: Route) -> None:
        limit = deployment.throttles.get(route.key)
        name = route.key
        if limit is None:
            name, limit = "*", deployment.throttles.get("*")
        bucket = (deployment.api_id, deployment.stage, name)
        if limit is not None and not self._throttling.take(bucket, limit):
            raise RefusedError(TOO_MANY)

    async def _integrate(
        self, route: Route, request: Request, place: Place, caller: HttpCaller, body: bytes
    ) -> Answer:
        integration = route.integration
        if isinstance(integration, Unsupported):
            log.error("%s: %s", route.key, integration.reason)
            raise RefusedError(FAILED)
        make = event_v2 if integration.version == "2.0" else event_v1
        event = make(request, place, caller, body)
        result = await self._invoke(route, integration, event)
        if result.throttled or result.error is not None:
            reason = result.payload.decode("utf-8", "replace") if result.error else "throttled"
            log.error("%s: %s", route.key, reason)
            raise RefusedError(FAILED)
        try:
            read = read_v2 if integration.version == "2.0" else read_v1
            return read(result.payload)
        except MalformedResponseError as error:
            log.error("%s: malformed response: %s", route.key, error)
            raise RefusedError(FAILED) from error

    async def _invoke(
        self, route: Route, integration: FunctionIntegration, event: dict[str, object]
    ) -> InvocationResult:
        try:
            return await self._invocations.run(integration.function, event, integration.timeout)
        except InvocationTimeoutError as error:
            log.error("%s: no answer within %g seconds", route.key, integration.timeout)
            raise RefusedError(UNAVAILABLE) from error
        except FunctionNotFoundError as error:
            log.error("%s: no function %s", route.key, integration.function)
            raise RefusedError(FAILED) from error


def _share(served: _Served, answer: Answer, request: Request) -> Answer:
    cors = served.api.cors
    return answer if cors is None else cors.apply(answer, request)


def refuse(response: GatewayResponse) -> Answer:
    """Return an answer of the gateway itself as HTTP APIs give it."""
    if response.status == 413:
        response = said(413, "Request Entity Too Large")
    headers = [JSON_TYPE]
    if response.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    return Answer(response.status, headers, response.body)


def _place(target: Target, request: Request, route: Route, parameters: dict[str, str]) -> Place:
    deployment = target.deployment
    host = f"{deployment.api_id}.execute-api.{deployment.region}.amazonaws.com"
    return Place(
        api_id=deployment.api_id,
        stage=deployment.stage,
        account=deployment.account,
        region=deployment.region,
        domain=request.host or host,
        prefix=target.domain.partition(".")[0] or deployment.api_id,
        path=decoded(target.prefix + target.path),
        route=route.key,
        resource=route.path,
        parameters=parameters,
        variables=deployment.variables,
    )
