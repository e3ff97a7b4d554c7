"""Installed packages: whether each runs on the target, and what of it goes into the bundle.

https://packaging.python.org/en/latest/specifications/recording-installed-packages/
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from chalice.bundle import elf
from chalice.bundle.archive import File, Member
from chalice.bundle.installer import Built
from chalice.bundle.requirements import FILE, Requirements
from chalice.bundle.target import Target
from chalice.errors import ToolError, together

_LIBRARY = re.compile(r"\.so(\.\d+)*$")
# Facts about this machine (paths, times) that have no place in the bundle.
_OF_THIS_MACHINE = ("direct_url.json", "uv_cache.json", "uv_build.json", "REQUESTED")
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
        for name in _recorded((self.folder / "RECORD").read_text(encoding="utf-8")):
            if _LIBRARY.search(name):
                yield self.folder.parent / name


def local(site: Path) -> list[str]:
    """The names of the packages that came from a directory."""
    found = (Distribution(folder) for folder in sorted(site.glob("*.dist-info")))
    return [each.name for each in found if each.is_local]


def check(site: Path, requirements: Requirements, target: Target, built: Built) -> None:
    """Raise one ToolError with every package in ``site`` that would not run on ``target``."""
    problems = []
    for folder in sorted(site.glob("*.dist-info")):
        distribution = Distribution(folder)
        where = requirements.where(distribution.name) or FILE
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


def files(site: Path) -> list[File]:
    """What of ``site`` belongs into a bundle, the same whichever machine installed it.

    Left out: bytecode, traces of this machine, and any other ``chalice``. Scripts look for
    their interpreter on the ``PATH``.
    """
    found: dict[str, File] = {}
    for folder, folders, names in os.walk(site):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            path = Path(folder, name)
            place = path.relative_to(site).as_posix()
            if _is_bundled(place):
                executable = bool(path.stat().st_mode & stat.S_IXUSR)
                found[place] = File(place, _portable(place, path.read_bytes()), executable)
    for place, file in found.items():
        if _is_record(place):
            found[place] = File(place, _record(file.data.decode(), found), False)
    return list(found.values())


def _is_bundled(place: str) -> bool:
    first, _, rest = place.partition("/")
    if first in (".lock", "chalice") or re.fullmatch(r"chalice-[^/]*\.dist-info", first):
        return False
    if first.endswith(".dist-info") and rest in _OF_THIS_MACHINE:
        return False
    return not place.endswith((".pyc", ".pyo"))


def _portable(place: str, data: bytes) -> bytes:
    is_script = place.startswith("bin/")
    return _LAUNCHER.sub(b"#!/usr/bin/env python3\n", data) if is_script else data


def _record(text: str, found: Mapping[str, File]) -> bytes:
    """A RECORD that agrees with the bundle: no rows for what was left out, the hashes renewed."""
    rows = []
    for name in _recorded(text):
        if _is_record(name):
            rows.append((name, "", ""))
        elif name in found:
            data = found[name].data
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append((name, f"sha256={digest}", str(len(data))))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(sorted(rows))
    return out.getvalue().encode()


def _recorded(text: str) -> list[str]:
    return [row[0] for row in csv.reader(io.StringIO(text)) if row]


def _is_record(place: str) -> bool:
    """Whether it is the RECORD of an installed package; packages may bring those of others."""
    return place.count("/") == 1 and place.endswith(".dist-info/RECORD")


def owners(files: Iterable[File | Member]) -> dict[str, str]:
    """Path -> label of the package that it came from."""
    return {
        name: Distribution(Path(file.name).parent).label
        for file in files
        if _is_record(file.name)
        for name in _recorded(file.read().decode())
    }
