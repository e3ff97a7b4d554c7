"""Runs statements: what variables hold after them, and what leaves the block."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from chalice.policy.analysis.assignments import assign
from chalice.policy.analysis.attributes import attribute
from chalice.policy.analysis.calls import call
from chalice.policy.analysis.containers import absorb
from chalice.policy.analysis.contexts import Frame, Loop, merged
from chalice.policy.analysis.definitions import define_class, define_function, run_imports
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.expressions import decide, evaluate
from chalice.policy.analysis.iteration import elements
from chalice.policy.analysis.names import store
from chalice.policy.analysis.operators import operate
from chalice.policy.analysis.patterns import matches
from chalice.policy.analysis.units import Module
from chalice.policy.analysis.values import (
    NOTHING,
    Container,
    Instance,
    Series,
    Text,
    Tuple,
    Value,
    ordered,
)

_MOST_PASSES = 4
_MOST_TURNS = 6
Variables = dict[str, Value]


def execute(frame: Frame) -> None:
    """Run a context: note what it returns, declares and cannot see."""
    context = frame.context
    unit = context.unit
    context.declared.update(dict.fromkeys(unit.module.declared.get(unit.line, ())))
    if isinstance(unit, Module):
        context.unresolved.update(dict.fromkeys(unit.problems))
        run_block(frame, unit.body)
        frame.engine.publish(frame)
        return
    for name, value in frame.engine.arguments_of(frame).items():
        store(frame, name, value)
    run_block(frame, unit.body)
    if frame.alive:
        frame.heap.write(frame.result(), frame.atoms.none)


def run_block(frame: Frame, body: list[ast.stmt]) -> None:
    """Run statements until one of them leaves the block."""
    for node in body:
        if not frame.alive:
            return
        run = _RUN.get(type(node))
        if run is not None:
            run(frame, node)


def _branch(frame: Frame, before: Variables, body: list[ast.stmt]) -> Variables | None:
    """Run one way of several; return its variables at the end, None if it leaves the block."""
    frame.variables = dict(before)
    frame.alive = True
    run_block(frame, body)
    return frame.variables if frame.alive else None


def _meet(frame: Frame, ways: list[Variables | None]) -> None:
    """Go on after several ways."""
    open_ways = [way for way in ways if way is not None]
    frame.alive = bool(open_ways)
    if open_ways:
        found = open_ways[0]
        for way in open_ways[1:]:
            found = merged(frame.atoms, found, way)
        frame.variables = found


def _if(frame: Frame, node: ast.If) -> None:
    ways: list[Variables | None] = []
    current: ast.If | None = node
    while current is not None:  # elif is an if in the else
        way = decide(frame, current.test)
        before = frame.variables
        if way is not False:
            if way is True:
                frame.variables = before
                run_block(frame, current.body)
                ways.append(frame.variables if frame.alive else None)
                break
            ways.append(_branch(frame, before, current.body))
            frame.variables, frame.alive = before, True
        rest = current.orelse
        if len(rest) == 1 and isinstance(rest[0], ast.If):
            current = rest[0]
            continue
        current = None
        run_block(frame, rest)
        ways.append(frame.variables if frame.alive else None)
    _meet(frame, ways)


def _loop(
    frame: Frame,
    orelse: list[ast.stmt],
    test: Callable[[], bool | None],
    body: list[ast.stmt],
    least: int = 1,
) -> None:
    """Run a loop until its variables stay as they are, and at least so many times.

    `test` says whether it is entered.
    """
    loop = Loop()
    frame.loops.append(loop)
    way: bool | None = None
    for passes in range(1, least + _MOST_PASSES):
        way = test()
        before = frame.variables
        if way is False:
            break
        after = _branch(frame, before, body)
        frame.alive = True
        frame.variables = before
        for variables in [after, *loop.continues]:
            frame.variables = merged(frame.atoms, frame.variables, variables)
        loop.continues.clear()
        unchanged = frame.variables is before or frame.variables == before
        if passes >= least and unchanged:
            break
    frame.loops.pop()
    if way is True:  # ends by break only
        _meet(frame, [*loop.breaks])
        return
    run_block(frame, orelse)
    _meet(frame, [frame.variables if frame.alive else None, *loop.breaks])


def _for(frame: Frame, node: ast.For | ast.AsyncFor) -> None:
    value = evaluate(frame, node.iter)
    turn = 0

    def advance() -> None:
        nonlocal turn
        ways = _one_by_one(frame, elements(frame, node, value))
        assign(frame, node.target, ways[turn % len(ways)], evaluate)
        turn += 1

    ways = _one_by_one(frame, elements(frame, node, value))
    _loop(frame, node.orelse, advance, node.body, len(ways))


def _one_by_one(frame: Frame, value: Value) -> list[Value]:
    """Return what a loop runs with in turn: the elements, where they are few and known."""
    if len(frame.loops) > 1 or not 1 < len(value) <= _MOST_TURNS:
        return [value]
    if not all(isinstance(atom, (Text, Tuple)) for atom in value):
        return [value]
    return [frozenset({atom}) for atom in ordered(value)]


def _while(frame: Frame, node: ast.While) -> None:
    _loop(frame, node.orelse, lambda: decide(frame, node.test), node.body)


def _break(frame: Frame, node: ast.Break) -> None:
    if frame.loops:
        frame.loops[-1].breaks.append(frame.variables)
    frame.alive = False


def _continue(frame: Frame, node: ast.Continue) -> None:
    if frame.loops:
        frame.loops[-1].continues.append(frame.variables)
    frame.alive = False


def _try(frame: Frame, node: Any) -> None:
    before = dict(frame.variables)
    seen: Variables = {}
    frame.watchers.append(seen)
    run_block(frame, node.body)
    frame.watchers.pop()
    after = frame.variables if frame.alive else None
    ways: list[Variables | None] = []
    if after is not None:
        run_block(frame, node.orelse)
        ways.append(frame.variables if frame.alive else None)
    raised = merged(frame.atoms, before, seen)
    for handler in node.handlers:
        frame.variables = dict(raised)
        frame.alive = True
        evaluate(frame, handler.type)
        if handler.name:
            store(frame, handler.name, frame.atoms.unknown)
        run_block(frame, handler.body)
        ways.append(frame.variables if frame.alive else None)
    _meet(frame, ways)
    if node.finalbody:
        alive = frame.alive
        if not alive:
            frame.variables, frame.alive = dict(raised), True
        run_block(frame, node.finalbody)
        frame.alive = frame.alive and alive


def _with(frame: Frame, node: ast.With | ast.AsyncWith) -> None:
    leaving: list[Value] = []
    for each in node.items:
        manager = evaluate(frame, each.context_expr)
        entered = _enter(frame, node, manager)
        leaving.append(manager)
        if each.optional_vars is not None:
            assign(frame, each.optional_vars, entered, evaluate)
    run_block(frame, node.body)
    for manager in reversed(leaving):
        for atom in ordered(manager):
            if isinstance(atom, Instance):
                _leave(frame, node, atom)


def _enter(frame: Frame, node: ast.AST, manager: Value) -> Value:
    found = NOTHING
    for atom in ordered(manager):
        only = frozenset({atom})
        match atom:
            case Instance():
                hook = attribute(frame, node, only, "__enter__")
                hook = hook or attribute(frame, node, only, "__aenter__")
                each = call(frame, node, hook, Arguments()) if hook else only
            case Series(element=element):  # a generator with @contextmanager
                each = element
            case _:
                each = only
        found = frame.atoms.join(found, each)
    return found


def _leave(frame: Frame, node: ast.AST, instance: Instance) -> None:
    for name in ("__exit__", "__aexit__"):
        hook = attribute(frame, node, frozenset({instance}), name)
        if hook:
            given = Arguments([frame.atoms.unknown] * 3)
            call(frame, node, hook, given)


def _match(frame: Frame, node: ast.Match) -> None:
    subject = evaluate(frame, node.subject)
    ways: list[Variables | None] = []
    exhausted = False
    before = frame.variables
    for case in node.cases:
        frame.variables, frame.alive = dict(before), True
        way = matches(frame, case.pattern, subject)
        if way is False:
            continue
        if case.guard is not None:
            guarded = decide(frame, case.guard)
            if guarded is False:
                continue
            way = None if way is None or guarded is None else True
        run_block(frame, case.body)
        ways.append(frame.variables if frame.alive else None)
        if way is True:
            exhausted = True
            break
    if not exhausted:
        ways.append(dict(before))
    _meet(frame, ways)


def _assign(frame: Frame, node: ast.Assign) -> None:
    value = evaluate(frame, node.value)
    for target in node.targets:
        assign(frame, target, value, evaluate)


def _annotated(frame: Frame, node: ast.AnnAssign) -> None:
    if node.value is not None:
        assign(frame, node.target, evaluate(frame, node.value), evaluate)


def _augmented(frame: Frame, node: ast.AugAssign) -> None:
    target = node.target
    reading = _as_read(target)
    left = evaluate(frame, reading)
    right = evaluate(frame, node.value)
    containers = [atom for atom in ordered(left) if isinstance(atom, Container)]
    for container in containers:
        absorb(frame, container, right)
    if not containers:
        assign(frame, target, operate(frame, node, left, right), evaluate)


def _as_read(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name(id=name):
            return ast.copy_location(ast.Name(name, ast.Load()), target)
    return target


def _return(frame: Frame, node: ast.Return) -> None:
    value = frame.atoms.none if node.value is None else evaluate(frame, node.value)
    frame.heap.write(frame.result(), value)
    frame.alive = False


def _raise(frame: Frame, node: ast.Raise) -> None:
    evaluate(frame, node.exc)
    evaluate(frame, node.cause)
    frame.alive = False


def _expression(frame: Frame, node: ast.Expr) -> None:
    if not isinstance(node.value, ast.Constant):
        evaluate(frame, node.value)


def _delete(frame: Frame, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Subscript):
            owner = evaluate(frame, target.value)
            index = evaluate(frame, target.slice)
            for atom in ordered(owner):
                if isinstance(atom, Instance):
                    hook = attribute(frame, node, frozenset({atom}), "__delitem__")
                    call(frame, node, hook, Arguments([index]))


def _assert(frame: Frame, node: ast.Assert) -> None:
    evaluate(frame, node.test)
    evaluate(frame, node.msg)


def _function(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    store(frame, node.name, define_function(frame, node, evaluate))


def _class(frame: Frame, node: ast.ClassDef) -> None:
    store(frame, node.name, define_class(frame, node, evaluate, run_block))


_RUN: dict[type, Callable[[Frame, Any], None]] = {
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Try: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Match: _match,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Expr: _expression,
    ast.Delete: _delete,
    ast.Assert: _assert,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: run_imports,
    ast.ImportFrom: run_imports,
}
if hasattr(ast, "TryStar"):
    _RUN[ast.TryStar] = _try
if hasattr(ast, "TypeAlias"):
    _RUN[ast.TypeAlias] = lambda frame, node: store(frame, node.name.id, frame.atoms.unknown)
