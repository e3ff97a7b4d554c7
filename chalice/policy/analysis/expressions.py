"""What an expression may be."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from chalice.policy.analysis import libraries
from chalice.policy.analysis.assignments import assign
from chalice.policy.analysis.attributes import attribute
from chalice.policy.analysis.calls import call
from chalice.policy.analysis.containers import absorb, item, new_container, set_item, spread
from chalice.policy.analysis.contexts import Frame, merged
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.iteration import elements
from chalice.policy.analysis.names import lookup
from chalice.policy.analysis.operators import operate, operate_on_instances
from chalice.policy.analysis.strings import combined
from chalice.policy.analysis.texts import GAP
from chalice.policy.analysis.truth import compared, truth
from chalice.policy.analysis.values import (
    NOTHING,
    Class,
    Constant,
    Container,
    External,
    Function,
    Instance,
    Text,
    Tuple,
    Value,
    ordered,
)


def evaluate(frame: Frame, node: ast.expr | None) -> Value:
    """Return what the expression may be; its calls are made."""
    if node is None:
        return NOTHING
    frame.engine.work += 1
    return _EVALUATE[type(node)](frame, node)


def decide(frame: Frame, node: ast.expr) -> bool | None:
    """Evaluate a condition; return which way it goes, None when it may be either."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = decide(frame, operand)
            return None if inner is None else not inner
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return compared(frame, evaluate(frame, left), operator, evaluate(frame, right))
        case ast.BoolOp(op=operator, values=values):
            stop = isinstance(operator, ast.Or)
            sure = True
            for each in values:
                way = decide(frame, each)
                if way is stop and sure:
                    return stop
                sure = sure and way is not None
            return not stop if sure else None
    return truth(frame, evaluate(frame, node))


def _constant(frame: Frame, node: ast.Constant) -> Value:
    value = node.value
    if isinstance(value, str):
        return frame.atoms.literal(value)
    if value is None or isinstance(value, (bool, int)):
        return frozenset({frame.atoms.constant(value)})
    return frame.atoms.unknown


def _name(frame: Frame, node: ast.Name) -> Value:
    return lookup(frame, node.id) or frame.engine.filled(frame)


def _attribute(frame: Frame, node: ast.Attribute) -> Value:
    found = attribute(frame, node, evaluate(frame, node.value), node.attr)
    return found or frame.engine.filled(frame)


def _call(frame: Frame, node: ast.Call) -> Value:
    callee = evaluate(frame, node.func)
    given = Arguments()
    for each in node.args:
        if isinstance(each, ast.Starred):
            _star(frame, node, evaluate(frame, each.value), given)
        elif given.rest:
            given.rest = frame.atoms.join(given.rest, evaluate(frame, each))
        else:
            given.positional.append(evaluate(frame, each))
    for keyword in node.keywords:
        value = evaluate(frame, keyword.value)
        if keyword.arg is not None:
            given.keywords[keyword.arg] = value
            continue
        more = spread(frame, value)
        given.keywords.update(more.keywords)
        given.perhaps |= more.perhaps
        given.extra = frame.atoms.join(given.extra, more.extra)
    return call(frame, node, callee, given)


def _star(frame: Frame, node: ast.AST, value: Value, given: Arguments) -> None:
    if len(value) == 1 and not given.rest:
        (atom,) = value
        if isinstance(atom, Tuple):
            given.positional += atom.items
            return
    given.rest = frame.atoms.join(given.rest, elements(frame, node, value) or frame.atoms.unknown)


def _binary(frame: Frame, node: ast.BinOp) -> Value:
    chain: list[ast.BinOp] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp):  # a + b + c + … is nested to the left
        chain.append(left)
        left = left.left
    value = evaluate(frame, left)
    for each in reversed(chain):
        value = operate(frame, each, value, evaluate(frame, each.right))
    return value


def _either(frame: Frame, node: ast.BoolOp) -> Value:
    found = NOTHING
    keep = isinstance(node.op, ast.Or)
    before = None
    for index, each in enumerate(node.values):
        value = evaluate(frame, each)
        last = index + 1 == len(node.values)
        way = truth(frame, value)
        if not last:
            value = frozenset(
                atom for atom in value if truth(frame, frozenset({atom})) is not (not keep)
            )
        found = frame.atoms.join(found, value)
        if way is keep:
            break
        before = dict(frame.variables)
    if before is not None:
        frame.variables = merged(frame.atoms, frame.variables, before)
    return found


def _choice(frame: Frame, node: ast.IfExp) -> Value:
    way = decide(frame, node.test)
    found = NOTHING
    if way is not False:
        found = evaluate(frame, node.body)
    if way is not True:
        found = frame.atoms.join(found, evaluate(frame, node.orelse))
    return found


