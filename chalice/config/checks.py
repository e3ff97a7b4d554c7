"""What is wrong with an app and its configuration, found before anything is made from them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from chalice.app import (
    BaseEventSourceConfig,
    BuiltinAuthConfig,
    Chalice,
    LambdaFunction,
    RouteEntry,
)
from chalice.config.config import Config
from chalice.config.function_checks import function_problems
from chalice.config.kinds import shown
from chalice.config.places import place_of
from chalice.constants import DEFAULT_HANDLER_NAME, websocket_function
from chalice.errors import ToolError

NAME = re.compile(r"[A-Za-z0-9_-]+")
NAME_LENGTH = 64
"""The longest name that AWS allows for a Lambda function or an IAM role."""
VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]+")
RESERVED = re.compile(
    r"LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV"
    r"|AWS_ACCESS_KEY(_ID)?|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN"
    r"|AWS_LAMBDA_(FUNCTION_(NAME|MEMORY_SIZE|VERSION)|INITIALIZATION_TYPE"
    r"|LOG_(GROUP|STREAM)_NAME|RUNTIME_API)"
)
"""Environment variables that Lambda sets itself and refuses to take:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""


def check_app(app: Chalice, config: Config) -> tuple[ToolError, ...]:
    """Return everything that keeps the app from being deployed."""
    functions = handler_strings(app)
    project = Path(config.project_dir)
    problems = [
        *check_routes(app, project),
        *check_features(app, project),
        *_name_problems(functions, config),
    ]
    if app.routes:
        problems += _api_problems(config)
    for function in functions:
        scoped = config.scope(config.chalice_stage, function)
        problems += environment_problems(scoped)
        problems += _role_and_network_problems(scoped)
        problems += function_problems(scoped)
    distinct = {(problem.summary, problem.where): problem for problem in problems}
    return tuple(distinct.values())


def handler_strings(app: Chalice) -> Mapping[str, Sequence[str]]:
    """Return the Lambda functions that the app becomes, by name; all routes share one.

    ``{"api_handler": ["app.app"], "job": ["app.job"]}``; a name with several handlers is an error.
    """
    handlers: dict[str, list[str]] = {DEFAULT_HANDLER_NAME: ["app.app"]} if app.routes else {}
    records: tuple[BuiltinAuthConfig | BaseEventSourceConfig | LambdaFunction, ...] = (
        *app.builtin_auth_handlers,
        *app.event_sources,
        *app.pure_lambda_functions,
    )
    for record in records:
        handlers.setdefault(record.name, []).append(record.handler_string)
    for key, handler in app.websocket_handlers.items():
        handlers.setdefault(websocket_function(key), []).append(handler.handler_string)
    return handlers


def check_routes(app: Chalice, project: Path) -> Iterator[ToolError]:
    """Yield what is wrong with the routes."""
    for path, methods in app.routes.items():
        entries = list(methods.values())
        if entries:
            yield from _path_problems(path, entries, project)
            yield from _cors_problems(path, methods, project)
            yield from _view_name_problems(path, entries, project)
        views = {id(entry.view_function): entry for entry in entries}
        for entry in views.values():
            yield from _content_type_problems(app, entry, project)


def _path_problems(path: str, entries: Sequence[RouteEntry], project: Path) -> Iterator[ToolError]:
    where = place_of(entries[0].view_function, project)
    if not path:
        yield ToolError("a route must not be empty", where=where, hint='the root is "/"')
    elif path != "/" and path.endswith("/"):
        yield ToolError(
            f"route `{path}` must not end with a slash",
            where=where,
            hint=f"write `{path.rstrip('/') or '/'}`",
        )


def _cors_problems(
    path: str, methods: Mapping[str, RouteEntry], project: Path
) -> Iterator[ToolError]:
    with_cors = [entry for entry in methods.values() if entry.cors is not None]
    if not with_cors:
        return
    if "OPTIONS" in methods:
        yield ToolError(
            f"route `{path}` has CORS and also a view for OPTIONS",
            where=place_of(methods["OPTIONS"].view_function, project),
            hint="remove OPTIONS from `methods`: CORS answers it",
        )
    for entry in with_cors[1:]:
        if entry.cors != with_cors[0].cors:
            yield ToolError(
                f"the views of route `{path}` have different CORS configurations",
                where=place_of(entry.view_function, project),
                hint="use the same `cors` as " + place_of(with_cors[0].view_function, project),
            )


def _view_name_problems(
    path: str, entries: Sequence[RouteEntry], project: Path
) -> Iterator[ToolError]:
    first: dict[str, RouteEntry] = {}
    for entry in entries:
        other = first.setdefault(entry.view_name, entry)
        if other.view_function is not entry.view_function:
            yield ToolError(
                f"two views of route `{path}` are called `{entry.view_name}`",
                where=place_of(entry.view_function, project),
                hint="rename one; the other is at " + place_of(other.view_function, project),
            )


