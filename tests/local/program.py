"""`chalice local` as a program: a project in a folder, the running server, its clients."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

from tests.cli.command import environment

SECONDS = 30


def make_project(folder: Path, app: str, config: str = "{}") -> Path:
    """Write a project with that `app.py` and, besides its name, that configuration."""
    write(folder, "app.py", app)
    rest = config.strip()[1:]
    comma = "" if rest == "}" else ", "
    head = '{"version": "2.0", "app_name": "demo"'
    write(folder, ".chalice/config.json", f"{head}{comma}{rest}")
    return folder


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text), encoding="utf-8")


class Output:
    """What a program has written to one of its pipes."""

    def __init__(self, pipe: IO[str]) -> None:
        self.text = ""
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, args=(pipe,), daemon=True).start()

    def _read(self, pipe: IO[str]) -> None:
        for line in pipe:
            self.text += line
            self._lines.put(line)
        self._lines.put("")

    def wait_for(self, part: str, other: Output | None = None) -> str:
        """Return the first line from here on that has ``part`` in it.

        ``other`` may say why there is none.
        """
        deadline = time.monotonic() + SECONDS
        while True:
            line = self._lines.get(timeout=max(deadline - time.monotonic(), 0.01))
            assert line, f"it ended without {part!r}: {self.text} {other and other.text}"
            if part in line:
                return line.rstrip("\n")


class Program:
    """A running `chalice local`."""

    def __init__(self, folder: Path, *arguments: str, **changes: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "chalice", "local", "--port", "0", *arguments],
            cwd=folder,
            env=environment(PYTHONUNBUFFERED="1", **changes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.out = Output(self.process.stdout)
        self.err = Output(self.process.stderr)

    def open(self) -> None:
        """Wait until it serves."""
        line = self.out.wait_for("Serving on ", self.err)
        self.url = line.removeprefix("Serving on ")
        self.port = int(self.url.rpartition(":")[2])
        self.client = httpx.Client(base_url=self.url, trust_env=False, timeout=SECONDS)

    def get(self, path: str = "/", **more: str) -> httpx.Response:
        return self.client.get(path, headers=more)

    def wait_until(self, wanted: object, path: str = "/") -> float:
        """Return the seconds until that path answers with that JSON."""
        began = time.monotonic()
        while (answer := self.get(path)).json() != wanted:
            assert time.monotonic() - began < SECONDS, (answer.text, self.out.text, self.err.text)
            time.sleep(0.002)
        return time.monotonic() - began

    def interrupt(self) -> int:
        """Press Ctrl-C and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(SECONDS)


@contextmanager
def running(folder: Path, *arguments: str, **changes: str) -> Iterator[Program]:
    """Run `chalice local` in a folder until the block ends."""
    program = Program(folder, *arguments, **changes)
    try:
        program.open()
        with program.client:
            yield program
    finally:
        if program.process.poll() is None:
            os.kill(program.process.pid, signal.SIGKILL)
        program.process.wait(SECONDS)
        for pipe in (program.process.stdout, program.process.stderr):
            if pipe is not None:
                pipe.close()
