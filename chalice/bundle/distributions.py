"""Installed packages: whether each runs on the target, and what of it goes into the bundle.

https://packaging.python.org/en/latest/specifications/recording-installed-packages/
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Collection, Iterator
from configparser import RawConfigParser
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from chalice.bundle import archive, elf
from chalice.bundle.archive import File
from chalice.bundle.building import Built
from chalice.bundle.packages import Package, is_bundled, is_record, recorded, summed
from chalice.bundle.requirements import Requirements
from chalice.bundle.target import Target
from chalice.errors import ToolError, together

_LIBRARY = re.compile(r"\.so(\.\d+)*$")
# How uv starts a script: with the interpreter's path, behind a shell if that is long.
_LAUNCHER = re.compile(rb"\A#!(?:/bin/sh\n'''exec' .*\n' '''|.*python[\d.]*(?:\.exe)?)\n")


@dataclass(frozen=True)
class Distribution:
    """A package in a directory. ``folder`` is its ``NAME-VERSION.dist-info``."""

    folder: Path

    @property
    def name(self) -> str:
        """As its wheel spells it."""
        return self.folder.name.removesuffix(".dist-info").split("-")[0]

    @property
    def label(self) -> str:
        """As people write it: ``numpy 2.2.6``."""
        return self.folder.name.removesuffix(".dist-info").replace("-", " ", 1)

    @property
    def tags(self) -> list[str]:
        """What its wheel claimed to run on: ``cp312-cp312-manylinux_2_17_x86_64``."""
        text = (self.folder / "WHEEL").read_text(encoding="utf-8")
        return HeaderParser().parsestr(text).get_all("Tag", [])

    @property
    def origin(self) -> dict[str, Any] | None:
        """Where it came from (``{"url": ...}``) if that was not an index.

        https://packaging.python.org/en/latest/specifications/direct-url-data-structure/
        """
        path = self.folder / "direct_url.json"
        if not path.exists():
            return None
        origin: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return origin

    @property
    def is_local(self) -> bool:
        """Whether it came from a directory of sources."""
        return "dir_info" in (self.origin or {})

    @property
    def is_editable(self) -> bool:
        """Whether it only points at those sources; so do versions of uv that cannot else."""
        return bool((self.origin or {}).get("dir_info", {}).get("editable"))

    def libraries(self) -> Iterator[Path]:
        """Its native files."""
        for row in recorded((self.folder / "RECORD").read_bytes()):
            if _LIBRARY.search(row[0]):
                yield self.folder.parent / row[0]


def local(site: Path) -> list[str]:
    """The names of the packages that came from a directory."""
    found = (Distribution(folder) for folder in sorted(site.glob("*.dist-info")))
    return [each.name for each in found if each.is_local]


def check(site: Path, requirements: Requirements, target: Target, built: Built) -> None:
    """Raise one ToolError with every package in ``site`` that would not run on ``target``."""
    problems = []
    for folder in sorted(site.glob("*.dist-info")):
        distribution = Distribution(folder)
        where = requirements.where(distribution.name) or requirements.file
        if distribution.is_editable:
            summary = f"`{distribution.label}` is installed as editable: it stays on this machine"
            problems.append(ToolError(summary, where=where, hint="write its path without `-e`"))
        elif reason := _unfit(distribution, target, built):
            problems.append(
                ToolError(
                    f"`{distribution.label}` does not run on {target}: {reason}",
                    where=where,
                    hint=f"allow a version that has a wheel for {target},"
                    " or put a copy built for it into vendor/",
                )
            )
    if problems:
        raise together(problems)


def _unfit(distribution: Distribution, target: Target, built: Built) -> str | None:
    tags = distribution.tags
    if not any(target.accepts(tag) for tag in tags):
        return f"its wheel is for {', '.join(tags)}"
    is_built_here = distribution.origin is not None or distribution.name in built
    if not is_built_here and not any("-linux_" in tag for tag in tags):
        return None  # its publisher vouches for it
    bundled = {path.name for path in distribution.folder.parent.rglob("*.so*")}
    for path in distribution.libraries():
        reason = _unfit_library(elf.parse(path.read_bytes()), bundled, target)
        if reason:
            return f"`{path.relative_to(distribution.folder.parent)}` {reason}"
    return None


def _unfit_library(
    library: elf.SharedLibrary | None, bundled: Collection[str], target: Target
) -> str | None:
    if library is None:
        return "is not a Linux library"
    if library.machine != target.machine:
        return f"is for {library.machine}"
    for kind, version in library.symbols.items():
        newest = target.symbols[kind]
        if version > newest:
            needed, offered = (".".join(map(str, each)) for each in (version, newest))
            return f"needs {kind} {needed}, the runtime has {offered}"
    missing = sorted(library.libraries - target.libraries - set(bundled))
    return f"needs {', '.join(missing)}, which the runtime lacks" if missing else None


def packages(site: Path) -> list[Package]:
    """The packages in ``site``, the same whichever machine installed them.

    Scripts that an installer made up are left out, others look for their interpreter on the
    ``PATH``. Files that are no package's are those of the installer.
    """
    return [_package(folder) for folder in sorted(site.glob("*.dist-info"))]


def _package(folder: Path) -> Package:
    sums: dict[str, tuple[str, str]] = {}
    files: list[File] = []
    made_up = _made_up(folder / "entry_points.txt")
    for place, digest, size in recorded((folder / "RECORD").read_bytes()):
        if ".." in place.split("/"):
            continue
        path = folder.parent / place
        if is_record(place) or place in made_up or not is_bundled(place) or not path.is_file():
            continue
        data = path.read_bytes()
        if place.startswith("bin/"):
            data = _LAUNCHER.sub(b"#!/usr/bin/env python3\n", data)
        sums[place] = summed(data) if place.startswith("bin/") else (digest, size)
        files.append(File(place, data, bool(path.stat().st_mode & stat.S_IXUSR)))
    name = folder.name.removesuffix(".dist-info")
    return Package(name, [*archive.compress(files)], sums)


def _made_up(path: Path) -> set[str]:
    """The scripts that an installer writes for the commands that a package declares."""
    commands = RawConfigParser(delimiters=("=",), strict=False, interpolation=None)
    commands.optionxform = str  # type: ignore[assignment,method-assign]
    if path.exists():
        commands.read_string(path.read_text(encoding="utf-8"))
    sections = (name for name in ("console_scripts", "gui_scripts") if name in commands)
    return {f"bin/{command}" for section in sections for command in commands[section]}