def _compare(frame: Frame, node: ast.Compare) -> Value:
    left = evaluate(frame, node.left)
    for operator, each in zip(node.ops, node.comparators, strict=True):
        right = evaluate(frame, each)
        if len(node.ops) == 1:
            way = compared(frame, left, operator, right)
            if way is not None:
                return frozenset({frame.atoms.constant(way)})
        if isinstance(operator, (ast.In, ast.NotIn)):
            operate_on_instances(frame, node, right, "__contains__", left)
        elif isinstance(operator, (ast.Eq, ast.NotEq)):
            operate_on_instances(frame, node, left, "__eq__", right)
        left = right
    return frame.atoms.unknown


def _unary(frame: Frame, node: ast.UnaryOp) -> Value:
    value = evaluate(frame, node.operand)
    if isinstance(node.op, ast.Not):
        way = truth(frame, value)
        return frame.atoms.unknown if way is None else frozenset({frame.atoms.constant(not way)})
    if isinstance(node.op, ast.USub) and len(value) == 1:
        (atom,) = value
        if isinstance(atom, Constant) and type(atom.value) is int:
            return frozenset({frame.atoms.constant(-atom.value)})
    return frame.atoms.unknown


def _tuple(frame: Frame, node: ast.Tuple) -> Value:
    if any(isinstance(each, ast.Starred) for each in node.elts):
        return frame.atoms.sequence(_spread_out(frame, node))
    return frame.atoms.tuple(evaluate(frame, each) for each in node.elts)


def _spread_out(frame: Frame, node: ast.List | ast.Tuple | ast.Set) -> Value:
    found = NOTHING
    for each in node.elts:
        if isinstance(each, ast.Starred):
            value = elements(frame, node, evaluate(frame, each.value))
        else:
            value = evaluate(frame, each)
        found = frame.atoms.join(found, value)
    return found


def _list(frame: Frame, node: ast.List | ast.Set) -> Value:
    kind = "list" if isinstance(node, ast.List) else "set"
    if any(isinstance(each, ast.Starred) for each in node.elts):
        container = new_container(frame, node, kind)
        frame.heap.write((container, "*"), _spread_out(frame, node))
    else:
        items = [evaluate(frame, each) for each in node.elts]
        container = new_container(frame, node, kind, items)
    return frozenset({container})


def _dict(frame: Frame, node: ast.Dict) -> Value:
    container = new_container(frame, node, "dict")
    for key, each in zip(node.keys, node.values, strict=True):
        value = evaluate(frame, each)
        if key is None:
            absorb(frame, container, value)
        else:
            name = evaluate(frame, key)
            set_item(frame, container, name, value)
            frame.heap.write((container, "certain"), name)
    return frozenset({container})


def _joined(frame: Frame, node: ast.JoinedStr) -> Value:
    return combined(frame, [_piece(frame, each) for each in node.values])


def _piece(frame: Frame, node: ast.expr) -> Value:
    if isinstance(node, ast.FormattedValue):
        value = evaluate(frame, node.value)
        plain = node.format_spec is None and node.conversion in (-1, ord("s"))
        if node.format_spec is not None:
            evaluate(frame, node.format_spec)
        return value if plain else frame.atoms.text(GAP)
    return evaluate(frame, node)


def _subscript(frame: Frame, node: ast.Subscript) -> Value:
    value = evaluate(frame, node.value)
    if isinstance(node.slice, ast.Slice):
        evaluate(frame, node.slice)
        return _sliced(frame, node, value)
    index = evaluate(frame, node.slice)
    found = NOTHING
    for atom in ordered(value):
        match atom:
            case External(path="os.environ"):
                each = libraries.environment_variable(frame, index, None, needed=True)
            case Instance():
                hook = attribute(frame, node, frozenset({atom}), "__getitem__")
                each = call(frame, node, hook, Arguments([index])) if hook else frame.atoms.unknown
            case Class() | Function():
                hook = attribute(frame, node, frozenset({atom}), "__class_getitem__")
                each = frozenset({atom}) if isinstance(atom, Class) else hook
                if isinstance(atom, Class) and _is_enum(frame, atom):
                    each = elements(frame, node, frozenset({atom}))
            case External():
                each = frozenset({atom})  # a type: ``Generic[T]``
            case Text():
                each = frame.atoms.text(GAP)
            case _:
                each = item(frame, atom, index)
        found = frame.atoms.join(found, each)
    return found or frame.atoms.unknown


def _is_enum(frame: Frame, cls: Class) -> bool:
    return any(
        isinstance(base, External) and base.path.startswith("enum.")
        for index in range(len(cls.unit.node.bases))
        for base in frame.heap.read((cls, "base", index), frame.context)
    )


def _sliced(frame: Frame, node: ast.AST, value: Value) -> Value:
    found = NOTHING
    for atom in ordered(value):
        if isinstance(atom, Text):
            found = frame.atoms.join(found, frame.atoms.text(GAP))
        else:
            each = elements(frame, node, frozenset({atom}))
            found = frame.atoms.join(found, frame.atoms.sequence(each))
    return found


