"""``requirements.txt`` and all it includes: what there is to install, and what that depends on.

https://pip.pypa.io/en/stable/reference/requirements-file-format/

uv interprets the files; here they are read only to know whether they changed and where a
requirement stands.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

from chalice.bundle.fingerprint import Fingerprint
from chalice.errors import ToolError

FILE = "requirements.txt"
Declaration = Literal[
    "requirements.txt", "uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock", "pyproject.toml"
]
"""The files that may say what a project requires; the first that it has counts."""

_COMMENT = re.compile(r"(^|\s+)#.*$")
_OPTION = re.compile(r"(-[a-z](?=[^-])|--[a-z-]+)(?:\s+|=)?(.*)")
_NAME = re.compile(r"([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?=$|[\[(<>=!~;@ ])")
_INDEXES = (
    *("-i", "--index-url", "--extra-index-url", "--no-index", "-f", "--find-links"),
    "--trusted-host",
)
_HASH = re.compile(r"--hash[= ]\s*(\w+:[0-9a-fA-F]+)")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_URL = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)
_ARCHIVE = (".whl", ".zip", ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz")


@dataclass(frozen=True)
class Requirements:
    """What a project requires, as the file at ``path`` says.

    ``fingerprint`` changes when what is installed may change. ``specifiers`` is what is said of
    a package after its name, ``[extra]>=1.0``, each time that it is named. ``hashes`` are those
    that are demanded. A lock is taken as it is; ``text`` is what it says as a requirement file,
    None where uv reads ``path`` itself. ``roots`` are the packages that the project asks for,
    where its lock cannot tell what only ``chalice`` needs; None where that is not so.
    """

    path: Path
    fingerprint: str
    places: Mapping[str, str]
    specifiers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    hashes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    indexes: Sequence[str] = ()
    is_locked: bool = False
    text: str | None = None
    roots: frozenset[str] | None = None

    def where(self, name: str) -> str | None:
        """The place of a requirement (``requirements.txt:3``); None if no file names it."""
        return self.places.get(normalise(name))

    @property
    def file(self) -> str:
        """The name of the file that says it."""
        return self.path.name


def normalise(name: str) -> str:
    """``My.Pkg_X`` and ``my-pkg-x`` are one package."""
    return re.sub(r"[-_.]+", "-", name).lower()


def specifier(rest: str) -> str:
    """Return what a requirement says of versions, from what follows its name."""
    return re.split(r"\s*;|\s+--", rest, maxsplit=1)[0].strip()


def read(project_dir: Path, environ: Mapping[str, str]) -> Requirements | None:
    """Read the requirement files of a project; None when they ask for nothing.

    Raises ToolError for a file that is missing or is not text.
    """
    path = project_dir / FILE
    if not path.exists():
        return None
    reader = _Reader(project_dir, environ)
    reader.file(path, FILE, is_constraint=False, included_at=None)
    if not reader.is_asked:
        return None
    return Requirements(
        path,
        reader.fingerprint.hexdigest(),
        reader.places,
        reader.specifiers,
        {name: frozenset(found) for name, found in reader.hashes.items()},
        reader.indexes,
    )


def hashes_in(text: str) -> dict[str, frozenset[str]]:
    """Return the hashes that the lines of a requirement file demand, by name."""
    found: dict[str, frozenset[str]] = {}
    for _, line in _logical_lines(text):
        if (match := _NAME.match(line)) and (hashes := _HASH.findall(line)):
            found[normalise(match[1])] = frozenset(hashes)
    return found


class _Reader:
    def __init__(self, project_dir: Path, environ: Mapping[str, str]) -> None:
        self.project_dir = project_dir
        self.environ = environ
        self.fingerprint = Fingerprint()
        self.places: dict[str, str] = {}
        self.specifiers: dict[str, list[str]] = {}
        self.hashes: dict[str, set[str]] = {}
        self.indexes: list[str] = []
        self.is_asked = False
        self.seen: set[tuple[Path, bool]] = set()

    def file(self, path: Path, name: str, *, is_constraint: bool, included_at: str | None) -> None:
        try:
            data = path.read_bytes()
            text = data.decode("utf-8-sig")
        except OSError as error:
            raise ToolError(
                f"cannot read `{name}`: {error.strerror}", where=included_at or name
            ) from error
        except UnicodeDecodeError as error:
            raise ToolError(
                "a requirement file is not UTF-8 text", where=name, hint="save it as UTF-8"
            ) from error
        self.fingerprint.add("file", name, data)
        if (path.resolve(), is_constraint) in self.seen:
            return
        self.seen.add((path.resolve(), is_constraint))
        for number, line in _logical_lines(text):
            self._line(line, path, f"{name}:{number}", is_constraint)

    def _line(self, line: str, path: Path, place: str, is_constraint: bool) -> None:
        for variable in _VARIABLE.findall(line):
            self.fingerprint.add("variable", variable, self.environ.get(variable, ""))
        line = _VARIABLE.sub(lambda match: self.environ.get(match[1], match[0]), line)
        option = _OPTION.fullmatch(line)
        if option is None:
            self.is_asked = self.is_asked or not is_constraint
            if match := _NAME.match(line):
                name = normalise(match[1])
                self.places.setdefault(name, place)
                self.specifiers.setdefault(name, []).append(specifier(line[match.end() :]))
                if hashes := _HASH.findall(line):
                    self.hashes.setdefault(name, set()).update(hashes)
            self._local(line)
            return
        if option[1] in _INDEXES:
            self.indexes.append(line)
        match option[1]:
            case "-r" | "--requirement" | "-c" | "--constraint" | "--constraints":
                only_bounds = is_constraint or option[1] not in ("-r", "--requirement")
                self._include(option[2], path, place, only_bounds)
            case "-e" | "--editable":
                self.is_asked = True
                self._local(option[2])
            case "-f" | "--find-links":
                self._links(option[2], path)

    def _include(self, name: str, path: Path, place: str, is_constraint: bool) -> None:
        if _URL.match(name):
            self.is_asked = self.is_asked or not is_constraint
            return
        included = path.parent / name
        shown = os.path.relpath(included, self.project_dir)
        self.file(included, shown, is_constraint=is_constraint, included_at=place)

    def _local(self, requirement: str) -> None:
        """Take in the files of a requirement that is a path; uv looks for them in the project."""
        location = re.split(r"\s+(?:;|--)", requirement, maxsplit=1)[0]
        location = re.sub(r"^[^@/]*\s@\s*", "", location)
        is_path = "/" in location or location.startswith(".") or location.endswith(_ARCHIVE)
        if not is_path:
            return
        path = self.project_dir / _without_extras(_local_path(location))
        if path.is_dir():
            for name, data in sources(path):
                self.fingerprint.add("source", name, data)
        elif path.is_file():
            self.fingerprint.add("archive", path.name, path.read_bytes())

    def _links(self, location: str, path: Path) -> None:
        """Take in which archives a directory offers: many and large, so not what is in them."""
        for root in (self.project_dir, path.parent):
            directory = root / _local_path(location)
            if directory.is_dir():
                for offer in sorted(directory.iterdir()):
                    stat = offer.stat()
                    self.fingerprint.add("link", offer.name, f"{stat.st_size} {stat.st_mtime_ns}")


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, continued ones joined, with the number of their first line."""
    start, held = 1, ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = _COMMENT.sub("", raw)
        if not held:
            start = number
        held += line.rstrip("\\")
        if line.endswith("\\"):
            continue
        if held.strip():
            yield start, held.strip()
        held = ""
    if held.strip():
        yield start, held.strip()


def _local_path(location: str) -> str:
    return url2pathname(urlsplit(location).path) if location.startswith("file:") else location


def _without_extras(location: str) -> str:
    return re.sub(r"\[[^\]]*\]$", "", location)


def sources(directory: Path) -> Iterator[tuple[str, bytes]]:
    """The files a package is built from, without what building leaves beside them."""
    for folder, folders, files in os.walk(directory):
        top = Path(folder) == directory
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name != "__pycache__"
            and not name.endswith(".egg-info")
            and not (top and name in ("build", "dist"))
        )
        for name in sorted(files):
            path = Path(folder, name)
            yield path.relative_to(directory).as_posix(), path.read_bytes()
