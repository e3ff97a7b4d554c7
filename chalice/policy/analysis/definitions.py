"""What ``def``, ``class`` and ``import`` bind."""

from __future__ import annotations

import ast
from collections.abc import Callable

from chalice.policy.analysis.assignments import Evaluate
from chalice.policy.analysis.attributes import module_attribute
from chalice.policy.analysis.calls import call
from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.escapes import Decoration
from chalice.policy.analysis.expressions import make_function
from chalice.policy.analysis.names import store
from chalice.policy.analysis.units import Module
from chalice.policy.analysis.values import (
    Class,
    External,
    Namespace,
    Value,
)

RunBlock = Callable[[Frame, "list[ast.stmt]"], None]


def define_function(
    frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef, evaluate: Evaluate
) -> Value:
    """Return the function, after its decorators."""
    value: Value = frozenset({make_function(frame, node)})
    return _decorated(frame, node, value, evaluate)


def _decorated(
    frame: Frame,
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    value: Value,
    evaluate: Evaluate,
) -> Value:
    decorators = [(each, evaluate(frame, each)) for each in node.decorator_list]
    for expression, decorator in reversed(decorators):
        place = ast.copy_location(Decoration(expression), expression)
        made = call(frame, place, decorator, Arguments([value]))
        value = made or value
    return value


def define_class(
    frame: Frame, node: ast.ClassDef, evaluate: Evaluate, run_block: RunBlock
) -> Value:
    """Return the class; its body is run now."""
    unit = frame.context.unit.module.class_(node)
    cls = frame.atoms.make(Class, unit, frame.context)
    for index, base in enumerate(node.bases):
        frame.heap.write((cls, "base", index), evaluate(frame, base))
    for keyword in node.keywords:
        evaluate(frame, keyword.value)
    body: dict[str, Value] = {"__name__": frame.atoms.literal(node.name)}
    owner = frame.owner
    frame.owner = cls
    frame.class_bodies.append(body)
    run_block(frame, node.body)
    frame.class_bodies.pop()
    frame.owner = owner
    for name, value in body.items():
        frame.heap.write((cls, name), value)
    return _decorated(frame, node, frozenset({cls}), evaluate)


def run_imports(frame: Frame, node: ast.Import | ast.ImportFrom) -> None:
    """Bind what an import statement imports; modules of the project are run."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            module = frame.engine.import_module(frame, alias.name, node.lineno)
            top = alias.name.partition(".")[0]
            if alias.asname:
                store(frame, alias.asname, _module_value(frame, alias.name, module))
            else:
                first = frame.engine.project.module(top)
                store(frame, top, _module_value(frame, top, first))
        return
    name = _absolute(frame.context.unit.module, node)
    module = frame.engine.import_module(frame, name, node.lineno)
    for alias in node.names:
        if alias.name == "*":
            _import_star(frame, name, module)
        else:
            store(frame, alias.asname or alias.name, _member(frame, node, name, module, alias.name))


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.package
    for _ in range(node.level - 1):
        package = package.rpartition(".")[0]
    return ".".join(part for part in (package, node.module) if part)


def _module_value(frame: Frame, name: str, module: Module | None) -> Value:
    if module is None:
        return frozenset({frame.atoms.make(External, name, None)})
    return frozenset({frame.atoms.make(Namespace, module)})


def _member(frame: Frame, node: ast.AST, name: str, module: Module | None, member: str) -> Value:
    if module is None:
        return frozenset({frame.atoms.make(External, f"{name}.{member}", None)})
    return module_attribute(frame, module, member)


def _import_star(frame: Frame, name: str, module: Module | None) -> None:
    if module is not None:
        own = frame.context.unit.module
        if module is not own and module not in own.stars:
            own.stars.append(module)
        return
    for member in _STARS.get(name, ()):
        store(frame, member, frozenset({frame.atoms.make(External, f"{name}.{member}", None)}))


_STARS = {
    "chalice": ("Chalice", "Blueprint", "Response", "Rate", "Cron", "ConvertToMiddleware"),
    "chalice.app": ("Chalice", "Blueprint", "Response", "Rate", "Cron", "ConvertToMiddleware"),
    "boto3": ("client", "resource", "Session"),
    "functools": ("partial", "lru_cache", "cache", "cached_property", "wraps", "reduce"),
}
