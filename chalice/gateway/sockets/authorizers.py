"""Who may connect.

https://docs.aws.amazon.com/apigateway/latest/developerguide/
apigateway-websocket-api-lambda-auth.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from chalice.gateway.answers import (
    ACCESS_DENIED,
    AUTHORIZER_CONFIGURATION_ERROR,
    EXPLICITLY_DENIED,
    UNAUTHORIZED,
    RefusedError,
)
from chalice.gateway.invocations import Invocations, InvocationTimeoutError
from chalice.gateway.invoker import FunctionNotFoundError
from chalice.gateway.policies import Decision, Policy
from chalice.gateway.request import parse_query
from chalice.gateway.sockets.connections import Client
from chalice.gateway.sockets.deployment import CONNECT, RequestAuthorizer, SocketDeployment
from chalice.gateway.sockets.events import authorizer_event

log = logging.getLogger(__name__)

TIMEOUT = 29.0
"""Seconds an authorizer may take."""


async def authorize(
    authorizer: RequestAuthorizer,
    client: Client,
    deployment: SocketDeployment,
    request_id: str,
    invocations: Invocations,
) -> dict[str, object]:
    """Return ``requestContext.authorizer`` for a client that may connect.

    Raises RefusedError for one that may not, or whose authorizer failed.
    """
    if not all(_identifies(source, client, deployment) for source in authorizer.sources):
        raise RefusedError(UNAUTHORIZED)
    event = authorizer_event(client, deployment, request_id)
    try:
        result = await invocations.run(authorizer.function, event, TIMEOUT)
    except (FunctionNotFoundError, InvocationTimeoutError) as error:
        raise _failed(authorizer, repr(error)) from error
    if result.throttled:
        raise _failed(authorizer, "throttled")
    try:
        answer = json.loads(result.payload)
        if result.error is not None and answer.get("errorMessage") == "Unauthorized":
            raise RefusedError(UNAUTHORIZED)
        if result.error is not None:
            raise ValueError(result.payload.decode("utf-8", "replace"))
        policy, context = _read(answer)
    except ValueError as error:
        raise _failed(authorizer, str(error)) from error
    match policy.decide("execute-api:Invoke", deployment.arn(CONNECT)):
        case Decision.DENIED:
            raise RefusedError(EXPLICITLY_DENIED)
        case Decision.NOT_ALLOWED:
            raise RefusedError(ACCESS_DENIED)
        case Decision.ALLOWED:
            return context


def _identifies(source: str, client: Client, deployment: SocketDeployment) -> bool:
    """Whether an identity source (``route.request.header.Auth``) has a value."""
    match source.removeprefix("route.").split(".", 2):
        case ["request", "header", name]:
            return any(client.request.multi_headers.get(name.title(), ()))
        case ["request", "querystring", name]:
            return any(parse_query(client.request.query).get(name, ()))
        case ["stageVariables", name]:
            return bool((deployment.variables or {}).get(name))
        case ["context", *_]:
            return True
        case _:
            return False


def _read(answer: object) -> tuple[Policy, dict[str, object]]:
    if not isinstance(answer, Mapping):
        raise ValueError("the answer is not an object")
    principal = answer.get("principalId")
    if not isinstance(principal, str):
        raise ValueError("principalId is not a string")
    context = answer.get("context") or {}
    if not isinstance(context, Mapping):
        raise ValueError("the context is not an object")
    texts: dict[str, object] = {}
    for name, value in context.items():
        if not isinstance(value, (str, bool, int, float)):
            raise ValueError(f"{name} in the context is neither text, number nor boolean")
        texts[str(name)] = value if isinstance(value, str) else json.dumps(value)
    return Policy(answer.get("policyDocument")), {**texts, "principalId": principal}


def _failed(authorizer: RequestAuthorizer, reason: str) -> RefusedError:
    log.error("Authorizer %s failed: %s", authorizer.name, reason)
    return RefusedError(AUTHORIZER_CONFIGURATION_ERROR)
