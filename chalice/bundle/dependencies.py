"""The installed requirements of a project, kept as a zip so that only their change costs time."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chalice.bundle import archive, distributions, requirements
from chalice.bundle.archive import Member
from chalice.bundle.fingerprint import Fingerprint
from chalice.bundle.installer import Uv
from chalice.bundle.limits import check_size
from chalice.bundle.requirements import Requirements
from chalice.bundle.target import Target

_FORMAT = "1"  # raise it when `distributions.files` comes to choose or change files otherwise


@dataclass(frozen=True)
class Dependencies:
    """What a project requires on a target. ``key`` (hexadecimal) changes with the outcome."""

    requirements: Requirements
    target: Target
    uv: Uv
    key: str

    @classmethod
    def read(
        cls, project_dir: Path, target: Target, environ: Mapping[str, str]
    ) -> Dependencies | None:
        """Read what a project requires; None when that is nothing."""
        wanted = requirements.read(project_dir, environ)
        if wanted is None:
            return None
        uv = Uv.find(environ)
        key = Fingerprint()
        key.add(_FORMAT, wanted.fingerprint, uv.fingerprint(project_dir))
        key.add(target.python_version, target.architecture)
        return cls(wanted, target, uv, key.hexdigest())

    def members(self, folder: Path, say: Callable[[str], None]) -> list[Member]:
        """The files of the requirements, from the zip in ``folder`` that is made if missing."""
        path = folder / f"dependencies-{self.key}-python{self.target.python_version}.zip"
        if zipfile.is_zipfile(path):
            with suppress(OSError):  # its age only says what to prune first
                os.utime(path)
        else:
            self._install(path, say)
        return archive.read(path)

    def _install(self, path: Path, say: Callable[[str], None]) -> None:
        with tempfile.TemporaryDirectory(prefix="chalice-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            site = folder / "site"
            install = partial(self.uv.install, self.requirements, self.target, folder, say)
            built = install()
            if local := distributions.local(site):
                # uv builds a local package once and does not look whether its sources changed.
                shutil.rmtree(site)
                built = install(built=built, refresh=local)
            distributions.check(site, self.requirements, self.target, built)
            files = distributions.files(site)
        check_size(
            {file.name: len(file.data) for file in files},
            lambda: distributions.owners(files),
        )
        archive.write(path, archive.compress(files))
