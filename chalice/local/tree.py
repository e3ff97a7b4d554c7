"""The files of a project that make it what it is, and what changed among them."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

Stamps: TypeAlias = Mapping[str, tuple[int, int, int]]
"""Time of change in ns, size and inode of each file."""

_FOREIGN = frozenset(("__pycache__", "node_modules", "site-packages", "vendor", "build", "dist"))
_DATA = "chalicelib"
_CONFIG = ".chalice"
VENDOR = "vendor"
_STEP, _DEBOUNCE, _TICK = 10, 100, 50
"""Milliseconds: a change is over when nothing more changes for the first, and taken for over after
the second; the third is how often it is asked whether something changed at all."""
_TICKS = 20
"""After so many all files are looked at, and those in ``vendor`` after so many times that many: not
every file system tells of changes."""
_POLLED_TICKS = 4
"""The same where the system tells of none: who asks it sees one change a second at most."""


_NO = ("false", "disable", "disabled")


class Tree:
    """The files of a project: Python code, also that in ``vendor``, all of ``chalicelib``, and the
    configuration.

    Not among them are virtual environments, packages, caches, and what is hidden or built.
    """

    def __init__(self, project: Path) -> None:
        self._project = project
        self._polls = os.environ.get("WATCHFILES_FORCE_POLLING", "false").lower() not in _NO
        self._own = _Files(project)
        self._vendored = _Files(project, VENDOR)

    def changes(self) -> Iterator[list[str]]:
        """Yield the files that changed since the tree was made, each time that some did.

        Ends with KeyboardInterrupt.
        """
        while True:
            folders = self._folders
            for may_be_vendored in self._moments(folders):
                changed = self._own.changes()
                if may_be_vendored:
                    changed += self._vendored.changes()
                if changed:
                    yield changed
                if folders != self._folders:
                    break

    @property
    def _folders(self) -> list[str]:
        return [*self._own.folders, *self._vendored.folders]

    def _moments(self, folders: Sequence[str]) -> Iterator[bool]:
        """Yield whenever files may have changed, and whether those may be in ``vendor``, of which
        there may be very many; ends when the folders are no longer all there.
        """
        from watchfiles import watch  # noqa: PLC0415  # the app answers before its files are watched

        logging.getLogger("watchfiles").setLevel(logging.WARNING)  # it tells of each event
        ticks, often = 0, _POLLED_TICKS if self._polls else _TICKS
        try:
            for events in watch(
                *folders,
                watch_filter=None,
                debounce=_DEBOUNCE,
                step=_STEP,
                rust_timeout=_TICK,
                yield_on_timeout=True,
                force_polling=self._polls or None,
                poll_delay_ms=_TICK,
                recursive=False,
                ignore_permission_denied=True,
            ):
                concerned = [path for _, path in events if self._concerns(path)]
                if concerned:
                    vendor = f"{self._project}/{VENDOR}"
                    yield any(path.startswith(vendor) for path in concerned)
                elif not events:
                    ticks += 1
                    # At first for what changed before the folders were watched.
                    if ticks < 3 or ticks % often == 0:
                        yield ticks < 3 or ticks % (_TICKS * _TICKS) == 0
        except FileNotFoundError:
            yield True
        except OSError:  # the system watches no more files for us
            if self._polls:
                raise
            self._polls = True

    def _concerns(self, path: str) -> bool:
        name = os.path.relpath(path, self._project)
        return _counts(name) or not os.path.isfile(path)  # noqa: PTH113  # called for each event


class _Files:
    """The files that count in a project, but for those in ``vendor``; or the latter alone."""

    def __init__(self, project: Path, within: str = "") -> None:
        self._root = str(project / within)
        self._within = within
        self.folders: list[str] = []
        self._stamps = self._read()

    def changes(self) -> list[str]:
        """Return which have changed since they were asked about the last time."""
        before, self._stamps = self._stamps, self._read()
        return sorted(
            name
            for name in before.keys() | self._stamps.keys()
            if before.get(name) != self._stamps.get(name)
        )

    def _read(self) -> Stamps:
        stamps: dict[str, tuple[int, int, int]] = {}
        self.folders = []
        self._seen: set[tuple[int, int]] = set()
        self._visit(self._root, self._within, stamps)
        return stamps

    def _visit(self, folder: str, within: str, stamps: dict[str, tuple[int, int, int]]) -> None:
        try:
            stat = os.stat(folder)  # noqa: PTH116  # called for each folder
            entries = list(os.scandir(folder))
        except OSError:  # it has just gone, or is not for us
            return
        if (stat.st_dev, stat.st_ino) in self._seen:  # a link leads back here
            return
        self._seen.add((stat.st_dev, stat.st_ino))
        self.folders.append(folder)
        for entry in entries:
            name = f"{within}/{entry.name}" if within else entry.name
            try:
                if entry.is_dir():
                    if name != VENDOR and not is_foreign_folder(entry.path, name):
                        self._visit(entry.path, name, stamps)
                elif _counts(name):
                    stat = entry.stat()
                    stamps[name] = stat.st_mtime_ns, stat.st_size, stat.st_ino
            except OSError:  # as above
                continue


def _counts(name: str) -> bool:
    top = name.partition("/")[0]
    if top == _CONFIG:
        return name.count("/") == 1 and name.endswith(".json")
    return name.endswith(".py") or top == _DATA


def is_foreign_folder(path: str, name: str) -> bool:
    """Whether a folder, at ``name`` within the project, has no code that the project brings."""
    last = name.rpartition("/")[2]
    if last.startswith("."):
        return name != _CONFIG
    if name.partition("/")[0] == VENDOR:
        return last == "__pycache__" or last.endswith(".dist-info")
    return (
        last in _FOREIGN or name.startswith(f"{_CONFIG}/") or os.path.exists(f"{path}/pyvenv.cfg")  # noqa: PTH110  # called for each folder
    )


def is_own_file(path: Path, project: Path) -> bool:
    """Whether a file or folder is in the project and in no folder that is not its own."""
    try:
        parts = path.relative_to(project).parts
    except ValueError:
        return False
    if parts[:1] == (VENDOR,):
        return False
    folders = ["/".join(parts[: count + 1]) for count in range(len(parts) - 1)]
    return not any(is_foreign_folder(f"{project}/{folder}", folder) for folder in folders)


def is_vendored(path: Path, project: Path) -> bool:
    """Whether a file or folder is of a package that the project brings in ``vendor``."""
    return path.is_relative_to(project / VENDOR)
