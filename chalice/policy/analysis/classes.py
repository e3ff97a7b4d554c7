"""Classes of the project: the order of their bases, what an attribute is, and how objects begin."""

from __future__ import annotations

import ast

from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.values import (
    NOTHING,
    Atom,
    Bound,
    Class,
    Descriptor,
    External,
    Function,
    Instance,
    Tuple,
    Value,
    ordered,
)

_DEEPEST_KEY = 3
# Bases that call no method of their own accord.
_PLAIN_BASES = frozenset(
    [
        "builtins.object",
        "abc.ABC",
        "typing.Protocol",
        "typing.Generic",
        "typing.NamedTuple",
        "typing.TypedDict",
        "enum.Enum",
        "enum.IntEnum",
        "enum.StrEnum",
        "builtins.Exception",
        "builtins.dict",
        "builtins.str",
        "builtins.type",
        "pydantic.BaseModel",
        "builtins.list",
        "builtins.ValueError",
        "builtins.RuntimeError",
    ]
)


def line_of(frame: Frame, cls: Class) -> list[Atom]:
    """Return the class and its bases, in the order in which attributes are looked up."""
    found: dict[Atom, None] = {}
    pending: list[Atom] = [cls]
    while pending:
        atom = pending.pop(0)
        if atom in found or len(found) > 60:
            continue
        found[atom] = None
        if isinstance(atom, Class):
            for index in reversed(range(len(atom.unit.node.bases))):
                bases = frame.heap.read((atom, "base", index), frame.context)
                pending[:0] = [
                    base for base in ordered(bases) if isinstance(base, (Class, External))
                ]
    return list(found)


def foreign_base(frame: Frame, cls: Class) -> External | None:
    """Return the first base that is a library's and may do something by itself."""
    for atom in line_of(frame, cls):
        if isinstance(atom, External) and atom.path not in _PLAIN_BASES:
            return atom
    return None


def class_attribute(frame: Frame, line: list[Atom], name: str) -> Value:
    """Return what the first class of a line that has the attribute holds, not bound."""
    for atom in line:
        if isinstance(atom, Class):
            found = frame.heap.read((atom, name), frame.context)
            if found:
                return found
    return NOTHING


def instance_attribute(frame: Frame, node: ast.AST, instance: Instance, name: str) -> Value:
    """Return what an attribute of an object may be; nothing when it is not found."""
    own = frame.heap.read((instance, name), frame.context)
    line = line_of(frame, instance.cls)
    found = class_attribute(frame, line, name)
    if found:
        own = frame.atoms.join(own, bound(frame, node, found, instance))
    if not own and not name.startswith("__"):
        hook = class_attribute(frame, line, "__getattr__")
        if hook:
            given = Arguments([frame.atoms.literal(name)])
            own = frame.engine.call(frame, node, bound(frame, node, hook, instance), given)
    return own or _of_library(frame, line, instance, name)


def _of_library(frame: Frame, line: list[Atom], receiver: Instance, name: str) -> Value:
    for atom in line:
        if isinstance(atom, External) and atom.path not in _PLAIN_BASES:
            made = frame.atoms.make(External, f"{atom.path}().{name}", receiver)
            return frozenset({made})
    return NOTHING


def bound(frame: Frame, node: ast.AST, found: Value, receiver: Atom) -> Value:
    """Return what an attribute of a class is when it is read from an object of it."""
    atoms = frame.atoms
    results: list[Value] = []
    for atom in ordered(found):
        match atom:
            case Function():
                results.append(frozenset({atoms.make(Bound, atom, receiver)}))
            case Descriptor(kind="property"):
                given = Arguments([frozenset({receiver})])
                results.append(frame.engine.call(frame, node, atom.function, given))
            case Descriptor(kind="static"):
                results.append(atom.function)
            case Descriptor(kind="class"):
                cls = receiver.cls if isinstance(receiver, Instance) else receiver
                results.append(bound(frame, node, atom.function, cls))
            case Descriptor(kind="setter"):
                pass
            case _:
                results.append(frozenset({atom}))
    return atoms.join(NOTHING, *results)


