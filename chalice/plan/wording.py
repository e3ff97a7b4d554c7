"""Actions in words: the line shown while one runs, and the lines of a printed plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from typing_extensions import assert_never

from chalice.iam.differences import Difference, difference
from chalice.model.functions import Role
from chalice.plan.actions import Action, Change, Create, Delete, Keep, Plan, Replace, Update
from chalice.plan.nouns import noun, recorded, text


def progress(action: Action) -> str:
    """Return what is being done: ``Creating IAM role: helloworld-dev``."""
    match action:
        case Create(resource) | Replace(resource):
            return f"Creating {noun(resource)}"
        case Update(Role() as role):
            return f"Updating policy for {noun(role)}"
        case Update(resource):
            return f"Updating {noun(resource)}"
        case Delete(record) if record.adopted:
            return f"Leaving {recorded(record)}: it was there before this stage"
        case Delete(record):
            return f"Deleting {recorded(record)}"
        case Keep(record):
            return f"Keeping {recorded(record)}"
        case _:
            assert_never(action)


def lines(plan: Plan) -> Iterator[str]:
    """Yield a printed plan: a line for each action, indented lines for what changes in it."""
    for action in plan:
        match action:
            case Create(resource):
                yield f"+ create {noun(resource)}"
            case Update(resource, _, changes):
                yield f"~ update {noun(resource)}"
                yield from (f"    {line}" for change in changes for line in _change(change))
            case Replace(resource, _, changes):
                yield f"± replace {noun(resource)}"
                yield from (f"    {line}" for change in changes for line in _change(change))
            case Delete(record):
                yield f"- {'leave' if record.adopted else 'delete'} {recorded(record)}"
            case Keep(record):
                yield f"  keep {recorded(record)}"
            case _:
                assert_never(action)


def verb(action: Action) -> str:
    """Return the action's kind in one word, for machines: ``create``."""
    return type(action).__name__.lower()


def policy_change(action: Action) -> Difference | None:
    """Return what an update adds to what a role may do and takes from it; None if it is no such."""
    if isinstance(action, Update) and isinstance(action.resource, Role):
        for change in action.changes:
            if change.field == "policy":
                return difference(change.before, change.after)
    return None


def _change(change: Change) -> Iterator[str]:
    if change.field == "environment":
        yield f"environment: {_keys_changed(change)}"
        return
    if change.field == "more":
        yield f"lambda_config: {_keys_changed(change)}"
        return
    if change.field == "policy":
        yield from _policy_changed(difference(change.before, change.after))
        return
    before, after = text(change.before), text(change.after)
    if max(len(before), len(after)) > 60:
        yield f"{change.field}: changed"
    else:
        yield f"{change.field}: {before} -> {after}"


def _policy_changed(change: Difference) -> Iterator[str]:
    if not change:
        yield "policy: allows the same in other words"
    for sign, pairs in (("+", change.added), ("-", change.removed)):
        yield from (f"{sign} {action} on {resource}" for action, resource in pairs)


def _keys_changed(change: Change) -> str:
    """Name the entries that differ, never their values: those may be secrets."""
    before, after = change.before, change.after
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return "changed"
    keys = sorted(before.keys() | after.keys())
    return ", ".join(
        ("+" if key not in before else "-" if key not in after else "~") + key
        for key in keys
        if before.get(key) != after.get(key)
    )
