"""What there is of a package that cannot be bundled, and what each of it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from chalice.bundle.downloads import Downloads, UnavailableError
from chalice.bundle.resolution import offers
from chalice.bundle.target import Target
from chalice.bundle.toml import parse
from chalice.bundle.vetting import check_archive

_SHOWN = 8


def lacking(lock: Path, target: Target) -> list[str]:
    """Return a line for each archive of the one package in a universal ``pylock.toml``."""
    lines = [
        line
        for package in parse(lock.read_text(encoding="utf-8")).get("packages", [])
        for line in _lines(package, lock.parent, target)
    ]
    more = len(lines) - _SHOWN
    return lines if more <= 1 else [*lines[:_SHOWN], f"and {more} more"]


def vet(lock: Path, downloads: Downloads, scratch: Path) -> None:
    """Refuse by name the sources of the one package that are hostile."""
    for package in parse(lock.read_text(encoding="utf-8")).get("packages", []):
        for each in offers(package, lock.parent):
            if not each.is_wheel:
                with suppress(UnavailableError):
                    check_archive(downloads.fetch(each, scratch), each.name)


def _lines(package: dict[str, object], folder: Path, target: Target) -> Iterator[str]:
    archives = offers(package, folder)
    for each in archives:
        if each.is_wheel:
            yield f"{each.name} {target.lacks(each.name)}"
    sources = [each.name for each in archives if not each.is_wheel]
    if sources:
        yield f"{sources[0]} has to be built"
    else:
        yield f"{package['name']} {package.get('version', '')} has no sources to build from"
