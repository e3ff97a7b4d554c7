"""What an app records of a handler that is neither a view nor an authorizer."""

from __future__ import annotations

from chalice.runtime import load
from chalice.runtime.events.handler import BaseLambdaHandler, lambda_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from chalice.runtime.app import Chalice
    from chalice.runtime.decorators import RegistrationOptions

_EVENT_SOURCES: Mapping[str, tuple[str, str]] = {
    "schedule": ("scheduled", "ScheduledEventConfig"),
    "on_cw_event": ("cloudwatch", "CloudWatchEventConfig"),
    "on_s3_event": ("s3", "S3EventConfig"),
    "on_sns_message": ("sns", "SNSEventConfig"),
    "on_sqs_message": ("sqs", "SQSEventConfig"),
    "on_kinesis_record": ("kinesis", "KinesisEventConfig"),
    "on_dynamodb_record": ("dynamodb", "DynamoDBEventConfig"),
}
"""Decorator -> the event type of its middleware, and the class of its record."""
_WEBSOCKET = ("on_ws_connect", "on_ws_message", "on_ws_disconnect")


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

    A handler from a blueprint belongs to the app that registered it last; each app has a copy.
    """
    entry = f"{options.get('module_name', 'app')}.{lambda_name(function)}"
    if handler_type in _EVENT_SOURCES:
        event_type, record = _EVENT_SOURCES[handler_type]
        trigger: Any = load(record)
        app.event_sources.append(trigger(name=name, handler_string=entry, **settings))
    elif handler_type == "lambda_function":
        from chalice.runtime.events.function import LambdaFunction  # noqa: PLC0415

        event_type = "pure_lambda"
        app.pure_lambda_functions.append(LambdaFunction(function, name, entry))
    elif handler_type in _WEBSOCKET:
        from chalice.runtime.websocket import register_websocket  # noqa: PLC0415

        event_type = "websocket"
        register_websocket(app, handler_type, name, entry, function)
    else:
        raise ValueError(f"Unknown handler type: {handler_type}")
    if not isinstance(handler, BaseLambdaHandler):
        return handler
    handler.bind(app, event_type, options.get("error_handlers", ()))
    if "module_name" not in options:
        return handler
    from copy import copy  # noqa: PLC0415

    own = copy(handler)
    own.handler = None
    return own
