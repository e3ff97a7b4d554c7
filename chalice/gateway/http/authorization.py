"""Who may use a route of an HTTP API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalice.gateway.answers import GatewayResponse, RefusedError
from chalice.gateway.authorizers import CACHED, TIMEOUT, read_context
from chalice.gateway.gatekeeper import is_signed, signed
from chalice.gateway.guards import IamAuthorizer, Unsupported
from chalice.gateway.http.document import FunctionAuthorizer, JwtAuthorizer, Route
from chalice.gateway.http.event import NOBODY, HttpCaller, Place, event_v1, event_v2
from chalice.gateway.identity_sources import read_sources
from chalice.gateway.invocations import Invocations, InvocationTimeoutError
from chalice.gateway.invoker import FunctionNotFoundError
from chalice.gateway.policies import Policy
from chalice.gateway.request import Request
from chalice.gateway.resource_policy import INVOKE, context_of
from chalice.gateway.signatures import SignatureRefusedError, Signatures
from chalice.gateway.tokens import InvalidTokenError, Tokens, scopes_of
from chalice.iam.evaluation import Decision

log = logging.getLogger(__name__)


def said(status: int, message: str) -> GatewayResponse:
    """Return an answer in the words of HTTP APIs."""
    body = json.dumps({"message": message}, separators=(",", ":"))
    return GatewayResponse(status, "", body.encode())


NOT_FOUND = said(404, "Not Found")
UNAUTHORIZED = said(401, "Unauthorized")
FORBIDDEN = said(403, "Forbidden")
FAILED = said(500, "Internal Server Error")
UNAVAILABLE = said(503, "Service Unavailable")
TOO_MANY = said(429, "Too Many Requests")


@dataclass(frozen=True, slots=True)
class _Grant:
    """What a function said: a policy, or for simple responses yes or no; and until when."""

    decides: Policy | bool
    context: Mapping[str, Any] | None
    until: float


class HttpAuthorizations:
    """Asks those who know, and remembers what functions said for as long as they allow.

    There is one for each deployment.
    """

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
        self._grants: OrderedDict[tuple[str, ...], _Grant] = OrderedDict()

    async def authorize(
        self, route: Route, request: Request, place: Place, body: bytes, arn: str
    ) -> HttpCaller:
        """Return who calls. Raises RefusedError for somebody who may not.

        ``body`` matters to signatures alone.
        """
        match route.authorizer:
            case None:
                return NOBODY
            case IamAuthorizer():
                return await self._verify(request, place, body, arn)
            case JwtAuthorizer() as authorizer:
                return await self._read_token(authorizer, route.scopes, request, place)
            case FunctionAuthorizer() as authorizer:
                return await self._ask(authorizer, request, place, arn)
            case Unsupported(reason):
                log.error("%s: %s", route.key, reason)
                raise RefusedError(FAILED)

    async def _verify(self, request: Request, place: Place, body: bytes, arn: str) -> HttpCaller:
        if not is_signed(request):
            raise RefusedError(FORBIDDEN)
        try:
            principal = await self._signatures.verify(
                signed(request, body), "execute-api", place.region
            )
        except SignatureRefusedError as refused:
            log.info("%s %s: %s", request.method, request.path, refused)
            raise RefusedError(FORBIDDEN) from refused
        context = context_of(request, None)
        said = await self._signatures.decide(principal, INVOKE, arn, context)
        if said is not Decision.ALLOWED:
            log.info("%s may not call %s", principal.arn, arn)
            raise RefusedError(FORBIDDEN)
        return HttpCaller(principal=principal)

    async def _read_token(
        self, authorizer: JwtAuthorizer, scopes: tuple[str, ...], request: Request, place: Place
    ) -> HttpCaller:
        found = read_sources((authorizer.source,), request, place.variables, {})
        try:
            claims = await self._tokens.read(found[0] if found else "", (authorizer.issuer,))
            audience = claims.get("aud", claims.get("client_id"))
            listed = audience if isinstance(audience, list) else [audience]
            if authorizer.audience.isdisjoint(str(each) for each in listed):
                raise InvalidTokenError(f"its audience is {audience!r}")
        except InvalidTokenError as error:
            log.info("%s %s: the token is refused: %s", request.method, request.path, error)
            raise RefusedError(UNAUTHORIZED) from error
        granted = scopes_of(claims)
        if scopes and not set(scopes) & set(granted):
            raise RefusedError(FORBIDDEN)
        texts = {name: claim_text(value) for name, value in claims.items()}
        return HttpCaller(claims=texts, scopes=granted if scopes else None)

    async def _ask(
        self, authorizer: FunctionAuthorizer, request: Request, place: Place, arn: str
    ) -> HttpCaller:
        event = event_v2(request, place, NOBODY, b"")
        values = read_sources(authorizer.sources, request, place.variables, event["requestContext"])
        if values is None:
            raise RefusedError(UNAUTHORIZED)
        if authorizer.version == "2.0":
            question = _question_v2(event, values, arn)
        else:
            question = _question_v1(event_v1(request, place, NOBODY, b""), values, arn)
        known = (authorizer.name, *values)
        grant = self._grants.get(known) if values and authorizer.ttl > 0 else None
        if grant is None or grant.until <= self._clock():
            payload = await self._invoke(authorizer, question)
            grant = _read(authorizer, payload, self._clock() + authorizer.ttl)
            if values and authorizer.ttl > 0:
                self._grants[known] = grant
                self._grants.move_to_end(known)
                if len(self._grants) > CACHED:
                    self._grants.popitem(last=False)
        decides = grant.decides
        if isinstance(decides, Policy):
            decides = decides.decide(INVOKE, arn) is Decision.ALLOWED
        if not decides:
            raise RefusedError(FORBIDDEN)
        return HttpCaller(said=grant.context, has_said=True)

    async def _invoke(self, authorizer: FunctionAuthorizer, event: Mapping[str, Any]) -> bytes:
        try:
            result = await self._invocations.run(authorizer.function, event, TIMEOUT)
        except (FunctionNotFoundError, InvocationTimeoutError) as error:
            raise _failed(authorizer, repr(error)) from error
        if result.throttled or result.error is not None:
            reason = result.payload.decode("utf-8", "replace") if result.error else "throttled"
            raise _failed(authorizer, reason)
        return result.payload


def claim_text(value: object) -> str:
    """Return a claim as HTTP APIs hand it on: a list is ``[admins users]``."""
    if isinstance(value, list):
        return f"[{' '.join(claim_text(each) for each in value)}]"
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _read(authorizer: FunctionAuthorizer, payload: bytes, until: float) -> _Grant:
    try:
        answer = json.loads(payload)
        if not isinstance(answer, dict):
            raise ValueError("the answer is not an object")
        context = answer.get("context")
        if context is not None and not isinstance(context, dict):
            raise ValueError("the context is not an object")
        if authorizer.is_simple:
            decision = answer.get("isAuthorized")
            if not isinstance(decision, bool):
                raise ValueError("isAuthorized is neither true nor false")
            return _Grant(decision, context, until)
        principal = answer.get("principalId")
        if not isinstance(principal, str):
            raise ValueError("principalId is not a string")
        policy = Policy(answer.get("policyDocument"))
        if authorizer.version == "1.0":
            context = {**read_context(context), "principalId": principal}
        return _Grant(policy, context, until)
    except ValueError as error:
        raise _failed(authorizer, str(error)) from error


def _failed(authorizer: FunctionAuthorizer, reason: str) -> RefusedError:
    log.error("Authorizer %s failed: %s", authorizer.name, reason)
    return RefusedError(FAILED)


def _question_v2(event: Mapping[str, Any], values: tuple[str, ...], arn: str) -> dict[str, Any]:
    kept = {name: value for name, value in event.items() if name not in ("body", "isBase64Encoded")}
    return {**kept, "type": "REQUEST", "routeArn": arn, "identitySource": list(values)}


def _question_v1(event: Mapping[str, Any], values: tuple[str, ...], arn: str) -> dict[str, Any]:
    names = ("queryStringParameters", "pathParameters", "stageVariables")
    kept = {name: value for name, value in event.items() if name not in ("body", "isBase64Encoded")}
    empty = {name: kept[name] or {} for name in names}
    source = ",".join(values)
    return {
        **kept,
        **empty,
        "type": "REQUEST",
        "methodArn": arn,
        "identitySource": source,
        "authorizationToken": source,
    }
