"""The construct for the AWS CDK, in the project that ``new-project`` makes, run by the CDK."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.inventory import Account
from tests.e2e.project import ROOT, Project, clean_environment
from tests.ecosystem.conftest import Environment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("npm") is None, reason="the CDK needs Node.js and npm"),
]


@pytest.fixture(scope="module")
def cdk(pytestconfig: pytest.Config) -> Path:
    """The CDK's command, kept between runs."""
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("aws-cdk")
    command = Path(folder) / "node_modules" / ".bin" / "cdk"
    if not command.exists():
        install = ["npm", "install", "--no-audit", "--no-fund", "--silent", "aws-cdk@2"]
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            assert "CI" not in os.environ, done.stderr
            pytest.skip(f"the CDK could not be installed: {done.stderr}")
    return command


@pytest.fixture
def project(tmp_path: Path) -> Project:
    variables = clean_environment(tmp_path / "home")
    Project(tmp_path, variables).run("new-project", "shop", "-t", "cdk-ddb")
    return Project(tmp_path / "shop", variables)


class Synth:
    """Runs ``cdk synth`` in a project's folder ``infrastructure``."""

    def __init__(self, project: Project, cdk: Path, python: Path) -> None:
        self.folder = project.directory / "infrastructure"
        self._cdk = cdk
        self._environment = {
            **project.environment,
            "PATH": f"{python.parent}:{project.environment['PATH']}",
            "PYTHONPATH": str(ROOT),
            "NO_COLOR": "1",
        }

    def __call__(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self._cdk, "synth", "--quiet", "--no-version-reporting"],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def template(self, stack: str = "shop") -> Any:
        done = self()
        assert done.returncode == 0, done.stderr
        return json.loads((self.folder / "cdk.out" / f"{stack}.template.json").read_text())


@pytest.fixture
def synth(project: Project, cdk: Path, environment: Callable[[str], Environment]) -> Synth:
    return Synth(project, cdk, environment("cdk").python)


def resources(template: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {
        id_: resource["Properties"]
        for id_, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def test_a_new_project_is_a_stack_with_the_app_in_it(synth: Synth) -> None:
    template = synth.template()

    (table,) = resources(template, "AWS::DynamoDB::Table")
    (function,) = resources(template, "AWS::Serverless::Function").values()
    assert function["Environment"]["Variables"] == {"APP_TABLE_NAME": {"Ref": table}}
    assert set(function["CodeUri"]) == {"Bucket", "Key"}
    assert (synth.folder / "cdk.out" / f"asset.{function['CodeUri']['Key']}").is_file()
    assert list(resources(template, "AWS::Serverless::Api")) == ["RestAPI"]
    policies = json.dumps(resources(template, "AWS::IAM::Role")["DefaultRole"]["Policies"])
    assert "dynamodb:PutItem" in policies
    assert f'["table/", {{"Ref": "{table}"}}]' in policies
    assert "TOKEN" not in json.dumps(template)
    assert synth.template() == template
    assert len(list((synth.folder / "chalice.out").iterdir())) == 2


def test_the_stack_serves_in_the_embedded_cloud(project: Project, synth: Synth) -> None:
    template = synth.template()
    project.run("cloud", "start")
    try:
        status = json.loads(project.run("cloud", "status", "--json").stdout)
        account = Account(status["endpoint_url"])
        bucket = "cdk-hnb659fds-assets-123456789012-us-east-1"
        account("s3").create_bucket(Bucket=bucket)
        for asset in (synth.folder / "cdk.out").glob("asset.*.zip"):
            key = asset.name.removeprefix("asset.")
            account("s3").put_object(Bucket=bucket, Key=key, Body=asset.read_bytes())
        account("ssm").put_parameter(
            Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String"
        )
        cloudformation = account("cloudformation")
        cloudformation.create_stack(
            StackName="shop",
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName="shop", WaiterConfig={"Delay": 1}
        )
        (stack,) = cloudformation.describe_stacks(StackName="shop")["Stacks"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        api = outputs["RestAPIId"]
        base = f"{status['gateway_url']}/{api}/api"
        with httpx.Client(trust_env=False, timeout=30) as client:
            made = client.post(f"{base}/users", json={"username": "ann", "age": "7"})
            assert (made.status_code, made.json()) == (200, {})
            assert client.get(f"{base}/users/ann").json() == {"username": "ann", "age": "7"}
        item = account("dynamodb").scan(TableName=outputs["AppTableName"])["Items"][0]
        assert item["PK"] == {"S": "User#ann"}
    finally:
        project.run("cloud", "stop")


def test_the_stack_reaches_and_changes_what_is_in_it(project: Project, synth: Synth) -> None:
    change_stack(
        project,
        settings="{'lambda_functions': {'api_handler': {'lambda_timeout': 7}}}",
        more="""
        self.chalice.add_environment_variable("MODE", "fast", "APIHandler")
        function = self.chalice.get_function("APIHandler")
        assert function is self.chalice.get_function("APIHandler")
        CfnOutput(self, "Arn", value=function.function_arn)
        """,
    )

    template = synth.template()

    (function,) = resources(template, "AWS::Serverless::Function").values()
    assert function["Environment"]["Variables"] == {"MODE": "fast", "APP_TABLE_NAME": ""}
    assert function["Timeout"] == 7
    assert template["Outputs"]["Arn"]["Value"] == {"Fn::GetAtt": ["APIHandler", "Arn"]}


@pytest.mark.parametrize(
    ("settings", "app", "words"),
    [
        ("{'lambda_timeout': 'long'}", None, "`lambda_timeout` must be"),
        ("{}", "import nothing_like_this", "importing app.py raised ModuleNotFoundError"),
    ],
)
def test_an_app_that_cannot_be_packaged_is_told(
    project: Project, synth: Synth, settings: str, app: str | None, words: str
) -> None:
    change_stack(project, settings=settings)
    if app is not None:
        project.write("runtime/app.py", app)

    done = synth()

    assert done.returncode != 0
    assert "RuntimeError: chalice cannot package" in done.stderr
    assert words in done.stderr


def change_stack(project: Project, *, settings: str, more: str = "") -> None:
    """Give the construct other settings, and the stack more lines after it."""
    path = "infrastructure/stacks/chaliceapp.py"
    lines = (project.directory / path).read_text().splitlines()
    place = next(at for at, line in enumerate(lines) if "stage_config=" in line)
    lines[place] = f"            stage_config={settings},"
    end = next(at for at, line in enumerate(lines) if "grant_read_write_data" in line)
    lines[end + 1 : end + 1] = [f"        {line.strip()}" for line in more.splitlines()]
    project.write(path, "\n".join(lines) + "\n")


def test_without_the_cdk_a_warning_says_what_to_install() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import chalice.cdk; print(hasattr(chalice.cdk, 'Chalice'))"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )

    assert done.stdout == "False\n"
    assert 'pip install "chalice[cdk]"' in done.stderr
