"""Tar archives as a stream of bytes: no dates, no owners, the same for the same contents."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_BLOCK = tarfile.BLOCKSIZE


@dataclass(frozen=True)
class Entry:
    """A file of ``size`` bytes, which ``contents`` gives; a folder has None."""

    name: str
    size: int
    contents: Iterable[bytes] | None
    executable: bool = False


def stream(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield the archive of the entries, in their order."""
    for entry in entries:
        header = tarfile.TarInfo(entry.name)
        header.mode = 0o644
        if entry.contents is None:
            header.type, header.mode = tarfile.DIRTYPE, 0o755
        elif entry.executable:
            header.mode = 0o755
        header.size = entry.size
        yield header.tobuf(tarfile.GNU_FORMAT)
        yield from entry.contents or ()
        yield bytes(-entry.size % _BLOCK)
    yield bytes(2 * _BLOCK)
