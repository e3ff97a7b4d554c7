"""Lists, dictionaries, sets and tuples: what is in them."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.texts import GAP, exact
from chalice.policy.analysis.values import (
    NOTHING,
    Atom,
    Class,
    Constant,
    Container,
    Record,
    Response,
    Series,
    Text,
    Tuple,
    Value,
    ordered,
)

_ADDING = {"append": 0, "add": 0, "appendleft": 0, "insert": 1, "setdefault": 1, "put": 0}
_EXTENDING = frozenset({"extend", "update", "extendleft", "union", "difference_update"})
_TAKING = frozenset({"pop", "popleft", "popitem", "__getitem__", "get", "get_nowait"})


def key_of(value: Value) -> object:
    """Return the string or number that an index surely is, None when that is not known.

    A string that is known in part is its parts.
    """
    if len(value) != 1:
        return None
    (atom,) = value
    if isinstance(atom, Text):
        return exact(atom.parts) or (None if atom.parts == GAP else atom.parts)
    if isinstance(atom, Constant) and isinstance(atom.value, int):
        return atom.value
    return None


def new_container(frame: Frame, node: ast.AST, kind: str, items: Iterable[Value] = ()) -> Container:
    """Return what a display such as ``[a, b]`` makes."""
    container = frame.atoms.make(Container, kind, frame.site(node))
    for index, item in enumerate(items):
        if kind == "list" and index < 32:
            frame.engine.store_item(container, index, item)
        else:
            frame.heap.write((container, "*"), item)
    return container


def keys_of(frame: Frame, container: Container) -> Value:
    """Return the keys that are known of a dictionary."""
    return frame.heap.read((container, "keys"), frame.context)


def known_items(frame: Frame, container: Container) -> Iterable[tuple[object, Value]]:
    """Yield key and value for each key that is known."""
    for atom in ordered(keys_of(frame, container)):
        key = key_of(frozenset({atom}))
        yield key, frame.heap.read((container, "item", key), frame.context)


def everything(frame: Frame, atom: Atom) -> Value:
    """Return what the elements of a container (of a dictionary: the values) may be."""
    match atom:
        case Container():
            found = [frame.heap.read((atom, "*"), frame.context)]
            found += [value for _, value in known_items(frame, atom)]
            return frame.atoms.join(*found)
        case Tuple():
            return frame.atoms.join(NOTHING, *atom.items)
        case Series():
            return atom.element
        case Record():
            return frame.atoms.join(atom.extra, *(value for _, value in atom.items))
    return NOTHING


def item(frame: Frame, atom: Atom, index: Value) -> Value:
    """Return what ``atom[index]`` may be."""
    key = key_of(index)
    match atom:
        case Container() if isinstance(key, str) or (isinstance(key, int) and key >= 0):
            known = frame.heap.read((atom, "item", key), frame.context)
            fuzzy = frame.heap.read((atom, "fuzzy"), frame.context)
            other = frame.heap.read((atom, "*"), frame.context)
            return frame.atoms.join(known, fuzzy, other)
        case Tuple() if isinstance(key, int) and -len(atom.items) <= key < len(atom.items):
            return atom.items[key]
        case Record() if key is not None:
            return dict(atom.items).get(str(key), NOTHING) | atom.extra
        case Response():
            return response_item(frame, atom, key)
    return everything(frame, atom)


def response_item(frame: Frame, response: Response, key: object) -> Value:
    """Return a part of an answer of AWS: known where it follows from the request."""
    for name, value in response.known:
        if name == key:
            return value
    return frozenset({frame.atoms.make(Response, response.client, response.operation, ())})


def set_item(frame: Frame, container: Container, index: Value, value: Value) -> None:
    """Note ``container[index] = value``."""
    key = key_of(index)
    if key is None or (isinstance(key, int) and container.kind == "list"):
        for atom in index:
            each = key_of(frozenset({atom}))
            if each is None or container.kind == "list":
                frame.heap.write((container, "*"), value)
            else:
                frame.engine.store_item(container, each, value)
    else:
        frame.engine.store_item(container, key, value)


def unpacked(frame: Frame, value: Value, count: int, starred: int | None) -> list[Value]:
    """Return what each of `count` targets gets; the one at `starred` gets a list."""
    found: list[Value] = [NOTHING] * count
    for atom in ordered(value):
        items = _positions(frame, atom)
        if items is None or (starred is None and len(items) != count):
            element = iterated(frame, atom)
            parts = [element] * count
            if starred is not None:
                parts[starred] = frame.atoms.sequence(element)
        elif starred is None:
            parts = items
        else:
            after = count - starred - 1
            middle = items[starred : len(items) - after]
            parts = items[:starred]
            parts.append(frame.atoms.sequence(frame.atoms.join(NOTHING, *middle)))
            parts += items[len(items) - after :] if after else []
            if len(parts) != count:
                parts = [frame.atoms.join(NOTHING, *items)] * count
        found = [frame.atoms.join(old, new) for old, new in zip(found, parts, strict=True)]
    return found


def _positions(frame: Frame, atom: Atom) -> list[Value] | None:
    if isinstance(atom, Tuple):
        return list(atom.items)
    if isinstance(atom, Container) and atom.kind == "list":
        if frame.heap.read((atom, "*"), frame.context):
            return None
        return [value for _, value in known_items(frame, atom)]
    return None


def iterated(frame: Frame, atom: Atom) -> Value:
    """Return what a loop over a container gets: of a dictionary, its keys."""
    match atom:
        case Container(kind="dict"):
            keys = keys_of(frame, atom)
            if frame.heap.read((atom, "*"), frame.context):
                keys = frame.atoms.join(keys, frame.atoms.unknown)
            return keys
        case Record():
            names = [frame.atoms.literal(name) for name, _ in atom.items]
            return frame.atoms.join(NOTHING, *names)
        case Text():
            return frame.atoms.text((None,))
        case Response():
            return response_item(frame, atom, None)
        case Container() | Tuple() | Series():
            return everything(frame, atom)
        case Class():
            return _members(frame, atom)
    return frame.atoms.unknown


def _members(frame: Frame, atom: Class) -> Value:
    """Return the members of an enumeration."""
    found = NOTHING
    for node in atom.unit.node.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    value = frame.heap.read((atom, target.id), frame.context)
                    found = frame.atoms.join(found, value)
    return found or frame.atoms.unknown


def items_view(frame: Frame, atom: Atom) -> Value:
    """Return what ``dictionary.items()`` gives, each key with its own value."""
    atoms = frame.atoms
    pairs: list[Value] = []
    match atom:
        case Container():
            for key, value in known_items(frame, atom):
                name = atoms.literal(key) if isinstance(key, str) else None
                pairs.append(atoms.tuple((name or frame.engine.key_value(key), value)))
            other = frame.heap.read((atom, "*"), frame.context)
            if other:
                pairs.append(atoms.tuple((atoms.unknown, other)))
        case Record():
            pairs += [atoms.tuple((atoms.literal(name), value)) for name, value in atom.items]
            if atom.extra:
                pairs.append(atoms.tuple((atoms.unknown, atom.extra)))
    return atoms.sequence(atoms.join(NOTHING, *pairs))


def call_method(frame: Frame, atom: Atom, name: str, given: Arguments, node: ast.AST) -> Value:
    """Return what a method of a container gives, and note what it puts in."""
    atoms = frame.atoms
    first = given.get(0, "default")
    if isinstance(atom, Container):
        _put(frame, atom, name, given)
    match name:
        case "items":
            return items_view(frame, atom)
        case "values":
            return atoms.sequence(everything(frame, atom))
        case "keys":
            return atoms.sequence(iterated(frame, atom))
        case "copy" | "union" | "__iter__":
            return _copied(frame, atom, node)
        case "setdefault":
            return item(frame, atom, given.get(0, "key") or NOTHING)
    if name in _TAKING:
        found = everything(frame, atom)
        if first and name != "popleft" and not _is_list(atom):
            found = item(frame, atom, first)
            fallback = given.get(1, "default")
            return atoms.join(found, atoms.none if fallback is None else fallback)
        return found
    return atoms.unknown


def _is_list(atom: Atom) -> bool:
    return not isinstance(atom, Record) and not (
        isinstance(atom, Container) and atom.kind == "dict"
    )


def _copied(frame: Frame, atom: Atom, node: ast.AST) -> Value:
    if not isinstance(atom, Container):
        return frozenset({atom})
    copy = frame.atoms.make(Container, atom.kind, (frame.site(node), atom.order))
    absorb(frame, copy, frozenset({atom}))
    return frozenset({copy})


def _put(frame: Frame, container: Container, name: str, given: Arguments) -> None:
    heap = frame.heap
    if name == "setdefault":
        set_item(frame, container, given.get(0, "key") or NOTHING, given.get(1, "d") or NOTHING)
    elif name in _ADDING:
        heap.write((container, "*"), given.get(_ADDING[name], "item") or NOTHING)
    elif name in _EXTENDING:
        for value in given.positional:
            absorb(frame, container, value)
        for key, value in given.keywords.items():
            frame.engine.store_item(container, key, value)
        heap.write((container, "*"), given.extra)


def spread(frame: Frame, value: Value) -> Arguments:
    """Return the keyword arguments that ``**value`` passes.

    Only the keys of a dictionary that its display has are certain to be there.
    """
    found = Arguments()
    certain: list[set[str]] = []
    for atom in ordered(value):
        sure: set[str] = set()
        match atom:
            case Container(kind="dict"):
                pairs = [(str(key), each) for key, each in known_items(frame, atom)]
                other = frame.heap.read((atom, "*"), frame.context)
                keys = ordered(frame.heap.read((atom, "certain"), frame.context))
                sure = {str(key_of(frozenset({key}))) for key in keys}
            case Record():
                pairs, other = list(atom.items), atom.extra
                sure = {name for name, _ in pairs}
            case Constant(value=None):
                continue
            case _:
                pairs, other = [], frame.atoms.unknown
        for name, each in pairs:
            present = found.keywords.get(name, NOTHING)
            found.keywords[name] = frame.atoms.join(present, each)
        certain.append(sure)
        found.extra = frame.atoms.join(found.extra, other)
    found.perhaps = {name for name in found.keywords if not all(name in each for each in certain)}
    return found


def absorb(frame: Frame, container: Container, value: Value) -> None:
    """Put the elements of another container into one: ``{**other}``, ``update``, ``extend``."""
    for atom in ordered(value):
        match atom:
            case Container(kind="dict") if container.kind == "dict":
                for key, each in known_items(frame, atom):
                    frame.engine.store_item(container, key, each)
                frame.heap.write((container, "*"), frame.heap.read((atom, "*"), frame.context))
            case Record():
                for name, each in atom.items:
                    frame.engine.store_item(container, name, each)
                frame.heap.write((container, "*"), atom.extra)
            case Container(kind="dict"):
                frame.heap.write((container, "*"), iterated(frame, atom))
            case Container() | Tuple() | Series() if container.kind == "dict":
                _absorb_pairs(frame, container, everything(frame, atom))
            case _:
                frame.heap.write((container, "*"), iterated(frame, atom))


def _absorb_pairs(frame: Frame, container: Container, pairs: Value) -> None:
    for pair in ordered(pairs):
        if isinstance(pair, Tuple) and len(pair.items) == 2:
            set_item(frame, container, *pair.items)
        else:
            frame.heap.write((container, "*"), frame.atoms.unknown)
