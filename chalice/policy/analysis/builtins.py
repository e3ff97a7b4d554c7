"""Python's own functions, as far as values go through them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TypeAlias

from chalice.policy.analysis.attributes import attribute, set_attribute
from chalice.policy.analysis.containers import (
    absorb,
    key_of,
    new_container,
)
from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.escapes import run_loosely, written
from chalice.policy.analysis.iteration import elements
from chalice.policy.analysis.strings import combined
from chalice.policy.analysis.texts import exact, holds
from chalice.policy.analysis.values import (
    NOTHING,
    Class,
    Client,
    Container,
    Descriptor,
    External,
    Instance,
    Namespace,
    Partial,
    Resource,
    Super,
    Text,
    Tuple,
    Value,
    ordered,
)

Builtin: TypeAlias = Callable[[Frame, ast.AST, Arguments], Value]


def call_builtin(frame: Frame, node: ast.AST, atom: External, given: Arguments) -> Value | None:
    """Return what a function of Python gives, None when it is none."""
    root, _, name = atom.path.partition(".")
    if root != "builtins":
        return None
    known = _BUILTINS.get(name)
    if known is not None:
        return known(frame, node, given)
    if name in ("eval", "exec"):
        frame.context.report(
            node, f"code is run by `{name}`, which is not read", "declare what it calls"
        )
    return frame.atoms.unknown


def _first(given: Arguments) -> Value:
    return given.get(0, "") or NOTHING


def _getattr(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    target = _first(given)
    found = given.get(2, "default") or NOTHING
    for atom in ordered(given.get(1, "name") or NOTHING):
        name = key_of(frozenset({atom}))
        if isinstance(name, str):
            found = frame.atoms.join(found, attribute(frame, node, target, name))
        else:
            found = frame.atoms.join(found, _any_attribute(frame, node, target, atom))
    return found


def _any_attribute(frame: Frame, node: ast.AST, target: Value, name: object) -> Value:
    """Return what an attribute may be whose name is known in part or not at all."""
    found = frame.atoms.unknown
    for atom in ordered(target):
        match atom:
            case Client() | Resource():
                service = atom.service if isinstance(atom, Client) else atom.client.service
                frame.context.report(
                    node,
                    f"a method of {service} is chosen by a name that is not known before it runs",
                    'declare what may be called: `app.needs("service:Action", ...)`',
                )
            case Instance() | Class():
                body = (atom.cls if isinstance(atom, Instance) else atom).unit.node.body
                names = [each.name for each in body if isinstance(each, ast.FunctionDef)]
                found = found | _matching(frame, node, frozenset({atom}), names, name)
            case Namespace():
                names = [
                    each.name
                    for each in atom.module.body
                    if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
                ]
                found = found | _matching(frame, node, frozenset({atom}), names, name)
    return found


def _matching(frame: Frame, node: ast.AST, target: Value, names: list[str], name: object) -> Value:
    found = NOTHING
    for each in names:
        fits = not each.startswith("__")
        if isinstance(name, Text):
            fits = fits and holds(name.parts, each)
        if fits:
            found = found | attribute(frame, node, target, each)
    return found


def _setattr(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    name = key_of(given.get(1, "name") or NOTHING)
    value = given.get(2, "value") or NOTHING
    if isinstance(name, str):
        set_attribute(frame, node, _first(given), name, value)
    return frame.atoms.none


def _super(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    if len(given.positional) == 2:
        pairs = [(cls, each) for cls in given.positional[0] for each in given.positional[1]]
    else:
        function = frame.context.unit
        first = next(iter(getattr(function, "positional", ())), None)
        receivers = frame.variables.get(first, NOTHING) if first else NOTHING
        pairs = [(frame.owner, each) for each in receivers if frame.owner is not None]
    found = [
        frame.atoms.make(Super, cls, each)
        for cls, each in sorted(pairs, key=lambda pair: pair[1].order)
        if isinstance(cls, Class) and isinstance(each, (Instance, Class))
    ]
    return frozenset(found) or frame.atoms.unknown


def _descriptor(kind: str) -> Builtin:
    def make(frame: Frame, node: ast.AST, given: Arguments) -> Value:
        return frozenset({frame.atoms.make(Descriptor, kind, _first(given))})

    return make


def _collect(kind: str) -> Builtin:
    def make(frame: Frame, node: ast.AST, given: Arguments) -> Value:
        container = new_container(frame, node, kind)
        for value in given.positional:
            if kind == "dict":
                absorb(frame, container, value)
            else:
                _fill(frame, node, container, value)
        for name, value in given.keywords.items():
            frame.engine.store_item(container, name, value)
        frame.heap.write((container, "*"), given.extra)
        return frozenset({container})

    return make


def _fill(frame: Frame, node: ast.AST, container: Container, value: Value) -> None:
    frame.heap.write((container, "*"), elements(frame, node, value))


def _tuple(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    value = _first(given)
    if len(value) == 1 and isinstance(next(iter(value)), Tuple):
        return value
    return frame.atoms.sequence(elements(frame, node, value))


def _elements(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    _run_key(frame, node, given)
    return frame.atoms.sequence(elements(frame, node, _first(given)))


def _one(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    _run_key(frame, node, given)
    value = _first(given)
    found = elements(frame, node, value)
    if len(given.positional) > 1:
        found = frame.atoms.join(found, *given.positional)
    return found


def _next(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    found = elements(frame, node, _first(given))
    return frame.atoms.join(found, given.get(1, "default") or NOTHING)


def _run_key(frame: Frame, node: ast.AST, given: Arguments) -> None:
    for atom in ordered(given.keywords.get("key", NOTHING)):
        run_loosely(frame, node, atom, [elements(frame, node, _first(given))])


def _zip(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    pairs = frame.atoms.tuple(elements(frame, node, value) for value in given.positional)
    return frame.atoms.sequence(pairs)


def _enumerate(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    pair = frame.atoms.tuple([frame.atoms.unknown, elements(frame, node, _first(given))])
    return frame.atoms.sequence(pair)


def _map(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    function, *values = given.positional or [NOTHING]
    parts = [elements(frame, node, value) for value in values]
    return frame.atoms.sequence(frame.engine.call(frame, node, function, Arguments(parts)))


def _filter(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    function, *values = given.positional or [NOTHING]
    kept = elements(frame, node, values[0] if values else NOTHING)
    frame.engine.call(frame, node, function, Arguments([kept]))
    return frame.atoms.sequence(kept)


def _str(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    return combined(frame, [_first(given)])


def _type(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    found = [atom.cls for atom in ordered(_first(given)) if isinstance(atom, Instance)]
    return frozenset(found) or frame.atoms.unknown


def _namespace(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    """``globals()`` and ``vars(module)``: whose elements are the functions of the module."""
    frame.engine.publish(frame)
    values = _first(given) if given.positional else NOTHING
    modules = [atom.module for atom in values if isinstance(atom, Namespace)]
    container = new_container(frame, node, "dict")
    for module in modules or [frame.context.unit.module]:
        target = frozenset({frame.atoms.make(Namespace, module)})
        for each in module.body:
            if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                value = attribute(frame, node, target, each.name)
                frame.engine.store_item(container, each.name, value)
    return frozenset({container})


def _import(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    found = NOTHING
    for atom in ordered(given.get(0, "name") or NOTHING):
        name = exact(atom.parts) if isinstance(atom, Text) else None
        if name is None:
            called = written(node.func) if isinstance(node, ast.Call) else "import"
            frame.context.report(
                node,
                f"`{called}` imports a module whose name is not known before it runs",
                "import it by name, or declare what it calls with `app.needs(...)`",
            )
            found = found | frame.atoms.unknown
            continue
        package = key_of(given.get(1, "package") or NOTHING)
        if name.startswith(".") and isinstance(package, str):
            name = package + name
        module = frame.engine.import_module(frame, name, getattr(node, "lineno", 0))
        made = (
            frame.atoms.make(External, name, None)
            if module is None
            else frame.atoms.make(Namespace, module)
        )
        found = found | {made}
    return found


def _new(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    classes = [atom for atom in ordered(_first(given)) if isinstance(atom, Class)]
    return frozenset(frame.atoms.make(Instance, cls, "new") for cls in classes)


def make_partial(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    """``functools.partial``."""
    target, *positional = given.positional or [NOTHING]
    made = frame.atoms.make(Partial, target, tuple(positional), tuple(given.keywords.items()))
    return frozenset({made}) if made.depth < 6 else target


_BUILTINS: Mapping[str, Builtin] = {
    "getattr": _getattr,
    "setattr": _setattr,
    "super": _super,
    "property": _descriptor("property"),
    "staticmethod": _descriptor("static"),
    "classmethod": _descriptor("class"),
    "dict": _collect("dict"),
    "list": _collect("list"),
    "set": _collect("set"),
    "frozenset": _collect("set"),
    "tuple": _tuple,
    "sorted": _elements,
    "reversed": _elements,
    "iter": _elements,
    "aiter": _elements,
    "next": _next,
    "anext": _next,
    "max": _one,
    "min": _one,
    "sum": _one,
    "zip": _zip,
    "enumerate": _enumerate,
    "map": _map,
    "filter": _filter,
    "str": _str,
    "type": _type,
    "globals": _namespace,
    "vars": _namespace,
    "__import__": _import,
    "object.__new__": _new,
}
import_module = _import
