"""The ``chalice`` program, run as a user runs it: without a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SECONDS = 60


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of a user who has set nothing but ``changes``."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), **changes}


def run(*arguments: str, cwd: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run Python with those arguments to its end."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment(**changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def chalice(*arguments: str, cwd: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m chalice`` to its end."""
    return run("-m", "chalice", *arguments, cwd=cwd, **changes)


def fail(*arguments: str, cwd: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run chalice with the command of ``failing.py`` to its end."""
    return run("-m", "tests.cli.failing", *arguments, cwd=cwd, **changes)
