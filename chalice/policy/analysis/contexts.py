"""One way in which a piece of code runs, what it was seen to do, and the memory they all share."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalice.policy.analysis.findings import Declared, Place, Unresolved
from chalice.policy.analysis.units import Unit
from chalice.policy.analysis.values import NOTHING, Atom, Atoms, Value

if TYPE_CHECKING:
    from chalice.policy.analysis.engine import Engine
    from chalice.policy.analysis.values import Class, Client, Function


@dataclass(frozen=True)
class Made:
    """A call of AWS as the analysis sees it, and where. `complete`: no other parameters.

    `perhaps` are the names of parameters that may not be passed.
    """

    client: Client
    operation: str
    parameters: tuple[tuple[str, Value], ...]
    complete: bool
    line: int
    perhaps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Needed:
    """A call of ``app.needs``, whose resource may depend on the environment."""

    action: str
    resource: Value | None
    line: int


@dataclass(eq=False)
class Context:
    """A module that is imported, or a function called with such arguments.

    `arguments` is None for a module, and for a function whose many contexts were made one: there
    they are in the heap. `is_recursive`: the function was being run when it was called so. What it
    did is replaced each time it is run anew.
    """

    number: int
    unit: Unit
    function: Function | None = None
    arguments: tuple[tuple[str, Value], ...] | None = None
    is_recursive: bool = False
    runs: int = 0
    is_running: bool = False
    calls: dict[Made, None] = field(default_factory=dict)
    edges: dict[Context, int] = field(default_factory=dict)
    declared: dict[Declared | Needed, None] = field(default_factory=dict)
    unresolved: dict[Unresolved, None] = field(default_factory=dict)

    @property
    def parent(self) -> Context | None:
        """The context in which the function was defined."""
        return None if self.function is None else self.function.scope

    def begin(self) -> None:
        """Forget what an earlier run did."""
        self.calls = {}
        self.edges = {}
        self.declared = {}
        self.unresolved = {}

    def place(self, line: int) -> Place:
        """Return the place of a line of the unit."""
        return Place(self.unit.module.file, line)

    def report(self, node: ast.AST, what: str, hint: str) -> None:
        """Note something that cannot be seen through."""
        place = self.place(getattr(node, "lineno", 0))
        self.unresolved[Unresolved(place, what, hint)] = None


class Heap:
    """Values that outlive a context: attributes, globals, elements, results.

    They only grow. Who read one is told, through `wake`, when it does.
    """

    def __init__(self, atoms: Atoms, wake: Callable[[Context], None]) -> None:
        self._atoms = atoms
        self._wake = wake
        self._values: dict[object, Value] = {}
        self._readers: dict[object, dict[Context, None]] = {}

    def read(self, key: object, reader: Context) -> Value:
        """Return what is there now."""
        readers = self._readers.get(key)
        if readers is None:
            readers = self._readers[key] = {}
        readers[reader] = None
        return self._values.get(key, NOTHING)

    def peek(self, key: object) -> Value:
        """Return what is there now, for one who need not know of more."""
        return self._values.get(key, NOTHING)

    def globals_of(self, module: object) -> Iterator[tuple[str, Value]]:
        """Yield name and value of what a module or object has, in the order of the names."""
        found = [
            (key[1], value)
            for key, value in self._values.items()
            if isinstance(key, tuple) and len(key) == 2 and key[0] is module
        ]
        yield from sorted(((str(name), value) for name, value in found), key=lambda each: each[0])

    def write(self, key: object, value: Value) -> None:
        """Add what may be there."""
        old = self._values.get(key, NOTHING)
        if value is old or value <= old:
            return
        new = self._atoms.join(old, value)
        if new == old:
            return
        self._values[key] = new
        for reader in self._readers.get(key, ()):
            self._wake(reader)


class Frame:
    """The state while a context runs: its variables, and what leaves the block being run."""

    def __init__(self, engine: Engine, context: Context) -> None:
        self.engine = engine
        self.context = context
        self.atoms = engine.atoms
        self.heap = engine.heap
        self.variables: dict[str, Value] = {}
        self.unpublished: set[str] = set()
        self.alive = True
        self.owner: Class | None = None if context.function is None else context.function.owner
        self.loops: list[Loop] = []
        self.watchers: list[dict[str, Value]] = []
        self.class_bodies: list[dict[str, Value]] = []
        self.overridden: set[Atom] = set()

    def site(self, node: ast.AST) -> object:
        """Return what tells apart what this code makes here from what is made elsewhere.

        What a recursive function makes is one, or there would be no end of it.
        """
        context = self.context
        return (node, context.unit if context.is_recursive else context)

    def result(self) -> object:
        """Return the heap's key of what the context returns."""
        return (self.context, "return")

    def yielded(self) -> object:
        """Return the heap's key of what the context yields."""
        return (self.context, "yield")


@dataclass
class Loop:
    """Variables at each ``break`` and ``continue`` of a loop."""

    breaks: list[dict[str, Value]] = field(default_factory=list)
    continues: list[dict[str, Value]] = field(default_factory=list)


def merged(
    atoms: Atoms, one: dict[str, Value] | None, other: dict[str, Value] | None
) -> dict[str, Value]:
    """Return what variables may hold after either of two ways; None is a way that ended."""
    if one is None or other is None:
        return other or {} if one is None else one
    found = dict(one)
    for name, value in other.items():
        present = found.get(name)
        if present is None:
            found[name] = value
        elif present is not value:
            found[name] = atoms.join(present, value)
    return found
