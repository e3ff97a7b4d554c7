"""What ``value.name`` may be."""

from __future__ import annotations

import ast

from chalice.policy.analysis import resources
from chalice.policy.analysis.classes import (
    attribute_of_class,
    bound,
    class_attribute,
    instance_attribute,
    line_of,
    set_instance_attribute,
)
from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.units import Module
from chalice.policy.analysis.values import (
    NOTHING,
    Atom,
    Bound,
    Class,
    Client,
    Collection,
    Constant,
    Container,
    Descriptor,
    External,
    Function,
    Instance,
    Method,
    Namespace,
    Paginator,
    Partial,
    Record,
    Resource,
    Response,
    Series,
    Session,
    Super,
    Text,
    Tuple,
    Unknown,
    Value,
    Waiter,
    Writer,
    ordered,
)

_LONGEST_PATH = 7
_KNOWN = (Session, Waiter, Paginator, Writer, Collection, Container, Tuple, Series, Record)
_WORTH_KEEPING = (Client, Resource, Session, Instance, Paginator, Waiter, Collection)


def attribute(frame: Frame, node: ast.AST, value: Value, name: str) -> Value:
    """Return what the attribute of each thing that the value may be may be."""
    if len(value) == 1:
        (atom,) = value
        return _attribute(frame, node, atom, name)
    frame.engine.work += len(value)
    found = [_attribute(frame, node, atom, name) for atom in ordered(value)]
    return frame.atoms.join(NOTHING, *found)


def _attribute(frame: Frame, node: ast.AST, atom: Atom, name: str) -> Value:
    atoms = frame.atoms
    match atom:
        case Instance():
            return instance_attribute(frame, node, atom, name) or _kept(frame, atom, name)
        case Class():
            return _of_class(frame, node, atom, name)
        case Namespace():
            return module_attribute(frame, atom.module, name)
        case External():
            return _of_external(frame, atom, name)
        case Client():
            return _of_client(frame, atom, name)
        case Resource():
            return resources.attribute(frame, node, atom, name)
        case Method(name="meta") if name == "client":
            return resources.client_of(atom.receiver)
        case Text() if name in ("value", "_value_"):
            return frozenset({atom})
        case Super():
            return _of_super(frame, node, atom, name)
        case Function() | Bound():
            return frame.heap.read((atom, name), frame.context) or atoms.unknown
        case Descriptor():
            return frozenset({atoms.make(Method, atom, name)})
        case Partial() if name == "func":
            return atom.target
        case Text() | Response():
            return frozenset({atoms.make(Method, atom, name)})
        case Unknown():
            return _kept(frame, atom, name) | atoms.unknown
        case Constant() | Method():
            return atoms.unknown if not isinstance(atom, Constant) else _of_constant(frame, atom)
    if isinstance(atom, _KNOWN):
        return frozenset({atoms.make(Method, atom, name)})
    return atoms.unknown


def _of_constant(frame: Frame, atom: Constant) -> Value:
    return NOTHING if atom.value is None else frame.atoms.unknown


def _kept(frame: Frame, atom: Atom, name: str) -> Value:
    """Return what was stored under this name in objects that are not known."""
    return frame.heap.read(("kept", name), frame.context)


def _of_class(frame: Frame, node: ast.AST, cls: Class, name: str) -> Value:
    found = attribute_of_class(frame, node, cls, name)
    if found:
        return found
    if name == "__new__":
        return frozenset({frame.atoms.make(External, "builtins.object.__new__", None)})
    for atom in line_of(frame, cls):
        if isinstance(atom, External):
            return frozenset({frame.atoms.make(External, f"{atom.path}.{name}", None)})
    return frame.atoms.unknown


def module_attribute(frame: Frame, module: Module, name: str) -> Value:
    """Return a global of a module, or a module in the package that it is."""
    found = global_of(frame, module, name)
    if not found and module.is_package:
        inner = frame.engine.import_module(frame, f"{module.name}.{name}", 0)
        if inner is not None:
            return frozenset({frame.atoms.make(Namespace, inner)})
    if not found:
        hook = frame.heap.read((module, "__getattr__"), frame.context)
        if hook:
            given = Arguments([frame.atoms.literal(name)])
            found = frame.engine.call(frame, ast.Pass(), hook, given)
    return found


def global_of(frame: Frame, module: Module, name: str) -> Value:
    """Return a global of a module, also one that it has by ``import *``."""
    found = frame.heap.read((module, name), frame.context)
    if found:
        return found
    seen = {module}
    pending = list(module.stars)
    while pending:
        other = pending.pop()
        if other in seen:
            continue
        seen.add(other)
        found = frame.heap.read((other, name), frame.context)
        if found:
            return found
        pending += other.stars
    if name == "__name__":
        return frame.atoms.literal(module.name)
    return NOTHING


def _of_external(frame: Frame, atom: External, name: str) -> Value:
    stored = frame.heap.read((atom, name), frame.context)
    if stored:
        return stored
    if atom.path.count(".") >= _LONGEST_PATH:
        return frame.atoms.unknown
    made = frame.atoms.make(External, f"{atom.path}.{name}", atom.site)
    return frozenset({made}) | _kept(frame, atom, name)


def _of_client(frame: Frame, client: Client, name: str) -> Value:
    if name == "exceptions":
        return frame.atoms.unknown
    return frozenset({frame.atoms.make(Method, client, name)})


def _of_super(frame: Frame, node: ast.AST, atom: Super, name: str) -> Value:
    cls = atom.receiver.cls if isinstance(atom.receiver, Instance) else atom.receiver
    if not isinstance(cls, Class):
        return frame.atoms.unknown
    line = line_of(frame, cls)
    if atom.after in line:
        line = line[line.index(atom.after) + 1 :]
    found = class_attribute(frame, line, name)
    if found:
        return bound(frame, node, found, atom.receiver)
    if name == "__new__":
        return frozenset({frame.atoms.make(External, "builtins.object.__new__", None)})
    for each in line:
        if isinstance(each, External) and isinstance(atom.receiver, Instance):
            path = f"{each.path}().{name}"
            return frozenset({frame.atoms.make(External, path, atom.receiver)})
    return frame.atoms.unknown


def set_attribute(frame: Frame, node: ast.AST, value: Value, name: str, new: Value) -> None:
    """Note ``value.name = new``."""
    for atom in ordered(value):
        match atom:
            case Instance():
                set_instance_attribute(frame, node, atom, name, new)
            case Namespace():
                frame.heap.write((atom.module, name), new)
            case Class() | Function() | Bound():
                frame.heap.write((atom, name), new)
            case External():
                frame.heap.write((atom, name), new)
                _keep(frame, name, new)
            case _:
                _keep(frame, name, new)


def _keep(frame: Frame, name: str, new: Value) -> None:
    """Remember what is stored in an object that is not known, by the name of the attribute."""
    worth = frozenset(atom for atom in new if isinstance(atom, _WORTH_KEEPING))
    if worth:
        frame.heap.write(("kept", name), worth)
