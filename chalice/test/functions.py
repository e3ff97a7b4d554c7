"""Invocations of the Lambda functions of an app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.local import LambdaContext
from chalice.test.environment import BaseClient

if TYPE_CHECKING:
    from chalice.app import BaseEventSourceConfig, BuiltinAuthConfig, LambdaFunction

WEBSOCKET_FUNCTIONS = {
    "$connect": "websocket_connect",
    "$default": "websocket_message",
    "$disconnect": "websocket_disconnect",
}
"""The functions that websocket handlers are deployed as, by the route that they handle."""


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
        handler, deployed_as = self._find(function_name)
        with self._environment(deployed_as) as config:
            context = LambdaContext(
                function_name, config.lambda_memory_size, config.lambda_timeout * 1000
            )
            return InvokeResponse(handler({} if payload is None else payload, context))

    def _find(self, name: str) -> tuple[Callable[[Any, Any], Any], str]:
        """Return a handler, and the name of its function in the configuration."""
        app = self._app
        if name == DEFAULT_HANDLER_NAME:
            return app, name
        records: tuple[BuiltinAuthConfig | BaseEventSourceConfig | LambdaFunction, ...] = (
            *app.builtin_auth_handlers,
            *app.event_sources,
            *app.pure_lambda_functions,
        )
        if name in (record.name for record in records):
            return app.handler_map[name], name
        for route, handler in app.websocket_handlers.items():
            if handler.name == name:
                return app.handler_map[name], WEBSOCKET_FUNCTIONS[route]
        raise FunctionNotFoundError(name)
