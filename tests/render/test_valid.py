"""Templates pass the programs of those who define the language: cfn-lint, SAM's translator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalice.cli.templates import TEMPLATES
from chalice.model.functions import Image
from chalice.render import sam
from tests.cli.command import chalice
from tests.render import everything
from tests.render.checking import check
from tests.render.stages import PROJECTS, configuration, resources_of, resources_of_project

STAGES = [
    (path.parent.name, stage)
    for path in sorted(PROJECTS.glob("*/app.py"))
    for stage in configuration(path.parent.name)["stages"]
]


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The translator asks boto3 for a region."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.mark.parametrize(("name", "stage"), STAGES)
def test_templates_of_apps_are_valid(name: str, stage: str) -> None:
    check(sam.render(resources_of_project(name, stage)))


def test_templates_of_container_images_are_valid(tmp_path: Path) -> None:
    image = Image("digest", Path("image.tar"))
    check(sam.render(resources_of(everything.everything(), tmp_path, {}, code=image)))


@pytest.mark.parametrize("name", everything.CONFIGS)
def test_templates_of_all_there_is_are_valid(name: str, tmp_path: Path) -> None:
    check(sam.render(everything.stage(name, tmp_path)))


@pytest.mark.parametrize("kind", sorted(TEMPLATES.keys() - {"cdk-ddb"}))  # the CDK packages that
def test_templates_of_new_projects_are_valid(kind: str, tmp_path: Path) -> None:
    chalice("new-project", "fresh", "-t", kind, cwd=tmp_path)
    done = chalice("package", "dist", cwd=tmp_path / "fresh", APP_BUCKET_NAME="photos")
    assert done.returncode == 0, done.stderr
    check(json.loads((tmp_path / "fresh/dist/sam.json").read_text()))
