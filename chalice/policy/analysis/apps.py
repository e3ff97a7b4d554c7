"""What an app says about itself: handlers, middleware, blueprints, WebSocket answers, `needs`."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from chalice.policy.analysis import clients
from chalice.policy.analysis.containers import key_of
from chalice.policy.analysis.contexts import Frame, Heap, Needed
from chalice.policy.analysis.engine import Arguments, Registration
from chalice.policy.analysis.values import (
    NOTHING,
    Bound,
    Client,
    Descriptor,
    External,
    Function,
    Instance,
    Partial,
    Text,
    Value,
    ordered,
)

_CLASSES = (
    "chalice.Chalice()",
    "chalice.app.Chalice()",
    "chalice.Blueprint()",
    "chalice.app.Blueprint()",
)
ROUTES = frozenset({"route", "get", "post", "put", "patch", "delete"})
EVENTS: Mapping[str, str] = {
    "lambda_function": "pure_lambda",
    "schedule": "scheduled",
    "on_cw_event": "cloudwatch",
    "on_s3_event": "s3",
    "on_sns_message": "sns",
    "on_sqs_message": "sqs",
    "on_kafka": "kafka",
    "on_kinesis_record": "kinesis",
    "on_dynamodb_record": "dynamodb",
    "on_ws_connect": "websocket",
    "on_ws_message": "websocket",
    "on_ws_disconnect": "websocket",
}
"""Decorator -> the type of event that its middleware is registered for."""
WEBSOCKET_NAMES: Mapping[str, str] = {
    "on_ws_connect": "websocket_connect",
    "on_ws_message": "websocket_message",
    "on_ws_disconnect": "websocket_disconnect",
}
_CONNECTIONS: Mapping[str, str] = {
    "send": "PostToConnection",
    "close": "DeleteConnection",
    "info": "GetConnection",
}


def owner_of(atom: object) -> object:
    """Return what tells one app or blueprint from another."""
    if isinstance(atom, External) and not isinstance(atom.site, Instance):
        kind = atom.path.partition("()")[0].rpartition(".")[2]
        return (kind, atom.site[0] if isinstance(atom.site, tuple) else atom.site)
    return atom.site if isinstance(atom, External) else atom


def call_app(frame: Frame, node: ast.AST, atom: External, given: Arguments) -> Value | None:
    """Note what a method of an app or blueprint does; None when it is none of them."""
    for path in _CLASSES:
        if atom.path.startswith(path):
            return _call_method(frame, node, atom, atom.path.removeprefix(path), given)
    if atom.path.startswith(("chalice.ConvertToMiddleware", "chalice.app.ConvertToMiddleware")):
        wrapper = given.get(0, "lambda_wrapper") or NOTHING
        return frozenset({frame.atoms.make(Descriptor, "wrapper", wrapper)})
    return None


def _call_method(
    frame: Frame, node: ast.AST, atom: External, tail: str, given: Arguments
) -> Value | None:
    name, call, rest = tail.lstrip(".").removeprefix("current_app.").partition("()")
    owner = owner_of(atom)
    if call:
        return _register_decorated(frame, name, owner, atom, given) if not rest else None
    if name.startswith("websocket_api."):
        return _websocket(frame, node, name.removeprefix("websocket_api."), given)
    match name:
        case "needs":
            _declare(frame, node, given)
            return frame.atoms.none
        case "register_blueprint":
            prefix = key_of(given.get(1, "name_prefix") or NOTHING)
            for each in ordered(given.get(0, "blueprint") or NOTHING):
                nested = owner_of(each)
                frame.engine.nestings[(owner, nested)] = prefix if isinstance(prefix, str) else ""
            return frame.atoms.none
        case "register_middleware":
            event = _text(given.get(1, "event_type")) or "all"
            _register(frame, "middleware", owner, given.get(0, "func"), None, event)
            return frame.atoms.none
        case "register_error_handler":
            _register(frame, "error", owner, given.get(1, "func"), None)
            return frame.atoms.none
        case "log.addHandler" | "log.setLevel":
            return frame.atoms.none
    if (
        name in ROUTES
        or name in EVENTS
        or name in ("authorizer", "middleware", "error", "errorhandler")
    ):
        # The decorator remembers what it was given, under a site of its own.
        path = f"{atom.path}()"
        made = frame.atoms.make(External, path, (*_site(atom), node))
        frame.engine.options[made] = (owner, given)
        return frozenset({made})
    return None


def _site(atom: External) -> tuple[object, ...]:
    return atom.site if isinstance(atom.site, tuple) else (atom.site,)


def _register_decorated(
    frame: Frame, name: str, owner: object, atom: External, given: Arguments
) -> Value:
    function = given.get(0, "function") or NOTHING
    owner, options = frame.engine.options.get(atom, (owner, Arguments()))
    event = "all"
    if name == "middleware":
        event = _text(options.get(0, "event_type")) or "all"
    kind = "error" if name == "errorhandler" else "route" if name in ROUTES else name
    found = _register(frame, kind, owner, function, _text(options.keywords.get("name")), event)
    bucket = options.get(0, "bucket")
    if kind == "on_s3_event" and bucket:
        given_event = frame.atoms.make(External, "chalice.S3Event()", atom.site)
        frame.heap.write((given_event, "bucket"), bucket)
        for each in found:
            each.argument = frozenset({given_event})
    return function or frame.atoms.unknown


def _text(value: Value | None) -> str | None:
    found = key_of(value) if value else None
    return found if isinstance(found, str) else None


def _register(
    frame: Frame,
    kind: str,
    owner: object,
    function: Value | None,
    name: str | None,
    event: str = "all",
) -> list[Registration]:
    found = []
    for atom in ordered(function or NOTHING):
        if not isinstance(atom, (Function, Bound, Partial, Instance, Descriptor)):
            continue
        own = name or name_of(frame.heap, atom)
        key = (kind, owner, atom)
        registration = Registration(kind, owner, frozenset({atom}), own, event)
        found.append(frame.engine.registrations.setdefault(key, registration))
    return found


def name_of(heap: Heap, atom: object) -> str | None:
    """Return the ``__name__`` of a function."""
    match atom:
        case Function(unit=unit):
            renamed = key_of(heap.peek((atom, "__name__")))
            return renamed if isinstance(renamed, str) else unit.name
        case Bound(function=function):
            return name_of(heap, function)
    return None


def _websocket(frame: Frame, node: ast.AST, name: str, given: Arguments) -> Value:
    operation = _CONNECTIONS.get(name)
    if operation is not None:
        client = frame.atoms.make(Client, "apigatewaymanagementapi", None, False)
        connection = given.get(0, "connection_id") or frame.atoms.unknown
        clients.made(frame, node, client, operation, Arguments([], {"ConnectionId": connection}))
    return frame.atoms.unknown


def _declare(frame: Frame, node: ast.AST, given: Arguments) -> None:
    line = getattr(node, "lineno", 0)
    resource = given.get(1, "resource")
    for atom in ordered(given.get(0, "action") or NOTHING):
        action = key_of(frozenset({atom}))
        if isinstance(atom, Text) and isinstance(action, str) and ":" in action:
            frame.context.declared[Needed(action, resource, line)] = None
        else:
            frame.context.report(
                node,
                "`needs` declares an action that is not known before it runs, or none",
                'name it: `app.needs("dynamodb:Query", "orders")`',
            )
