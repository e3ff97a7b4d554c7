"""Strings of which some parts are known: literals, environment variables, and gaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

_LONGEST = 400  # characters of a literal, and then a gap: no name in AWS is longer
_MOST_PARTS = 12


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable; ``default`` is the text that stands for it when it is not set."""

    name: str
    default: Parts | None = None


Part: TypeAlias = "str | Variable | None"
"""None is a gap: any text, even none."""
Parts: TypeAlias = tuple[Part, ...]

GAP: Parts = (None,)


def joined(pieces: Iterable[Parts]) -> Parts:
    """Return the pieces after each other, in the shortest form."""
    found: list[Part] = []
    for piece in pieces:
        for part in piece:
            last = found[-1] if found else ""
            if isinstance(part, str):
                if not part:
                    continue
                if len(part) > _LONGEST:
                    _append_gap(found, part[:_LONGEST])
                elif isinstance(last, str) and found:
                    found[-1] = last + part
                else:
                    found.append(part)
            elif part is not None or last is not None:
                found.append(part)
    if len(found) > _MOST_PARTS or sum(len(p) for p in found if isinstance(p, str)) > _LONGEST:
        head = found[0]
        return (head[:_LONGEST], None) if isinstance(head, str) else GAP
    return tuple(found) or ("",)


def _append_gap(found: list[Part], text: str) -> None:
    last = found[-1] if found else None
    if isinstance(last, str):
        found[-1] = last + text
    else:
        found.append(text)
    found.append(None)


def exact(parts: Parts) -> str | None:
    """Return the string, None unless all of it is known."""
    first = parts[0]
    return first if len(parts) == 1 and isinstance(first, str) else None


def pattern(parts: Parts, environment: Mapping[str, str]) -> str | None:
    """Return the text with ``*`` for what is not known, None when nothing is."""
    found = ["*" if part is None else part for part in joined([substituted(parts, environment)])]
    text = "".join(part for part in found if isinstance(part, str))
    return None if text == "*" else text


def substituted(parts: Parts, environment: Mapping[str, str]) -> Parts:
    """Return the parts with every variable replaced by its value, its default or a gap."""
    found: list[Part] = []
    for part in parts:
        if not isinstance(part, Variable):
            found.append(part)
        elif part.name in environment:
            found.append(environment[part.name])
        else:
            found += GAP if part.default is None else substituted(part.default, environment)
    return tuple(found)


def holds(parts: Parts, other: str) -> bool:
    """Tell whether the text may be ``other``, as far as its literal parts say."""
    position = 0
    for index, part in enumerate(parts):
        if not isinstance(part, str):
            continue
        if index == 0 and not other.startswith(part):
            return False
        found = other.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    last = parts[-1]
    return not isinstance(last, str) or other.endswith(last)


def formatted(template: str, positional: Sequence[Parts], named: Mapping[str, Parts]) -> Parts:
    """Return what ``template.format(...)`` gives; a field that is no plain name is a gap."""
    pieces: list[Parts] = []
    automatic = 0
    rest = template
    while rest:
        head, brace, tail = rest.partition("{")
        pieces.append((head.replace("}}", "}"),))
        if not brace:
            break
        if tail.startswith("{"):
            pieces.append(("{",))
            rest = tail[1:]
            continue
        inside, closing, rest = tail.partition("}")
        if not closing:
            pieces.append(GAP)
            break
        name = inside.split("!")[0].split(":")[0]
        plain = name == inside
        if not name:
            name, automatic = str(automatic), automatic + 1
        if name.isdecimal():
            value = positional[int(name)] if int(name) < len(positional) else GAP
        else:
            value = named.get(name, GAP)
        pieces.append(value if plain else GAP)
    return joined(pieces)


def interpolated(template: str, values: Sequence[Parts], named: Mapping[str, Parts]) -> Parts:
    """Return what ``template % values`` gives; only ``%s`` and ``%(name)s`` keep their text."""
    pieces: list[Parts] = []
    taken = 0
    rest = template
    while rest:
        head, percent, tail = rest.partition("%")
        pieces.append((head,))
        if not percent:
            break
        if tail.startswith("%"):
            pieces.append(("%",))
            rest = tail[1:]
        elif tail.startswith("(") and ")" in tail:
            name, _, rest = tail[1:].partition(")")
            pieces.append(named.get(name, GAP) if rest.startswith("s") else GAP)
            rest = rest.lstrip("0123456789.-+ #")[1:]
        else:
            kind = tail.lstrip("0123456789.-+ #*")
            plain = tail.startswith("s") and taken < len(values)
            pieces.append(values[taken] if plain else GAP)
            taken += 1
            rest = kind[1:]
    return joined(pieces)
