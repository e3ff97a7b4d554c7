"""What uv chooses for a target, package by package, before anything is installed.

https://packaging.python.org/en/latest/specifications/pylock-toml/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from chalice.bundle.requirements import normalise
from chalice.bundle.target import Target
from chalice.bundle.toml import parse

Hashes = Mapping[str, frozenset[str]]
"""Name -> the hashes that are demanded of its archives: ``sha256:...``."""

_WHEEL = re.compile(r"[^-]+-[^-]+(?:-(?P<build>\d[^-]*))?-(?P<tags>[^-]+-[^-]+-[^-]+)\.whl")
_VERSION = re.compile(r"manylinux_(\d+)_(\d+)_")
_NAMED = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}


@dataclass(frozen=True)
class Archive:
    """A file to fetch: its name, where it is, and its SHA-256 (hexadecimal) if that is known."""

    name: str
    location: str | Path
    sha256: str | None
    is_wheel: bool


@dataclass(frozen=True)
class Pin:
    """A package that was chosen: what there is of it, or how uv gets it (``name @ git+...``)."""

    name: str
    archive: Archive | None
    requirement: str


def read(path: Path, target: Target, hashes: Hashes) -> list[Pin] | None:
    """Read a ``pylock.toml`` that is for one target; None for one that is not, or in which a
    package has nothing that fits or has the demanded hashes.
    """
    lock = parse(path.read_text(encoding="utf-8"))
    pins: list[Pin] = []
    for package in lock.get("packages", []):
        pin = None if "marker" in package else _pin(package, path.parent, target, hashes)
        if pin is None:
            return None
        pins.append(pin)
    names = [pin.name for pin in pins]
    return pins if len(set(names)) == len(names) else None


def _pin(package: Mapping[str, Any], folder: Path, target: Target, hashes: Hashes) -> Pin | None:
    name = normalise(package["name"])
    if "vcs" in package:
        vcs = package["vcs"]
        place = vcs.get("url") or (folder / vcs["path"]).resolve().as_uri()
        within = f"#subdirectory={vcs['subdirectory']}" if "subdirectory" in vcs else ""
        return Pin(name, None, f"{name} @ {vcs['type']}+{place}@{vcs['commit-id']}{within}")
    if "directory" in package:
        place = (folder / package["directory"]["path"]).resolve().as_uri()
        return Pin(name, None, f"{name} @ {place}")
    wanted = hashes.get(name)
    found = [
        each
        for each in offers(package, folder)
        if wanted is None or f"sha256:{each.sha256}" in wanted
    ]
    chosen = best((each for each in found if each.is_wheel), target)
    chosen = chosen or next((each for each in found if not each.is_wheel), None)
    if chosen is None:
        return None
    within = package.get("archive", {}).get("subdirectory")
    if within and chosen.is_wheel is False:
        return None
    return Pin(name, chosen, f"{name}=={package.get('version', '0')}")


def offers(package: Mapping[str, Any], folder: Path) -> list[Archive]:
    """Return the archives of a package in a ``pylock.toml`` in ``folder``, wheels first."""
    others = (package[kind] for kind in ("archive", "sdist") if kind in package)
    return [_archive(each, folder) for each in (*package.get("wheels", []), *others)]


def _archive(entry: Mapping[str, Any], folder: Path) -> Archive:
    url: str = entry.get("url") or (folder / entry["path"]).resolve().as_uri()
    path = urlsplit(url).path
    name = entry.get("name") or unquote(path.rpartition("/")[2])
    location = Path(url2pathname(path)) if url.startswith("file:") else url
    return Archive(name, location, entry.get("hashes", {}).get("sha256"), name.endswith(".whl"))


def best(wheels: Iterable[Archive], target: Target) -> Archive | None:
    """Return the wheel that is made most closely for the target; None if none runs there."""
    ranked = [(rank, wheel) for wheel in wheels if (rank := _rank(wheel.name, target)) is not None]
    return max(ranked, key=lambda each: each[0])[1] if ranked else None


def _rank(name: str, target: Target) -> tuple[object, ...] | None:
    """How close a wheel is: its binary interface, interpreter, platform, and number of build."""
    match = _WHEEL.fullmatch(name)
    if match is None:
        return None
    ranks = [_closeness(tag) for tag in _expanded(match["tags"]) if target.accepts(tag)]
    if not ranks:
        return None
    build = re.match(r"\d+", match["build"] or "")
    return (*max(ranks), int(build[0]) if build else -1, name)


def _expanded(tags: str) -> list[str]:
    pythons, abis, platforms = (part.split(".") for part in tags.split("-"))
    return [f"{p}-{a}-{s}" for p in pythons for a in abis for s in platforms]


def _closeness(tag: str) -> tuple[int, int, tuple[int, int]]:
    python, abi, platform = tag.split("-")
    interface = {"abi3": 1, "none": 0}.get(abi, 2)
    digits = re.sub(r"\D", "", python)[1:]
    if platform == "any":
        return interface, int(digits or 0), (0, 0)
    found = _VERSION.match(platform)
    version = (
        (int(found[1]), int(found[2])) if found else _NAMED.get(platform.split("_")[0], (1, 0))
    )
    # A library of its own, without Python's interface, is nearer than pure Python.
    return (interface or int(python.startswith("cp"))), int(digits or 0), version
