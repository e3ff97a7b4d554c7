"""What targets get: names, attributes, elements, and several at once."""

from __future__ import annotations

import ast
from collections.abc import Callable

from chalice.policy.analysis import libraries
from chalice.policy.analysis.attributes import attribute, set_attribute
from chalice.policy.analysis.containers import set_item, unpacked
from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.names import store
from chalice.policy.analysis.values import (
    Container,
    External,
    Instance,
    Text,
    Value,
    ordered,
)

Evaluate = Callable[[Frame, "ast.expr | None"], Value]


def assign(frame: Frame, target: ast.expr, value: Value, evaluate: Evaluate) -> None:
    """Give the value to the target."""
    match target:
        case ast.Name(id=name):
            store(frame, name, value)
        case ast.Attribute(value=owner, attr=name):
            set_attribute(frame, target, evaluate(frame, owner), name, value)
        case ast.Subscript(value=owner, slice=index):
            _assign_item(frame, target, evaluate(frame, owner), evaluate(frame, index), value)
        case ast.Starred(value=inner):
            assign(frame, inner, value, evaluate)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            stars = [index for index, each in enumerate(targets) if isinstance(each, ast.Starred)]
            starred = stars[0] if stars else None
            parts = unpacked(frame, value, len(targets), starred)
            for each, part in zip(targets, parts, strict=True):
                assign(frame, each, part, evaluate)


def _assign_item(frame: Frame, node: ast.AST, owner: Value, index: Value, value: Value) -> None:
    for atom in ordered(owner):
        match atom:
            case Container():
                set_item(frame, atom, index, value)
            case External(path="os.environ"):
                for each in ordered(index):
                    if isinstance(each, Text) and isinstance(each.parts[0], str):
                        libraries.set_variable(frame, each.parts[0], value)
            case Instance():
                hook = attribute(frame, node, frozenset({atom}), "__setitem__")
                frame.engine.call(frame, node, hook, Arguments([index, value]))
