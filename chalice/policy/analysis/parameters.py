"""From values to the parameters of a call, in the shape in which botocore takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice, product

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


def alternatives(
    engine: Engine, value: Value, environment: Mapping[str, str], depth: int = 0
) -> list[Parameter]:
    """Return everything that a parameter can be; None stands for None."""
    if not value or depth > _DEEPEST:
        return [UNKNOWN]
    found: list[Parameter] = []
    for atom in ordered(value):
        for each in _of_atom(engine, atom, environment, depth):
            if each not in found:
                found.append(each)
    return found


def _of_atom(
    engine: Engine, atom: Atom, environment: Mapping[str, str], depth: int
) -> list[Parameter]:
    heap = engine.heap
    match atom:
        case Text(parts=parts):
            text = pattern(parts, environment)
            return [UNKNOWN if text is None else text]
        case Constant(value=constant) if constant is None or isinstance(constant, (bool, int)):
            return [constant]
        case Container(kind="dict"):
            pairs: list[tuple[Value, Value]] = []
            for key in ordered(heap.peek((atom, "keys"))):
                name = key_of(frozenset({key}))
                pairs.append((frozenset({key}), heap.peek((atom, "item", name))))
            other = heap.peek((atom, "*"))
            if other:
                pairs.append((NOTHING, other))
            return _mappings(engine, pairs, environment, depth)
        case Record(items=items, extra=extra):
            named = [(engine.atoms.literal(name), value) for name, value in items]
            pairs = [*named, *([(NOTHING, extra)] if extra else [])]
            return _mappings(engine, pairs, environment, depth)
        case Container():
            values = [heap.peek((atom, "*"))]
            values += [
                heap.peek((atom, "item", key_of(frozenset({key}))))
                for key in ordered(heap.peek((atom, "keys")))
            ]
            return [_elements(engine, values, environment, depth)]
        case Tuple(items=items_):
            return [_elements(engine, items_, environment, depth)]
        case Series(element=element):
            return [_elements(engine, [element], environment, depth)]
    return [UNKNOWN]


def _elements(
    engine: Engine, values: Iterable[Value], environment: Mapping[str, str], depth: int
) -> Parameter:
    found: list[Parameter] = []
    for value in values:
        for each in alternatives(engine, value, environment, depth + 1) if value else ():
            if each not in found:
                found.append(each)
    return found[:_MOST_ELEMENTS] if len(found) <= _MOST_ELEMENTS else [UNKNOWN]


def _mappings(
    engine: Engine,
    pairs: list[tuple[Value, Value]],
    environment: Mapping[str, str],
    depth: int,
) -> list[Parameter]:
    names: list[str] = []
    choices: list[list[Parameter]] = []
    for key, value in pairs:
        [name, *_] = alternatives(engine, key, environment, depth + 1)
        names.append(name if isinstance(name, str) else "*")
        ways = alternatives(engine, value, environment, depth + 1)
        choices.append(ways if len(ways) <= _MOST_WAYS else [UNKNOWN])
    total = 1
    for each in choices:
        total *= len(each)
    if total > _MOST_WAYS:
        choices = [each if len(each) == 1 else [UNKNOWN] for each in choices]
    return [dict(zip(names, way, strict=True)) for way in islice(product(*choices), _MOST_WAYS)]


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
