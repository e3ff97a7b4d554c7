"""The door to AWS, as planning and executing see it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from chalice.model.resources import Identity, Kind, Resource
from chalice.model.state import Found, Record, State
from chalice.model.values import Outputs


class Cloud(Protocol):
    """Reads and changes one account and region. Every method may be called from any thread.

    Failures are ToolErrors that say what was being done and AWS's own code and sentence.
    """

    def find(self, kind: Kind, identity: Identity) -> Outputs | None:
        """Return the outputs of the resource that has this identity; None if there is none."""
        ...

    def read(self, record: Record) -> Found | None:
        """Return the recorded resource as it stands; None if it is gone."""
        ...

    def create(self, resource: Resource) -> Outputs:
        """Make the (resolved) resource. One of the same identity is taken over, not doubled."""
        ...

    def update(self, resource: Resource, record: Record, fields: Collection[str]) -> Outputs:
        """Change the named fields of the recorded resource to those of ``resource``."""
        ...

    def leave(self, record: Record) -> None:
        """Take what is ours off a resource of others, which stays; it may be gone already."""
        ...

    def delete(self, record: Record) -> None:
        """Delete the resource; one that is gone already is no error."""
        ...


class Store(Protocol):
    """Where the state of one stage is kept."""

    def save(self, state: State) -> None:
        """Replace what is stored, atomically; it survives a crash right after the return."""
        ...
