"""What an app consists of, as data: its routes and its handlers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from chalice.app import (
    BaseEventSourceConfig,
    Chalice,
    ChaliceAuthorizer,
    CloudWatchEventConfig,
    CognitoUserPoolAuthorizer,
    DynamoDBEventConfig,
    IAMAuthorizer,
    KafkaEventConfig,
    KinesisEventConfig,
    S3EventConfig,
    ScheduledEventConfig,
    SNSEventConfig,
    SQSEventConfig,
)
from chalice.config.places import place_of
from chalice.graph.handlers import handlers, websocket_handlers
from chalice.local.served import Served
from chalice.runtime.auth import Authorizer
from chalice.runtime.routing import RouteEntry, path_parameters


def routes_of(app: Chalice, project: Path) -> list[dict[str, object]]:
    """Return the routes in the order of registration, a form for each method."""
    return [
        {
            "path": path,
            "parameters": [
                {"name": name, "greedy": greedy} for name, greedy in path_parameters(path)
            ],
            "methods": [_method(entry, project) for entry in entries.values()],
        }
        for path, entries in app.routes.items()
    ]


def handlers_of(served: Served, project: Path) -> list[dict[str, object]]:
    """Return the handlers that are no views: of events, of callers, authorizers, WebSockets."""
    app = served.app
    functions = {each.name: each for each in served.functions.values()}
    keys = {handler.name: key for key, handler in websocket_handlers(app).items()}
    authorizers = {each.name for each in app.builtin_auth_handlers}
    found = []
    for handler in handlers(app):
        function = functions.get(handler.name)
        if function is None or function.handler is app:
            continue
        if handler.name in keys:
            kind, source = "websocket", keys[handler.name]
        elif handler.trigger is not None:
            kind, source = source_of(handler.trigger)
        else:
            kind, source = ("authorizer" if handler.name in authorizers else "function"), ""
        found.append(
            {
                "name": handler.name,
                "kind": kind,
                "source": source,
                "place": place_of(user_function(function.handler), project),
                "doc": inspect.getdoc(user_function(function.handler)) or "",
                "memory": function.memory,
                "timeout": function.timeout,
            }
        )
    return found


def source_of(trigger: BaseEventSourceConfig) -> tuple[str, str]:
    """Return the kind of a source and what it is called: ``sqs``, ``orders``."""
    match trigger:
        case SQSEventConfig():
            return "sqs", trigger.queue or _last(trigger.queue_arn)
        case SNSEventConfig():
            return "sns", _last(trigger.topic)
        case S3EventConfig():
            return "s3", trigger.bucket
        case KinesisEventConfig():
            return "kinesis", _last(trigger.stream)
        case DynamoDBEventConfig():
            return "dynamodb", trigger.stream_arn.partition("table/")[2].partition("/")[0]
        case ScheduledEventConfig():
            expression = trigger.schedule_expression
            return "schedule", expression if isinstance(expression, str) else expression.to_string()
        case CloudWatchEventConfig():
            return "eventbridge", ", ".join(_pattern(trigger.event_pattern))
        case KafkaEventConfig():
            return "kafka", trigger.topic
    return "event", trigger.name


def user_function(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that the user wrote, of what a decorator made of it."""
    inner: Callable[..., Any] = handler.func if isinstance(handler, ChaliceAuthorizer) else handler
    found: Callable[..., Any] = inspect.unwrap(inner)
    return found


def _method(entry: RouteEntry, project: Path) -> dict[str, object]:
    return {
        "method": entry.method,
        "view": entry.view_name,
        "place": place_of(entry.view_function, project),
        "doc": inspect.getdoc(inspect.unwrap(entry.view_function)) or "",
        "content_types": entry.content_types,
        "api_key": bool(entry.api_key_required),
        "cors": entry.cors is not None,
        "authorizer": None if entry.authorizer is None else _authorizer(entry.authorizer),
    }


def _authorizer(authorizer: Authorizer) -> Mapping[str, object]:
    match authorizer:
        case IAMAuthorizer():
            kind, header = "iam", "Authorization"
        case CognitoUserPoolAuthorizer():
            kind, header = "cognito", str(authorizer.to_swagger().get("name", "Authorization"))
        case ChaliceAuthorizer():
            config = authorizer.config
            kind, header = "app", "Authorization" if config is None else config.header
        case _:
            kind, header = "custom", "Authorization"
    return {"name": authorizer.name, "kind": kind, "header": header}


def _pattern(pattern: Mapping[str, Any]) -> Iterator[str]:
    for key in ("source", "detail-type"):
        values = pattern.get(key)
        if isinstance(values, list):
            yield from (value for value in values if isinstance(value, str))


def _last(arn: str | None) -> str:
    return (arn or "").rpartition(":")[2].rpartition("/")[2]
