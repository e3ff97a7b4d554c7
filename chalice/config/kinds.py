"""The kinds of values a configuration key takes: what is wrong with one, and its JSON Schema."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Generic, TypeAlias, TypeVar

T_co = TypeVar("T_co", covariant=True)
Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands in the document: ``("stages", "dev", "layers", 0)``."""
JsonSchema: TypeAlias = dict[str, object]


@dataclass(frozen=True)
class Problem:
    """What is wrong with the value at ``path``; unless ``fatal``, the project still works."""

    path: Path
    summary: str
    hint: str | None = None
    fatal: bool = True


class Kind(ABC, Generic[T_co]):
    """What values of a key look like. ``T_co`` is their type in Python."""

    @property
    @abstractmethod
    def words(self) -> str:
        """The kind in words, after "must be": ``a list of strings``."""

    @abstractmethod
    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        """Yield what is wrong with ``value``, which stands at ``path`` and is not null."""

    @abstractmethod
    def json_schema(self) -> JsonSchema:
        """Return the JSON Schema of the kind."""

    def mismatch(self, value: object, path: Path, hint: str | None = None) -> Problem:
        """Return the problem of ``value`` not being of this kind at all."""
        return Problem(path, f"{name(path)} must be {self.words}, not {shown(value)}", hint)


@dataclass(frozen=True)
class Text(Kind[str]):
    """Any string that is not empty."""

    words = "a string"

    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield self.mismatch(value, path)
        elif not value:
            yield Problem(path, f"{name(path)} must not be empty")

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True)
class Choice(Kind[str]):
    """One of a few strings. With ``fallback``, any other string only warns and means that one."""

    options: tuple[str, ...]
    fallback: str | None = None

    @property
    def words(self) -> str:
        return "one of " + ", ".join(f"`{option}`" for option in self.options)

    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        if value in self.options:
            return
        if isinstance(value, str) and self.fallback is not None:
            summary = f"{name(path)} is {shown(value)}, which counts as `{self.fallback}`"
            yield Problem(path, summary, f"write {self.words}", fatal=False)
        else:
            yield self.mismatch(value, path, suggestion(value, self.options))

    def json_schema(self) -> JsonSchema:
        return {"enum": list(self.options)}


@dataclass(frozen=True)
class Flag(Kind[bool]):
    """true or false."""

    words = "true or false"

    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        if not isinstance(value, bool):
            unquoted = isinstance(value, str) and value.lower() in ("true", "false")
            yield self.mismatch(value, path, "write it without quotes" if unquoted else None)

    def json_schema(self) -> JsonSchema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class FlagOrChoice(Kind[bool | str]):
    """true, false, or one of a few words."""

    options: tuple[str, ...]

    @property
    def words(self) -> str:
        return "true, false, " + " or ".join(f'"{option}"' for option in self.options)

    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        if not isinstance(value, bool) and value not in self.options:
            unquoted = isinstance(value, str) and value.lower() in ("true", "false")
            hint = "write it without quotes" if unquoted else suggestion(value, self.options)
            yield self.mismatch(value, path, hint)

    def json_schema(self) -> JsonSchema:
        return {"enum": [True, False, *self.options]}


@dataclass(frozen=True)
class Number(Kind[int]):
    """A whole number within bounds, both included."""

    minimum: int
    maximum: int | None = None
    unit: str = ""

    @property
    def words(self) -> str:
        unit = f" of {self.unit}" if self.unit else ""
        if self.maximum is None:
            return f"a whole number{unit} of at least {self.minimum}"
        return f"a whole number{unit} from {self.minimum} to {self.maximum}"

    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool):
            quoted = isinstance(value, str) and value.strip().isdecimal()
            yield self.mismatch(value, path, "write it without quotes" if quoted else None)
        elif value < self.minimum or (self.maximum is not None and value > self.maximum):
            yield self.mismatch(value, path)

    def json_schema(self) -> JsonSchema:
        bounds: JsonSchema = {"type": "integer", "minimum": self.minimum}
        return bounds if self.maximum is None else {**bounds, "maximum": self.maximum}


@dataclass(frozen=True)
class NumberChoice(Kind[int]):
    """One of a few whole numbers."""

    options: tuple[int, ...]

    @property
    def words(self) -> str:
        return "one of " + ", ".join(str(option) for option in self.options)

    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool) or value not in self.options:
            yield self.mismatch(value, path)

    def json_schema(self) -> JsonSchema:
        return {"enum": list(self.options)}


@dataclass(frozen=True)
class Texts(Kind[Sequence[str]]):
    """A list of strings."""

    words = "a list of strings"

    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        if not isinstance(value, (list, tuple)):
            lone = isinstance(value, str)
            yield self.mismatch(value, path, "write it in brackets: [...]" if lone else None)
            return
        for index, item in enumerate(value):
            yield from Text().problems(item, (*path, index))

    def json_schema(self) -> JsonSchema:
        return {"type": "array", "items": Text().json_schema()}


