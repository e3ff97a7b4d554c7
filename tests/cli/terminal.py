"""A terminal with a person at it, for programs that behave differently there."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

from tests.cli.command import SECONDS, environment

# Ctrl-C reaches the programs of the session that the terminal belongs to.
LAUNCHER = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


class Terminal:
    """Python running with those arguments, and a terminal for stdin, stdout and stderr."""

    def __init__(self, *arguments: str, cwd: Path, **changes: str) -> None:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER, *arguments],
            cwd=cwd,
            env=environment(TERM="xterm", **changes),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = ""

    def wait_for(self, text: str) -> None:
        """Read until the program has shown ``text``."""
        while text not in self.shown:
            assert self._read(), f"the program ended after: {self.shown}"

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def leave(self) -> int:
        """Read what is left, and return the exit code."""
        while self._read():
            pass
        os.close(self._ours)
        return self._process.wait(SECONDS)

    def interrupt(self) -> int:
        """Press Ctrl-C and return the exit code.

        Again after a second's silence: Python misses one that comes just before it reads.
        """
        ended = False
        while not ended:
            self.type("\x03")
            while not ended and select.select([self._ours], [], [], 1)[0]:
                ended = not self._read()
        return self.leave()

    def _read(self) -> bool:
        try:
            chunk = os.read(self._ours, 4096)
        except OSError:  # Linux says EIO when the other side is closed
            return False
        self.shown += chunk.decode()
        return bool(chunk)
