"""Runs code until nothing new is learnt: each function once for each kind of arguments it gets."""

from __future__ import annotations

import ast
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chalice.model.services import ServiceModels
from chalice.policy.analysis.contexts import Context, Frame, Heap
from chalice.policy.analysis.project import Project
from chalice.policy.analysis.units import FunctionUnit, Module
from chalice.policy.analysis.values import (
    NOTHING,
    Atoms,
    Container,
    External,
    Function,
    Value,
)

_DEEPEST = 40  # calls inside calls; what is deeper is run later, from the queue
_MOST_NESTED = 3  # runs of a function inside each other, before recursion is made one
# Expressions evaluated, for each node of the code: up to here every function is run once for each
# kind of arguments; then calls of it begin to share a run; then nothing more is run.
_FREE = 2
_MOST_WORK = 8


@dataclass
class Arguments:
    """What a call passes. `rest` are elements of ``*x`` and `extra` values of ``**x``, unnamed.

    `perhaps` are names of keywords that may not be passed after all.
    """

    positional: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    rest: Value = NOTHING
    extra: Value = NOTHING
    perhaps: set[str] = field(default_factory=set)

    def get(self, position: int, name: str) -> Value | None:
        """Return the argument by its position or else by its name, None when it is not passed."""
        if position < len(self.positional):
            return self.positional[position]
        found = self.keywords.get(name)
        return found if found is not None else (self.rest or self.extra or None)

    def all(self) -> list[Value]:
        """Return everything that is passed."""
        both = [*self.positional, *self.keywords.values()]
        return both + [value for value in (self.rest, self.extra) if value]


Caller = Callable[[Frame, ast.AST, Value, Arguments], Value]


@dataclass(eq=False)
class Registration:
    """A function that is a handler, or goes with handlers, of an app or blueprint.

    `kind` is the decorator: ``route``, ``schedule``, ``middleware``, ``error``. `event` is the kind
    of event that middleware is for. `argument` is what the handler is called with, where something
    is known of it.
    """

    kind: str
    owner: object
    function: Value
    name: str | None
    event: str = "all"
    argument: Value = NOTHING


