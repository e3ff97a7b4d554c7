"""What one policy allows and another does not, as actions on resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Pair: TypeAlias = tuple[str, str]
"""An action and a resource; the action of a ``Deny`` begins with ``!``."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What is allowed that was not, and the other way round; each sorted."""

    added: tuple[Pair, ...] = ()
    removed: tuple[Pair, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


def difference(before: object, after: object) -> Difference:
    """Return how a policy document differs from the one before it."""
    had, has = frozenset(pairs(before)), frozenset(pairs(after))
    return Difference(tuple(sorted(has - had)), tuple(sorted(had - has)))


def pairs(document: object) -> Iterator[Pair]:
    """Yield what a policy document says, each action and resource for itself.

    ``NotAction`` and ``NotResource`` stand after ``not``, and a condition after its resource.
    """
    if not isinstance(document, Mapping):
        return
    for statement in _listed(document.get("Statement", ())):
        if not isinstance(statement, Mapping):
            continue
        sign = "!" if statement.get("Effect") == "Deny" else ""
        condition = statement.get("Condition")
        when = f" when {condition}" if condition else ""
        for action in _texts(statement, "Action"):
            for resource in _texts(statement, "Resource"):
                yield sign + action, resource + when


def _texts(statement: Mapping[str, object], key: str) -> list[str]:
    if key in statement:
        return [str(each) for each in _listed(statement[key])]
    return [f"not {each}" for each in _listed(statement.get(f"Not{key}", ()))]


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
