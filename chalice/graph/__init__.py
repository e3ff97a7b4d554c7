"""What must exist in AWS for an app to run: its handlers and the config, as resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from chalice.app import Chalice
from chalice.config import Config
from chalice.config.places import place_of
from chalice.config.schema import NAMES
from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.errors import ToolError, together
from chalice.graph.apis import rest_api
from chalice.graph.functions import Policies, function, roles
from chalice.graph.handlers import Handler, handlers, name_prefix
from chalice.model.functions import Code
from chalice.model.resources import Resource
from chalice.model.values import Ref
from chalice.sources import SOURCES, Target, source_of

__all__ = [
    "Handler",
    "Policies",
    "build",
    "handlers",
    "not_deployed",
    "trigger_problems",
    "undeployable",
]

# Keys that the configuration knows and no resource stands for yet.
_NOT_DEPLOYED = {
    "api_gateway_custom_domain": "the domain keeps pointing where it points now",
    "websocket_api_custom_domain": "the domain keeps pointing where it points now",
    "automatic_layer": "requirements are deployed with the code",
}


def undeployable(app: Chalice, config: Config) -> Iterator[ToolError]:
    """Yield an error for each handler whose trigger this version does not deploy."""
    project = Path(config.project_dir)
    for source in app.event_sources:
        if type(source) not in SOURCES:
            kind = type(source).__name__.removesuffix("EventConfig")
            yield _not_yet(source.name, kind, app.handler_map[source.name], project)
    for record in app.websocket_handlers.values():
        yield _not_yet(record.name, "WebSocket", record.handler_function, project)


def _not_yet(name: str, kind: str, handler: Callable[..., object], project: Path) -> ToolError:
    return ToolError(
        f"this version does not deploy the {kind} trigger of `{name}` yet",
        where=place_of(handler, project),
        hint="remove it, or make the function one that is called by name: `@app.lambda_function`",
    )


def not_deployed(config: Config) -> Iterator[ToolError]:
    """Yield a warning for each setting that has no effect in this version."""
    for name, consequence in _NOT_DEPLOYED.items():
        if config.effective(NAMES[name]):
            yield ToolError(
                f"`{name}` has no effect in this version",
                where=config.where(name),
                hint=consequence,
            )


def trigger_problems(app: Chalice, config: Config) -> Iterator[ToolError]:
    """Yield what is wrong with how triggers are declared."""
    project = Path(config.project_dir)
    for trigger in app.event_sources:
        if type(trigger) in SOURCES:
            for problem in source_of(trigger).problems(trigger):
                where = place_of(app.handler_map[trigger.name], project)
                yield ToolError(problem.summary, where=where, hint=problem.hint)


def build(app: Chalice, config: Config, code: Code, policies: Policies) -> tuple[Resource, ...]:
    """Return the resources of a stage, each after all that it refers to.

    Raises ToolError for triggers that cannot be deployed.
    """
    problems = [*undeployable(app, config)]
    if problems:
        raise together(problems)
    found = handlers(app)
    scopes = {handler.name: config.scope(config.chalice_stage, handler.name) for handler in found}
    statements = {
        handler.name: [*source_of(handler.trigger).statements(handler.trigger)]
        if handler.trigger
        else []
        for handler in found
    }
    resources: list[Resource] = [*roles(scopes, statements, policies)]
    for handler in found:
        resources += function(handler, scopes[handler.name], code)
        resources += _trigger(handler, config)
    if app.routes:
        resources += rest_api(app, scopes[DEFAULT_HANDLER_NAME], policies)
    return tuple(resources)


def _trigger(handler: Handler, config: Config) -> Iterator[Resource]:
    if handler.trigger is not None:
        target = Target(handler.name, Ref(handler.name, "lambda_arn"), name_prefix(config))
        yield from source_of(handler.trigger).resources(handler.trigger, target)
