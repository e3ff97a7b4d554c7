"""Events that a pattern lets through: one value for each field that it asks for.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

_NOTHING = object()


def example(pattern: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object that the pattern lets through, with no field that it does not name.

    What asks for opposites in the same field has no such object, and gets another.
    """
    found: dict[str, Any] = {}
    for name, wanted in pattern.items():
        if name == "$or" and isinstance(wanted, list) and isinstance(wanted[0], Mapping):
            merge(found, example(wanted[0]))
        elif isinstance(wanted, Mapping):
            found[name] = example(wanted)
        else:
            values = wanted if isinstance(wanted, list) and wanted else [None]
            value = _value(values[0])
            if value is not _NOTHING:
                found[name] = value
    return found


def merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    """Put the fields of ``other`` into an object; objects in both are merged in turn."""
    for name, value in other.items():
        if isinstance(value, Mapping) and isinstance(into.get(name), dict):
            merge(into[name], value)
        else:
            into[name] = value


def _value(wanted: object) -> object:
    """Return a value that is wanted, ``_NOTHING`` where a field may not be."""
    if not isinstance(wanted, Mapping) or len(wanted) != 1:
        return wanted
    ((kind, operand),) = wanted.items()
    match kind:
        case "exists":
            return "sample" if operand else _NOTHING
        case "numeric":
            return _number(operand)
        case "anything-but":
            return _other(operand)
        case "cidr":
            return str(ipaddress.ip_network(str(operand), strict=False)[0])
        case "wildcard":
            return str(operand).replace("\\*", "\0").replace("*", "sample").replace("\0", "*")
        case _:  # prefix, suffix, equals-ignore-case
            while isinstance(operand, Mapping):
                operand = next(iter(operand.values()))
            return operand


def _number(operand: Any) -> object:
    bounds = dict(zip(operand[::2], operand[1::2], strict=False))
    for symbol in ("=", ">=", "<="):
        if symbol in bounds:
            return bounds[symbol]
    if ">" in bounds and "<" in bounds:
        low, high = bounds[">"], bounds["<"]
        return low + 1 if low + 1 < high else (low + high) / 2
    return bounds[">"] + 1 if ">" in bounds else bounds["<"] - 1


def _other(operand: Any) -> object:
    """Return what is none of the values, and neither begins nor ends like one."""
    if isinstance(operand, list) and operand and isinstance(operand[0], (int, float)):
        return max(operand) + 1
    if isinstance(operand, (int, float)):
        return operand + 1
    refused = [text.strip("*").lower() for text in _texts(operand)]
    words = ("sample", "other", "word", "-")
    return next((word for word in words if not any(each in word for each in refused)), "sample")


def _texts(operand: object) -> Iterator[str]:
    match operand:
        case str():
            yield operand
        case list():
            for each in operand:
                yield from _texts(each)
        case Mapping():
            for each in operand.values():
                yield from _texts(each)
