"""``poetry.lock`` as lines of a requirement file.

https://python-poetry.org/docs/pyproject/ and, for the lock, what Poetry 1.5 to 2 write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chalice.bundle.requirements import normalise
from chalice.bundle.toml import parse
from chalice.errors import ToolError

FILE = "poetry.lock"
_PYPI = re.compile(r"https?://(?:files\.pythonhosted|pypi)\.org(?:/|$)")
_NAME = re.compile(r"\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)")
_EXTRA = re.compile(r"""\bextra\s*==\s*(?:"[^"]*"|'[^']*')""")
_PRUNED = "chalice"
Table = Mapping[str, Any]


def requirements(text: str, project: str | None, project_dir: Path) -> str:
    """Return what the main group of a lock pins, without ``chalice`` and what only that needs.

    ``project`` is the text of ``pyproject.toml``, None if there is none. Raises ToolError for a
    lock that cannot be understood.
    """
    try:
        lock = parse(text)
        packages: Sequence[Table] = lock.get("package", [])
        roots = _roots(parse(project)) if project is not None else None
    except (ValueError, TypeError) as error:
        raise ToolError(f"`{FILE}` or `pyproject.toml` is no TOML: {error}", where=FILE) from error
    if roots is None and any("groups" not in each for each in packages):
        raise ToolError(
            f"`{FILE}` does not say what is for the app itself, and there is no pyproject.toml",
            where=FILE,
            hint="put it beside the pyproject.toml that it was made from",
        )
    reached = _reached(packages, roots)
    lines: dict[str, None] = {}
    for package in packages:
        name = normalise(package["name"])
        if name not in reached or not _is_main(package):
            continue
        markers = _markers(package) if "groups" in package else reached[name]
        source = package.get("source", {})
        if source.get("type") == "legacy" and not _PYPI.match(source["url"]):
            lines[f"--extra-index-url {source['url']}"] = None
        files = package.get("files") or lock.get("metadata", {}).get("files", {}).get(
            package["name"], []
        )
        lines[_line(package, source, markers, files, project_dir)] = None
    return "\n".join(lines) + "\n"


def _roots(project: Table) -> dict[str, str]:
    """The packages that the project itself requires, with their markers."""
    found: dict[str, str] = {}
    for need in project.get("project", {}).get("dependencies", []):
        if match := _NAME.match(need):
            found[normalise(match[1])] = need.partition(";")[2].strip()
    declared: Table = project.get("tool", {}).get("poetry", {}).get("dependencies", {})
    for name, wanted in declared.items():
        is_optional = isinstance(wanted, Mapping) and wanted.get("optional")
        if name != "python" and not is_optional:
            found.setdefault(normalise(name), _marker(wanted))
    return found


def _reached(packages: Sequence[Table], roots: Mapping[str, str] | None) -> dict[str, str]:
    """The packages that are needed without ``chalice``, with the markers of all ways to them.

    What is for an extra of a package counts as needed: it is locked because something asks for it.
    """
    by_name: dict[str, list[Table]] = {}
    for package in packages:
        by_name.setdefault(normalise(package["name"]), []).append(package)
    if roots is None:
        return {name: "" for name in by_name if name != _PRUNED}
    found: dict[str, set[_Conditions]] = {}
    pending = [(name, _conditions(marker)) for name, marker in roots.items()]
    while pending:
        name, way = pending.pop()
        if name == _PRUNED or name not in by_name:
            continue
        ways = found.setdefault(name, set())
        if any(known <= way for known in ways):
            continue
        ways.add(way)
        for package in by_name[name]:
            for need, wanted in package.get("dependencies", {}).items():
                for each in wanted if isinstance(wanted, list) else [wanted]:
                    pending.append((normalise(need), way | _conditions(_marker(each))))
    return {name: _written(ways) for name, ways in found.items()}


_Conditions = frozenset[str]
"""Markers that all have to hold."""


def _conditions(marker: str) -> _Conditions:
    return frozenset((marker,)) if marker else frozenset()


def _written(ways: set[_Conditions]) -> str:
    if frozenset() in ways:
        return ""
    each = (" and ".join(f"({marker})" for marker in sorted(way)) for way in ways)
    return " or ".join(f"({way})" for way in sorted(each))


def _marker(wanted: object) -> str:
    """When a dependency counts, of ``">=1.0"`` or ``{version = ">=1.0", markers = "..."}``."""
    if not isinstance(wanted, Mapping):
        return ""
    return _EXTRA.sub('python_version >= "3"', str(wanted.get("markers", "")))


def _is_main(package: Table) -> bool:
    """Whether it is for the app, and not only for an extra of the project."""
    groups = package.get("groups", ["main"])
    is_main = "main" in groups and package.get("category", "main") == "main"
    return is_main and not package.get("optional", False)


def _markers(package: Table) -> str:
    markers = package.get("markers", "")
    if isinstance(markers, Mapping):
        markers = markers.get("main", "")
    return str(markers)


def _line(
    package: Table, source: Table, markers: str, files: Sequence[Table], project_dir: Path
) -> str:
    name, kind = package["name"], source.get("type")
    if kind in (None, "legacy"):
        wanted = f"{name}=={package['version']}"
    elif kind == "git":
        revision = source.get("resolved_reference") or source["reference"]
        within = f"#subdirectory={source['subdirectory']}" if "subdirectory" in source else ""
        wanted = f"{name} @ git+{source['url']}@{revision}{within}"
    elif kind == "url":
        wanted = f"{name} @ {source['url']}"
    else:
        wanted = f"{name} @ {(project_dir / source['url']).resolve().as_uri()}"
    hashes = "" if kind in ("git", "directory") else "".join(_hashes(files))
    return f"{wanted} ; {markers}{hashes}" if markers else f"{wanted}{hashes}"


def _hashes(files: Sequence[Table]) -> Iterator[str]:
    for file in files:
        if str(file.get("hash", "")).startswith("sha"):
            yield f" --hash={file['hash']}"
