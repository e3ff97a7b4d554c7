"""What goes out of sight: functions and clients that are handed to code which is not read."""

from __future__ import annotations

import ast

from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.values import (
    NOTHING,
    Atom,
    Bound,
    Client,
    External,
    Function,
    Partial,
    Resource,
    Session,
    Tuple,
    Value,
    ordered,
)

_CALLABLE = (Function, Bound, Partial)
_AWS = (Client, Resource, Session)
_HARMLESS = ("logging.", "json.", "typing.", "warnings.", "unittest.", "pytest.", "moto.", "copy.")


class Decoration(ast.expr):
    """The place of a decorator's call, which the syntax tree does not have."""

    _fields = ()

    def __init__(self, decorator: ast.expr) -> None:
        super().__init__()
        self.decorator = decorator

    # One decorator is one place, however often it is looked at.
    def __hash__(self) -> int:
        return hash(self.decorator)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Decoration) and other.decorator is self.decorator


def escape(frame: Frame, node: ast.AST, given: Arguments, callee: External | None = None) -> Value:
    """Hand arguments to unknown code: it may call functions; what it does with clients is unseen.

    Returns what it may give back: something unknown, or the functions themselves, wrapped.
    """
    result = frame.atoms.unknown
    for index, value in enumerate(given.all()):
        following = given.positional[index + 1 :] if index < len(given.positional) else []
        for atom in ordered(value):
            if isinstance(atom, _CALLABLE):
                run_loosely(frame, node, atom, following)
                result = result | {atom}
            elif isinstance(atom, External) and index < len(given.positional):
                run_registered(frame, node, atom)
        if callee is None or not callee.path.startswith(_HARMLESS):
            _report(frame, node, value)
    if callee is not None and callee.site is not None:
        run_registered(frame, node, callee)
    return result


def run_loosely(frame: Frame, node: ast.AST, atom: Atom, following: list[Value]) -> Value:
    """Call a function as unknown code may: with what follows it, the rest unknown."""
    positional = following[: _positions(atom)]
    given = Arguments(positional, {}, frame.atoms.unknown, NOTHING)
    return frame.engine.call(frame, node, frozenset({atom}), given)


def _positions(atom: Atom) -> int:
    match atom:
        case Function(unit=unit):
            return len(unit.positional) if unit.rest is None else 99
        case Bound(function=function):
            return max(_positions(function) - 1, 0)
    return 0


def pass_through(frame: Frame, node: ast.AST, callee: External, given: Arguments) -> Value | None:
    """Return what an unknown decorator makes of a function: still the function, not called yet.

    A decorator that is a method of some object may register the function with it; the object's
    other methods are then taken to call it. None when this is no decoration.
    """
    if not isinstance(node, Decoration):
        return None
    value = given.positional[0] if given.positional else NOTHING
    if callee.site is not None:
        frame.heap.write(("registered", _origin(callee)), value)
    return value or frame.atoms.unknown


def run_registered(frame: Frame, node: ast.AST, callee: External) -> None:
    """Call what was registered with a library's object by its decorators."""
    if callee.site is None:
        return
    for atom in ordered(frame.heap.read(("registered", _origin(callee)), frame.context)):
        if isinstance(atom, _CALLABLE):
            run_loosely(frame, node, atom, [])


def _origin(callee: External) -> object:
    return (callee.path.partition("()")[0], callee.site)


def _report(frame: Frame, node: ast.AST, value: Value) -> None:
    for atom in ordered(value):
        match atom:
            case Client() | Resource():
                what = (
                    f"a {'client' if isinstance(atom, Client) else 'resource'} of {_service(atom)}"
                )
            case Session():
                what = "a boto3 session"
            case Tuple(items=items):
                for item in items:
                    _report(frame, node, item)
                continue
            case _:
                continue
        callee = written(node.func) if isinstance(node, ast.Call) else "other code"
        frame.context.report(
            node,
            f"{what} is passed to `{callee}`, which is not read",
            'declare what it calls: `app.needs("service:Action", ...)`',
        )


def _service(atom: Client | Resource) -> str:
    return atom.service if isinstance(atom, Client) else atom.client.service


def written(node: ast.AST) -> str:
    """Return an expression as it is written, shortened."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "…")
    return ".".join(reversed(names[:6]))
