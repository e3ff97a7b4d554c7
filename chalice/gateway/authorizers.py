"""Lambda authorizers of REST APIs: functions that decide by a token or by a request.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from chalice.gateway.answers import (
    ACCESS_DENIED,
    AUTHORIZER_CONFIGURATION_ERROR,
    EXPLICITLY_DENIED,
    UNAUTHORIZED,
    RefusedError,
)
from chalice.gateway.deployment import Deployment
from chalice.gateway.guards import RequestAuthorizer, TokenAuthorizer
from chalice.gateway.invocations import Invocations, InvocationTimeoutError
from chalice.gateway.invoker import FunctionNotFoundError
from chalice.gateway.policies import Policy
from chalice.gateway.routes import canonical
from chalice.iam.evaluation import Decision

log = logging.getLogger(__name__)

TIMEOUT = 29.0
"""Seconds an authorizer may take."""
CACHED = 10_000
"""How many answers of authorizers are kept, for each deployment."""


LambdaAuthorizer: TypeAlias = TokenAuthorizer | RequestAuthorizer


@dataclass(frozen=True, slots=True)
class Authorization:
    """What an authorizer says of one request: whether it may be made, what
    ``requestContext.authorizer`` is, and the API key for its usage plan, None for none.
    """

    decision: Decision
    context: Mapping[str, object]
    usage_key: str | None = None

    def require(self) -> None:
        """Raise RefusedError for a request that may not be made."""
        match self.decision:
            case Decision.DENIED:
                raise RefusedError(EXPLICITLY_DENIED)
            case Decision.NOT_ALLOWED:
                raise RefusedError(ACCESS_DENIED)
            case Decision.ALLOWED:
                return


@dataclass(frozen=True, slots=True)
class _Grant:
    """An authorizer's answer: what its caller may do, and who that is."""

    policy: Policy
    context: Mapping[str, str | None]
    usage_key: str | None
    until: float


class Authorizations:
    """Asks authorizers, and remembers what they said for as long as they allow."""

    def __init__(self, invocations: Invocations, clock: Callable[[], float]) -> None:
        self._invocations = invocations
        self._clock = clock
        self._grants: OrderedDict[tuple[str, ...], _Grant] = OrderedDict()

    async def authorize_token(
        self, authorizer: TokenAuthorizer, headers: Mapping[str, str], method_arn: str
    ) -> Authorization:
        """Return what the authorizer says of the token in the headers, and of ``method_arn``.

        Raises RefusedError when there is no token, or the authorizer failed.
        """
        token = headers.get(authorizer.header.title())
        if not token or (authorizer.pattern and not authorizer.pattern.fullmatch(token)):
            raise RefusedError(UNAUTHORIZED)
        event = {"type": "TOKEN", "methodArn": method_arn, "authorizationToken": token}
        return await self._authorize(authorizer, (token,), event, method_arn)

    async def authorize_request(
        self,
        authorizer: RequestAuthorizer,
        values: tuple[str, ...] | None,
        event: Mapping[str, object],
        method_arn: str,
    ) -> Authorization:
        """Return what the authorizer says of a request; ``values`` are those of its identity
        sources. Raises RefusedError when one is missing (None), or the authorizer failed.
        """
        if values is None:
            raise RefusedError(UNAUTHORIZED)
        return await self._authorize(authorizer, values, event, method_arn)

    async def _authorize(
        self,
        authorizer: LambdaAuthorizer,
        identity: tuple[str, ...],
        event: Mapping[str, object],
        method_arn: str,
    ) -> Authorization:
        started = self._clock()
        latency = 0
        known = (authorizer.name, *identity)
        # What nothing identifies cannot be found again.
        grant = self._grants.get(known) if identity else None
        if grant is None or grant.until <= started:
            answer = await self._ask(authorizer, event)
            now = self._clock()
            latency = int((now - started) * 1000)
            grant = self._read(authorizer, answer, now + authorizer.ttl)
            if authorizer.ttl > 0 and identity:
                self._remember(known, grant)
        return Authorization(
            grant.policy.decide("execute-api:Invoke", method_arn),
            {**grant.context, "integrationLatency": latency},
            grant.usage_key,
        )

    async def _ask(self, authorizer: LambdaAuthorizer, event: Mapping[str, object]) -> bytes:
        try:
            result = await self._invocations.run(authorizer.function, event, TIMEOUT)
        except (FunctionNotFoundError, InvocationTimeoutError) as error:
            raise self._failed(authorizer, repr(error)) from error
        if result.throttled:
            raise self._failed(authorizer, "throttled")
        if result.error is not None:
            if _error_message(result.payload) == "Unauthorized":
                raise RefusedError(UNAUTHORIZED)
            raise self._failed(authorizer, result.payload.decode("utf-8", "replace"))
        return result.payload

    def _read(self, authorizer: LambdaAuthorizer, payload: bytes, until: float) -> _Grant:
        try:
            answer = json.loads(payload)
            if not isinstance(answer, dict):
                raise ValueError("the answer is not an object")
            principal = answer.get("principalId")
            if not isinstance(principal, str):
                raise ValueError("principalId is not a string")
            texts = read_context(answer.get("context"))
            policy = Policy(answer.get("policyDocument"))
            usage_key = answer.get("usageIdentifierKey")
            if usage_key is not None and not isinstance(usage_key, str):
                raise ValueError("usageIdentifierKey is not a string")
        except ValueError as error:
            raise self._failed(authorizer, str(error)) from error
        return _Grant(policy, {**texts, "principalId": principal}, usage_key, until)

    def _remember(self, known: tuple[str, ...], grant: _Grant) -> None:
        self._grants[known] = grant
        self._grants.move_to_end(known)
        if len(self._grants) > CACHED:
            self._grants.popitem(last=False)

    def _failed(self, authorizer: LambdaAuthorizer, reason: str) -> RefusedError:
        log.error("Authorizer %s failed: %s", authorizer.name, reason)
        return RefusedError(AUTHORIZER_CONFIGURATION_ERROR)


def method_arn(deployment: Deployment, method: str, path: str) -> str:
    """Return the ARN of a call; ``path`` is percent-encoded."""
    return (
        f"arn:{deployment.partition}:execute-api:{deployment.region}:{deployment.account}:"
        f"{deployment.api_id}/{deployment.stage}/{method}/{canonical(path)}"
    )


def read_context(context: object) -> dict[str, str | None]:
    """Return the ``context`` of an authorizer's answer as functions get it. Raises ValueError."""
    if not context:
        return {}
    if not isinstance(context, Mapping):
        raise ValueError("the context is not an object")
    return {str(name): _text(name, value) for name, value in context.items()}


def _text(name: object, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    raise ValueError(f"{name} in the context is neither text, number nor boolean")


def _error_message(payload: bytes) -> object:
    try:
        error = json.loads(payload)
    except ValueError:
        return None
    return error.get("errorMessage") if isinstance(error, dict) else None
