"""Event patterns: which events a rule of EventBridge or a filter of Lambda lets through.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import ipaddress
import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

Test: TypeAlias = Callable[[object], bool]
"""Whether a scalar of an event (string, number, boolean or None) is wanted."""

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EXISTS = "exists"
_OR = "$or"


class InvalidPatternError(Exception):
    """The pattern means nothing. ``str()`` is the reason that AWS gives."""


class Pattern:
    """An event pattern: ``{"source": ["shop"], "detail": {"price": [{"numeric": [">", 5]}]}}``.

    ``document`` is decoded JSON. Raises ``InvalidPatternError``.
    """

    def __init__(self, document: object) -> None:
        if not isinstance(document, Mapping):
            raise InvalidPatternError("Filter is not an object")
        self.document: Mapping[str, object] = document
        self._root = _Object(document)

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Make a pattern of its JSON text. Raises ``InvalidPatternError``."""
        try:
            document = json.loads(text)
        except ValueError as error:
            raise InvalidPatternError(f"Filter is not valid JSON: {error}") from None
        return cls(document)

    def matches(self, event: object) -> bool:
        """Whether the pattern lets ``event``, decoded JSON, through."""
        return self._root.matches(event)


class _Object:
    """A pattern of an object: all its fields must match, and one alternative of each ``$or``."""

    def __init__(self, document: Mapping[str, object]) -> None:
        if not document:
            raise InvalidPatternError("Empty objects are not allowed")
        self._fields: list[tuple[str, _Object | _Leaf]] = []
        self._alternatives: list[list[_Object]] = []
        for name, value in document.items():
            if name == _OR and _is_alternatives(value):
                assert isinstance(value, list)
                self._alternatives.append([_Object(each) for each in value])
            else:
                self._fields.append((name, _node(name, value)))

    def matches(self, value: object) -> bool:
        """Whether ``value`` is such an object, or a list in which one is.

        What is no object has no fields, which is what a pattern may ask for.
        """
        objects = [each for each in _flat(value) if isinstance(each, Mapping)]
        return any(self._fits(each) for each in objects or [{}])

    def _fits(self, event: Mapping[str, object]) -> bool:
        return all(node.matches(event.get(name, ())) for name, node in self._fields) and all(
            any(each._fits(event) for each in alternatives) for alternatives in self._alternatives
        )


class _Leaf:
    """The wanted values of a field: one of them must match one value of the event."""

    def __init__(self, wanted: list[object]) -> None:
        if not wanted:
            raise InvalidPatternError("Empty arrays are not allowed")
        self._tests: list[Test] = []
        self._existence: set[bool] = set()
        for each in wanted:
            if isinstance(each, Mapping):
                kind, operand = _only_item(each)
                if kind == _EXISTS:
                    self._existence.add(_boolean(operand))
                else:
                    self._tests.append(_test(kind, operand))
            else:
                self._tests.append(_equal(each))

    def matches(self, value: object) -> bool:
        """Whether ``value``, or an element of it if it is a list, is wanted."""
        scalars = [each for each in _flat(value) if not isinstance(each, Mapping)]
        if bool(scalars) in self._existence:
            return True
        return any(test(scalar) for scalar in scalars for test in self._tests)


def _node(name: str, value: object) -> _Object | _Leaf:
    match value:
        case Mapping():
            return _Object(value)
        case list():
            return _Leaf(value)
        case _:
            raise InvalidPatternError(f'"{name}" must be an object or an array')


def _is_alternatives(value: object) -> bool:
    """Whether ``$or`` is the operator: else a field has that name, as in older patterns."""
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        return False
    if len(value) < 2:
        raise InvalidPatternError("There must have at least 2 Objects in $or relationship.")
    return True


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from _flat(each)
    else:
        yield value


# Comparisons with one value.


def _test(kind: str, operand: object) -> Test:
    match kind:
        case "prefix":
            return _affix(kind, operand, str.startswith)
        case "suffix":
            return _affix(kind, operand, str.endswith)
        case "equals-ignore-case":
            return _equals_ignoring_case(operand)
        case "anything-but":
            return _anything_but(operand)
        case "numeric":
            return _numeric(operand)
        case "cidr":
            return _cidr(operand)
        case "wildcard":
            return _wildcard(operand)
        case _:
            raise InvalidPatternError(f"Unrecognized match type {kind}")


def _equal(wanted: object) -> Test:
    if not isinstance(wanted, (str, int, float, type(None))):
        raise InvalidPatternError("Match value must be String, number, true, false, or null")
    if _is_number(wanted):
        return lambda value: _is_number(value) and value == wanted
    return lambda value: type(value) is type(wanted) and value == wanted


