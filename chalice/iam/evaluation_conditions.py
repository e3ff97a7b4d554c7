"""Conditions of IAM policies: the operators, and the values of a request they are held against.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from ipaddress import ip_address, ip_network
from typing import TypeAlias

from chalice.iam.evaluation_patterns import Variables, matches_arn, matches_text, substitute

Test: TypeAlias = Callable[[str, str, "Variables | None"], bool]
"""Whether what a policy wants (first) holds for what a request has (second)."""


class Context:
    """What is known of a request, by condition key; the case of keys does not count.

    ``{"aws:username": "ann", "aws:TagKeys": ["team", "cost"]}``
    """

    def __init__(self, values: Mapping[str, str | Sequence[str]] | None = None) -> None:
        self._values = {
            key.lower(): (value,) if isinstance(value, str) else tuple(value)
            for key, value in (values or {}).items()
        }

    def get(self, key: str) -> tuple[str, ...]:
        """Return the values of a key; none when the request has no such key."""
        return self._values.get(key.lower(), ())

    def variable(self, key: str) -> str | None:
        """Return the value of a policy variable: a key with one value."""
        values = self.get(key)
        return values[0] if len(values) == 1 else None


class _Quantifier(Enum):
    """How many of the values that a request has for a key the operator has to hold for."""

    PLAIN = ""
    ALL = "ForAllValues"
    ANY = "ForAnyValue"


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator, with the values that the policy lists."""

    key: str
    wanted: tuple[str, ...]
    test: Test | None
    negated: bool
    if_exists: bool
    quantifier: _Quantifier

    def holds(self, context: Context, variables: Variables | None) -> bool:
        """Whether the request meets it."""
        actual = context.get(self.key)
        if self.test is None:
            return any((want.lower() == "true") is not bool(actual) for want in self.wanted)
        if not actual:
            if self.if_exists or self.quantifier is _Quantifier.ALL:
                return True
            return self.negated and self.quantifier is _Quantifier.PLAIN
        fits = [self._fits(value, variables) for value in actual]
        if self.negated:
            # No value listed may fit, so of the values at hand each counts as the negation of it.
            negations = [not fit for fit in fits]
            return any(negations) if self.quantifier is _Quantifier.ANY else all(negations)
        return all(fits) if self.quantifier is _Quantifier.ALL else any(fits)

    def _fits(self, actual: str, variables: Variables | None) -> bool:
        assert self.test is not None
        return any(self.test(want, actual, variables) for want in self.wanted)


def parse_conditions(element: object) -> tuple[Condition, ...]:
    """Return what a ``Condition`` element asks. Raises ``ValueError`` when that is not known.

    ``{"StringLike": {"s3:prefix": ["home/", "home/${aws:username}/*"]}}``
    """
    if not isinstance(element, Mapping):
        raise ValueError("the Condition of a statement is not an object")
    return tuple(
        condition
        for name, keys in element.items()
        for condition in _parse_operator(str(name), keys)
    )


def _parse_operator(name: str, keys: object) -> Iterable[Condition]:
    if not isinstance(keys, Mapping):
        raise ValueError(f"the condition {name} of a statement is not an object")
    prefix, colon, rest = name.partition(":")
    plain = rest if colon else name
    try:
        quantifier = _Quantifier(prefix) if colon else _Quantifier.PLAIN
    except ValueError:
        raise ValueError(f"a statement has the unknown condition {name}") from None
    if_exists = plain.endswith("IfExists")
    plain = plain.removesuffix("IfExists")
    if plain != "Null" and plain not in _OPERATORS:
        raise ValueError(f"a statement has the unknown condition {name}")
    test, negated = (None, False) if plain == "Null" else _OPERATORS[plain]
    for key, wanted in keys.items():
        yield Condition(str(key), _texts(name, wanted), test, negated, if_exists, quantifier)


def _texts(name: str, value: object) -> tuple[str, ...]:
    values = value if isinstance(value, (list, tuple)) else [value]
    texts = []
    for each in values:
        if isinstance(each, bool):
            texts.append("true" if each else "false")
        elif isinstance(each, (str, int, float)):
            texts.append(str(each))
        else:
            raise ValueError(f"a value of the condition {name} is neither text nor a number")
    return tuple(texts)


def _equal(wanted: str, actual: str, variables: Variables | None) -> bool:
    return substitute(wanted, variables) == actual


def _equal_ignoring_case(wanted: str, actual: str, variables: Variables | None) -> bool:
    text = substitute(wanted, variables)
    return text is not None and text.casefold() == actual.casefold()


def _like(wanted: str, actual: str, variables: Variables | None) -> bool:
    return matches_text(wanted, actual, variables)


def _arn_like(wanted: str, actual: str, variables: Variables | None) -> bool:
    return matches_arn(wanted, actual, variables)


def _same_truth(wanted: str, actual: str, variables: Variables | None) -> bool:
    return _equal_ignoring_case(wanted, actual, variables)


def _same_bytes(wanted: str, actual: str, _: Variables | None) -> bool:
    try:
        return base64.b64decode(wanted, validate=True) == base64.b64decode(actual, validate=True)
    except (binascii.Error, ValueError):
        return False


def _in_network(wanted: str, actual: str, variables: Variables | None) -> bool:
    text = substitute(wanted, variables)
    try:
        return text is not None and ip_address(actual) in ip_network(text, strict=False)
    except ValueError:
        return False


def _numbers(compare: Callable[[float, float], bool]) -> Test:
    def test(wanted: str, actual: str, variables: Variables | None) -> bool:
        text = substitute(wanted, variables)
        try:
            return text is not None and compare(float(actual), float(text))
        except ValueError:
            return False

    return test


def _dates(compare: Callable[[float, float], bool]) -> Test:
    def test(wanted: str, actual: str, variables: Variables | None) -> bool:
        text = substitute(wanted, variables)
        try:
            return text is not None and compare(_seconds(actual), _seconds(text))
        except ValueError:
            return False

    return test


def _seconds(text: str) -> float:
    """Return the seconds since 1970 that a date, or such a number, means."""
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


_OPERATORS: Mapping[str, tuple[Test, bool]] = {
    "StringEquals": (_equal, False),
    "StringNotEquals": (_equal, True),
    "StringEqualsIgnoreCase": (_equal_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_equal_ignoring_case, True),
    "StringLike": (_like, False),
    "StringNotLike": (_like, True),
    "NumericEquals": (_numbers(operator.eq), False),
    "NumericNotEquals": (_numbers(operator.eq), True),
    "NumericLessThan": (_numbers(operator.lt), False),
    "NumericLessThanEquals": (_numbers(operator.le), False),
    "NumericGreaterThan": (_numbers(operator.gt), False),
    "NumericGreaterThanEquals": (_numbers(operator.ge), False),
    "DateEquals": (_dates(operator.eq), False),
    "DateNotEquals": (_dates(operator.eq), True),
    "DateLessThan": (_dates(operator.lt), False),
    "DateLessThanEquals": (_dates(operator.le), False),
    "DateGreaterThan": (_dates(operator.gt), False),
    "DateGreaterThanEquals": (_dates(operator.ge), False),
    "Bool": (_same_truth, False),
    "BinaryEquals": (_same_bytes, False),
    "IpAddress": (_in_network, False),
    "NotIpAddress": (_in_network, True),
    "ArnEquals": (_arn_like, False),
    "ArnLike": (_arn_like, False),
    "ArnNotEquals": (_arn_like, True),
    "ArnNotLike": (_arn_like, True),
}
