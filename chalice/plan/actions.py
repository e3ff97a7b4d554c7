"""What a deploy can do to one resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from chalice.model.resources import Resource
from chalice.model.state import Record


@dataclass(frozen=True)
class Change:
    """A field and its two values; ``after`` may hold references not known yet."""

    field: str
    before: object
    after: object


@dataclass(frozen=True)
class Keep:
    """Nothing to do; ``record`` is what will be recorded."""

    record: Record


@dataclass(frozen=True)
class Create:
    """It does not exist."""

    resource: Resource


@dataclass(frozen=True)
class Update:
    """It exists and differs in ``changes``."""

    resource: Resource
    record: Record
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Replace:
    """It differs in what AWS cannot change: a new one is made, the old one deleted last.

    Where AWS keeps no two of that kind side by side, the old one is ``deleted_first``.
    """

    resource: Resource
    record: Record
    changes: tuple[Change, ...]
    deleted_first: bool = False


@dataclass(frozen=True)
class Delete:
    """It is recorded and no longer wanted."""

    record: Record


Action: TypeAlias = Keep | Create | Update | Replace | Delete
Plan: TypeAlias = tuple[Action, ...]


def subject(action: Action) -> str:
    """Return the name of the resource that the action is about."""
    if isinstance(action, (Create, Update, Replace)):
        return action.resource.name
    return action.record.name
