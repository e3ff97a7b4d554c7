"""What is in a zip as files, for the length of a try or until the zip is replaced."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chalice.bundle import archive
from chalice.bundle.archive import Member
from chalice.bundle.limits import check_names

_AT_ONCE = 4


def unpack(members: Iterable[Member], directory: Path) -> None:
    """Write members below a directory, and nowhere else."""
    wanted = list(members)
    check_names(member.name for member in wanted)
    for folder in {directory.joinpath(member.name).parent for member in wanted}:
        folder.mkdir(parents=True, exist_ok=True)

    def write(member: Member) -> None:
        path = directory / member.name
        path.write_bytes(member.read())
        if member.executable:
            path.chmod(0o755)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(write, wanted, chunksize=16):
            pass


def kept(path: Path) -> Path:
    """Return the directory beside a zip that has its contents, made if it is missing."""
    directory = path.with_suffix("")
    if not directory.is_dir():
        made = Path(tempfile.mkdtemp(prefix=".bundle-", suffix=".tmp", dir=path.parent))
        try:
            unpack(archive.read(path), made)
            made.rename(directory)
        except OSError:
            shutil.rmtree(made, ignore_errors=True)
            if not directory.is_dir():  # else another build was as fast
                raise
    return directory
