"""The Pythons of this machine: the one of a version, if it is here."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PROBE = """
import json, os, sys
name = "python%d.%d" % sys.version_info[:2]
outside_venv = os.path.join(sys.base_prefix, "bin", name)
print(json.dumps({
    "executable": outside_venv if os.access(outside_venv, os.X_OK) else sys.executable,
    "prefix": sys.base_prefix,
    "name": name,
    "release": sys.version,
    "tag": sys.implementation.cache_tag,
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python of a minor ``version`` (``3.12``), outside of any virtual environment.

    ``release`` says exactly which one, ``tag`` is in the names of its compiled files.
    """

    version: str
    executable: Path
    prefix: Path
    release: str
    tag: str

    @property
    def is_ours(self) -> bool:
        """Whether the packages of the running interpreter fit it."""
        return (self.version, self.prefix) == (_our_version(), Path(sys.base_prefix))


@cache
def find(version: str) -> Interpreter | None:
    """Return the Python of a version such as ``3.12``; None when there is none.

    The running one if its version fits, else one of that name on PATH, under pyenv, or known to
    uv. Looked for once in a process.
    """
    found = (_probe(candidate, version) for candidate in _candidates(version))
    return next((each for each in found if each is not None), None)


def _our_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _candidates(version: str) -> Iterator[str]:
    if version == _our_version():
        yield sys.executable
    on_path = shutil.which(f"python{version}")
    if on_path is not None:
        yield on_path
    with contextlib.suppress(OSError):  # there is no pyenv, or it is another user's
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
        yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}")))
    with contextlib.suppress(ImportError, FileNotFoundError):
        from uv import find_uv_bin  # noqa: PLC0415 - absent where people bring their own uv

        options = ("--no-project", "--no-python-downloads")
        found = _run([find_uv_bin(), "python", "find", *options, version])
        if found:
            yield found


def _probe(executable: str, version: str) -> Interpreter | None:
    """None when it does not run (a pyenv shim may not), or is another version than its name."""
    try:
        said = json.loads(_run([executable, "-S", "-c", _PROBE]))
    except ValueError:
        return None
    if said["name"] != f"python{version}":
        return None
    return Interpreter(
        version, Path(said["executable"]), Path(said["prefix"]), said["release"], said["tag"]
    )


def _run(command: list[str]) -> str:
    """What a command prints; empty when it fails."""
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
