"""The functions that an app becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalice.app import BaseEventSourceConfig, Chalice, LambdaFunction
from chalice.config import Config
from chalice.constants import DEFAULT_HANDLER_NAME, websocket_function


@dataclass(frozen=True)
class Handler:
    """A function to deploy: its name in the config, and what Lambda calls: ``app.app``.

    ``trigger`` is what its decorator recorded, None for what only callers and APIs invoke.
    """

    name: str
    entry: str
    trigger: BaseEventSourceConfig | None = None


def handlers(app: Chalice) -> Sequence[Handler]:
    """Return the app's handlers in the order in which they are deployed."""
    functions: Sequence[LambdaFunction] = app.pure_lambda_functions
    triggered: Sequence[BaseEventSourceConfig] = app.event_sources
    return [
        *(Handler(record.name, record.handler_string) for record in functions),
        *(Handler(record.name, record.handler_string, record) for record in triggered),
        *api_handlers(app),
        *websocket_handlers(app).values(),
    ]


def api_handlers(app: Chalice) -> Sequence[Handler]:
    """Return the handlers that the API of the routes calls; without routes there is none."""
    if not app.routes:
        return []
    authorizers = [Handler(each.name, each.handler_string) for each in app.builtin_auth_handlers]
    return [Handler(DEFAULT_HANDLER_NAME, "app.app"), *authorizers]


def websocket_handlers(app: Chalice) -> Mapping[str, Handler]:
    """Return the handler of each route of the WebSocket API, by its key: ``$connect``.

    Their functions have the names of the routes, whatever they are called in the app.
    """
    return {
        key: Handler(websocket_function(key), record.handler_string)
        for key, record in app.websocket_handlers.items()
    }


def name_prefix(config: Config) -> str:
    """Return what names in AWS begin with: ``app-stage``."""
    return f"{config.app_name}-{config.chalice_stage}"


def function_name(config: Config, name: str) -> str:
    """Return the name in AWS of a function: ``<app>-<stage>-<name>``, without it for routes."""
    prefix = name_prefix(config)
    return prefix if name == DEFAULT_HANDLER_NAME else f"{prefix}-{name}"
