"""Files that are there whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path, prefix: str, mode: int = 0o644) -> Iterator[IO[bytes]]:
    """Yield what to write to; at the end of the block that takes the place of ``path``, on disk.

    It is written beside ``path``, under a name that begins with ``prefix`` and ends in ``.tmp``.
    Nothing of it is left, and ``path`` is as it was, when the block or the disk raises.
    """
    descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
