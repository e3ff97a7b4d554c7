"""What the analysis of a project says: calls of AWS, declarations, and what it could not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

Known: TypeAlias = tuple[str, ...] | None
"""The texts that a parameter can be: ``("orders", "users-*")``. ``*`` stands for a part that is
not known; None is a parameter that is passed and of which nothing is known."""

_NOTHING: Mapping[str, Known] = MappingProxyType({})


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of the project: ``Place("chalicelib/orders.py", 12)``; the path is relative to it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an AWS operation that a function can make.

    ``service`` and ``operation`` are botocore's names: ``dynamodb``, ``GetItem``.
    ``parameters`` has what is passed; nested ones are named as JMESPath would find them:
    ``TableName``, ``TransactItems[].Put.TableName``, and ``keys(RequestItems)`` for the keys of a
    map. A parameter that is not there is not passed. Lists that are not literals give no entries.
    ``region`` is the region of the client, None for the function's own, ``*`` for an unknown one.
    ``path`` leads from the handler to the call: where each function on the way is called.
    """

    service: str
    operation: str
    place: Place
    parameters: Mapping[str, Known] = _NOTHING
    region: str | None = None
    path: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Unresolved:
    """Something that may call AWS and that the analysis cannot see: what, where, and what to do."""

    place: Place
    what: str
    hint: str


@dataclass(frozen=True, slots=True, order=True)
class Declared:
    """An action that the source says is needed: ``dynamodb:Query``; the resource is None for any.

    ``resource`` is a name or a whole ARN as it was written, with ``*`` for unknown parts.
    """

    action: str
    resource: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Findings:
    """What one Lambda function can call; each list in the order of places."""

    calls: tuple[Call, ...] = ()
    declared: tuple[Declared, ...] = ()
    unresolved: tuple[Unresolved, ...] = field(default=())
