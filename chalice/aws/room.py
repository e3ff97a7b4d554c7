"""What the room of each kind of resource offers: one set of verbs for all."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol, TypeVar

from chalice.model.resources import Identity, Resource
from chalice.model.state import Found, Record
from chalice.model.values import Outputs

R_contra = TypeVar("R_contra", bound=Resource, contravariant=True)


class Room(Protocol[R_contra]):
    """Reads and changes the resources of one kind; see ``chalice.plan.port.Cloud``."""

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the resource that has this identity; None if there is none."""
        ...

    def read(self, record: Record) -> Found | None:
        """Return the recorded resource as it stands; None if it is gone."""
        ...

    def create(self, resource: R_contra, /) -> Outputs:
        """Make the (resolved) resource; one of the same identity is taken over."""
        ...

    def update(self, resource: R_contra, record: Record, fields: Collection[str], /) -> Outputs:
        """Change the named fields of the recorded resource."""
        ...

    def delete(self, record: Record) -> None:
        """Delete the resource; one that is gone already is no error."""
        ...
