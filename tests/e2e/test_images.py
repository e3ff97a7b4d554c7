"""Functions that run a container image, in a template, as the program writes it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.project import Project, clean_environment
from tests.image.bases import Layout
from tests.image.test_build import Image

APP = """
from chalice import Chalice

app = Chalice(app_name="shop")


@app.route("/")
def index():
    return {}


@app.lambda_function()
def work(event, context):
    return event
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "shop"
    folder.mkdir()
    made = Project(folder, clean_environment(tmp_path / "home"))
    made.write("app.py", APP)
    return made


def package(
    project: Project, *arguments: str, code: int = 0, **keys: object
) -> subprocess.CompletedProcess[str]:
    config = {"version": "2.0", "app_name": "shop", "package": "image", **keys}
    project.write(".chalice/config.json", json.dumps(config))
    return project.run("package", *arguments, code=code)


def functions(out: Path) -> dict[str, Any]:
    template = json.loads((out / "sam.json").read_text())
    return {
        id_: resource
        for id_, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def test_functions_of_one_image_differ_in_their_command(project: Project) -> None:
    Layout(project.directory / "base")

    done = package(project, "out", image_base="base")

    assert done.stdout.splitlines() == ["out/image.tar", "out/sam.json"]
    made = functions(project.directory / "out")
    for id_, handler in (("APIHandler", "app.app"), ("Work", "app.work")):
        properties = made[id_]["Properties"]
        assert properties["PackageType"] == "Image"
        assert properties["ImageUri"] == "./image.tar"
        assert properties["ImageConfig"] == {"Command": [handler]}
        assert not {"Runtime", "Handler", "CodeUri"} & set(properties)
    assert "var/task/app.py" in Image(project.directory / "out" / "image.tar").layer(1)


def test_what_a_dockerfile_makes_is_left_to_sam_build(project: Project) -> None:
    project.write("Dockerfile", "FROM public.ecr.aws/lambda/python:3.12\n")

    done = package(project, "made/for/aws")

    assert done.stdout.splitlines() == ["made/for/aws/sam.json"]
    for function in functions(project.directory / "made/for/aws").values():
        assert function["Metadata"] == {
            "Dockerfile": "Dockerfile",
            "DockerContext": "../../..",
            "DockerTag": "latest",
        }
        assert "ImageUri" not in function["Properties"]


@pytest.mark.parametrize(
    ("arguments", "keys", "words"),
    [
        (("out",), {}, "there is neither `image_base` nor a Dockerfile"),
        (("out",), {"image_base": "nowhere.tar"}, "nowhere.tar"),
        (("out",), {"image_base": "base", "layers": ["arn:x"]}, "takes no `layers`"),
        (("out",), {"image_base": "base", "lambda_architecture": "arm64"}, "no variant for arm64"),
    ],
)
def test_images_that_cannot_be_are_refused(
    project: Project, arguments: tuple[str, ...], keys: dict[str, object], words: str
) -> None:
    Layout(project.directory / "base")

    done = package(project, *arguments, code=1, **keys)

    assert words in done.stderr
    assert not (project.directory / "out").exists()


def test_a_single_file_holds_no_dockerfile(project: Project) -> None:
    project.write("Dockerfile", "FROM public.ecr.aws/lambda/python:3.12\n")

    done = package(project, "--single-file", "out.zip", code=1)

    assert "a single file cannot hold what the Dockerfile makes" in done.stderr


def test_images_are_not_deployed(project: Project) -> None:
    Layout(project.directory / "base")
    package(project, "out", image_base="base")

    done = project.run("deploy", "--local", code=1)

    assert "`chalice deploy` deploys zips, and `package` is `image`" in done.stderr
