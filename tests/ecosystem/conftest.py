"""Environments with other people's packages from PyPI, where `chalice` is this one.

It is AWS Chalice where that is what the requirements begin with.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import uv

ROOT = Path(__file__).parent.parent.parent
HERE = Path(__file__).parent
NOT_FROM_PYPI = 'chalice; sys_platform == "never"\n'


@dataclass(frozen=True)
class Environment:
    """A virtual environment."""

    python: Path

    def run(self, program: Path) -> None:
        """Run a test module and insist that it passes."""
        done = subprocess.run(
            [self.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", program],
            cwd=program.parent,
            env={**_clean(os.environ), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def environment(pytestconfig: pytest.Config) -> Callable[[str], Environment]:
    """Return the environment of that name, made when it is first asked for.

    It is kept between runs, until its requirements change. Without a network the test is
    skipped, except in CI.
    """
    folder = pytestconfig.cache.mkdir("environments") if pytestconfig.cache else None

    def make(name: str) -> Environment:
        assert folder is not None
        requirements = HERE / "environments" / f"{name}.txt"
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        mark = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
        target = folder / f"{name}-{version}-{mark}"
        with (folder / f"{target.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not target.exists():
                _create(target, requirements)
        return Environment(target / "bin" / "python")

    return make


def _create(target: Path, requirements: Path) -> None:
    new = target.with_name(f"{target.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    tool = uv.find_uv_bin()
    subprocess.run(
        [tool, "venv", "-q", "--relocatable", "--python", sys.executable, new], check=True
    )
    is_theirs = requirements.read_text().startswith("chalice==")
    overrides = new / "overrides.txt"
    overrides.write_text("" if is_theirs else NOT_FROM_PYPI)
    install = [tool, "pip", "install", "-q", "--python", str(new / "bin" / "python")]
    done = subprocess.run(
        [*install, "--requirements", str(requirements), "--overrides", str(overrides)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        if "CI" in os.environ:
            pytest.fail(done.stderr)
        pytest.skip(f"the packages could not be installed: {done.stderr}")
    new.rename(target)


def _clean(variables: os._Environ[str]) -> dict[str, str]:
    dropped = ("AWS_", "POWERTOOLS_", "PYTEST_", "SENTRY_")
    return {name: value for name, value in variables.items() if not name.startswith(dropped)}
