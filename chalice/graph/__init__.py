"""What must exist in AWS for an app to run: its handlers and the config, as resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from chalice.app import Chalice
from chalice.config import Config
from chalice.config.places import place_of
from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.errors import ToolError
from chalice.graph.apis import connections_statement, front_door, websocket_api
from chalice.graph.doors import door_problems
from chalice.graph.functions import (
    MANAGED_LAYER,
    Policies,
    dead_letter_statements,
    function,
    has_generated_policy,
    invoke_arn,
    managed_layer,
    roles,
)
from chalice.graph.handlers import Handler, handlers, name_prefix, websocket_handlers
from chalice.model.functions import Code, Image, LogGroup
from chalice.model.resources import Resource
from chalice.model.values import Document, Ref
from chalice.sources import Target, source_of

__all__ = [
    "Handler",
    "Policies",
    "build",
    "handlers",
    "has_generated_policy",
    "not_deployed",
    "problems",
]


def problems(app: Chalice, config: Config) -> Iterator[ToolError]:
    """Yield what cannot be deployed as it is declared."""
    yield from _trigger_problems(app, config)
    yield from door_problems(app, config)


def _trigger_problems(app: Chalice, config: Config) -> Iterator[ToolError]:
    project = Path(config.project_dir)
    for trigger in app.event_sources:
        for problem in source_of(trigger).problems(trigger):
            where = place_of(app.handler_map[trigger.name], project)
            yield ToolError(problem.summary, where=where, hint=problem.hint)


def build(
    app: Chalice,
    config: Config,
    code: Code | Image,
    policies: Policies,
    layer: Code | None = None,
) -> tuple[Resource, ...]:
    """Return the resources of a stage, each after all that it refers to.

    ``layer`` is the zip of a layer of requirements, for all functions.
    """
    found = handlers(app)
    scopes = {handler.name: config.scope(config.chalice_stage, handler.name) for handler in found}
    statements = {
        name: [*_statements(handler, app, config), *dead_letter_statements(scopes[name])]
        for name, handler in ((handler.name, handler) for handler in found)
    }
    resources: list[Resource] = [*roles(scopes, statements, policies)]
    layers = []
    if found and layer is not None:
        resources.append(managed_layer(config, layer))
        layers.append(Ref(MANAGED_LAYER, "layer_version_arn"))
    for handler in found:
        made = function(handler, scopes[handler.name], code, layers)
        groups = {each.name for each in resources if isinstance(each, LogGroup)}
        resources += [each for each in made if each.name not in groups]
        resources += _trigger(handler, config)
    if app.routes:
        resources += front_door(app, scopes[DEFAULT_HANDLER_NAME], policies)
    if app.websocket_handlers:
        resources += websocket_api(app, config)
    _check_names(resources)
    return tuple(resources)


def _check_names(resources: Sequence[Resource]) -> None:
    """Raise ToolError when two resources have one name, under which both would be recorded."""
    seen = Counter(resource.name for resource in resources)
    for name, count in seen.items():
        if count > 1:
            raise ToolError(
                f"a function cannot be called `{name}`: another resource of the stage is",
                hint="give it another name: `name=` of its decorator",
            )


def _statements(handler: Handler, app: Chalice, config: Config) -> Sequence[Document]:
    """Return the policy statements that what invokes the handler makes necessary."""
    if handler.trigger is not None:
        return [*source_of(handler.trigger).statements(handler.trigger)]
    if handler in websocket_handlers(app).values():
        return [connections_statement(config)]
    return []


def _trigger(handler: Handler, config: Config) -> Iterator[Resource]:
    if handler.trigger is not None:
        target = Target(handler.name, invoke_arn(handler.name, config), name_prefix(config))
        yield from source_of(handler.trigger).resources(handler.trigger, target)
