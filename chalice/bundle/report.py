"""What each part of a bundle weighs, who asked for it, and what was left out of it."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chalice.bundle import archive
from chalice.bundle.archive import Member
from chalice.bundle.builder import Bundles
from chalice.bundle.dependencies import Dependencies
from chalice.bundle.packages import Package, is_record, needed, owners
from chalice.bundle.requirements import Requirements, normalise
from chalice.bundle.selection import LeftOut
from chalice.bundle.settings import Settings
from chalice.bundle.target import Target

APP, RUNTIME = "the app", "chalice's runtime"


@dataclass(frozen=True)
class Weight:
    """A part of a bundle: a package (``numpy 2.2.6``), the app, the runtime, a part of vendor/.

    ``unpacked`` and ``zipped`` are bytes. ``needed_by`` names packages, and the place where the
    project asks for it itself.
    """

    part: str
    unpacked: int
    zipped: int
    files: int
    needed_by: Sequence[str]


@dataclass(frozen=True)
class Report:
    """The parts of a bundle, the heaviest first, and what was left out of it, likewise."""

    weights: Sequence[Weight]
    left_out: Sequence[LeftOut]
    target: Target

    @property
    def unpacked(self) -> int:
        """Bytes of all parts, unpacked."""
        return sum(each.unpacked for each in self.weights)

    @property
    def zipped(self) -> int:
        """Bytes of all parts as they lie in the zip."""
        return sum(each.zipped for each in self.weights)


def explain(project_dir: Path, target: Target, bundles: Bundles, settings: Settings) -> Report:
    """Weigh the parts of bundles that were just made with these settings."""
    members = _members(bundles, target)
    required = Dependencies.read(project_dir, target, os.environ, settings)
    left_out: list[LeftOut] = []
    if required is not None:
        path = required.path(bundles.code.path.parent)
        with zipfile.ZipFile(path) as made:
            left_out = [LeftOut(**each) for each in json.loads(made.comment or b"[]")]
    of = owners(members)
    parts: defaultdict[str, list[Member]] = defaultdict(list)
    vendored = _names(project_dir / "vendor")
    for member in members:
        parts[of.get(member.name) or _own(member.name, vendored)].append(member)
    askers = _askers(members, required.requirements if required else None)
    weights = [
        Weight(
            part,
            sum(each.size for each in found),
            sum(len(each.data) for each in found),
            len(found),
            askers.get(part, ()),
        )
        for part, found in parts.items()
    ]
    return Report(
        sorted(weights, key=lambda each: (-each.unpacked, each.part)),
        sorted(left_out, key=lambda each: (-each.size, each.package, each.reason)),
        target,
    )


def _members(bundles: Bundles, target: Target) -> list[Member]:
    """The files of the zip, and those of the layer as if they lay beside them."""
    members = archive.read(bundles.code.path)
    for each in archive.read(bundles.layer.path) if bundles.layer else ():
        name = each.name.removeprefix(target.layer_folder)
        members.append(Member(name, each.executable, each.method, each.crc, each.size, each.data))
    return members


def _names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()} if directory.is_dir() else set()


def _own(name: str, vendored: set[str]) -> str:
    top = name.partition("/")[0]
    if top == "chalice":
        return RUNTIME
    return f"vendor/{top}" if top in vendored else APP


def _askers(
    members: Sequence[Member], requirements: Requirements | None
) -> Mapping[str, Sequence[str]]:
    """Return who needs a package, by the label of that."""
    packages = [
        Package(each.name.partition(".dist-info/")[0], _metadata(each.name, members), {})
        for each in members
        if is_record(each.name)
    ]
    asked: defaultdict[str, list[str]] = defaultdict(list)
    extras: defaultdict[str, list[str]] = defaultdict(list)
    for package in packages:
        for name in sorted({name for name, _ in needed(package)}):
            asked[name].append(package.name)
        for need in package.needs:
            if match := re.match(r"\s*([\w.-]*\w).*\bextra\s*==\s*['\"]([^'\"]+)", need):
                extras[normalise(match[1])].append(f"{package.name}[{match[2]}]")
    found: dict[str, Sequence[str]] = {}
    for package in packages:
        place = requirements.where(package.name) if requirements else None
        locked = requirements is not None and requirements.is_locked
        direct = [place] if place and not (locked and asked[package.name]) else []
        found[package.label] = direct + sorted(asked[package.name]) or sorted(
            set(extras[package.name])
        )
    return found


def _metadata(record: str, members: Sequence[Member]) -> list[Member]:
    wanted = record.replace("/RECORD", "/METADATA")
    return [each for each in members if each.name == wanted]
