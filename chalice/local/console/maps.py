"""The map of an app: what reaches its handlers, and what they call."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalice.app import Chalice, ChaliceAuthorizer
from chalice.config.places import inside
from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.local.console.handlers import handlers_of, user_function
from chalice.local.served import Served
from chalice.policy.grants import Grant

_KINDS = {
    "dynamodb": "table",
    "execute-api": "connections",
    "kinesis": "stream",
    "lambda": "function",
    "logs": "log",
    "s3": "bucket",
    "secretsmanager": "secret",
    "sns": "topic",
    "sqs": "queue",
    "ssm": "parameter",
    "states": "state machine",
}
_SOURCE_OF = {
    "queue": "sqs",
    "topic": "sns",
    "bucket": "s3",
    "stream": "kinesis",
    "table": "dynamodb",
}


@dataclass
class _Map:
    nodes: dict[str, dict[str, object]] = field(default_factory=dict)
    edges: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)

    def node(self, id: str, column: str, kind: str, label: str, **more: object) -> str:
        self.nodes.setdefault(
            id, {"id": id, "column": column, "kind": kind, "label": label, **more}
        )
        return id

    def edge(self, origin: str, target: str, kind: str, actions: Iterable[str] = ()) -> None:
        self.edges.setdefault((origin, target, kind), set()).update(actions)

    def data(self) -> dict[str, object]:
        return {
            "nodes": list(self.nodes.values()),
            "edges": [
                {"from": origin, "to": target, "kind": kind, "actions": sorted(actions)}
                for (origin, target, kind), actions in self.edges.items()
            ],
        }


def map_of(
    served: Served, project: Path, calls: Mapping[str, Sequence[Grant]]
) -> dict[str, object]:
    """Return nodes in three columns and the edges between them.

    A node is ``{"id": "handler:ship", "column": "handlers", "kind": "sqs", "label": "ship"}``, an
    edge ``{"from": …, "to": …, "kind": "invokes", "actions": []}``. ``calls`` has what each
    function was found to need.
    """
    found = _Map()
    _draw_routes(found, served.app)
    for handler in handlers_of(served, project):
        name, kind = str(handler["name"]), str(handler["kind"])
        node = found.node(f"handler:{name}", "handlers", kind, name, place=handler["place"])
        if kind not in ("function", "authorizer"):
            label = str(handler["source"])
            source = found.node(f"{kind}:{label}", "sources", kind, label)
            found.edge(source, node, "invokes")
    for name, grants in calls.items():
        places = _view_places(served.app, project) if name == DEFAULT_HANDLER_NAME else []
        for grant in grants:
            _draw_call(found, name, grant, places)
    return found.data()


def _draw_routes(found: _Map, app: Chalice) -> None:
    for path, entries in app.routes.items():
        for method, entry in entries.items():
            source = found.node(f"route:{method} {path}", "sources", "route", path, method=method)
            view = found.node(
                f"view:{entry.view_name}", "handlers", "view", entry.view_name, route=path
            )
            found.edge(source, view, "invokes")
            authorizer = entry.authorizer
            if isinstance(authorizer, ChaliceAuthorizer):
                node = found.node(
                    f"handler:{authorizer.name}", "handlers", "authorizer", authorizer.name
                )
                found.edge(source, node, "asks")


def _draw_call(found: _Map, function: str, grant: Grant, views: list[_View]) -> None:
    origins = [f"handler:{function}"]
    if function == DEFAULT_HANDLER_NAME:
        origins = list(_views_of(grant, views)) or [
            found.node("handler:api_handler", "handlers", "module", "all views")
        ]
    kind, label = _resource(grant.resource)
    feeds = f"{_SOURCE_OF.get(kind, '')}:{label}"
    more = {"feeds": feeds} if feeds in found.nodes else {}
    target = found.node(f"resource:{kind}:{label}", "resources", kind, label, **more)
    for origin in origins:
        if origin in found.nodes:
            found.edge(origin, target, "calls", [grant.action])


@dataclass(frozen=True)
class _View:
    """Where a view is in the source."""

    name: str
    file: str
    first: int
    last: int


def _view_places(app: Chalice, project: Path) -> list[_View]:
    places = {}
    for entries in app.routes.values():
        for entry in entries.values():
            place = _lines_of(entry.view_function, project)
            if place is not None:
                places[entry.view_name] = _View(entry.view_name, *place)
    return list(places.values())


def _lines_of(function: Callable[..., Any], project: Path) -> tuple[str, int, int] | None:
    code = getattr(user_function(function), "__code__", None)
    file = None if code is None else inside(code.co_filename, project)
    if code is None or file is None:
        return None
    try:
        lines, first = inspect.getsourcelines(code)
    except (OSError, TypeError, SyntaxError):
        return None
    return file, first, first + len(lines) - 1


def _views_of(grant: Grant, views: list[_View]) -> Iterator[str]:
    """Yield the views that lead to a call: the way to it begins in them."""
    places = [*grant.reason.path[:2], *([grant.reason.place] if grant.reason.place else ())]
    for view in views:
        if any(p.file == view.file and view.first <= p.line <= view.last for p in places):
            yield f"view:{view.name}"


def _resource(arn: str) -> tuple[str, str]:
    """Return the kind and the name of what an ARN names: ``table``, ``orders``."""
    service, name = _split(arn)
    kind = _KINDS.get(service, service or "service")
    match kind:
        case "connections":
            return kind, "WebSocket clients"
        case "table" | "bucket":
            name = name.removeprefix("table/").partition("/")[0]
        case "function":
            name = name.removeprefix("function:").partition(":")[0]
        case "stream" | "secret" | "state machine":
            name = name.rpartition("/")[2].rpartition(":")[2]
        case "parameter":
            name = name.removeprefix("parameter")
    return kind, f"any {kind}" if name in ("", "*") else name


def _split(arn: str) -> tuple[str, str]:
    """Return the service and the resource of an ARN; its account may have colons in it."""
    parts = arn.replace("${AWS::", "${").split(":", 5)
    return (parts[2], parts[5]) if len(parts) == 6 else ("", arn)
