"""Runtime directories: what ``/var/runtime`` is on Lambda, built once for each Python version.

One holds awslambdaric, boto3 and what they require, and nothing else of the host's packages. For
the interpreter that runs the cloud it is made of links to the packages installed beside us, for
any other version uv installs them into it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import uv

from chalice.bundle.interpreters import Interpreter
from chalice.cloud.functions.code import remove_tree
from chalice.cloud.functions.interpreters import find_interpreter
from chalice.cloud.functions.outcomes import SandboxError
from chalice.cloud.functions.sandbox import runtime_client

_REQUIREMENTS = ("awslambdaric>=3,<5", "boto3>=1.34,<2")
_WARM_UP = "import awslambdaric.__main__, http.client, concurrent.futures.thread, site"


@dataclass(frozen=True, slots=True)
class Runtime:
    """An interpreter and the directory that goes on its ``sys.path``."""

    interpreter: Interpreter
    directory: Path


class Runtimes:
    """The directory ``home``, and where bytecode goes: ``pycache``.

    ``native_client`` False uses our pure-Python runtime client even where awslambdaric's native
    one works. Every method blocks, for seconds on first use: call them in a thread.
    """

    def __init__(self, home: Path, pycache: Path, *, native_client: bool = True) -> None:
        self._home = home
        self._pycache = pycache
        self._native_client = native_client
        self._ready: dict[str, Runtime] = {}

    def prepare(self, runtime: str) -> Runtime:
        """The runtime for ``python3.12`` and the like. Raises SandboxError."""
        if runtime not in self._ready:
            self._ready[runtime] = self._build(find_interpreter(runtime))
        return self._ready[runtime]

    def _build(self, interpreter: Interpreter) -> Runtime:
        links = _installed_beside_us() if interpreter.is_ours else {}
        contents = "\n".join(
            [
                str(interpreter.executable),
                *(f"{name} {path}" for name, path in sorted(links.items())),
                *_REQUIREMENTS,
                Path(runtime_client.__file__).read_text(encoding="utf-8"),
                str(self._native_client),
            ]
        )
        digest = hashlib.sha256(contents.encode()).hexdigest()[:16]
        directory = self._home / f"python{interpreter.version}-{digest}"
        built = Runtime(interpreter, directory)
        finished = directory / ".finished"
        if finished.exists():
            return built
        remove_tree(directory)
        directory.mkdir(parents=True)
        for name, path in links.items():
            (directory / name).symlink_to(path)
        if not links:
            _install(interpreter, directory)
        self._choose_client(built)
        finished.touch()
        return built

    def _choose_client(self, built: Runtime) -> None:
        """Use the native client if it loads, else ours; compiles what each cold start imports."""
        if self._native_client and self._import(built, f"{_WARM_UP}, runtime_client") is None:
            return
        for native in built.directory.glob("runtime_client.*"):
            native.unlink()
        shutil.copy(runtime_client.__file__, built.directory / "runtime_client.py")
        problem = self._import(built, f"{_WARM_UP}, runtime_client")
        if problem is not None:
            raise SandboxError(
                "Runtime.InstallFailed",
                f"awslambdaric does not load in {built.interpreter.executable}: {problem}",
            )

    def _import(self, built: Runtime, statement: str) -> str | None:
        """What goes wrong, if anything."""
        done = subprocess.run(  # noqa: S603
            [built.interpreter.executable, "-s", "-S", "-c", statement],
            env={
                "PYTHONPATH": str(built.directory),
                "PYTHONPYCACHEPREFIX": str(self._pycache),
                "LD_LIBRARY_PATH": str(built.interpreter.prefix / "lib"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return None if done.returncode == 0 else done.stderr.strip()


def _installed_beside_us() -> dict[str, Path]:
    """Name in the runtime directory -> file or directory installed for our interpreter.

    Empty when one of the two is not installed, or the installation keeps no record of its files.
    """
    links: dict[str, Path] = {}
    for distribution in _distributions("awslambdaric", "boto3"):
        if distribution.files is None:
            return {}
        for name in {file.parts[0] for file in distribution.files} - {"..", "__pycache__"}:
            links[name] = Path(str(distribution.locate_file(name))).resolve()
    return links if {"awslambdaric", "boto3"} <= links.keys() else {}


def _distributions(*names: str) -> Iterator[metadata.Distribution]:
    """These distributions and all that they require, extras aside."""
    seen: set[str] = set()
    wanted = list(names)
    while wanted:
        name = re.sub(r"[-_.]+", "-", wanted.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # required on another platform or Python only; a real gap fails to load
        yield distribution
        for requirement in distribution.requires or ():
            required = re.match(r"[\w.-]+", requirement)
            if required is not None and "extra ==" not in requirement:
                wanted.append(required[0])


def _install(interpreter: Interpreter, directory: Path) -> None:
    done = subprocess.run(  # noqa: S603
        [
            *(uv.find_uv_bin(), "pip", "install", "--quiet", "--python", interpreter.executable),
            *("--target", directory, *_REQUIREMENTS),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SandboxError(
            "Runtime.InstallFailed",
            f"cannot install awslambdaric for {interpreter.executable}: {done.stderr.strip()}",
        )