def attribute_of_class(frame: Frame, node: ast.AST, cls: Class, name: str) -> Value:
    """Return what an attribute of a class itself may be."""
    found = class_attribute(frame, line_of(frame, cls), name)
    results: list[Value] = []
    for atom in ordered(found):
        match atom:
            case Descriptor(kind="static"):
                results.append(atom.function)
            case Descriptor(kind="class"):
                results.append(bound(frame, node, atom.function, cls))
            case _:
                results.append(frozenset({atom}))
    return frame.atoms.join(NOTHING, *results)


def set_instance_attribute(
    frame: Frame, node: ast.AST, instance: Instance, name: str, value: Value
) -> None:
    """Note ``instance.name = value``; a property's setter is called."""
    for atom in class_attribute(frame, line_of(frame, instance.cls), name):
        if isinstance(atom, Descriptor) and atom.kind == "setter":
            given = Arguments([frozenset({instance}), value])
            frame.engine.call(frame, node, atom.function, given)
    frame.heap.write((instance, name), value)


def instantiate(frame: Frame, node: ast.AST, cls: Class, given: Arguments) -> Value:
    """Return the object that calling a class makes, after its ``__init__``."""
    line = line_of(frame, cls)
    maker = class_attribute(frame, line, "__new__")
    if maker:
        first = frozenset({cls})
        made = frame.engine.call(frame, node, _plain(maker), _after(first, given))
    else:
        made = frozenset({_object(frame, node, cls, given)})
    start = class_attribute(frame, line, "__init__")
    for atom in ordered(made):
        if not isinstance(atom, Instance):
            continue
        if start:
            frame.engine.call(frame, node, bound(frame, node, start, atom), given)
        else:
            _set_fields(frame, line, atom, given)
            after = class_attribute(frame, line, "__post_init__")
            if after:
                frame.engine.call(frame, node, bound(frame, node, after, atom), Arguments())
    return made


def new_object(frame: Frame, cls: Class) -> Value:
    """Return what ``object.__new__(cls)`` makes."""
    return frozenset({frame.atoms.make(Instance, cls, "new")})


def _plain(value: Value) -> Value:
    return frozenset(
        each
        for atom in value
        for each in (atom.function if isinstance(atom, Descriptor) else (atom,))
    )


def _after(first: Value, given: Arguments) -> Arguments:
    return Arguments([first, *given.positional], given.keywords, given.rest, given.extra)


def _object(frame: Frame, node: ast.AST, cls: Class, given: Arguments) -> Instance:
    """Return the object; those that are made of the same things are the same.

    Unless other code changes them later: then each place has its own.
    """
    arguments = (tuple(given.positional), tuple(sorted(given.keywords.items(), key=_name)))
    content = given.all()
    key: object = (arguments, given.rest, given.extra)
    if _level(content) >= _DEEPEST_KEY:
        key = node
    elif cls.unit.changes or cls.unit.name in frame.engine.changed_classes:
        key = (key, frame.site(node))
    return frame.atoms.make(Instance, cls, key)


def _name(pair: tuple[str, Value]) -> str:
    return pair[0]


def _level(values: list[Value]) -> int:
    """Return how many objects are inside each other in these values."""
    deepest = 0
    for value in values:
        for atom in value:
            if isinstance(atom, Instance):
                deepest = max(deepest, 1 + _level_of_key(atom.key))
            elif isinstance(atom, Tuple):
                deepest = max(deepest, _level(list(atom.items)))
            elif isinstance(atom, Bound) and isinstance(atom.receiver, Instance):
                deepest = max(deepest, 1 + _level_of_key(atom.receiver.key))
    return deepest


def _level_of_key(key: object) -> int:
    if isinstance(key, frozenset):
        return _level([key])
    if isinstance(key, tuple):
        return max(map(_level_of_key, key), default=0)
    return 0


def _set_fields(frame: Frame, line: list[Atom], instance: Instance, given: Arguments) -> None:
    """Store the arguments as a dataclass or named tuple does: by the order of its fields."""
    names = [name for atom in reversed(line) if isinstance(atom, Class) for name in _fields(atom)]
    order = list(dict.fromkeys(names))
    for name, value in zip(order, given.positional, strict=False):
        frame.heap.write((instance, name), value)
    for name, value in given.keywords.items():
        frame.heap.write((instance, name), value)
    for name in order if given.rest or given.extra else ():
        frame.heap.write((instance, name), frame.atoms.join(given.rest, given.extra))


def _fields(cls: Class) -> list[str]:
    return [
        node.target.id
        for node in cls.unit.node.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    ]
