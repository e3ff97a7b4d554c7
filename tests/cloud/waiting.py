"""Waiting for what another process does, and not listening to what it says."""

from __future__ import annotations

import os
import time
from collections.abc import Callable


def quiet(_: str) -> None:
    """Say nothing."""


def wait_until(true: Callable[[], bool]) -> None:
    """Wait until that is so. A minute is far more than it takes."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_for_end(pid: int) -> None:
    """Wait for a process to be gone, a child of ours or nobody's."""

    def is_gone() -> bool:
        try:
            os.waitpid(pid, os.WNOHANG)
            os.kill(pid, 0)
        except (ChildProcessError, ProcessLookupError):
            return True
        return False

    wait_until(is_gone)