def _content_type_problems(app: Chalice, entry: RouteEntry, project: Path) -> Iterator[ToolError]:
    everything = "*/*" in app.api.binary_types
    binary = [kind for kind in entry.content_types if everything or kind in app.api.binary_types]
    text = [kind for kind in entry.content_types if kind not in binary]
    if binary and text:
        yield ToolError(
            f"the `content_types` of `{entry.view_name}` mix binary ({', '.join(binary)})"
            f" and text ({', '.join(text)})",
            where=place_of(entry.view_function, project),
            hint="give each its own view, or change `app.api.binary_types`",
        )


def check_features(app: Chalice, project: Path) -> Iterator[ToolError]:
    """Yield the features that need to be asked for, are used, and were not."""
    if app.websocket_handlers and "WEBSOCKETS" not in app.experimental_feature_flags:
        first = next(iter(app.websocket_handlers.values()))
        yield ToolError(
            "you are using experimental features without explicitly opting in: WEBSOCKETS",
            where=place_of(first.handler_function, project),
            hint="add this to app.py: app.experimental_feature_flags.update(['WEBSOCKETS'])",
        )


def _name_problems(functions: Mapping[str, Sequence[str]], config: Config) -> Iterator[ToolError]:
    where = config.where("app_name")
    for function, handlers in functions.items():
        if len(handlers) > 1:
            yield ToolError(
                f"{len(handlers)} functions are called `{function}`: {', '.join(handlers)}",
                hint="give each a name of its own: `name=`",
            )
        full = f"{config.app_name}-{config.chalice_stage}"
        if function != DEFAULT_HANDLER_NAME:
            full += f"-{function}"
        if not NAME.fullmatch(full):
            yield ToolError(
                f"`{full}` cannot name a Lambda function",
                where=where,
                hint="use letters, digits, `-` and `_` in the names of app, stage and function",
            )
        elif len(full) > NAME_LENGTH:
            yield ToolError(
                f"`{full}` is too long for a Lambda function:"
                f" {len(full)} characters of {NAME_LENGTH}",
                where=where,
                hint="shorten the name of the app, the stage or the function",
            )


def _api_problems(config: Config) -> Iterator[ToolError]:
    endpoint, policy = config.api_gateway_endpoint_vpce, config.api_gateway_policy_file
    if not NAME.fullmatch(config.api_gateway_stage):
        yield ToolError(
            f"`{config.api_gateway_stage}` cannot name an API's stage",
            where=config.where("api_gateway_stage"),
            hint="use letters, digits, `-` and `_`",
        )
    if config.api_gateway_endpoint_type != "PRIVATE":
        if endpoint is not None:
            yield ToolError(
                "`api_gateway_endpoint_vpce` needs a private endpoint",
                where=config.where("api_gateway_endpoint_vpce"),
                hint='set "api_gateway_endpoint_type": "PRIVATE"',
            )
        return
    where = config.where("api_gateway_endpoint_type")
    if endpoint is not None and policy is not None:
        yield ToolError(
            "a private API takes either `api_gateway_endpoint_vpce` or `api_gateway_policy_file`",
            where=config.where("api_gateway_policy_file"),
            hint="a policy file can itself name the endpoints",
        )
    elif endpoint is None and policy is None:
        yield ToolError(
            "a private API that nothing may call",
            where=where,
            hint="set `api_gateway_endpoint_vpce` or `api_gateway_policy_file`",
        )


def environment_problems(config: Config) -> Iterator[ToolError]:
    """Yield what Lambda or this machine refuses among the environment variables."""
    variables: Mapping[str, object] = config.environment_variables
    for name, value in variables.items():
        where = config.where("environment_variables", name)
        if RESERVED.fullmatch(name):
            hint = "AWS Lambda sets it itself and takes no other value: use another name"
            yield ToolError(f"`{name}` is a reserved environment variable", where=where, hint=hint)
        elif not VARIABLE.fullmatch(name):
            hint = "use two or more letters, digits and `_`, a letter first"
            yield ToolError(f"`{name}` cannot name an environment variable", where=where, hint=hint)
        if not isinstance(value, str):
            summary = f"environment variable `{name}` must be a string, not {shown(value)}"
            yield ToolError(summary, where=where)
        elif "\0" in value or re.search("[\ud800-\udfff]", value):
            summary = f"environment variable `{name}` holds a character that no variable can hold"
            yield ToolError(summary, where=where)


def _role_and_network_problems(config: Config) -> Iterator[ToolError]:
    function = config.function_name
    if not config.manage_iam_role and not config.iam_role_arn:
        yield ToolError(
            f"`manage_iam_role` is false and function `{function}` has no `iam_role_arn`",
            where=config.where("manage_iam_role"),
            hint="name the role to use: `iam_role_arn`",
        )
    given = {
        name: bool(value)
        for name, value in (
            ("subnet_ids", config.subnet_ids),
            ("security_group_ids", config.security_group_ids),
        )
    }
    if len(set(given.values())) > 1:
        present = next(name for name, value in given.items() if value)
        missing = next(name for name, value in given.items() if not value)
        yield ToolError(
            f"function `{function}` has `{present}` without `{missing}`",
            where=config.where(present),
            hint="a function in a VPC needs both",
        )
