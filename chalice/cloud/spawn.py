"""The process of a cloud: what it needs to be installed, and how it is started."""

from __future__ import annotations

import importlib.util
import os
import site
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import chalice
from chalice.cloud.home import Home
from chalice.errors import ToolError

_NEEDED = (
    *("moto", "flask", "flask_cors", "uvicorn", "httptools", "websockets"),
    *("awslambdaric", "boto3", "joserfc"),
)


def check_installed() -> None:
    """Raise ``ToolError`` unless everything that a cloud imports is there."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ToolError(
            f"the embedded cloud is not installed: {', '.join(missing)} cannot be imported",
            hint="pip install 'chalice[cloud]'",
        )


def spawn(
    home: Home,
    aws: socket.socket,
    gateway: socket.socket,
    environ: Mapping[str, str],
    attachment: socket.socket | None = None,
) -> subprocess.Popen[bytes]:
    """Start a cloud on two sockets that listen; they may be closed here then.

    ``attachment`` is the cloud's end of a socket pair: see ``chalice.cloud.frames``.
    """
    sockets = {"--aws-socket": aws, "--gateway-socket": gateway, "--attachment": attachment}
    passed = {name: each.fileno() for name, each in sockets.items() if each is not None}
    with home.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603  # our own module
            [
                *(sys.executable, "-m", "chalice.cloud.daemon", f"--home={home.path}"),
                *(f"{name}={number}" for name, number in passed.items()),
            ],
            cwd=home.path,  # -m puts it first on sys.path: not the user's project
            env={**environ, "PYTHONPATH": python_path(environ)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[*passed.values()],
            start_new_session=True,
        )


def python_path(environ: Mapping[str, str] = os.environ) -> str:
    """Return a PYTHONPATH with which the cloud finds chalice, without folders relative to here."""
    inherited = environ.get("PYTHONPATH", "").split(os.pathsep)
    paths = [path for path in inherited if Path(path).is_absolute()]
    root = str(Path(chalice.__file__).resolve().parent.parent)
    if root not in [*site.getsitepackages(), site.getusersitepackages(), *paths]:
        paths.append(root)
    return os.pathsep.join(paths)
