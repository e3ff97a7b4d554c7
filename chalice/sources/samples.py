"""A sample event for each handler of an app, as AWS sends it.

```python
(trigger,) = app.event_sources  # @app.on_s3_event(bucket="photos", prefix="in/")
options(trigger)  # {"key": "the key of the object", ...}
sample(trigger, {"key": "in/sea.jpg"})  # {"Records": [{"eventSource": "aws:s3", ...}]}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeAlias

from chalice.errors import ToolError
from chalice.runtime.auth import BuiltinAuthConfig
from chalice.runtime.events import BaseEventSourceConfig
from chalice.runtime.events.function import LambdaFunction
from chalice.runtime.routing import RouteEntry
from chalice.runtime.websocket import (
    WebsocketConnectConfig,
    WebsocketDisconnectConfig,
    WebsocketMessageConfig,
)
from chalice.sources import requests, source_of, websocket
from chalice.sources.given import Given
from chalice.sources.occasions import Occasion
from chalice.sources.requests import Door

Handler: TypeAlias = "BaseEventSourceConfig | BuiltinAuthConfig | LambdaFunction | RouteEntry"
"""What an app records of a handler: an element of ``event_sources``, ``websocket_handlers``,
``builtin_auth_handlers``, ``pure_lambda_functions`` or ``routes``.
"""


def kind(handler: Handler) -> str:
    """Return what people call events of the handler: ``s3``, ``sqs``, ``sns``, ``kinesis``,
    ``dynamodb``, ``kafka``, ``eventbridge``, ``schedule``, ``websocket``, ``authorizer``,
    ``function``, or ``http`` for a route.
    """
    match handler:
        case RouteEntry():
            return "http"
        case BuiltinAuthConfig():
            return "authorizer"
        case LambdaFunction():
            return "function"
        case WebsocketConnectConfig() | WebsocketMessageConfig() | WebsocketDisconnectConfig():
            return "websocket"
        case _:
            return source_of(handler).kind


def options(handler: Handler) -> Mapping[str, str]:
    """Return what can be said of the handler's sample: names, and what each of them is."""
    match handler:
        case RouteEntry():
            return requests.options(handler)
        case BuiltinAuthConfig():
            return requests.AUTHORIZER_OPTIONS
        case LambdaFunction():
            return {}
        case WebsocketConnectConfig() | WebsocketMessageConfig() | WebsocketDisconnectConfig():
            return websocket.options(handler.route_key_handled)
        case _:
            return source_of(handler).options(handler)


def sample(
    handler: Handler,
    given: Mapping[str, str] | None = None,
    *,
    occasion: Occasion | None = None,
    door: Door = "rest",
) -> dict[str, Any]:
    """Return an event as AWS sends it to a handler, which is what its decorator declares.

    ``given`` are options by name, None for none. ``occasion`` is when and where it happens, None
    for now; ``door`` is the kind of API that requests to a route come through. The same options
    and the same occasion give the same event. Raises ToolError for options that do not exist, or
    say what AWS would not send to this handler.
    """
    known = options(handler)
    for name in given or {}:
        if name not in known:
            raise _no_such_option(name, handler, known)
    read = Given(given or {})
    when = occasion or Occasion()
    match handler:
        case RouteEntry():
            return requests.sample(handler, read, when, door)
        case BuiltinAuthConfig():
            return requests.authorizer_sample(read, when)
        case LambdaFunction():
            return {}
        case WebsocketConnectConfig() | WebsocketMessageConfig() | WebsocketDisconnectConfig():
            return websocket.sample(handler.route_key_handled, read, when)
        case _:
            return source_of(handler).sample(handler, read, when)


def _no_such_option(name: str, handler: Handler, known: Mapping[str, str]) -> ToolError:
    summary = f"a sample of kind `{kind(handler)}` has no option `{name}`"
    if not known:
        return ToolError(summary, hint="it has none: write the event into a file")
    close = get_close_matches(name, known, n=1)
    meant = f"did you mean `{close[0]}`? " if close else ""
    return ToolError(summary, hint=f"{meant}the options are {', '.join(known)}")
