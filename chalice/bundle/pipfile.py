"""``Pipfile.lock`` as lines of a requirement file.

https://pipenv.pypa.io/en/latest/pipfile.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chalice.bundle.requirements import normalise
from chalice.bundle.toml import parse
from chalice.errors import ToolError

FILE = "Pipfile.lock"
_PYPI = ("https://pypi.org/simple", "https://pypi.python.org/simple")
Table = Mapping[str, Any]


def requirements(text: str, project_dir: Path) -> str:
    """Return what the section ``default`` of a lock pins, without ``chalice``.

    Raises ToolError for a lock that cannot be understood.
    """
    try:
        lock: Table = json.loads(text)
        lines = [*_indexes(lock), *_lines(lock["default"], project_dir)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ToolError(
            f"`{FILE}` cannot be understood: {error}", where=FILE, hint="run `pipenv lock`"
        ) from error
    return "\n".join(lines) + "\n"


def roots(project_dir: Path) -> frozenset[str] | None:
    """Return the packages that the ``Pipfile`` itself asks for; None where there is none."""
    try:
        packages = parse((project_dir / "Pipfile").read_text(encoding="utf-8"))["packages"]
        return frozenset(normalise(name) for name in packages)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _indexes(lock: Table) -> Iterator[str]:
    """Yield where to look. uv asks PyPI unless it is told of another index to ask instead."""
    sources = [each for each in lock.get("_meta", {}).get("sources", []) if "url" in each]
    has_pypi = any(each["url"].rstrip("/") in _PYPI for each in sources)
    for number, source in enumerate(sources):
        url = source["url"]
        if url.rstrip("/") in _PYPI:
            continue
        option = "--extra-index-url" if has_pypi or number else "--index-url"
        yield f"{option} {url}"
        if source.get("verify_ssl") is False:
            yield f"--trusted-host {urlsplit(url).netloc.rpartition('@')[2]}"


def _lines(packages: Mapping[str, Table], project_dir: Path) -> Iterator[str]:
    for name, package in packages.items():
        if normalise(name) == "chalice":
            continue
        extras = ",".join(package.get("extras", ()))
        named = f"{name}[{extras}]" if extras else name
        if "git" in package:
            within = package.get("subdirectory")
            tail = f"#subdirectory={within}" if within else ""
            wanted = f"{named} @ git+{package['git']}@{package['ref']}{tail}"
        elif "path" in package:
            wanted = f"{named} @ {(project_dir / package['path']).resolve().as_uri()}"
        elif "file" in package:
            wanted = f"{named} @ {package['file']}"
        else:
            version = package.get("version", "")
            wanted = f"{named}{'' if version == '*' else version}"
        if markers := package.get("markers"):
            wanted += f" ; {markers}"
        hashes = () if "git" in package or "path" in package else package.get("hashes", ())
        yield wanted + "".join(f" --hash={each}" for each in hashes)
