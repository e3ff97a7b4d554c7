"""What operators give: strings that grow, containers that are joined, methods of objects."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from chalice.policy.analysis.attributes import attribute
from chalice.policy.analysis.calls import call
from chalice.policy.analysis.containers import absorb
from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.strings import combined, percent
from chalice.policy.analysis.texts import GAP
from chalice.policy.analysis.values import (
    NOTHING,
    Container,
    Instance,
    Text,
    Tuple,
    Value,
    ordered,
)

_DUNDERS: Mapping[type[ast.operator], str] = {
    ast.Add: "__add__",
    ast.Sub: "__sub__",
    ast.Mult: "__mul__",
    ast.Div: "__truediv__",
    ast.BitOr: "__or__",
    ast.BitAnd: "__and__",
    ast.LShift: "__lshift__",
    ast.RShift: "__rshift__",
    ast.MatMult: "__matmul__",
    ast.Mod: "__mod__",
}


def operate(frame: Frame, node: ast.BinOp | ast.AugAssign, left: Value, right: Value) -> Value:
    """Return what ``left operator right`` may be."""
    results = [operate_on_instances(frame, node, left, _DUNDERS.get(type(node.op)), right)]
    if isinstance(node.op, ast.Mod) and any(isinstance(atom, Text) for atom in left):
        return percent(frame, left, right)
    if isinstance(node.op, (ast.Add, ast.BitOr, ast.Div)):
        results += _added(frame, node, left, right)
    return frame.atoms.join(*results) or frame.atoms.unknown


def operate_on_instances(
    frame: Frame, node: ast.AST, left: Value, method: str | None, right: Value
) -> Value:
    """Call the method that an operator stands for, on objects of the project."""
    found = NOTHING
    for atom in ordered(left):
        if isinstance(atom, Instance) and method is not None:
            hook = attribute(frame, node, frozenset({atom}), method)
            if hook:
                found = found | call(frame, node, hook, Arguments([right]))
    return found


def _added(frame: Frame, node: ast.BinOp | ast.AugAssign, left: Value, right: Value) -> list[Value]:
    texts = [atom for value in (left, right) for atom in value if isinstance(atom, Text)]
    found: list[Value] = []
    if texts and isinstance(node.op, ast.Add):
        found.append(combined(frame, [left, right]))
    elif texts:
        found.append(frame.atoms.text(GAP))
    for value in (left, right):
        for atom in ordered(value):
            if isinstance(atom, Container):
                kind = atom.kind
                joined = frame.atoms.make(Container, kind, frame.site(node))
                absorb(frame, joined, left)
                absorb(frame, joined, right)
                return [*found, frozenset({joined})]
            if isinstance(atom, Tuple):
                return [*found, frame.atoms.tuple(_all_items(left) + _all_items(right))]
    return found


def _all_items(value: Value) -> list[Value]:
    return [each for atom in ordered(value) if isinstance(atom, Tuple) for each in atom.items]
