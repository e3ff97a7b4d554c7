"""What an app records of a handler that is neither a view nor an authorizer."""

from __future__ import annotations

from chalice.runtime.decorators import triggers_of
from chalice.runtime.events.handler import BaseLambdaHandler, lambda_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from chalice.runtime.app import Chalice
    from chalice.runtime.decorators import RegistrationOptions


def register_event(
    app: Chalice,
    handler_type: str,
    name: str,
    function: Callable[..., Any],
    handler: Callable[..., Any],
    settings: Mapping[str, Any],
    options: RegistrationOptions,
) -> Callable[..., Any]:
    """Record a handler by the name of its decorator; returns the one that is this app's own.

    Raises ValueError if there is no such decorator.
    A handler from a blueprint belongs to the app that registered it last; each app has a copy.
    """
    entry = f"{options.get('module_name', 'app')}.{lambda_name(function)}"
    triggers = triggers_of(handler_type)
    triggers._record_handler(app, handler_type, name, entry, function, settings)
    if not isinstance(handler, BaseLambdaHandler):
        return handler
    handler.bind(app, triggers._event_type, options.get("error_handlers", ()))
    if "module_name" not in options:
        return handler
    from copy import copy  # noqa: PLC0415

    own = copy(handler)
    own.handler = None
    return own
