"""Every type of project works as it is made: its tests pass, and it can be deployed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from chalice.cli.templates import TEMPLATES
from tests.cloud.waiting import wait_until
from tests.e2e.project import LIMIT, Project


@pytest.mark.parametrize("kind", [kind for kind in TEMPLATES if kind != "cdk-ddb"])
def test_a_new_project_passes_its_tests_and_deploys(
    kind: str, user: dict[str, str], tmp_path: Path
) -> None:
    project = make(kind, user, tmp_path)
    name = project.directory.name
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
    if kind == "s3-event-handler":
        client(project, "s3").create_bucket(Bucket="pictures")
        name_bucket(project, "pictures")
    deployed = project.run("deploy", "--local")
    assert f"function:{name}-dev" in deployed.stdout
    if kind == "s3-event-handler":
        put_and_see(project, "pictures", "summer/sea.jpg")
    project.run("delete", "--local", "-y")


def test_a_project_for_a_bucket_asks_for_its_name(user: dict[str, str], tmp_path: Path) -> None:
    refused = make("s3-event-handler", user, tmp_path).run("deploy", "--local", code=1)
    assert refused.stderr.startswith("error: `bucket` is empty\n  --> app.py:17 in `s3_handler`\n")
    assert "environment_variables" in refused.stderr.partition("hint: ")[2]


def make(kind: str, user: dict[str, str], folder: Path) -> Project:
    name = f"new{kind.replace('-', '')}"
    Project(folder, user).run("new-project", "--project-type", kind, name)
    return Project(folder / name, user)


def name_bucket(project: Project, bucket: str) -> None:
    """Do what the comment in the new app says."""
    path = project.directory / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    config["stages"]["dev"]["environment_variables"] = {"APP_BUCKET_NAME": bucket}
    path.write_text(json.dumps(config))


def put_and_see(project: Project, bucket: str, key: str) -> None:
    """Put an object and wait for the line that the handler prints."""
    client(project, "s3").put_object(Bucket=bucket, Key=key, Body=b"")

    def is_seen() -> bool:
        return f"new in {bucket}: {key}" in project.run("logs", "--local", *named).stdout

    named = ("--name", "s3_handler")
    wait_until(is_seen)


def client(project: Project, service: str) -> Any:
    """Return a client of a service of the embedded cloud, which is started if need be."""
    project.run("cloud", "start")
    status = json.loads(project.run("cloud", "status", "--json").stdout)
    session = botocore.session.Session()
    session.set_credentials("any", "thing")
    return session.create_client(
        service, region_name="us-east-1", endpoint_url=status["endpoint_url"]
    )
