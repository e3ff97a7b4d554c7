"""Which way a condition goes, where that is sure."""

from __future__ import annotations

import ast

from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.texts import exact, joined, substituted
from chalice.policy.analysis.values import (
    Atom,
    Bound,
    Class,
    Client,
    Constant,
    External,
    Function,
    Instance,
    Namespace,
    Resource,
    Session,
    Text,
    Value,
)

_SOLID = (Client, Resource, Session, Function, Bound, Class, Namespace)
_MOST_PAIRS = 64
_FALSE = frozenset({"typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"})


def truth(frame: Frame, value: Value) -> bool | None:
    """Return whether the value is true, None when it may be either."""
    found: set[bool | None] = set()
    for atom in value:
        found.add(_truth(frame, atom))
    return found.pop() if len(found) == 1 else None


def _truth(frame: Frame, atom: Atom) -> bool | None:
    match atom:
        case Constant(value=constant):
            return bool(constant)
        case Text():
            texts = _texts(frame, atom)
            truths = {bool(text) for text in texts} if texts else set()
            return truths.pop() if len(truths) == 1 else None
        case External(path=path) if path in _FALSE:
            return False
    return True if isinstance(atom, _SOLID) else None


def _texts(frame: Frame, atom: Text) -> set[str] | None:
    """Return what a string is in each environment, None if that is not known."""
    whole = exact(atom.parts)
    if whole is not None:
        return {whole}
    found: set[str] = set()
    for environment in frame.engine.environments:
        if any(
            getattr(part, "name", None) not in environment
            for part in atom.parts
            if not isinstance(part, str)
        ):
            return None
        text = exact(joined([substituted(atom.parts, environment)]))
        if text is None:
            return None
        found.add(text)
    return found or None


def compared(frame: Frame, left: Value, operator: ast.cmpop, right: Value) -> bool | None:
    """Return what a comparison gives, None when it may be either."""
    if not left or not right:
        return None
    if isinstance(operator, (ast.Eq, ast.Is)):
        return _same(frame, left, right)
    if isinstance(operator, (ast.NotEq, ast.IsNot)):
        same = _same(frame, left, right)
        return None if same is None else not same
    return None


def _same(frame: Frame, left: Value, right: Value) -> bool | None:
    if len(left) * len(right) > _MOST_PAIRS:
        return None
    ways: set[bool | None] = {_equal(frame, one, other) for one in left for other in right}
    return ways.pop() if len(ways) == 1 else None


def _equal(frame: Frame, one: Atom, other: Atom) -> bool | None:
    if isinstance(other, Constant) and not isinstance(one, Constant):
        one, other = other, one
    if isinstance(one, Constant):
        if isinstance(other, Constant):
            return one.value == other.value
        if isinstance(other, Text) or (
            isinstance(other, (*_SOLID, Instance)) and one.value is None
        ):
            return False
        return None
    if isinstance(one, Text) and isinstance(other, Text):
        first, second = _texts(frame, one), _texts(frame, other)
        if first is None or second is None:
            return None
        if len(first) == 1 and first == second:
            return True
        return False if first.isdisjoint(second) else None
    return None
