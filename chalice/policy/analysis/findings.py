"""What the analysis of a project says: calls of AWS, declarations, and what it could not see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, TypeAlias


class Unknown(Enum):
    """The type of `UNKNOWN`."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Literal[Unknown.UNKNOWN] = Unknown.UNKNOWN
"""The value of a parameter that is passed and of which nothing is known."""

Parameter: TypeAlias = (
    "str | bool | int | float | Unknown | Sequence[Parameter] | Mapping[str, Parameter] | None"
)
"""A parameter in the shape in which botocore takes it; in strings ``*`` is an unknown part."""


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

    ``service`` and ``operation`` are botocore's names: ``dynamodb``, ``GetItem``. ``parameters``
    are as they are passed, as far as they are known; with ``complete`` no others are. A call that
    can be made with several values is several calls.
    ``region`` is the region of the client, None for the function's own, ``*`` for an unknown one.
    ``perhaps`` are the names of parameters that may not be passed.
    ``path`` leads from the handler to the call: where each function on the way is called.
    """

    service: str
    operation: str
    place: Place
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    complete: bool = True
    region: str | None = None
    path: tuple[Place, ...] = ()
    perhaps: tuple[str, ...] = ()


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
    unresolved: tuple[Unresolved, ...] = ()
