"""The frameworks that are compared, each from PyPI in an environment of its own under `.bench/`."""

from __future__ import annotations

import compileall
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uv

ROOT = Path(__file__).parent.parent
ENVIRONMENTS = ROOT / ".bench"
APPS = Path(__file__).parent / "apps"
SHIPPED = ("__init__.py", "app.py", "runtime")


@dataclass(frozen=True)
class Peer:
    """A framework, its environment, the app in `apps/` that uses it, and what to install."""

    title: str
    name: str
    app: str
    requirements: tuple[str, ...] = ()

    @property
    def environment(self) -> Path:
        return ENVIRONMENTS / f"{self.name}-{sys.version_info.major}.{sys.version_info.minor}"

    def measure(self, program: str, *arguments: str) -> Any:
        """What `bench/<program>.py` prints when it measures this peer's app, from JSON."""
        command = [
            str(self.environment / "bin" / "python"),
            "-Es",  # no PYTHONPATH: it may lead to another framework of the same name
            str(Path(__file__).parent / f"{program}.py"),
            self.app,
            *arguments,
        ]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout)


OURS = Peer("chalice (this project)", "ours", "chalice_app")
PEERS = (
    OURS,
    Peer("AWS Chalice", "aws_chalice", "chalice_app", ("chalice",)),
    Peer("Powertools", "powertools", "powertools", ("aws-lambda-powertools",)),
    Peer("Mangum + Starlette", "mangum", "starlette_mangum", ("mangum", "starlette")),
)
HANDWRITTEN = Peer("json.dumps by hand", "handwritten", "handwritten")


def prepare(*peers: Peer) -> None:
    """Create the environments that are missing; put what we ship today into ours."""
    for peer in peers:
        if not peer.environment.exists():
            _create(peer)
    if OURS in peers:
        _install_ours(OURS.environment)


def _create(peer: Peer) -> None:
    print(f"installing {peer.title} into {peer.environment.relative_to(ROOT)}", file=sys.stderr)
    ENVIRONMENTS.mkdir(exist_ok=True)
    building = peer.environment.with_name(peer.environment.name + ".new")
    shutil.rmtree(building, ignore_errors=True)
    tool = uv.find_uv_bin()
    subprocess.run(
        [tool, "venv", "--quiet", "--relocatable", "--python", sys.executable, building], check=True
    )
    python = building / "bin" / "python"
    install = [tool, "pip", "install", "--quiet", "--compile-bytecode", "--python", python]
    subprocess.run([*install, "awslambdaric", *peer.requirements], check=True)
    building.rename(peer.environment)


def _install_ours(environment: Path) -> None:
    [packages] = environment.glob("lib/python*/site-packages")
    target = packages / "chalice"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for name in SHIPPED:
        source = ROOT / "chalice" / name
        if source.is_dir():
            skip = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, target / name, ignore=skip)
        else:
            shutil.copy(source, target)
    compileall.compile_dir(target, quiet=1)
