"""The code that is run in one piece: modules, functions, classes; and what their names mean."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from chalice.policy.analysis.findings import Declared, Unresolved

FunctionNode: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda"
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(eq=False)
class Module:
    """A module of the project: its dotted name, its file as the findings name it, its code.

    `declared` has the declarations in comments, by the line of the function that they belong to,
    0 for the module. `problems` has what could not be read of it.
    """

    name: str
    file: str
    body: list[ast.stmt]
    is_package: bool = False
    declared: dict[int, list[Declared]] = field(default_factory=dict)
    problems: Sequence[Unresolved] = ()
    stars: list[Module] = field(default_factory=list)
    """Modules whose names this one has by ``from x import *``."""
    functions: dict[ast.AST, FunctionUnit] = field(default_factory=dict)
    classes: dict[ast.AST, ClassUnit] = field(default_factory=dict)

    @property
    def module(self) -> Module:
        """Itself: every unit has its module."""
        return self

    @property
    def line(self) -> int:
        """The line that declarations for all of it have."""
        return 0

    @property
    def package(self) -> str:
        """The package that relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]

    def function(self, node: FunctionNode) -> FunctionUnit:
        """Return the unit of a function in this module."""
        found = self.functions.get(node)
        if found is None:
            found = self.functions[node] = FunctionUnit(self, node)
        return found

    def class_(self, node: ast.ClassDef) -> ClassUnit:
        """Return the unit of a class in this module."""
        found = self.classes.get(node)
        if found is None:
            found = self.classes[node] = ClassUnit(self, node)
        return found


@dataclass(eq=False)
class ClassUnit:
    """A class statement."""

    module: Module
    node: ast.ClassDef

    @property
    def name(self) -> str:
        """The name in the class statement."""
        return self.node.name

    @cached_property
    def changes(self) -> bool:
        """Whether methods other than ``__init__`` store what they are given in the object."""
        for method in self.node.body:
            if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            if method.name in ("__init__", "__new__", "__post_init__") or not method.args.args:
                continue
            given = {each.arg for each in method.args.args[1:] + method.args.kwonlyargs}
            own = method.args.args[0].arg
            if any(_stores_given(node, own, given) for node in ast.walk(method)):
                return True
        return False


def _stores_given(node: ast.AST, own: str, given: set[str]) -> bool:
    match node:
        case ast.Assign(targets=targets, value=value):
            names = {each.id for each in ast.walk(value) if isinstance(each, ast.Name)}
            return bool(names & given) and any(
                isinstance(target, ast.Attribute)
                and isinstance(target.value, ast.Name)
                and target.value.id == own
                for target in targets
            )
    return False


class FunctionUnit:
    """A function or lambda: its parameters and what kind of names it has."""

    def __init__(self, module: Module, node: FunctionNode) -> None:
        self.module = module
        self.node = node
        arguments = node.args
        self.positional = [each.arg for each in arguments.posonlyargs + arguments.args]
        self.keyword_only = [each.arg for each in arguments.kwonlyargs]
        self.rest = arguments.vararg.arg if arguments.vararg else None
        self.extra = arguments.kwarg.arg if arguments.kwarg else None
        self.name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
        self.contexts = 0
        self.running = 0
        self._scan()

    @property
    def line(self) -> int:
        """The line of ``def``."""
        return self.node.lineno

    @property
    def body(self) -> list[ast.stmt]:
        """The statements; a lambda returns its expression."""
        if isinstance(self.node, ast.Lambda):
            return [ast.copy_location(ast.Return(self.node.body), self.node)]
        return self.node.body

    def parameters(self) -> Iterator[str]:
        """Yield the names of all parameters."""
        yield from self.positional
        yield from self.keyword_only
        yield from (name for name in (self.rest, self.extra) if name)

    def _scan(self) -> None:
        names = _Names()
        names.bound.update(self.parameters())
        body = self.node.body
        names.collect(body if isinstance(body, list) else [body])
        self.is_generator = names.yields
        self.globals = frozenset(names.globals)
        self.nonlocals = frozenset(names.nonlocals)
        self.local = frozenset(names.bound - names.globals - names.nonlocals)
        self.captured = frozenset(self.local & names.inner)
        self.size = names.size


class _Names:
    """What a scope binds and what the scopes inside it mention."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self.inner: set[str] = set()
        self.yields = False
        self.size = 0

    def collect(self, nodes: Iterable[ast.AST]) -> None:
        pending = list(nodes)
        while pending:
            node = pending.pop()
            self.size += 1
            match node:
                case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                    self.bound.add(name)
                case ast.Global(names=names):
                    self.globals.update(names)
                case ast.Nonlocal(names=names):
                    self.nonlocals.update(names)
                case ast.Yield() | ast.YieldFrom():
                    self.yields = True
                case ast.alias(name=name, asname=asname):
                    self.bound.add(asname or name.split(".")[0])
                case ast.ExceptHandler(name=str(name)):
                    self.bound.add(name)
                case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                    self.bound.add(name)
                case ast.MatchMapping(rest=str(name)):
                    self.bound.add(name)
            if isinstance(node, _SCOPES):
                pending += self._enter(node)
            else:
                pending += ast.iter_child_nodes(node)

    def _enter(self, node: ast.AST) -> Iterable[ast.AST]:
        """Note what a scope inside mentions; return the parts of it that run outside of it."""
        self.inner.update(mentioned(node))
        match node:
            case ast.Lambda(args=arguments):
                return [*arguments.defaults, *(each for each in arguments.kw_defaults if each)]
            case ast.ClassDef(name=name):
                self.bound.add(name)
                return [*node.decorator_list, *node.bases, *(each.value for each in node.keywords)]
            case (
                ast.FunctionDef(name=name, args=arguments)
                | ast.AsyncFunctionDef(name=name, args=arguments)
            ):
                self.bound.add(name)
                defaults = [*arguments.defaults, *(each for each in arguments.kw_defaults if each)]
                return [*node.decorator_list, *defaults]
        return []


def mentioned(node: ast.AST) -> Iterator[str]:
    """Yield every name in the code, at any depth."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, ast.Nonlocal):
            yield from each.names


Unit: TypeAlias = "Module | FunctionUnit"
