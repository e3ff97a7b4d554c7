"""What is known of strings that are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice, product

from chalice.policy.analysis.containers import everything, key_of, known_items, unpacked
from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.texts import GAP, Parts, exact, formatted, interpolated, joined
from chalice.policy.analysis.values import (
    NOTHING,
    Constant,
    Container,
    Record,
    Text,
    Tuple,
    Value,
    ordered,
)

_MOST_WAYS = 24
_SAME = frozenset({"strip", "lstrip", "rstrip", "encode", "decode", "__str__", "value"})
_EXACT: Mapping[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "lstrip": str.lstrip,
    "rstrip": str.rstrip,
    "title": str.title,
    "capitalize": str.capitalize,
    "encode": str,
    "casefold": str.casefold,
}


def ways(value: Value) -> list[Parts]:
    """Return the texts that a value may be when it is formatted; a gap for what is no text."""
    found: dict[Parts, None] = {}
    for atom in ordered(value):
        match atom:
            case Text(parts=parts):
                found[parts] = None
            case Constant(value=constant):
                found[(str(constant),)] = None
            case _:
                found[GAP] = None
    return list(found) or [GAP]


def combined(frame: Frame, pieces: Iterable[Value]) -> Value:
    """Return the texts that the pieces after each other may be."""
    choices = [ways(piece) for piece in pieces]
    return _texts(frame, choices, joined)


def _texts(
    frame: Frame, choices: list[list[Parts]], make: Callable[[tuple[Parts, ...]], Parts]
) -> Value:
    total = 1
    for choice in choices:
        total *= len(choice)
    if total > _MOST_WAYS:
        choices = [choice if len(choice) == 1 else [GAP] for choice in choices]
    found = [frame.atoms.text(make(way)) for way in islice(product(*choices), _MOST_WAYS)]
    return frame.atoms.join(*found)


def call_method(frame: Frame, text: Text, name: str, given: Arguments) -> Value:
    """Return what a method of a string gives."""
    whole = exact(text.parts)
    match name:
        case "format" if whole is not None:
            return _format(frame, whole, given)
        case "join" if given.positional:
            return _join(frame, text, given.positional[0])
        case "replace" if whole is not None and len(given.positional) >= 2:
            old, new = (key_of(each) for each in given.positional[:2])
            if isinstance(old, str) and isinstance(new, str):
                return frame.atoms.literal(whole.replace(old, new))
        case "split" | "rsplit" | "partition" | "rpartition" | "splitlines":
            return _split(frame, whole, name, given)
        case "removeprefix" | "removesuffix" if whole is not None and given.positional:
            cut = key_of(given.positional[0])
            if isinstance(cut, str):
                change = str.removeprefix if name == "removeprefix" else str.removesuffix
                return frame.atoms.literal(change(whole, cut))
        case "startswith" | "endswith" | "isdigit" | "index" | "find" | "count":
            return frame.atoms.unknown
    if whole is not None and name in _EXACT and not given.positional:
        return frame.atoms.literal(_EXACT[name](whole))
    if name in _SAME and not given.positional:
        return frozenset({text})
    return frame.atoms.text(GAP)


def _format(frame: Frame, template: str, given: Arguments) -> Value:
    if given.rest or given.extra:
        return frame.atoms.text(formatted(template, (), {}))
    names = list(given.keywords)
    count = len(given.positional)
    choices = [ways(value) for value in (*given.positional, *given.keywords.values())]

    def make(way: tuple[Parts, ...]) -> Parts:
        return formatted(template, way[:count], dict(zip(names, way[count:], strict=True)))

    return _texts(frame, choices, make)


def percent(frame: Frame, left: Value, right: Value) -> Value:
    """Return what ``left % right`` gives when the left is a string."""
    found = NOTHING
    for atom in ordered(left):
        whole = exact(atom.parts) if isinstance(atom, Text) else None
        if whole is None:
            found = frame.atoms.join(found, frame.atoms.unknown)
            continue
        for values in ordered(right):
            found = frame.atoms.join(found, _interpolate(frame, whole, frozenset({values})))
    return found


def _interpolate(frame: Frame, template: str, right: Value) -> Value:
    (values,) = right
    names: list[str] = []
    match values:
        case Tuple(items=items):
            choices = [ways(each) for each in items]
        case Container(kind="dict"):
            pairs = [(key, value) for key, value in known_items(frame, values)]
            names = [str(key) for key, _ in pairs]
            choices = [ways(value) for _, value in pairs]
        case Record(items=keywords):
            names = [key for key, _ in keywords]
            choices = [ways(value) for _, value in keywords]
        case _:
            choices = [ways(right)]

    def make(way: tuple[Parts, ...]) -> Parts:
        if names:
            return interpolated(template, (), dict(zip(names, way, strict=True)))
        return interpolated(template, way, {})

    return _texts(frame, choices, make)


def _join(frame: Frame, separator: Text, parts: Value) -> Value:
    found = NOTHING
    for atom in ordered(parts):
        items: list[Value] | None = None
        if isinstance(atom, Tuple):
            items = list(atom.items)
        elif isinstance(atom, Container) and atom.kind == "list":
            only = frozenset({atom})
            if not frame.heap.read((atom, "*"), frame.context):
                count = len(list(known_items(frame, atom)))
                items = unpacked(frame, only, count, None)
        if items is None:
            everything(frame, atom)  # so that a list that grows is looked at again
            found = frame.atoms.join(found, frame.atoms.text(GAP))
            continue
        pieces: list[Value] = []
        for item in items:
            pieces += [frozenset({separator}), item] if pieces else [item]
        found = frame.atoms.join(found, combined(frame, pieces))
    return found or frame.atoms.text(GAP)


def _split(frame: Frame, whole: str | None, name: str, given: Arguments) -> Value:
    separator = key_of(given.positional[0]) if given.positional else None
    if whole is None or (given.positional and not isinstance(separator, str)):
        return frame.atoms.sequence(frame.atoms.text(GAP))
    if len(given.positional) > 1 or given.keywords:
        return frame.atoms.sequence(frame.atoms.text(GAP))
    text = str(separator) if isinstance(separator, str) else None
    match name:
        case "partition" if text:
            parts: Iterable[str] = whole.partition(text)
        case "rpartition" if text:
            parts = whole.rpartition(text)
        case "splitlines":
            parts = whole.splitlines()
        case _ if text != "":
            parts = whole.split(text)
        case _:
            parts = [whole]
    return frame.atoms.tuple([frame.atoms.literal(part) for part in parts])
