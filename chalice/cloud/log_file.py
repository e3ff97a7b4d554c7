"""What a cloud says about itself: a file, and the one before it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from chalice.cloud.home import Home


def logs_path(home: Path) -> Path:
    """Return the file that the cloud of ``home`` logs to; it may not exist."""
    return Home(home).log


def read_logs(home: Path, lines: int) -> list[str]:
    """Return the last ``lines`` lines of the cloud's log, oldest first."""
    log = Home(home).log
    found: list[str] = []
    for path in (log.with_name(f"{log.name}.1"), log):
        if path.exists():
            found += path.read_text(encoding="utf-8", errors="replace").splitlines()
    return found[-lines:] if lines > 0 else []


def follow_logs(home: Path, lines: int) -> Iterator[str]:
    """Yield the last ``lines`` lines of the cloud's log, then each line as it is written."""
    log = Home(home).log
    yield from read_logs(home, lines)
    file, rest = _open_at_end(log), ""
    try:
        while True:
            *whole, rest = (rest + file.read()).split("\n")
            yield from whole
            if not whole:
                time.sleep(0.2)
                if log.exists() and log.stat().st_ino != os.fstat(file.fileno()).st_ino:
                    with file:
                        rest += file.read()  # what was written before another took its place
                    file = log.open(encoding="utf-8", errors="replace")
    finally:
        file.close()


def _open_at_end(log: Path) -> TextIO:
    file = log.open(encoding="utf-8", errors="replace")
    file.seek(0, os.SEEK_END)
    return file
