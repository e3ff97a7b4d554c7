"""What a variable can hold: a set of atoms, each one thing that the program may mean by it.

Atoms are made through `Atoms`, which returns the same one for the same content: they are compared
by identity. `order` is the order in which they were made, so results do not depend on chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar

from chalice.policy.analysis.texts import GAP, Parts

if TYPE_CHECKING:
    from chalice.policy.analysis.contexts import Context
    from chalice.policy.analysis.units import ClassUnit, FunctionUnit, Module


class Atom:
    """One thing that a value may be. Subclasses say which, by the fields in `__slots__`."""

    __slots__ = ("depth", "order")
    order: int
    depth: int
    fields: ClassVar[tuple[str, ...]] = ()


class Unknown(Atom):
    """Something of which nothing is known."""

    __slots__ = ()


class Constant(Atom):
    """None, a boolean or a number."""

    __slots__ = ("value",)
    fields = ("value",)
    value: object


class Text(Atom):
    """A string, known in part or not at all."""

    __slots__ = ("parts",)
    fields = ("parts",)
    parts: Parts


class Function(Atom):
    """A function or lambda, defined in a context whose variables it sees."""

    __slots__ = ("owner", "scope", "unit")
    fields = ("unit", "scope", "owner")
    unit: FunctionUnit
    scope: Context
    owner: Class | None


class Bound(Atom):
    """A function with its first argument."""

    __slots__ = ("function", "receiver")
    fields = ("function", "receiver")
    function: Atom
    receiver: Atom


class Class(Atom):
    """A class of the project. Its attributes are in the heap."""

    __slots__ = ("scope", "unit")
    fields = ("unit", "scope")
    unit: ClassUnit
    scope: Context


class Instance(Atom):
    """Objects of a class that were made in the same way: alike in `key`."""

    __slots__ = ("cls", "key")
    fields = ("cls", "key")
    cls: Class
    key: object


class Namespace(Atom):
    """A module of the project."""

    __slots__ = ("module",)
    fields = ("module",)
    module: Module


class External(Atom):
    """Something of a library, by the way to it: ``boto3.client``, ``chalice.Chalice().api``.

    `site` tells apart what two places made.
    """

    __slots__ = ("path", "site")
    fields = ("path", "site")
    path: str
    site: object


class Method(Atom):
    """A method of something that the analysis knows by itself: a client, a string, a list."""

    __slots__ = ("name", "receiver")
    fields = ("receiver", "name")
    receiver: Atom
    name: str


class Container(Atom):
    """A list, dictionary or set that can change. Its elements are in the heap."""

    __slots__ = ("kind", "site")
    fields = ("kind", "site")
    kind: str
    site: object


class Tuple(Atom):
    """A tuple of known length."""

    __slots__ = ("items",)
    fields = ("items",)
    items: tuple[Value, ...]


class Series(Atom):
    """A sequence or iterator of unknown length, and what its elements are."""

    __slots__ = ("element",)
    fields = ("element",)
    element: Value


class Record(Atom):
    """Keyword arguments: name and value; `extra` is what else may be in it."""

    __slots__ = ("extra", "items")
    fields = ("items", "extra")
    items: tuple[tuple[str, Value], ...]
    extra: Value


class Partial(Atom):
    """A callable with some arguments given: ``functools.partial``."""

    __slots__ = ("keywords", "positional", "target")
    fields = ("target", "positional", "keywords")
    target: Value
    positional: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]


class Descriptor(Atom):
    """``property``, ``staticmethod`` or ``classmethod`` around a function."""

    __slots__ = ("function", "kind")
    fields = ("kind", "function")
    kind: str
    function: Value


class Super(Atom):
    """``super()`` of a receiver, after a class."""

    __slots__ = ("after", "receiver")
    fields = ("after", "receiver")
    after: Class
    receiver: Atom


class Session(Atom):
    """A boto3 session; `region` as in `Client`. `foreign`: its credentials are not the role's."""

    __slots__ = ("foreign", "region")
    fields = ("region", "foreign")
    region: Parts | None
    foreign: bool


class Client(Atom):
    """A client of a service; `region` is None for the one that the function runs in."""

    __slots__ = ("foreign", "region", "service")
    fields = ("service", "region", "foreign")
    service: str
    region: Parts | None
    foreign: bool


class Resource(Atom):
    """A boto3 resource; `kind` is None for the service itself. Identifiers by AWS's names.

    `loaded`: its attributes are known without another request.
    """

    __slots__ = ("client", "identifiers", "kind", "loaded")
    fields = ("client", "kind", "identifiers", "loaded")
    client: Client
    kind: str | None
    identifiers: tuple[tuple[str, Value], ...]
    loaded: bool


class Collection(Atom):
    """``bucket.objects``, perhaps filtered by keyword arguments."""

    __slots__ = ("filters", "name", "resource")
    fields = ("resource", "name", "filters")
    resource: Resource
    name: str
    filters: tuple[tuple[str, Value], ...]


class Waiter(Atom):
    """What ``client.get_waiter(...)`` returns: `operation` is polled."""

    __slots__ = ("client", "operation")
    fields = ("client", "operation")
    client: Client
    operation: str


class Paginator(Atom):
    """What ``client.get_paginator(...)`` returns."""

    __slots__ = ("client", "operation")
    fields = ("client", "operation")
    client: Client
    operation: str