def _slice(frame: Frame, node: ast.Slice) -> Value:
    for each in (node.lower, node.upper, node.step):
        evaluate(frame, each)
    return frame.atoms.unknown


def _lambda(frame: Frame, node: ast.Lambda) -> Value:
    return frozenset({make_function(frame, node)})


def make_function(
    frame: Frame, node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef
) -> Function:
    """Return the function that a definition makes; its defaults are evaluated."""
    unit = frame.context.unit.module.function(node)
    function = frame.atoms.make(Function, unit, frame.context, frame.owner)
    arguments = node.args
    names = unit.positional
    for name, default in zip(
        names[len(names) - len(arguments.defaults) :], arguments.defaults, strict=True
    ):
        frame.heap.write((function, name, "default"), evaluate(frame, default))
    for name, optional in zip(unit.keyword_only, arguments.kw_defaults, strict=True):
        if optional is not None:
            frame.heap.write((function, name, "default"), evaluate(frame, optional))
    return function


def _comprehension(
    frame: Frame, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
) -> Value:
    names = {
        each.id
        for generator in node.generators
        for each in ast.walk(generator.target)
        if isinstance(each, ast.Name)
    }
    hidden = {name: frame.variables.get(name) for name in names}
    if isinstance(node, ast.DictComp):
        found: Value = frozenset({_dict_comprehension(frame, node)})
    else:
        for generator in node.generators:
            value = elements(frame, node, evaluate(frame, generator.iter))
            _generate(frame, generator, value)
        each = evaluate(frame, node.elt)
        if isinstance(node, ast.GeneratorExp):
            found = frame.atoms.sequence(each)
        else:
            kind = "set" if isinstance(node, ast.SetComp) else "list"
            container = new_container(frame, node, kind)
            frame.heap.write((container, "*"), each)
            found = frozenset({container})
    for name, before in hidden.items():
        if before is None:
            frame.variables.pop(name, None)
        else:
            frame.variables[name] = before
    return found


def _generate(frame: Frame, generator: ast.comprehension, element: Value) -> None:
    assign(frame, generator.target, element, evaluate)
    for condition in generator.ifs:
        decide(frame, condition)


def _dict_comprehension(frame: Frame, node: ast.DictComp) -> Container:
    """Return the dictionary; the elements of the first loop are taken one by one."""
    container = new_container(frame, node, "dict")
    first, *others = node.generators
    value = elements(frame, node, evaluate(frame, first.iter))
    for each in [frozenset({atom}) for atom in ordered(value)] or [value]:
        _generate(frame, first, each)
        for generator in others:
            inner = elements(frame, node, evaluate(frame, generator.iter))
            _generate(frame, generator, inner)
        set_item(frame, container, evaluate(frame, node.key), evaluate(frame, node.value))
    return container


def _walrus(frame: Frame, node: ast.NamedExpr) -> Value:
    value = evaluate(frame, node.value)
    assign(frame, node.target, value, evaluate)
    return value


def _inner(frame: Frame, node: ast.Await | ast.Starred) -> Value:
    return evaluate(frame, node.value)


def _yield(frame: Frame, node: ast.Yield) -> Value:
    value = evaluate(frame, node.value) if node.value else frame.atoms.none
    frame.heap.write(frame.yielded(), value)
    return frame.atoms.unknown


def _yield_from(frame: Frame, node: ast.YieldFrom) -> Value:
    frame.heap.write(frame.yielded(), elements(frame, node, evaluate(frame, node.value)))
    return frame.atoms.unknown


def _other(frame: Frame, node: ast.expr) -> Value:
    """Evaluate the parts of an expression of a kind that is newer than this code."""
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.expr):
            evaluate(frame, each)
    return frame.atoms.unknown


class _Table(dict[type, Callable[[Frame, Any], Value]]):
    def __missing__(self, kind: type) -> Callable[[Frame, Any], Value]:
        return _other


_EVALUATE = _Table(
    {
        ast.Constant: _constant,
        ast.Name: _name,
        ast.Attribute: _attribute,
        ast.Call: _call,
        ast.BinOp: _binary,
        ast.BoolOp: _either,
        ast.IfExp: _choice,
        ast.Compare: _compare,
        ast.UnaryOp: _unary,
        ast.Tuple: _tuple,
        ast.List: _list,
        ast.Set: _list,
        ast.Dict: _dict,
        ast.JoinedStr: _joined,
        ast.FormattedValue: _piece,
        ast.Subscript: _subscript,
        ast.Slice: _slice,
        ast.Lambda: _lambda,
        ast.ListComp: _comprehension,
        ast.SetComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.DictComp: _comprehension,
        ast.NamedExpr: _walrus,
        ast.Await: _inner,
        ast.Starred: _inner,
        ast.Yield: _yield,
        ast.YieldFrom: _yield_from,
    }
)
