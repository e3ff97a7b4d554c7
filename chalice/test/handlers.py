"""The handlers of an app by name: what to call, and what the app recorded of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalice.app import Chalice
from chalice.constants import DEFAULT_HANDLER_NAME, websocket_function

if TYPE_CHECKING:
    from chalice.sources.samples import Handler


@dataclass(frozen=True)
class Found:
    """A handler. `deployed_as` is the name of its function in the configuration.

    `records` are what the app recorded: several of a function that has several triggers, none of
    all routes together.
    """

    deployed_as: str
    call: Callable[[Any, Any], Any]
    records: Sequence[Handler] = ()


def find(app: Chalice, name: str) -> Found | None:
    """Return the handler of that registered name, None if there is none.

    All routes together are `api_handler`. Handlers of a WebSocket API also have the names of their
    functions: `websocket_connect`, `websocket_message`, `websocket_disconnect`.
    """
    if name == DEFAULT_HANDLER_NAME:
        return Found(name, app)
    records = [record for registered, record in _functions(app) if registered == name]
    if records:
        return Found(name, app.handler_map[name], records)
    for route, record in app.websocket_handlers.items():
        function = websocket_function(route)
        if name in (record.name, function):
            return Found(function, app.handler_map[record.name], [record])
    return None


def names(app: Chalice) -> Sequence[str]:
    """Return the names of all handlers, those of a kind in the order of their declaration."""
    of_routes = [DEFAULT_HANDLER_NAME] if app.routes else []
    functions = (name for name, _ in _functions(app))
    sockets = (record.name for record in app.websocket_handlers.values())
    return [*dict.fromkeys([*of_routes, *functions, *sockets])]


def _functions(app: Chalice) -> Iterator[tuple[str, Handler]]:
    for authorizer in app.builtin_auth_handlers:
        yield authorizer.name, authorizer
    for trigger in app.event_sources:
        yield trigger.name, trigger
    for function in app.pure_lambda_functions:
        yield function.name, function