class Writer(Atom):
    """What ``table.batch_writer()`` returns."""

    __slots__ = ("table",)
    fields = ("table",)
    table: Resource


class Response(Atom):
    """What a call of AWS answers, or a part of it; `known` follows from the request."""

    __slots__ = ("client", "known", "operation")
    fields = ("client", "operation", "known")
    client: Client
    operation: str
    known: tuple[tuple[str, Value], ...]


Value: TypeAlias = frozenset[Atom]
NOTHING: Value = frozenset()

_Kind = TypeVar("_Kind", bound=Atom)
_NESTING = (Tuple, Series, Record, Partial, Resource, Collection, Writer, Response)
_MOST_TEXTS = 24
_MOST_ATOMS = 40
_DEEPEST = 5
# Of these, many together are as good as something unknown; what is in them is kept where it shows.
_TOO_MANY = ((Constant, Response, Tuple, Record), (External,), (Container, Series))


class Atoms:
    """Makes atoms; the same content gives the same atom."""

    def __init__(self) -> None:
        self._made: dict[object, Atom] = {}
        self.unknown: Value = frozenset({self.make(Unknown)})
        self.any_text = self.make(Text, GAP)
        self.none: Value = frozenset({self.constant(None)})

    def make(self, kind: type[_Kind], *content: object) -> _Kind:
        """Return the atom of this kind with this content, in the order of its `fields`."""
        key = (kind, content)
        found = self._made.get(key)
        if found is None:
            found = kind()
            for name, value in zip(kind.fields, content, strict=True):
                setattr(found, name, value)
            found.order = len(self._made)
            found.depth = 1 + _depth(content) if kind in _NESTING else 0
            self._made[key] = found
        assert isinstance(found, kind)
        return found

    def constant(self, value: object) -> Constant:
        """Return the atom of None, a boolean or a number."""
        key = (Constant, type(value), value)
        found = self._made.get(key)
        if found is None:
            found = Constant()
            found.value = value
            found.order = len(self._made)
            found.depth = 0
            self._made[key] = found
        assert isinstance(found, Constant)
        return found

    def text(self, parts: Parts) -> Value:
        """Return the value of a string."""
        return frozenset({self.make(Text, parts)})

    def literal(self, text: str) -> Value:
        """Return the value of a string that is known."""
        return frozenset({self.make(Text, (text,))})

    def tuple(self, items: Iterable[Value]) -> Value:
        """Return the value of a tuple; one that is nested deeply loses its order."""
        content = tuple(items)
        if _depth(content) >= _DEEPEST or len(content) > _MOST_ATOMS:
            return self.sequence(self.join(*content) if content else NOTHING)
        return frozenset({self.make(Tuple, content)})

    def sequence(self, element: Value) -> Value:
        """Return the value of something with such elements."""
        while _depth(element) >= _DEEPEST:
            element = self._flattened(element)
        return frozenset({self.make(Series, element)})

    def record(self, items: Mapping[str, Value], extra: Value) -> Value:
        """Return the value of keyword arguments."""
        while _depth(extra) >= _DEEPEST:
            extra = self._flattened(extra)
        content = tuple(items.items())
        if _depth(content) >= _DEEPEST:
            content = tuple((name, self._shallow(value)) for name, value in content)
        return frozenset({self.make(Record, content, extra)})

    def _shallow(self, value: Value) -> Value:
        while _depth(value) >= _DEEPEST - 1:
            value = self._flattened(value)
        return value

    def _flattened(self, value: Value) -> Value:
        found: set[Atom] = set()
        for atom in value:
            match atom:
                case Tuple():
                    found.update(*atom.items)
                case Series():
                    found |= atom.element
                case Record():
                    found.update(atom.extra, *(each for _, each in atom.items))
                case Partial():
                    found |= atom.target
                case Atom(depth=depth) if depth < _DEEPEST - 1:
                    found.add(atom)
                case _:
                    found |= self.unknown
        return self.join(frozenset(found))

    def join(self, *values: Value) -> Value:
        """Return what one of the values may be; long lists of texts become any text."""
        first, *others = values
        for value in others:
            if value is not first and not value <= first:
                first = first | value if first else value
        if len(first) > _MOST_TEXTS or (self.any_text in first and len(first) > 1):
            return self._limited(first)
        return first

    def _limited(self, value: Value) -> Value:
        texts = [atom for atom in value if isinstance(atom, Text)]
        if len(texts) > _MOST_TEXTS or self.any_text in value:
            value = value.difference(texts) | {self.any_text}
        if len(value) > _MOST_ATOMS:
            for kinds in _TOO_MANY:
                some = [atom for atom in value if isinstance(atom, kinds)]
                if len(some) > _MOST_ATOMS // 2:
                    value = value.difference(some) | self.unknown
                    value |= self._flattened(frozenset(each for each in some if each.depth))
        return value


def ordered(value: Value) -> Iterable[Atom]:
    """Return the atoms in the order in which they were made."""
    return value if len(value) < 2 else sorted(value, key=_order)


def _order(atom: Atom) -> int:
    return atom.order


def _depth(content: Any) -> int:
    if isinstance(content, Atom):
        return content.depth
    if isinstance(content, (tuple, frozenset)):
        return max(map(_depth, content), default=0)
    return 0
