"""A project in a folder, and the real program run on it as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent.parent
LIMIT = 120  # seconds for one command on a slow machine


@dataclass
class Project:
    """``environment`` is all that its commands see of the outer one."""

    directory: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run ``chalice`` in the project folder and insist on its exit code."""
        done = run(self.environment, self.directory, *arguments)
        assert done.returncode == code, (
            f"{arguments}: {done.returncode}\n{done.stderr}{done.stdout}"
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def write(self, name: str, text: str) -> None:
        """Write a file of the project; the text may be indented."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def deploy(self, *options: str) -> httpx.Client:
        """Deploy to the embedded cloud and return a client of the API."""
        self.run("deploy", "--local", *options)
        stage = [item for item in options if item not in ("--local", "-y")]
        return self.client(self.run("url", "--local", *stage).stdout.strip())

    @staticmethod
    def client(url: str) -> httpx.Client:
        """Return a client whose paths are below ``url``."""
        assert url.startswith("http://127.0.0.1:"), url
        return httpx.Client(base_url=url, trust_env=False, timeout=30)


def run(
    environment: Mapping[str, str], directory: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m chalice`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "chalice", *arguments],
        cwd=directory,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def clean_environment(home: Path) -> dict[str, str]:
    """Return the environment of a fresh user: no account, a home of their own."""
    kept = ("PATH", "UV_CACHE_DIR", "SSL_CERT_FILE", "PIP_CERT", "LANG")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "CHALICE_CLOUD_HOME": str(home / "cloud"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