def _affix(kind: str, operand: object, has: Callable[[str, str], bool]) -> Test:
    if isinstance(operand, Mapping):
        other, text = _only_item(operand)
        if other != "equals-ignore-case":
            raise InvalidPatternError(f"Unsupported {kind} pattern: {other}")
        lower = _string(other, text).lower()
        return lambda value: isinstance(value, str) and has(value.lower(), lower)
    wanted = _string(kind, operand)
    return lambda value: isinstance(value, str) and has(value, wanted)


def _equals_ignoring_case(operand: object) -> Test:
    lower = _string("equals-ignore-case", operand).lower()
    return lambda value: isinstance(value, str) and value.lower() == lower


def _anything_but(operand: object) -> Test:
    """Every value but those of ``operand``: a scalar, a list of one type, or an operator."""
    if isinstance(operand, Mapping):
        kind, wanted = _only_item(operand)
        if kind not in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
            raise InvalidPatternError(f"Unsupported anything-but pattern: {kind}")
        refused = [_test(kind, each) for each in _listed(wanted)]
    else:
        values = _listed(operand)
        if not all(isinstance(each, str) for each in values) and not all(map(_is_number, values)):
            raise InvalidPatternError(
                "Inside anything but list, either all values are number or string, mixed type is "
                "not supported"
            )
        refused = [_equal(each) for each in values]
    if not refused:
        raise InvalidPatternError("Empty arrays are not allowed")
    return lambda value: not any(test(value) for test in refused)


def _numeric(operand: object) -> Test:
    """A range: ``[">", 0, "<=", 5]``, or ``["=", 5]``."""
    if not isinstance(operand, list) or not operand:
        raise InvalidPatternError("Value of numeric must be an array.")
    if len(operand) not in (2, 4):
        raise InvalidPatternError("Invalid member in numeric match: a range has 2 or 4 elements")
    bounds: list[tuple[Callable[[float, float], bool], float]] = []
    for symbol, bound in zip(operand[::2], operand[1::2], strict=True):
        if not isinstance(symbol, str) or symbol not in _OPERATORS:
            raise InvalidPatternError(f"Unrecognized numeric range operator: {symbol}")
        if not _is_number(bound):
            raise InvalidPatternError(f"Value of {symbol} must be numeric")
        bounds.append((_OPERATORS[symbol], bound))
    if len(bounds) == 2:
        if operand[0][0] != ">" or operand[2][0] != "<":
            raise InvalidPatternError(f"Bad numeric range operator: {operand[2]}")
        if bounds[0][1] >= bounds[1][1]:
            raise InvalidPatternError("Bottom must be less than top")

    def within(value: object) -> bool:
        return (
            isinstance(value, (int, float))
            and not isinstance(value, bool)
            and all(compare(value, bound) for compare, bound in bounds)
        )

    return within


def _cidr(operand: object) -> Test:
    try:
        network = ipaddress.ip_network(_string("cidr", operand), strict=False)
    except ValueError:
        raise InvalidPatternError(f"Malformed CIDR, {operand} is no block of addresses") from None

    def within(value: object) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return within


def _wildcard(operand: object) -> Test:
    """``*`` is any text; a backslash makes ``*`` and itself ordinary."""
    text = _string("wildcard", operand)
    if not text:
        raise InvalidPatternError("wildcard match pattern must not be empty")
    parts: list[str] = []
    position = 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            position += 1
            char = text[position : position + 1]
            if char not in ("*", "\\") or not char:
                raise InvalidPatternError(f"Invalid escape character at pos {position - 1}")
            parts.append(re.escape(char))
        elif char == "*":
            if parts and parts[-1] == ".*":
                raise InvalidPatternError(f"Consecutive wildcard characters at pos {position - 1}")
            parts.append(".*")
        else:
            parts.append(re.escape(char))
        position += 1
    pattern = re.compile("".join(parts), re.DOTALL)
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


# Reading a pattern.


def _only_item(document: Mapping[str, object]) -> tuple[str, object]:
    if len(document) != 1:
        raise InvalidPatternError("Only one key allowed in match expression")
    return next(iter(document.items()))


def _boolean(operand: object) -> bool:
    if not isinstance(operand, bool):
        raise InvalidPatternError("exists match pattern must be either true or false.")
    return operand


def _string(kind: str, operand: object) -> str:
    if not isinstance(operand, str):
        raise InvalidPatternError(f"{kind} match pattern must be a string")
    return operand


def _listed(operand: object) -> list[object]:
    return operand if isinstance(operand, list) else [operand]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
