"""Finding the Python interpreter that a function's runtime names."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uv

from chalice.cloud.functions.outcomes import SandboxError

_PROBE = """
import json, os, sys
name = "python%d.%d" % sys.version_info[:2]
outside_venv = os.path.join(sys.base_prefix, "bin", name)
print(json.dumps({
    "executable": outside_venv if os.access(outside_venv, os.X_OK) else sys.executable,
    "prefix": sys.base_prefix,
    "name": name,
}))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python of a minor ``version`` (``3.12``), outside of any virtual environment."""

    version: str
    executable: Path
    prefix: Path

    @property
    def is_ours(self) -> bool:
        """Whether the packages of the running interpreter fit it."""
        return (self.version, self.prefix) == (_our_version(), Path(sys.base_prefix))


def find_interpreter(runtime: str) -> Interpreter:
    """The interpreter for a Lambda runtime such as ``python3.12``.

    The running one if its version fits, else one of that name on PATH, under pyenv, or known to
    uv. Raises SandboxError when there is none.
    """
    match = re.fullmatch(r"python(3\.\d+)", runtime)
    if match is None:
        raise SandboxError(
            "Runtime.InterpreterNotFound",
            f"the embedded cloud runs python3.x functions, and the runtime is `{runtime}`",
        )
    version = match[1]
    for candidate in _candidates(version):
        interpreter = _probe(candidate, version)
        if interpreter is not None:
            return interpreter
    raise SandboxError(
        "Runtime.InterpreterNotFound",
        f"no Python {version} on this machine to run a `{runtime}` function: "
        f"install one with `uv python install {version}`, or deploy with the runtime of the "
        f"Python you have (python{_our_version()})",
    )


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
    options = ("--no-project", "--no-python-downloads")
    found = _run([uv.find_uv_bin(), "python", "find", *options, version])
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
    return Interpreter(version, Path(said["executable"]), Path(said["prefix"]))


def _run(command: list[str]) -> str:
    """What a command prints; empty when it fails."""
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
