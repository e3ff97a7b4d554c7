"""What a loop over a value gets."""

from __future__ import annotations

import ast

from chalice.policy.analysis import resources
from chalice.policy.analysis.attributes import attribute
from chalice.policy.analysis.containers import iterated
from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.values import NOTHING, Collection, Instance, Value, ordered


def elements(frame: Frame, node: ast.AST, value: Value) -> Value:
    """Return what the elements may be; a collection of AWS makes the call that lists it."""
    found = NOTHING
    for atom in ordered(value):
        match atom:
            case Collection():
                each = resources.iterate(frame, node, atom)
            case Instance():
                each = _of_instance(frame, node, atom)
            case _:
                each = iterated(frame, atom)
        found = frame.atoms.join(found, each)
    return found


def _of_instance(frame: Frame, node: ast.AST, instance: Instance) -> Value:
    target = frozenset({instance})
    for name in ("__iter__", "__aiter__"):
        hook = attribute(frame, node, target, name)
        if not hook:
            continue
        iterator = frame.engine.call(frame, node, hook, Arguments())
        found = NOTHING
        for atom in ordered(iterator):
            if isinstance(atom, Instance):
                step = attribute(frame, node, frozenset({atom}), "__next__")
                step = step or attribute(frame, node, frozenset({atom}), "__anext__")
                found = frame.atoms.join(found, frame.engine.call(frame, node, step, Arguments()))
            else:
                found = frame.atoms.join(found, iterated(frame, atom))
        return found
    hook = attribute(frame, node, target, "__getitem__")
    if hook:
        return frame.engine.call(frame, node, hook, Arguments([frame.atoms.unknown]))
    return frame.atoms.unknown
