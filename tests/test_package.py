"""``chalice package`` writes a template and the zips beside it, all of them or nothing."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
import yaml

from tests.cli.command import chalice

APP = """
from chalice import Chalice

app = Chalice(app_name="demo")

@app.route("/")
def index():
    return {}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "demo"
    (folder / ".chalice").mkdir(parents=True)
    (folder / ".chalice" / "config.json").write_text('{"version": "2.0", "app_name": "demo"}')
    (folder / "app.py").write_text(APP)
    return folder


def test_a_directory_gets_the_template_and_the_zip(project: Path) -> None:
    done = chalice("package", "a/dist", cwd=project)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["a/dist/deployment.zip", "a/dist/sam.json"]
    assert sorted(path.name for path in (project / "a/dist").iterdir()) == [
        "deployment.zip",
        "sam.json",
    ]
    template = json.loads((project / "a/dist/sam.json").read_text())
    assert template["Resources"]["APIHandler"]["Properties"]["CodeUri"] == "./deployment.zip"
    assert "app.py" in zipfile.ZipFile(project / "a/dist/deployment.zip").namelist()


def test_packaging_again_takes_the_place_of_what_was_there(project: Path) -> None:
    chalice("package", "dist", cwd=project)
    (project / "dist" / "mine").write_text("")
    first = (project / "dist/sam.json").read_bytes()
    chalice("package", "dist", cwd=project)
    assert (project / "dist/sam.json").read_bytes() == first
    assert (project / "dist" / "mine").exists()


def test_a_single_file_holds_the_template_and_the_zip(project: Path) -> None:
    done = chalice("package", "dist.zip", "--single-file", cwd=project)
    assert done.stdout.split() == ["dist.zip"], done.stderr
    with zipfile.ZipFile(project / "dist.zip") as archive:
        assert sorted(archive.namelist()) == ["deployment.zip", "sam.json"]
        assert json.loads(archive.read("sam.json"))["Outputs"]["EndpointURL"]


def test_the_template_may_be_yaml(project: Path) -> None:
    done = chalice("package", "dist", "--template-format", "YAML", cwd=project)
    assert done.stdout.split()[-1] == "dist/sam.yaml", done.stderr
    template = yaml.safe_load((project / "dist/sam.yaml").read_text())
    assert template["AWSTemplateFormatVersion"] == "2010-09-09"
    assert template["Resources"]["APIHandler"]["Type"] == "AWS::Serverless::Function"


def test_a_yaml_template_to_merge_makes_the_result_yaml(project: Path) -> None:
    (project / "extra.yaml").write_text(
        "AWSTemplateFormatVersion: 2010-09-09\n"
        "Resources:\n"
        "  APIHandler:\n"
        "    Properties:\n"
        "      MemorySize: 512\n"
        "      Environment: {Variables: {TABLE: !Ref Table}}\n"
        "  Table: {Type: 'AWS::DynamoDB::Table'}\n"
        "Outputs: {TableArn: {Value: !GetAtt Table.Arn}}\n"
    )
    done = chalice("package", "dist", "--merge-template", "extra.yaml", cwd=project)
    assert done.returncode == 0, done.stderr
    template = yaml.safe_load((project / "dist/sam.yaml").read_text())
    assert template["AWSTemplateFormatVersion"] == "2010-09-09"
    handler = template["Resources"]["APIHandler"]["Properties"]
    assert handler["Handler"] == "app.app"
    assert handler["MemorySize"] == 512
    assert handler["Environment"] == {"Variables": {"TABLE": {"Ref": "Table"}}}
    assert template["Outputs"]["TableArn"] == {"Value": {"Fn::GetAtt": ["Table", "Arn"]}}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("none.json", None, "Cannot find template file: "),
        ("bad.json", '{"Resources":\n  {"A" 1}}', "bad.json:2"),
        ("list.json", "[]", "Expected list.json to be valid JSON template."),
        ("bad.yaml", "Resources:\n  A: [1\n  B: 2\n", "bad.yaml:3"),
        ("tab.yaml", "Resources:\n\tA: 1\n", "tab.yaml:2"),
    ],
)
def test_a_template_that_cannot_be_merged_stops_it_before_anything_is_written(
    project: Path, name: str, text: str | None, said: str
) -> None:
    if text is not None:
        (project / name).write_text(text)
    done = chalice("package", "dist", "--merge-template", name, cwd=project)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / "dist").exists()


def test_an_app_that_cannot_be_deployed_is_not_packaged(project: Path) -> None:
    (project / "app.py").write_text(APP.replace("/", "/x/"))
    done = chalice("package", "dist", cwd=project)
    assert done.returncode == 1
    assert "app.py" in done.stderr
    assert not (project / "dist").exists()


def test_what_is_in_the_way_is_named(project: Path) -> None:
    (project / "file").write_text("")
    done = chalice("package", "file", cwd=project)
    assert done.returncode == 1
    assert "file is not a directory" in done.stderr
    done = chalice("package", "file/dist", cwd=project)
    assert done.returncode == 1
    assert "cannot write file/dist" in done.stderr
    (project / "dist").mkdir()
    done = chalice("package", "dist", "--single-file", cwd=project)
    assert done.returncode == 1
    assert "dist is a directory" in done.stderr


def test_terraform_gets_a_module(project: Path) -> None:
    done = chalice("package", "infra", "--pkg-format", "terraform", cwd=project)
    assert done.stdout.split() == ["infra/deployment.zip", "infra/chalice.tf.json"], done.stderr
    module = json.loads((project / "infra/chalice.tf.json").read_text())
    function = module["resource"]["aws_lambda_function"]["api_handler"]
    assert function["filename"] == "${path.module}/deployment.zip"
    assert "null_data_source" not in module["data"]


def test_files_beside_the_module_may_use_what_modules_had(project: Path) -> None:
    (project / "infra").mkdir()
    uses = 'output "app" { value = data.null_data_source.chalice.outputs.app }'
    (project / "infra" / "mine.tf").write_text(uses)
    chalice("package", "infra", "--pkg-format", "terraform", cwd=project)
    module = json.loads((project / "infra/chalice.tf.json").read_text())
    inputs = {"app": "demo", "stage": "dev"}
    assert module["data"]["null_data_source"] == {"chalice": {"inputs": inputs}}


@pytest.mark.parametrize(
    "options", [["--single-file"], ["--merge-template", "x.json"], ["--template-format", "yaml"]]
)
def test_what_only_cloudformation_has_is_refused_for_terraform(
    project: Path, options: list[str]
) -> None:
    done = chalice("package", "infra", "--pkg-format", "terraform", *options, cwd=project)
    assert done.returncode == 1
    assert (
        "Terraform format does not support --merge-template, --single-file, or --template-format"
        in done.stderr
    )
    assert not (project / "infra").exists()
