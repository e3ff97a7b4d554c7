"""The port through which the console sees queues, buckets, tables and other data of AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

Kind: TypeAlias = Literal["queue", "bucket", "table", "topic", "stream", "rule"]


@dataclass(frozen=True)
class Store:
    """Something that holds data. ``facts`` are few, short and in order: ``{"messages": "3"}``."""

    kind: Kind
    name: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """A message, an object, an item, a record or a line: what it is called, and what it says.

    ``facts`` are as for a store. ``text`` is None where there is nothing to show but facts.
    """

    name: str
    facts: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None


class DataError(Exception):
    """The data cannot be shown; the text says why."""


class Data(Protocol):
    """What the app keeps in AWS, or in what stands in for it. Looking at it changes nothing."""

    def stores(self) -> Sequence[Store]:
        """Return all that there is. Raises DataError."""
        ...

    def items(self, kind: Kind, name: str) -> Sequence[Item]:
        """Return the first of what a store holds, a hundred or so. Raises DataError."""
        ...
