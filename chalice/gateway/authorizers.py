"""Lambda authorizers that decide by a token.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalice.gateway.answers import (
    ACCESS_DENIED,
    AUTHORIZER_CONFIGURATION_ERROR,
    EXPLICITLY_DENIED,
    UNAUTHORIZED,
    RefusedError,
)
from chalice.gateway.api import TokenAuthorizer
from chalice.gateway.deployment import Deployment
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


@dataclass(frozen=True, slots=True)
class _Grant:
    """An authorizer's answer: what its caller may do, and who that is."""

    policy: Policy
    context: Mapping[str, str | None]
    until: float


class Authorizations:
    """Asks authorizers, and remembers what they said for as long as they allow."""

    def __init__(self, invocations: Invocations, clock: Callable[[], float]) -> None:
        self._invocations = invocations
        self._clock = clock
        self._grants: OrderedDict[tuple[str, str], _Grant] = OrderedDict()

    async def authorize(
        self, authorizer: TokenAuthorizer, headers: Mapping[str, str], method_arn: str
    ) -> dict[str, object]:
        """Return ``requestContext.authorizer`` for a request that may call ``method_arn``.

        Raises RefusedError for one that may not, or whose authorizer failed.
        """
        token = headers.get(authorizer.header.title())
        if not token or (authorizer.pattern and not authorizer.pattern.fullmatch(token)):
            raise RefusedError(UNAUTHORIZED)
        started = self._clock()
        latency = 0
        grant = self._grants.get((authorizer.name, token))
        if grant is None or grant.until <= started:
            answer = await self._ask(authorizer, token, method_arn)
            now = self._clock()
            latency = int((now - started) * 1000)
            grant = self._read(authorizer, answer, now + authorizer.ttl)
            self._remember(authorizer, token, grant)
        match grant.policy.decide("execute-api:Invoke", method_arn):
            case Decision.DENIED:
                raise RefusedError(EXPLICITLY_DENIED)
            case Decision.NOT_ALLOWED:
                raise RefusedError(ACCESS_DENIED)
            case Decision.ALLOWED:
                return {**grant.context, "integrationLatency": latency}

    async def _ask(self, authorizer: TokenAuthorizer, token: str, method_arn: str) -> bytes:
        event = {"type": "TOKEN", "methodArn": method_arn, "authorizationToken": token}
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

    def _read(self, authorizer: TokenAuthorizer, payload: bytes, until: float) -> _Grant:
        try:
            answer = json.loads(payload)
            if not isinstance(answer, dict):
                raise ValueError("the answer is not an object")
            principal = answer.get("principalId")
            if not isinstance(principal, str):
                raise ValueError("principalId is not a string")
            context = answer.get("context") or {}
            if not isinstance(context, dict):
                raise ValueError("the context is not an object")
            texts = {str(name): _text(name, value) for name, value in context.items()}
            policy = Policy(answer.get("policyDocument"))
        except ValueError as error:
            raise self._failed(authorizer, str(error)) from error
        return _Grant(policy, {**texts, "principalId": principal}, until)

    def _remember(self, authorizer: TokenAuthorizer, token: str, grant: _Grant) -> None:
        if authorizer.ttl > 0:
            self._grants[authorizer.name, token] = grant
            self._grants.move_to_end((authorizer.name, token))
            if len(self._grants) > CACHED:
                self._grants.popitem(last=False)

    def _failed(self, authorizer: TokenAuthorizer, reason: str) -> RefusedError:
        log.error("Authorizer %s failed: %s", authorizer.name, reason)
        return RefusedError(AUTHORIZER_CONFIGURATION_ERROR)


def method_arn(deployment: Deployment, method: str, path: str) -> str:
    """Return the ARN of a call; ``path`` is percent-encoded."""
    return (
        f"arn:{deployment.partition}:execute-api:{deployment.region}:{deployment.account}:"
        f"{deployment.api_id}/{deployment.stage}/{method}/{canonical(path)}"
    )


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
