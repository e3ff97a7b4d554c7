"""From values to the parameters of a call, in the shape in which botocore takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from math import prod

from chalice.policy.analysis.containers import key_of
from chalice.policy.analysis.engine import Engine
from chalice.policy.analysis.findings import UNKNOWN, Parameter
from chalice.policy.analysis.texts import Variable, pattern
from chalice.policy.analysis.values import (
    NOTHING,
    Atom,
    Constant,
    Container,
    Record,
    Series,
    Text,
    Tuple,
    Value,
    ordered,
)

_DEEPEST = 6
_MOST_WAYS = 8
_MOST_ELEMENTS = 100
_MOST_VALUES = 400


def alternatives(engine: Engine, value: Value, environment: Mapping[str, str]) -> list[Parameter]:
    """Return everything that a parameter can be; None stands for None."""
    return _Reader(engine, environment).read(value, 0)


class _Reader:
    """Reads one value; what is large is left unknown."""

    def __init__(self, engine: Engine, environment: Mapping[str, str]) -> None:
        self._heap = engine.heap
        self._atoms = engine.atoms
        self._environment = environment
        self._left = _MOST_VALUES

    def read(self, value: Value, depth: int) -> list[Parameter]:
        self._left -= 1
        if not value or depth > _DEEPEST or self._left < 0:
            return [UNKNOWN]
        found: list[Parameter] = []
        for atom in ordered(value):
            for each in self._of_atom(atom, depth):
                if each not in found:
                    found.append(each)
        return found

    def _of_atom(self, atom: Atom, depth: int) -> list[Parameter]:
        match atom:
            case Text(parts=parts):
                text = pattern(parts, self._environment)
                return [UNKNOWN if text is None else text]
            case Constant(value=constant) if constant is None or isinstance(constant, (bool, int)):
                return [constant]
            case Container():
                pairs = self._pairs(atom)
                if atom.kind == "dict":
                    return self._mappings(pairs, depth)
                return [self._elements([value for _, value in pairs], depth)]
            case Record(items=items, extra=extra):
                named = [(self._atoms.literal(name), value) for name, value in items]
                return self._mappings([*named, *([(NOTHING, extra)] if extra else [])], depth)
            case Tuple():
                return [self._elements(atom.items, depth)]
            case Series(element=element):
                return [self._elements([element], depth)]
        return [UNKNOWN]

    def _pairs(self, atom: Container) -> list[tuple[Value, Value]]:
        found: list[tuple[Value, Value]] = []
        for key in ordered(self._heap.peek((atom, "keys"))):
            only = frozenset({key})
            found.append((only, self._heap.peek((atom, "item", key_of(only)))))
        other = self._heap.peek((atom, "*"))
        return [*found, (NOTHING, other)] if other else found

    def _elements(self, values: Iterable[Value], depth: int) -> Parameter:
        found: list[Parameter] = []
        for value in values:
            for each in self.read(value, depth + 1) if value else ():
                if each not in found:
                    found.append(each)
        return found if len(found) <= _MOST_ELEMENTS else [UNKNOWN]

    def _mappings(self, pairs: list[tuple[Value, Value]], depth: int) -> list[Parameter]:
        names: list[str] = []
        choices: list[list[Parameter]] = []
        for key, value in pairs:
            [name, *_] = self.read(key, depth + 1)
            names.append(name if isinstance(name, str) else "*")
            ways = self.read(value, depth + 1)
            choices.append(ways if len(ways) <= _MOST_WAYS else [UNKNOWN])
        if prod(map(len, choices)) > _MOST_WAYS:
            choices = [each if len(each) == 1 else [UNKNOWN] for each in choices]
        return [dict(zip(names, way, strict=True)) for way in product(*choices)]


def variables_in(engine: Engine, values: Iterable[Value]) -> set[str]:
    """Return the environment variables without a default that texts in the values are made of."""
    return {
        part.name
        for value in values
        for atom in value
        if isinstance(atom, Text)
        for part in atom.parts
        if isinstance(part, Variable) and part.default is None
    }
