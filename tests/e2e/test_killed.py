"""A deploy that is killed, at any of its API calls, is finished by the next command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest

from tests.e2e.every_source import write_project
from tests.e2e.inventory import Account
from tests.e2e.project import LIMIT, Project
from tests.e2e.proxy import StrikingProxy, shape

APP = """
from chalice import Chalice

app = Chalice(app_name="killed")


@app.route("/")
def index():
    return {"hello": "again"}
"""


def inventory(project: Project) -> Mapping[str, int]:
    """Count what the embedded cloud holds of the app, asking it as AWS would be asked."""
    program = (
        "import botocore.session, json, os\n"
        "session = botocore.session.Session()\n"
        "client = lambda name: session.create_client(name)\n"
        "roles = client('iam').list_roles()['Roles']\n"
        "functions = client('lambda').list_functions()['Functions']\n"
        "apis = client('apigateway').get_rest_apis()['items']\n"
        "print(json.dumps({\n"
        "  'roles': sum(r['RoleName'].startswith('killed') for r in roles),\n"
        "  'functions': sum(f['FunctionName'].startswith('killed') for f in functions),\n"
        "  'apis': sum(a['name'] == 'killed' for a in apis)}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=dict(project.environment),
        capture_output=True,
        text=True,
        check=True,
    )
    counts: dict[str, int] = json.loads(done.stdout)
    return counts


@pytest.fixture(scope="module")
def remote(new_project: Callable[[str], Project]) -> Project:
    """A project that deploys with the ordinary command, told where AWS is."""
    return told_where_aws_is(new_project("killed"))


def told_where_aws_is(project: Project) -> Project:
    project.run("cloud", "start")
    status = json.loads(project.run("cloud", "status", "--json").stdout)
    environment = {
        **project.environment,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": status["endpoint_url"],
    }
    return Project(project.directory, environment)


def deploy_and_kill(
    project: Project, command: list[str], at: int | Collection[str], *, after: bool
) -> str | None:
    """Run the command and kill it at that call; return the call's shape, None if it never came."""
    endpoint = project.environment["AWS_ENDPOINT_URL"]
    with StrikingProxy(endpoint, at, after=after) as proxy:
        process = subprocess.Popen(
            [sys.executable, "-m", "chalice", *command],
            cwd=project.directory,
            env={**project.environment, "AWS_ENDPOINT_URL": proxy.url},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        proxy.strike = lambda: process.send_signal(signal.SIGKILL)
        _, complaint = process.communicate(timeout=LIMIT)
        assert process.returncode in (0, -signal.SIGKILL), complaint.decode()
        return proxy.struck_at if process.returncode == -signal.SIGKILL else None


ONE_OF_EACH = {"roles": 1, "functions": 1, "apis": 1}
NONE = {"roles": 0, "functions": 0, "apis": 0}


@pytest.mark.slow
def test_a_first_deploy_killed_at_every_call_is_finished_by_the_next(remote: Project) -> None:
    """By turns before the call takes effect and after it."""
    at = 0
    killed: str | None = ""
    while killed is not None:
        at += 1
        killed = deploy_and_kill(remote, ["deploy"], at, after=at % 2 == 0)
        remote.run("deploy")
        assert inventory(remote) == ONE_OF_EACH, f"killed at call {at}"
        remote.run("delete", "-y")
        assert inventory(remote) == NONE, f"killed at call {at}"
    assert at > 8


@pytest.mark.slow
def test_a_delete_killed_at_every_call_is_finished_by_the_next(remote: Project) -> None:
    at = 0
    killed: str | None = ""
    while killed is not None:
        at += 1
        remote.run("deploy")
        killed = deploy_and_kill(remote, ["delete", "-y"], at, after=True)
        remote.run("delete", "-y")
        assert inventory(remote) == NONE, f"killed at call {at}"
    assert at > 5


@pytest.mark.slow
def test_delete_after_a_killed_first_deploy_leaves_nothing(remote: Project) -> None:
    at = 0
    killed: str | None = ""
    while killed is not None:
        at += 1
        killed = deploy_and_kill(remote, ["deploy"], at, after=True)
        remote.run("delete", "-y")
        assert inventory(remote) == NONE, f"killed at call {at}"
    assert at > 8


USAGE = {"quota_limit": 3, "quota_period": "DAY", "api_keys": ["ann"]}


@pytest.mark.slow
def test_an_app_with_everything_survives_a_kill_at_each_kind_of_call(
    new_project: Callable[[str], Project],
) -> None:
    """Commands are killed again and again, each time at a kind of call that none was killed at.

    Every second time the call takes effect. A command that makes no such call any more gets to
    its end, and has to have done its job.
    """
    project = told_where_aws_is(new_project("whole"))
    name = project.directory.name
    account = Account(project.environment["AWS_ENDPOINT_URL"])
    write_project(project, account, api_usage_plans={"free": USAGE})
    creations = operations(project, ["deploy"])
    everything = account.inventory(name)
    deletions = operations(project, ["delete", "-y"])
    assert account.inventory(name) == []
    assert len(creations) > 20
    assert len(deletions) > 12
    while creations or deletions:
        left = len(creations) + len(deletions)
        kill_until_done(project, ["deploy"], creations)
        assert account.inventory(name) == everything, f"not killed at {creations}"
        kill_until_done(project, ["delete", "-y"], deletions)
        assert account.inventory(name) == [], f"not killed at {deletions}"
        assert len(creations) + len(deletions) < left


def kill_until_done(project: Project, command: list[str], shapes: set[str]) -> None:
    """Kill the command at calls of these shapes, which become fewer, until it gets to its end."""
    after = len(shapes) % 2 == 0
    while (struck := deploy_and_kill(project, command, shapes, after=after)) is not None:
        shapes.remove(struck)
        after = not after


def operations(project: Project, command: list[str]) -> set[str]:
    """Run the command and return the shapes of its calls that change something."""
    with StrikingProxy(project.environment["AWS_ENDPOINT_URL"]) as proxy:
        variables = {**project.environment, "AWS_ENDPOINT_URL": proxy.url}
        Project(project.directory, variables).run(*command)
    return {shape(write) for write in proxy.writes}


def test_the_cloud_killed_during_a_deploy_is_an_error_that_the_next_deploy_mends(
    new_project: Callable[[str], Project], tmp_path: Path
) -> None:
    project = new_project("struck")
    here = {**project.environment, "CHALICE_CLOUD_HOME": str(tmp_path / "cloud")}
    local = Project(project.directory, here)
    local.run("cloud", "start")
    status = json.loads(local.run("cloud", "status", "--json").stdout)
    credentials = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "2",
    }
    with StrikingProxy(status["endpoint_url"], 7, after=True) as proxy:
        proxy.strike = lambda: os.kill(status["pid"], signal.SIGKILL)
        remote = Project(project.directory, {**here, **credentials, "AWS_ENDPOINT_URL": proxy.url})
        failed = remote.run("deploy", code=1)
        assert "error: " in failed.stderr
        assert "steps are done and recorded; run the same command again to go on" in failed.stderr
        local.run("cloud", "start")
        remote.run("deploy")
        assert "keep Rest API" in remote.run("plan").stdout
        remote.run("delete", "-y")
    local.run("cloud", "stop")


def test_the_cloud_killed_between_deploys_loses_nothing_that_matters(
    new_project: Callable[[str], Project], tmp_path: Path
) -> None:
    project = new_project("midway")
    environment = {**project.environment, "CHALICE_CLOUD_HOME": str(tmp_path / "cloud")}
    project = Project(project.directory, environment)
    with project.deploy() as api:
        assert api.get("").json() == {"hello": "world"}
        status = json.loads(project.run("cloud", "status", "--json").stdout)
        subprocess.run(["kill", "-9", str(status["pid"])], check=True)
        project.write("app.py", APP)
        project.run("deploy", "--local")
    url = project.run("url", "--local").stdout.strip()
    with project.client(url) as api:
        assert api.get("").json() == {"hello": "again"}
    project.run("cloud", "stop")
