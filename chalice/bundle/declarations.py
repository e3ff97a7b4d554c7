"""Where a project says what it requires: one of several files, and which of them counts.

https://packaging.python.org/en/latest/specifications/pyproject-toml/
https://packaging.python.org/en/latest/specifications/pylock-toml/

As with ``requirements.txt``, uv interprets the files; here they are read only to know whether
they changed and where a requirement stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from chalice.bundle import pipfile, poetry, requirements
from chalice.bundle.fingerprint import Fingerprint
from chalice.bundle.requirements import Declaration, Requirements, normalise
from chalice.bundle.toml import parse
from chalice.errors import ToolError

FILES: tuple[Declaration, ...] = get_args(Declaration)

_PROJECT = re.compile(r"^\s*\[\s*project\s*\]", re.MULTILINE)
_LOCKED_NAME = re.compile(r"""^\s*name\s*=\s*["']([\w.-]+)["']""")
_DECLARED_NAME = re.compile(r"""["']([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?=["'\[(<>=!~;@ ])""")
_PATTERNS: Mapping[Declaration, re.Pattern[str]] = {
    "pyproject.toml": _DECLARED_NAME,
    "Pipfile.lock": re.compile(r'^ {8}"([\w.-]+)": \{'),
}
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(.*)", re.DOTALL)
_LOCAL = re.compile(
    r"""\b(?:path|editable|directory|virtual|url)["']?\s*[=:]\s*["']((?![a-z]+://)[^"']+)["']"""
)
_PRUNED = "chalice"


def read(
    project_dir: Path, environ: Mapping[str, str], chosen: Declaration | None
) -> Requirements | None:
    """Read the file that counts: ``chosen``, else the first of ``FILES`` that the project has.

    None when there is none, or it asks for nothing. A ``pyproject.toml`` without a ``[project]``
    table only configures tools. Raises ToolError for a file that is missing or is not text.
    """
    if chosen is not None and not (project_dir / chosen).exists():
        raise ToolError(
            f"there is no `{chosen}`, which `dependencies_from` names",
            where=".chalice/config.json",
            hint="create it, or name another file",
        )
    name = chosen or next((name for name in FILES if _declares(project_dir / name)), None)
    if name is None:
        return None
    if name == requirements.FILE:
        return requirements.read(project_dir, environ)
    return _read(project_dir, name)


def declaration(name: str | None) -> Declaration | None:
    """Return ``name``, checked by the configuration, as one of the files; None for none."""
    return next((file for file in FILES if file == name), None)


def _declares(path: Path) -> bool:
    if path.name != "pyproject.toml":
        return path.exists()
    return path.exists() and _PROJECT.search(_text(path)) is not None


def _read(project_dir: Path, name: Declaration) -> Requirements:
    text = _text(project_dir / name)
    fingerprint = Fingerprint()
    fingerprint.add("file", name, text)
    pattern = _PATTERNS.get(name, _LOCKED_NAME)
    places: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for found in pattern.findall(line):
            places.setdefault(normalise(found), f"{name}:{number}")
    if name == "pylock.toml" and _PRUNED in places:
        raise ToolError(
            "`pylock.toml` locks `chalice`, whose runtime is in every bundle already",
            where=places[_PRUNED],
            hint="lock without it, for example with"
            " `uv export --no-dev --no-emit-project --prune chalice -o pylock.toml`",
        )
    for location in sorted(set(_LOCAL.findall(text))):
        _add_local(fingerprint, project_dir, location)
    lines, roots = None, None
    if name == "poetry.lock":
        project = project_dir / "pyproject.toml"
        declared = _text(project) if project.is_file() else None
        lines = poetry.requirements(text, declared, project_dir)
    elif name == "Pipfile.lock":
        lines = pipfile.requirements(text, project_dir)
        roots = pipfile.roots(project_dir) if _PRUNED in places else None
    fingerprint.add("lines", lines or "", *sorted(roots or ()))
    return Requirements(
        project_dir / name,
        fingerprint.hexdigest(),
        places,
        specifiers=_specifiers(text) if name == "pyproject.toml" else dict.fromkeys(places, ("",)),
        is_locked=name != "pyproject.toml",
        text=lines,
        roots=roots,
    )


def _specifiers(text: str) -> dict[str, list[str]]:
    """What the dependencies of a project say of versions; nothing where uv will complain."""
    try:
        dependencies = parse(text)["project"]["dependencies"]
        found = [_REQUIREMENT.match(each) for each in dependencies]
    except (ValueError, KeyError, TypeError):
        return {}
    said: dict[str, list[str]] = {}
    for match in filter(None, found):
        said.setdefault(normalise(match[1]), []).append(requirements.specifier(match[2]))
    return said


def _add_local(fingerprint: Fingerprint, project_dir: Path, location: str) -> None:
    """Take in the files of a requirement that is a path; the project itself is none."""
    path = project_dir / location
    if path.is_file():
        fingerprint.add("archive", location, path.read_bytes())
    elif path.is_dir() and path.resolve() != project_dir.resolve():
        for name, data in requirements.sources(path):
            fingerprint.add("source", location, name, data)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ToolError(
            f"`{path.name}` is not UTF-8 text", where=path.name, hint="save it as UTF-8"
        ) from error