class Engine:
    """The interpreter's memory and its queue.

    `execute` runs the code of a frame, `call` calls a value. `environments` are the variables of
    each Lambda function, for choices that depend on them. `work` counts what was done, and
    `is_exhausted` says that it was too much, so that something may not have been found.
    """

    def __init__(
        self,
        project: Project,
        models: ServiceModels,
        environments: Sequence[Mapping[str, str]],
        execute: Callable[[Frame], None],
        call: Caller,
    ) -> None:
        self.project = project
        self.models = models
        self.environments = environments
        self.call = call
        self.atoms = Atoms()
        self.heap = Heap(self.atoms, self._wake)
        self.registrations: dict[tuple[str, object, object], Registration] = {}
        self.nestings: dict[tuple[object, object], str] = {}
        self.changed_classes: set[str] = set()
        self.options: dict[External, tuple[object, Arguments]] = {}
        self._execute = execute
        self._contexts: dict[object, Context] = {}
        self._queue: deque[Context] = deque()
        self._queued: set[Context] = set()
        self._gaps: dict[Context, None] = {}
        self._fills_gaps = False
        self._depth = 0
        self.work = 0
        self.is_exhausted = False
        self._size = 60_000

    def settle(self) -> None:
        """Run what is left to run, then what met values that nothing gives: they are unknown."""
        self._drain()
        self._fills_gaps = True
        for context in self._gaps:
            self._wake(context)
        self._gaps.clear()
        self._drain()
        self._fills_gaps = False

    def _drain(self) -> None:
        while self._queue:
            context = self._queue.popleft()
            self._queued.discard(context)
            self._run(context)

    def filled(self, frame: Frame) -> Value:
        """Return what stands for a value that nothing gives, or gives yet."""
        self._gaps[frame.context] = None
        return self.atoms.unknown if self._fills_gaps else NOTHING

    def root(self, name: str) -> Context:
        """Return a context that stands for a Lambda function: what Lambda runs for it."""
        return Context(-1, Module(name, "", []))

    def module_context(self, module: Module) -> Context:
        """Return the context of a module, which has run once or is running."""
        context = self._contexts.get(module)
        if context is None:
            context = self._contexts[module] = Context(len(self._contexts), module)
            self._size += 20 * len(module.body)
            self._run(context)
        return context

    def import_module(self, frame: Frame, name: str, line: int) -> Module | None:
        """Import a module and its packages; return it, None when it is not in the project."""
        found = None
        parts = name.split(".")
        for length in range(1, len(parts) + 1):
            found = self.project.module(".".join(parts[:length]))
            if found is None:
                return None
            frame.context.edges.setdefault(self.module_context(found), line)
        return found

    def invoke(self, frame: Frame, node: ast.AST, function: Function, given: Arguments) -> Value:
        """Call a function of the project; return what it returns as far as is known now."""
        self.publish(frame)
        bound = self._bind(frame, function, given)
        context = self._context(function, bound)
        frame.context.edges.setdefault(context, getattr(node, "lineno", 0))
        if context.runs == 0 and not context.is_running:
            if self._depth < _DEEPEST:
                self._run(context)
            else:
                self._wake(context)
        if function.unit.is_generator:
            element = self.heap.read((context, "yield"), frame.context)
            return self.atoms.sequence(element)
        return self.heap.read((context, "return"), frame.context)

    def publish(self, frame: Frame) -> None:
        """Let functions see the globals that the running module has set until now."""
        if frame.unpublished:
            module = frame.context.unit.module
            for name in frame.unpublished:
                self.heap.write((module, name), frame.variables.get(name, NOTHING))
            frame.unpublished.clear()

    def arguments_of(self, frame: Frame) -> Mapping[str, Value]:
        """Return the parameters of a frame and what they hold."""
        context = frame.context
        unit = context.unit
        assert isinstance(unit, FunctionUnit)
        if context.arguments is None:
            found = {
                name: self.heap.read((context, name, "argument"), context)
                for name in unit.parameters()
            }
        else:
            found = dict(context.arguments)
        if unit.extra:
            found[unit.extra] = self._open(frame, found[unit.extra])
        return found

    def _open(self, frame: Frame, keywords: Value) -> Value:
        """Return a dictionary that can change, with these keyword arguments in it."""
        container = self.atoms.make(Container, "dict", (frame.context, "extra"))
        for atom in keywords:
            for name, value in getattr(atom, "items", ()):
                self.store_item(container, name, value)
            self.heap.write((container, "*"), getattr(atom, "extra", NOTHING))
        return frozenset({container})

    def store_item(self, container: Container, key: object, value: Value) -> None:
        """Put something into a container under a key, as `containers.key_of` gives it."""
        self.heap.write((container, "keys"), self.key_value(key))
        self.heap.write((container, "item", key), value)
        if isinstance(key, tuple):
            self.heap.write((container, "fuzzy"), value)

    def key_value(self, key: object) -> Value:
        """Return the value of a key."""
        if isinstance(key, str):
            return self.atoms.literal(key)
        if isinstance(key, tuple):
            return self.atoms.text(key)
        return frozenset({self.atoms.constant(key)})

    def _context(self, function: Function, bound: dict[str, Value]) -> Context:
        arguments = tuple(bound.items())
        key = (function, arguments)
        context = self._contexts.get(key)
        if context is not None:
            return context
        unit = function.unit
        if unit.contexts >= self._most_contexts() or unit.running > _MOST_NESTED:
            key = (function, ())
            context = self._contexts.get(key)
            if context is None:
                context = Context(len(self._contexts), unit, function, None, unit.running > 0)
                self._contexts[key] = context
            for name, value in arguments:
                self.heap.write((context, name, "argument"), value)
            return context
        if unit.contexts == 0:
            self._size += unit.size
        unit.contexts += 1
        context = Context(len(self._contexts), unit, function, arguments, unit.running > 0)
        self._contexts[key] = context
        return context

    def _most_contexts(self) -> int:
        """Return the limit, which falls when the work outgrows the code."""
        effort = self.work / self._size
        return sys.maxsize if effort < _FREE else 48 if effort < 2 * _FREE else 4

    def _wake(self, context: Context) -> None:
        if context not in self._queued:
            self._queued.add(context)
            self._queue.append(context)

    def _run(self, context: Context) -> None:
        if context.is_running or self.is_exhausted:
            return
        self._queued.discard(context)
        context.is_running = True
        context.runs += 1
        context.begin()
        unit = context.unit
        if self.work > _MOST_WORK * self._size:
            self.is_exhausted = True
        self._depth += 1
        if isinstance(unit, FunctionUnit):
            unit.running += 1
        try:
            self._execute(Frame(self, context))
        except RecursionError:
            context.report(
                unit.node if isinstance(unit, FunctionUnit) else ast.Module([], []),
                "the code is nested too deeply to be followed",
                "declare what it calls with `app.needs(...)`",
            )
        finally:
            self._depth -= 1
            if isinstance(unit, FunctionUnit):
                unit.running -= 1
            context.is_running = False

    def _bind(self, frame: Frame, function: Function, given: Arguments) -> dict[str, Value]:
        unit = function.unit
        atoms = self.atoms
        bound: dict[str, Value] = {}
        for name, value in zip(unit.positional, given.positional, strict=False):
            bound[name] = value
        spare = given.positional[len(unit.positional) :]
        keywords = dict(given.keywords)
        for name in (*unit.positional[len(bound) :], *unit.keyword_only):
            value = keywords.pop(name, NOTHING)
            if not value:
                rest = NOTHING if name in unit.keyword_only else given.rest
                default = self.heap.read((function, name, "default"), frame.context)
                value = atoms.join(rest, given.extra, default)
            bound[name] = value or atoms.unknown
        if unit.rest:
            bound[unit.rest] = self._rest(spare, given.rest)
        if unit.extra:
            bound[unit.extra] = atoms.record(keywords, given.extra)
        return bound

    def _rest(self, spare: Sequence[Value], rest: Value) -> Value:
        if not rest:
            return self.atoms.tuple(spare)
        return self.atoms.sequence(self.atoms.join(rest, *spare))
