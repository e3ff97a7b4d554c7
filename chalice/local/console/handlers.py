"""What an app consists of, as data: its routes and its handlers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from chalice.app import (
    BaseEventSourceConfig,
    BuiltinAuthConfig,
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
from chalice.graph.handlers import websocket_handlers
from chalice.local.served import Served
from chalice.runtime.auth import Authorizer
from chalice.runtime.events.function import LambdaFunction
from chalice.runtime.routing import RouteEntry, path_parameters
from chalice.runtime.websocket import (
    WebsocketConnectConfig,
    WebsocketDisconnectConfig,
    WebsocketMessageConfig,
)
from chalice.sources.samples import kind

Record: TypeAlias = BaseEventSourceConfig | BuiltinAuthConfig | LambdaFunction


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
    functions = {each.name: each for each in served.functions.values()}
    found = []
    for name, record in records_of(served.app).items():
        function = functions[name]
        user = user_function(function.handler)
        found.append(
            {
                "name": name,
                "kind": kind(record),
                "source": _source(record),
                "place": place_of(user, project),
                "doc": inspect.getdoc(user) or "",
                "memory": function.memory,
                "timeout": function.timeout,
            }
        )
    return found


def records_of(app: Chalice) -> Mapping[str, Record]:
    """Return what an app recorded of each handler that is no view, by the name of its function."""
    authorizers = app.builtin_auth_handlers if app.routes else []
    records: Sequence[Record] = [*app.event_sources, *app.pure_lambda_functions, *authorizers]
    sockets = {
        handler.name: app.websocket_handlers[key]
        for key, handler in websocket_handlers(app).items()
    }
    return {**{each.name: each for each in records}, **sockets}


def _source(record: Record) -> str:
    """Return what people call that from which events come: ``orders``, ``rate(1 hour)``."""
    match record:
        case SQSEventConfig():
            return record.queue or _last(record.queue_arn)
        case SNSEventConfig():
            return _last(record.topic)
        case S3EventConfig():
            return record.bucket
        case KinesisEventConfig():
            return _last(record.stream)
        case DynamoDBEventConfig():
            return record.stream_arn.partition("table/")[2].partition("/")[0]
        case ScheduledEventConfig():
            expression = record.schedule_expression
            return expression if isinstance(expression, str) else expression.to_string()
        case CloudWatchEventConfig():
            return ", ".join(_pattern(record.event_pattern))
        case KafkaEventConfig():
            return record.topic
        case WebsocketConnectConfig() | WebsocketMessageConfig() | WebsocketDisconnectConfig():
            return record.route_key_handled
    return ""


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
            means, header = "iam", "Authorization"
        case CognitoUserPoolAuthorizer():
            means, header = "cognito", str(authorizer.to_swagger().get("name", "Authorization"))
        case ChaliceAuthorizer():
            config = authorizer.config
            means, header = "app", "Authorization" if config is None else config.header
        case _:
            means, header = "custom", "Authorization"
    return {"name": authorizer.name, "kind": means, "header": header}


def _pattern(pattern: Mapping[str, Any]) -> Iterator[str]:
    for key in ("source", "detail-type"):
        values = pattern.get(key)
        if isinstance(values, list):
            yield from (value for value in values if isinstance(value, str))


def _last(arn: str | None) -> str:
    return (arn or "").rpartition(":")[2].rpartition("/")[2]
