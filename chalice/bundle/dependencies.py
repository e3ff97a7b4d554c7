"""The installed requirements of a project, kept as a zip so that only their change costs time."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from chalice.bundle import archive, declarations, interpreters
from chalice.bundle.archive import Member
from chalice.bundle.bytecode import compiled
from chalice.bundle.fingerprint import Fingerprint
from chalice.bundle.installation import Installation
from chalice.bundle.installer import Uv
from chalice.bundle.interpreters import Interpreter
from chalice.bundle.limits import check_size
from chalice.bundle.packages import owners
from chalice.bundle.requirements import Requirements
from chalice.bundle.selection import choose
from chalice.bundle.settings import Settings
from chalice.bundle.target import Target

_FORMAT = "2"  # raise it when other files come to be chosen, or to be changed otherwise


@dataclass(frozen=True)
class Dependencies:
    """What a project requires on a target. ``key`` (hexadecimal) changes with the outcome.

    ``interpreter`` compiles it; None does without.
    """

    requirements: Requirements
    target: Target
    uv: Uv
    settings: Settings
    interpreter: Interpreter | None
    key: str

    @classmethod
    def read(
        cls,
        project_dir: Path,
        target: Target,
        environ: Mapping[str, str],
        settings: Settings,
    ) -> Dependencies | None:
        """Read what a project requires; None for nothing."""
        wanted = declarations.read(project_dir, environ, settings.dependencies_from)
        if wanted is None:
            return None
        uv = Uv.find(environ)
        key = Fingerprint()
        key.add(_FORMAT, wanted.fingerprint, uv.fingerprint(project_dir))
        key.add(target.python_version, target.architecture)
        key.add("exclude", *settings.exclude.written, "include", *settings.include.written)
        key.add(str(settings.boto3))
        interpreter = interpreters.find(target.python_version) if settings.bytecode else None
        key.add(interpreter.release if interpreter else "")
        return cls(wanted, target, uv, settings, interpreter, key.hexdigest())

    def path(self, folder: Path) -> Path:
        """Where in ``folder`` the zip of the requirements is, once it is made."""
        return folder / f"dependencies-{self.key}-python{self.target.python_version}.zip"

    def members(self, folder: Path, say: Callable[[str], None]) -> list[Member]:
        """The files of the requirements, from the zip in ``folder`` that is made if missing."""
        path = self.path(folder)
        if zipfile.is_zipfile(path):
            with suppress(OSError):  # its age only says what to prune first
                os.utime(path)
        else:
            self._install(path, say)
        return archive.read(path)

    def _install(self, path: Path, say: Callable[[str], None]) -> None:
        with tempfile.TemporaryDirectory(prefix="chalice-", ignore_cleanup_errors=True) as name:
            installed = Installation(
                self.uv, self.requirements, self.target, self.settings, Path(name), say
            ).run()
            packages, left_out = choose(
                installed.packages, self.requirements, self.settings, boto3=installed.boto3
            )
        members = {each.name: each for package in packages for each in package.members}
        more = [archive.member(package.record) for package in packages]
        if self.interpreter is not None:
            more += compiled(members.values(), self.interpreter)
        members.update((each.name, each) for each in more)
        check_size(
            {member.name: member.size for member in members.values()},
            lambda: owners(members.values()),
            self.settings.most,
        )
        note = json.dumps([asdict(each) for each in left_out], separators=(",", ":"))
        archive.write(path, members.values(), note.encode())
