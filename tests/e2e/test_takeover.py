"""A stage that AWS Chalice deployed is taken over as it is, and can be given back."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest
from websockets.sync.client import connect

from tests.cloud.waiting import wait_until
from tests.e2e.every_source import send_to_each, write_project
from tests.e2e.inventory import Account
from tests.e2e.project import LIMIT, Project
from tests.ecosystem.conftest import Environment, environment

__all__ = ["environment"]


@dataclass
class Moving:
    """The project, which both tools deploy to one cloud, and that cloud."""

    project: Project
    account: Account
    gateway_url: str
    theirs: Environment

    def run_theirs(self, *arguments: str) -> str:
        """Run AWS Chalice in the project folder and return what it prints."""
        variables = {**self.project.environment}
        del variables["PYTHONPATH"]
        done = subprocess.run(
            [self.theirs.python.with_name("chalice"), *arguments],
            cwd=self.project.directory,
            env=variables,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def inventory(self) -> list[str]:
        return self.account.inventory("moving")


@pytest.fixture(scope="module")
def moving(
    new_project: Callable[[str], Project], environment: Callable[[str], Environment]
) -> Moving:
    theirs = environment("aws-chalice")
    project = new_project("moving")
    project.run("cloud", "start")
    status = json.loads(project.run("cloud", "status", "--json").stdout)
    variables = {
        **project.environment,
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "thing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": status["endpoint_url"],
    }
    project = Project(project.directory, variables)
    account = Account(status["endpoint_url"])
    write_project(project, account)
    project.write("requirements.txt", "")
    return Moving(project, account, status["gateway_url"], theirs)


@pytest.mark.slow
def test_what_aws_chalice_deployed_is_updated_in_place_and_works(moving: Moving) -> None:
    moving.run_theirs("deploy")
    there = moving.inventory()
    assert len(there) > 30
    planned = moving.project.run("plan").stdout
    assert not re.search(r"^[+±-]", planned, re.MULTILINE), planned
    moving.project.run("deploy")
    assert moving.inventory() == there
    assert moving.project.run("url").stdout == moving.run_theirs("url")
    lines = moving.project.run("plan").stdout.splitlines()
    assert [line for line in lines if not line.startswith("  keep ")] == []
    for function, expected in send_to_each(moving.account, "moving").items():
        group = f"/aws/lambda/moving-dev-{function}"
        wait_until(lambda group=group, expected=expected: seen(moving, group) == expected)  # type: ignore[misc]
    domain = {"Host": "api.moving.example"}
    for authorization, status in (("yes", 200), ("no", 403)):
        headers = {**domain, "Authorization": authorization}
        url = f"{moving.gateway_url}/v1/secret"
        assert httpx.get(url, headers=headers, trust_env=False).status_code == status
    apis = moving.account("apigatewayv2").get_apis()["Items"]
    [socket] = [each for each in apis if each["Name"].startswith("moving-")]
    address = f"{moving.gateway_url.replace('http', 'ws', 1)}/{socket['ApiId']}/api/"
    with connect(address, proxy=None) as client:
        client.send("hello")
        group = "/aws/lambda/moving-dev-websocket_message"
        wait_until(lambda: seen(moving, group) == ["hello"])
    invoked = moving.project.run("invoke", "-n", "job")
    assert json.loads(invoked.stdout) == {"job": {}}


def seen(moving: Moving, group: str) -> list[object]:
    """Return what the function of that log group has seen, oldest first."""
    logs = moving.account("logs")
    try:
        events = logs.filter_log_events(logGroupName=group)["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    messages = [event["message"] for event in events]
    return [json.loads(m.partition("SEEN ")[2]) for m in messages if "SEEN " in m]


@pytest.mark.slow
def test_handlers_that_aws_chalice_deployed_go_with_all_their_parts(moving: Moving) -> None:
    before = moving.inventory()
    app = (moving.project.directory / "app.py").read_text()
    parts = re.split(r"(?m)^(?=@app\.)", app)
    doomed = r"@app\.(on_s3|on_sns|on_sqs|on_ws|schedule)"
    moving.project.write("app.py", "".join(part for part in parts if not re.match(doomed, part)))
    moving.project.run("deploy")
    left = moving.inventory()
    gone = re.compile("photo|news|work|tick|websocket|WEBSOCKET")
    assert left == [line for line in before if not gone.search(line)]
    moving.project.write("app.py", app)
    moving.project.run("deploy")
    assert moving.inventory() == before


@pytest.mark.slow
def test_a_stage_in_the_file_that_all_stages_once_shared_is_taken_over(moving: Moving) -> None:
    before = moving.inventory()
    folder = moving.project.directory / ".chalice"
    rows = json.loads((folder / "deployed/dev.json").read_text())["resources"]
    arns = {
        row["name"]: row["lambda_arn"] for row in rows if row["resource_type"] == "lambda_function"
    }
    [api] = [row for row in rows if row["resource_type"] == "rest_api"]
    stage = {
        "api_handler_arn": arns.pop("api_handler"),
        "api_handler_name": "moving-dev",
        "rest_api_id": api["rest_api_id"],
        "api_gateway_stage": "api",
        "lambda_functions": {
            arn.rpartition(":")[2]: {"type": "pure_lambda", "arn": arn} for arn in arns.values()
        },
    }
    state = folder / "deployed/dev.json"
    kept = state.rename(folder / "kept.json")
    (folder / "deployed.json").write_text(json.dumps({"dev": stage}))
    moving.project.run("deploy")
    assert moving.inventory() == before
    (folder / "deployed.json").unlink()
    kept.replace(state)


@pytest.mark.slow
def test_a_stage_goes_back_and_forth_between_the_tools(moving: Moving) -> None:
    before = moving.inventory()
    moving.run_theirs("delete")
    assert moving.inventory() == []
    moving.project.run("deploy")
    assert moving.inventory() == before
    moving.run_theirs("deploy")
    assert moving.inventory() == before
    moving.project.run("deploy")
    assert moving.inventory() == before
    moving.project.run("delete", "-y")
    assert moving.inventory() == []
