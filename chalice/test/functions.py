"""Invocations of the Lambda functions of an app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalice.local import LambdaContext
from chalice.test.environment import BaseClient
from chalice.test.handlers import find


class FunctionNotFoundError(Exception):
    """The app has no function of that name."""


@dataclass
class InvokeResponse:
    """What a function returned, as it is."""

    payload: Any


class TestLambdaClient(BaseClient):
    """Invokes functions by the name that they are registered under."""

    __test__ = False  # pytest shall not collect it

    def invoke(self, function_name: str, payload: Any = None) -> InvokeResponse:
        """Return what the function makes of an event, `{}` for None; what it raises is raised.

        All routes are the function `api_handler`. Raises FunctionNotFoundError.
        """
        found = find(self._app, function_name)
        if found is None:
            raise FunctionNotFoundError(function_name)
        with self._environment(found.deployed_as) as config:
            context = LambdaContext(
                function_name, config.lambda_memory_size, config.lambda_timeout * 1000
            )
            return InvokeResponse(found.call({} if payload is None else payload, context))
