"""Where the files of a base image lie: a folder, or an archive, which is never unpacked."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from chalice.errors import ToolError


class Store(Protocol):
    """Files by their names, parts joined by ``/``."""

    def size(self, name: str) -> int | None:
        """Return the bytes of a file, None if there is none of that name."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """Open a file that is there."""
        ...


class Folder:
    """A folder, such as an OCI image layout."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def size(self, name: str) -> int | None:
        """Return the bytes of a file, None if there is none of that name."""
        path = self._path / name
        return path.stat().st_size if path.is_file() else None

    def open(self, name: str) -> IO[bytes]:
        """Open a file that is there."""
        return (self._path / name).open("rb")


class Archive:
    """A tar archive, as ``docker save`` and ``skopeo copy`` write them."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._members = {member.name.removeprefix("./"): member for member in archive}

    def size(self, name: str) -> int | None:
        """Return the bytes of a file, None if there is none of that name."""
        member = self._file(name)
        return None if member is None else member.size

    def open(self, name: str) -> IO[bytes]:
        """Open a file that is there."""
        member = self._file(name)
        stream = None if member is None else self._archive.extractfile(member)
        if stream is None:
            raise FileNotFoundError(name)
        return stream

    def _file(self, name: str) -> tarfile.TarInfo | None:
        """Return the file of that name. Older archives have links between layers."""
        for _ in range(len(self._members)):
            member = self._members.get(name)
            if member is None or member.isfile():
                return member
            if not (member.issym() or member.islnk()):
                return None
            name = _target(member)
        return None


def _target(link: tarfile.TarInfo) -> str:
    if link.islnk():
        return link.linkname.removeprefix("./")
    parts = link.name.removeprefix("./").split("/")[:-1]
    for part in link.linkname.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    """Yield the store at a path. Raises ToolError if there is none, or it cannot be read."""
    if path.is_dir():
        yield Folder(path)
        return
    try:
        archive = tarfile.open(path)  # noqa: SIM115 - what is wrong in the with block is not ours
    except FileNotFoundError as error:
        raise ToolError(
            "there is no base image here",
            where=str(path),
            hint="`image_base` is the folder of an OCI image layout, or an archive that"
            " `docker save` or `skopeo copy` wrote, seen from the project",
        ) from error
    except (OSError, tarfile.TarError) as error:
        raise ToolError(
            f"the base image cannot be read: {error}",
            where=str(path),
            hint="it must be the folder of an OCI image layout, or an archive that `docker save`"
            " or `skopeo copy` wrote",
        ) from error
    with archive:
        yield Archive(archive)
