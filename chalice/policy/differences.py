"""What one policy allows and another does not, as actions on resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from chalice.model.values import Document
from chalice.policy.arns import text_of
from chalice.policy.statements import listed

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

    ``NotAction`` and ``NotResource`` stand as they are, after ``not``, and conditions as text.
    """
    if not isinstance(document, Mapping):
        return
    for statement in listed(document.get("Statement", ())):
        if not isinstance(statement, Mapping):
            continue
        sign = "!" if statement.get("Effect") == "Deny" else ""
        actions = [f"{sign}{each}" for each in _texts(statement, "Action")]
        condition = statement.get("Condition")
        when = f" when {condition}" if condition else ""
        for action in actions:
            for resource in _texts(statement, "Resource"):
                yield action, resource + when


def _texts(statement: Mapping[str, Document], key: str) -> list[str]:
    if key in statement:
        return [text_of(each) or repr(each) for each in listed(statement[key])]
    return [f"not {text_of(each) or repr(each)}" for each in listed(statement.get(f"Not{key}", ()))]
