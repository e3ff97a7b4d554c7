"""What a name means where it is used."""

from __future__ import annotations

import builtins

from chalice.policy.analysis.attributes import global_of
from chalice.policy.analysis.contexts import Context, Frame
from chalice.policy.analysis.units import FunctionUnit, Module
from chalice.policy.analysis.values import NOTHING, External, Value

_BUILTINS = frozenset(dir(builtins))


def lookup(frame: Frame, name: str) -> Value:
    """Return what the name may be: a variable, one of a function around, a global, a builtin."""
    for body in reversed(frame.class_bodies):
        if name in body:
            return body[name]
    unit = frame.context.unit
    found = frame.variables.get(name)
    if isinstance(unit, Module):
        return found or _global(frame, unit, name)
    if found is not None and name in unit.local:
        if name in unit.captured:
            return frame.atoms.join(found, frame.heap.read((frame.context, name), frame.context))
        return found
    if found is not None:  # of a comprehension
        return found
    if name in unit.captured:
        found = frame.heap.read((frame.context, name), frame.context)
        if found:
            return found
    if name not in unit.globals:
        outer = owner_of(frame.context.parent, name)
        if outer is not None:
            return frame.heap.read((outer, name), frame.context)
    return _global(frame, unit.module, name)


def owner_of(context: Context | None, name: str) -> Context | None:
    """Return the context of the function around whose variable the name is."""
    while context is not None and isinstance(context.unit, FunctionUnit):
        if name in context.unit.local:
            return context
        if name in context.unit.globals:
            return None
        context = context.parent
    return None


def _global(frame: Frame, module: Module, name: str) -> Value:
    found = global_of(frame, module, name)
    if found:
        return found
    if name in _BUILTINS:
        return frozenset({frame.atoms.make(External, f"builtins.{name}", None)})
    if name == "__file__":
        return frame.atoms.unknown
    return NOTHING


def store(frame: Frame, name: str, value: Value) -> None:
    """Note ``name = value``."""
    if frame.class_bodies:
        frame.class_bodies[-1][name] = value
        return
    unit = frame.context.unit
    for watcher in frame.watchers:
        watcher[name] = frame.atoms.join(watcher.get(name, NOTHING), value)
    if isinstance(unit, Module):
        frame.variables[name] = value
        frame.unpublished.add(name)
    elif name in unit.globals:
        frame.heap.write((unit.module, name), value)
    elif name in unit.nonlocals:
        outer = owner_of(frame.context.parent, name)
        if outer is not None:
            frame.heap.write((outer, name), value)
    else:
        frame.variables[name] = value
        if name in unit.captured:
            frame.heap.write((frame.context, name), value)
