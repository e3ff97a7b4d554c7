"""What is known of one AWS call, and what it needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, TypeAlias

Presence: TypeAlias = Literal["given", "absent", "unknown"]


class Unknown(Enum):
    """The type of ``UNKNOWN``."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown.UNKNOWN
"""The value of a parameter that is passed, when its value is not known."""


@dataclass(frozen=True)
class Place:
    """Where the call goes. The defaults are CloudFormation's pseudo parameters."""

    region: str = "${AWS::Region}"
    account: str = "${AWS::AccountId}"
    partition: str = "${AWS::Partition}"

    def arn(self, service: str, resource: str, *, region: bool = True, account: bool = True) -> str:
        """Return the ARN of a resource here, without region or account where it has none."""
        where = self.region if region else ""
        return f"arn:{self.partition}:{service}:{where}:{self.account * account}:{resource}"


@dataclass(frozen=True)
class Need:
    """One action that must be allowed on every one of ``resources``.

    ``resources`` are ARNs in which ``*`` stands for what is not known; ``("*",)`` when the
    action takes no resource. ``perhaps`` is None when the action is needed for certain;
    else it says, as a clause, what that depends on: a parameter that nobody knows, or a
    setting of the resource (``"when the parameter is encrypted with a key of your own"``).
    A call whose parameters are all known has only needs of the latter kind with ``perhaps``.
    """

    action: str
    resources: tuple[str, ...] = ("*",)
    perhaps: str | None = None


@dataclass(frozen=True)
class Call:
    """One call: its parameters by botocore's names, as far as they are known.

    Strings may hold ``*`` for unknown parts. With ``complete``, what ``parameters`` does not
    name is not passed; otherwise it may be.
    """

    service: str
    operation: str
    parameters: Mapping[str, object]
    place: Place = field(default_factory=Place)
    complete: bool = True

    def presence(self, name: str) -> Presence:
        """Return whether the parameter is passed."""
        if self.parameters.get(name) is not None:
            return "given"
        return "absent" if self.complete or name in self.parameters else "unknown"

    def values(self, path: str) -> tuple[str, ...]:
        """Return all strings at a path such as ``Items[].Put.TableName``.

        ``*`` stands for each that is unknown; nothing is returned where nothing is passed.
        """
        return tuple(dict.fromkeys(_strings(self.parameters, _steps(path))))

    def first(self, *names: str) -> str | None:
        """Return the value of the first of the parameters that is passed, or None."""
        for name in names:
            for value in self.values(name):
                return value
        return None

    def text(self, name: str) -> str:
        """Return the value of a parameter, ``*`` when it is unknown or not passed."""
        return self.first(name) or "*"

    def each(self, path: str) -> tuple[object, ...]:
        """Return all that is at a path, ``UNKNOWN`` for what is not known."""
        return tuple(_at(self.parameters, _steps(path)))

    def objects(self, path: str) -> tuple[Mapping[str, object], ...]:
        """Return all structures at a path, those that are known."""
        return tuple(found for found in self.each(path) if isinstance(found, Mapping))

    def flag(self, name: str) -> Presence:
        """Return whether a boolean parameter is true: given, absent or unknown."""
        value = self.parameters.get(name)
        if isinstance(value, Unknown):
            return "unknown"
        if value is None:
            return self.presence(name)
        return "given" if value else "absent"

    def when(self, name: str, action: str, resources: tuple[str, ...] = ("*",)) -> tuple[Need, ...]:
        """Return the need of ``action`` that passing the parameter ``name`` brings."""
        return when(self.presence(name), f"when `{name}` is passed", action, resources)


Rule: TypeAlias = Callable[[Call], tuple[Need, ...]]
"""Returns what a call needs by a rule of its own."""


def when(
    presence: Presence, clause: str, action: str, resources: tuple[str, ...]
) -> tuple[Need, ...]:
    """Return the need of ``action``: certain, none, or one that depends on ``clause``."""
    if presence == "absent":
        return ()
    return (Need(action, resources, None if presence == "given" else clause),)


def _steps(path: str) -> list[str]:
    return re.findall(r"[^.\[\]]+|\[\]|\{\}", path)


def _at(value: object, steps: list[str]) -> Iterator[object]:
    """Yield what is at the path; ``[]`` is each of a list, ``{}`` each value of a mapping."""
    if not steps or isinstance(value, Unknown):
        yield value
        return
    step, *rest = steps
    if step == "[]":
        if isinstance(value, (list, tuple)):
            for each in value:
                yield from _at(each, rest)
    elif isinstance(value, Mapping):
        if step == "{}":
            for each in value.values():
                yield from _at(each, rest)
        elif value.get(step) is not None:
            yield from _at(value[step], rest)


def _strings(value: object, steps: list[str]) -> Iterator[str]:
    for found in _at(value, steps):
        if isinstance(found, Unknown):
            yield "*"
        elif isinstance(found, str):
            yield found
        elif isinstance(found, (list, tuple)):
            yield from _strings(found, ["[]"])
