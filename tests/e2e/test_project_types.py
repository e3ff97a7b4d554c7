"""Every type of project works as it is made: its tests pass, and it can be deployed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chalice.cli.templates import TEMPLATES
from tests.e2e.project import LIMIT, Project


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_new_project_passes_its_tests_and_deploys(
    kind: str, user: dict[str, str], tmp_path: Path
) -> None:
    name = f"new{kind.replace('-', '')}"
    Project(tmp_path, user).run("new-project", "--project-type", kind, name)
    project = Project(tmp_path / name, user)
    if (project.directory / "tests").is_dir():
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
            cwd=project.directory,
            env=dict(user),
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    deployed = project.run("deploy", "--local")
    assert f"function:{name}-dev" in deployed.stdout
    project.run("delete", "--local", "-y")
