"""What the toolchain must know of one kind of trigger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from chalice.model.resources import Resource
from chalice.model.values import Document, Ref
from chalice.runtime.events import BaseEventSourceConfig
from chalice.sources.given import Given
from chalice.sources.occasions import Occasion

T_contra = TypeVar("T_contra", bound=BaseEventSourceConfig, contravariant=True)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a declaration: one sentence without a full stop, and what to do."""

    summary: str
    hint: str


@dataclass(frozen=True)
class Target:
    """The function that a trigger invokes.

    ``function`` is its ARN. ``prefix`` (``app-stage``) is what names begin with in AWS.
    """

    name: str
    function: Ref
    prefix: str


class Source(Protocol[T_contra]):
    """One kind of trigger: what its decorator records, as data and checks for the toolchain."""

    kind: str
    """What people call such events: ``s3``."""

    def problems(self, trigger: T_contra) -> Iterable[Problem]:
        """Return all that is wrong with the declaration."""
        ...

    def resources(self, trigger: T_contra, target: Target) -> Iterable[Resource]:
        """Return what must exist besides the function, each after all that it refers to."""
        ...

    def statements(self, trigger: T_contra) -> Iterable[Document]:
        """Return the policy statements that the function's role needs to get the events."""
        ...

    def options(self, trigger: T_contra) -> Mapping[str, str]:
        """Return what can be said of a sample event: names, and what each of them is."""
        ...

    def sample(self, trigger: T_contra, given: Given, occasion: Occasion) -> dict[str, Any]:
        """Return an event as AWS sends it to this handler. Raises ToolError for options that
        cannot be.
        """
        ...