@dataclass(frozen=True)
class TextOrTexts(Kind[str | Sequence[str]]):
    """A string, or a list of strings."""

    words = "a string or a list of strings"

    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        if isinstance(value, (list, tuple)):
            yield from Texts().problems(value, path)
        elif isinstance(value, str):
            yield from Text().problems(value, path)
        else:
            yield self.mismatch(value, path)

    def json_schema(self) -> JsonSchema:
        return {"anyOf": [Text().json_schema(), Texts().json_schema()]}


@dataclass(frozen=True)
class TextMap(Kind[Mapping[str, str]]):
    """An object whose values are strings, which may be empty."""

    words = "an object of strings"

    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield self.mismatch(value, path)
            return
        for key, item in value.items():
            if not isinstance(item, str):
                summary = f"`{path[-1]}.{key}` must be a string, not {shown(item)}"
                scalar = isinstance(item, (bool, int, float))
                hint = f'write "{shown(item).strip("`")}"' if scalar else None
                yield Problem((*path, key), summary, hint)

    def json_schema(self) -> JsonSchema:
        return {"type": "object", "additionalProperties": {"type": "string"}}


@dataclass(frozen=True)
class Version(Kind[str | float]):
    """A schema version up to ``newest``, as a string or a number."""

    newest: float

    @property
    def words(self) -> str:
        return f"a number up to {self.newest}"

    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        number: float | None = None
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            try:
                number = float(value)
            except (ValueError, OverflowError):
                number = None
        if number is None or not number <= self.newest:
            hint = None
            if number is not None and number > self.newest:
                hint = "a newer chalice wrote this file: upgrade, or write an older version"
            yield self.mismatch(value, path, hint)

    def json_schema(self) -> JsonSchema:
        return {"type": ["string", "number"]}


@dataclass(frozen=True)
class Field:
    """One key of a ``Table``."""

    kind: Kind[object]
    sentence: str
    required: bool = False


@dataclass(frozen=True)
class Table(Kind[Mapping[str, object]]):
    """An object with keys of its own."""

    fields: Mapping[str, Field]
    words = "an object"

    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield self.mismatch(value, path)
            return
        for key, item in value.items():
            field = self.fields.get(key)
            if field is None:
                yield from unknown((*path, key), tuple(self.fields))
            elif item is not None:
                yield from field.kind.problems(item, (*path, key))
        for key, field in self.fields.items():
            if field.required and value.get(key) is None:
                yield Problem(path, f"{name(path)} has no `{key}`")

    def json_schema(self) -> JsonSchema:
        return {
            "type": "object",
            "properties": {
                key: {**field.kind.json_schema(), "description": field.sentence}
                for key, field in self.fields.items()
            },
            "required": [key for key, field in self.fields.items() if field.required],
        }


@dataclass(frozen=True)
class Tables(Kind[Mapping[str, Mapping[str, object]]]):
    """An object of named tables, all of one kind."""

    table: Table
    words = "an object of objects"

    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield self.mismatch(value, path)
            return
        for key, item in value.items():
            yield from self.table.problems(item, (*path, key))

    def json_schema(self) -> JsonSchema:
        return {"type": "object", "additionalProperties": self.table.json_schema()}


@dataclass(frozen=True)
class Anything(Kind[Mapping[str, object]]):
    """An object of whatever another program understands; it is checked by who does."""

    words = "an object"

    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield self.mismatch(value, path)

    def json_schema(self) -> JsonSchema:
        return {"type": "object"}


@dataclass(frozen=True)
class Sections(Kind[Mapping[str, object]]):
    """An object of named sections, each with configuration keys of its own."""

    of: str
    words = "an object"

    def problems(self, value: object, path: Path) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield self.mismatch(value, path)
            return
        for key, item in value.items():
            if item is not None and not isinstance(item, Mapping):
                hint = f"write one section for each {self.of}: {{NAME: {{...}}}}"
                yield self.mismatch(item, (*path, key), hint)

    def json_schema(self) -> JsonSchema:
        return {"type": "object"}


def unknown(path: Path, known: Sequence[str]) -> Iterator[Problem]:
    """Yield the warning about a key nothing reads; names with ``_`` or ``$`` in front are notes."""
    key = str(path[-1])
    if not key.startswith(("_", "$")):
        hint = suggestion(key, known) or "keys that mean something here: " + ", ".join(known)
        yield Problem(path, f"nothing reads {name(path)}", hint, fatal=False)


def suggestion(word: object, known: Sequence[str]) -> str | None:
    """Return the question whether ``word`` was meant to be one of ``known``."""
    close = get_close_matches(str(word), known, n=1)
    return f"did you mean `{close[0]}`?" if close else None


def name(path: Path) -> str:
    """Return the last key of ``path`` in backquotes, with its index when it is a list item."""
    key = path[-1]
    return f"`{path[-2]}[{key}]`" if isinstance(key, int) else f"`{key}`"


def shown(value: object) -> str:
    """Return ``value`` as it stands in a JSON file, cut where it is long."""
    match value:
        case str():
            text = f'"{value}"'
        case bool():
            text = "true" if value else "false"
        case None:
            text = "null"
        case Mapping():
            return "an object"
        case list() | tuple():
            return "a list"
        case _:
            text = str(value)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"
