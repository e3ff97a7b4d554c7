"""A stage put together as what deploying and packaging begin with: here, as a container image."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalice.assembly import Assembly, assemble
from chalice.config import load
from chalice.errors import ToolError
from chalice.model.functions import Function, Image
from tests.config.projects import untouched_process
from tests.image.bases import Layout
from tests.image.test_build import Image as Archive

APP = """
from chalice import Chalice

app = Chalice(app_name="Shop")


@app.route("/")
def index():
    return {}


@app.lambda_function()
def work(event, context):
    return event
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "shop"
    (folder / ".chalice").mkdir(parents=True)
    (folder / "app.py").write_text(APP)
    with untouched_process():
        yield folder


def assembled(project: Path, **keys: object) -> Assembly:
    config = {"version": "2.0", "app_name": "Shop", "package": "image", **keys}
    (project / ".chalice" / "config.json").write_text(json.dumps(config))
    return assemble(project, load(project, "dev"), lambda line: None, lambda code: None)


def test_all_functions_run_one_image(project: Path) -> None:
    Layout(project / "base")
    (project / "vendor").mkdir()
    (project / "vendor" / "brought.py").write_text("x = 1")

    made = assembled(project, image_base="base")

    assert isinstance(made.code, Image)
    functions = [each for each in made.resources if isinstance(each, Function)]
    assert {function.handler for function in functions} == {"app.app", "app.work"}
    assert {function.code for function in functions} == {made.code}
    archive = Archive(made.code.path)
    assert "var/task/brought.py" in archive.layer(1)
    assert "var/task/app.py" in archive.layer(2)
    assert "var/task/chalice/runtime/__init__.py" in archive.layer(2)
    assert archive.json("manifest.json")[0]["RepoTags"] == ["shop-dev:latest"]


def test_a_dockerfile_is_left_to_docker(project: Path) -> None:
    (project / "Dockerfile").write_text("FROM public.ecr.aws/lambda/python:3.12\n")

    made = assembled(project)

    assert made.code == Image("", project)
    assert not (project / ".chalice" / "deployments").exists()


def test_an_image_needs_something_to_be_made_from(project: Path) -> None:
    with pytest.raises(ToolError, match="neither `image_base` nor a Dockerfile") as caught:
        assembled(project)

    assert caught.value.where is not None
    assert caught.value.where.endswith("config.json:1")


def test_an_image_may_be_larger_than_a_zip(project: Path) -> None:
    Layout(project / "base")
    (project / "vendor").mkdir()
    with (project / "vendor" / "weights.bin").open("wb") as file:
        file.truncate(251 * 1024 * 1024)

    made = assembled(project, image_base="base")

    assert isinstance(made.code, Image)
    with pytest.raises(ToolError, match="unpacks to 251"):
        assembled(project, package="zip")
