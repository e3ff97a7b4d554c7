"""Actions in words: the line shown while one runs, and the lines of a printed plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from typing_extensions import assert_never

from chalice.model.resources import (
    Code,
    Function,
    LogGroup,
    Permission,
    Resource,
    RestApi,
    Role,
)
from chalice.model.state import Record
from chalice.model.values import Arn, Ref
from chalice.plan.actions import Action, Change, Create, Delete, Keep, Plan, Replace, Update


def progress(action: Action) -> str:
    """Return what is being done: ``Creating IAM role: helloworld-dev``."""
    match action:
        case Create(resource) | Replace(resource):
            return f"Creating {_noun(resource)}"
        case Update(Role() as role):
            return f"Updating policy for {_noun(role)}"
        case Update(resource):
            return f"Updating {_noun(resource)}"
        case Delete(record) if record.adopted:
            return f"Leaving {_recorded(record)}: it was there before this stage"
        case Delete(record):
            return f"Deleting {_recorded(record)}"
        case Keep(record):
            return f"Keeping {_recorded(record)}"
        case _:
            assert_never(action)


def lines(plan: Plan) -> Iterator[str]:
    """Yield a printed plan: a line for each action, indented lines for what changes in it."""
    for action in plan:
        match action:
            case Create(resource):
                yield f"+ create {_noun(resource)}"
            case Update(resource, _, changes):
                yield f"~ update {_noun(resource)}"
                yield from (f"    {_change(change)}" for change in changes)
            case Replace(resource, _, changes):
                yield f"± replace {_noun(resource)}"
                yield from (f"    {_change(change)}" for change in changes)
            case Delete(record):
                yield f"- {'leave' if record.adopted else 'delete'} {_recorded(record)}"
            case Keep(record):
                yield f"  keep {_recorded(record)}"
            case _:
                assert_never(action)


def verb(action: Action) -> str:
    """Return the action's kind in one word, for machines: ``create``."""
    return type(action).__name__.lower()


def _noun(resource: Resource) -> str:
    match resource:
        case Role():
            return f"IAM role: {resource.role_name}"
        case LogGroup():
            return f"retention of log group: {resource.log_group_name}"
        case Function():
            return f"lambda function: {resource.function_name}"
        case RestApi():
            return f"Rest API: {resource.title}"
        case Permission():
            return f"permission to invoke: {_text(resource.function)}"
        case _:
            assert_never(resource)


def _recorded(record: Record) -> str:
    outputs = record.outputs
    match record.kind:
        case "Role":
            return f"IAM role: {outputs['role_name']}"
        case "LogGroup":
            return f"retention policy for log group: {outputs['log_group_name']}"
        case "Function":
            return f"function: {outputs['lambda_arn']}"
        case "RestApi":
            return f"Rest API: {outputs['rest_api_id']}"
        case "Permission":
            return f"permission to invoke: {outputs['function'].rpartition(':')[2]}"
        case _:
            assert_never(record.kind)


def _change(change: Change) -> str:
    if change.field == "environment":
        return f"environment: {_keys_changed(change)}"
    before, after = _text(change.before), _text(change.after)
    if max(len(before), len(after)) > 60:
        return f"{change.field}: changed"
    return f"{change.field}: {before} -> {after}"


def _keys_changed(change: Change) -> str:
    """Name the variables that differ, never their values: those may be secrets."""
    before, after = change.before, change.after
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return "changed"
    keys = sorted(before.keys() | after.keys())
    return ", ".join(
        ("+" if key not in before else "-" if key not in after else "~") + key
        for key in keys
        if before.get(key) != after.get(key)
    )


def _text(value: object) -> str:
    match value:
        case Ref(resource, _):
            return resource
        case Arn(_, parts):
            return "".join(_text(part) for part in parts)
        case Code(sha256):
            return sha256[:12]
        case Mapping():
            return "{" + ", ".join(f"{key}={_text(item)}" for key, item in value.items()) + "}"
        case tuple():
            return "[" + ", ".join(_text(item) for item in value) + "]"
        case None:
            return "none"
        case _:
            return str(value).rpartition(":function:")[2]
