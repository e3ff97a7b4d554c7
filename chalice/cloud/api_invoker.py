"""How the gateway runs functions in the cloud: those that let it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from chalice.cloud.control.lookups import (
    NoSuchFunctionError,
    api_gateway_may_invoke,
    authorizer_id,
    execute_api_arn,
    find_function,
    parse_function_name,
)
from chalice.cloud.functions import Executor
from chalice.gateway.invoker import FunctionNotFoundError, InvocationResult

LOGGER = logging.getLogger(__name__)


class ApiInvoker:
    """Runs a function for an API, if the function's policy lets API Gateway do so.

    As on AWS, a function that does not is to the client no different from one that is missing.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def __call__(self, function: str, event: Mapping[str, object]) -> InvocationResult:
        """Return what the function gave. Raises ``FunctionNotFoundError``."""
        try:
            named = parse_function_name(function, "")
            config = find_function(named)
        except NoSuchFunctionError as error:
            raise FunctionNotFoundError(str(error)) from None
        source = source_arn(function, event)
        if not api_gateway_may_invoke(named, source):
            LOGGER.error(
                "API Gateway may not invoke %s for %s: the function's policy does not allow it",
                function,
                source,
            )
            raise FunctionNotFoundError(f"API Gateway may not invoke {function}")
        result = await self._executor.invoke(config, json.dumps(event).encode())
        return InvocationResult(result.payload, result.error, result.throttled)


def source_arn(function: str, event: Mapping[str, object]) -> str:
    """Return what API Gateway names as the source when it invokes a function with ``event``:
    ``arn:aws:execute-api:us-east-1:123456789012:a1b2c3/api/GET/users/{id}``.
    """
    method = event.get("methodArn", event.get("routeArn"))
    if isinstance(method, str):  # an authorizer, which API Gateway invokes in its own name
        api, _, _ = method.partition("/")
        return f"{api}/authorizers/{authorizer_id(api.rpartition(':')[2], function)}"
    context = event.get("requestContext")
    if not isinstance(context, Mapping):
        return ""
    if "connectionId" in context:
        path = f"{context['stage']}/{context['routeKey']}"
    elif "http" in context:
        path = _route(context, context["http"]["method"], context["routeKey"].rpartition(" ")[2])
    else:
        path = _route(context, context["httpMethod"], context["resourcePath"])
    return execute_api_arn(str(context["apiId"]), path)


def _route(context: Mapping[str, Any], method: str, path: str) -> str:
    stage = context["stage"]
    return f"{stage}/{method}{path}" if path.startswith("/") else f"{stage}/{path}"


class UrlInvoker:
    """Runs a function for its own URL: who may use that, the gateway has asked."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def __call__(self, function: str, event: Mapping[str, object]) -> InvocationResult:
        """Return what the function gave. Raises ``FunctionNotFoundError``."""
        try:
            config = find_function(parse_function_name(function, ""))
        except NoSuchFunctionError as error:
            raise FunctionNotFoundError(str(error)) from None
        result = await self._executor.invoke(config, json.dumps(event).encode())
        return InvocationResult(result.payload, result.error, result.throttled)
