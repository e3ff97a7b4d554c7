"""What a new user does: make, deploy, change, deploy again, look, two stages, delete."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.project import Project, clean_environment, run

HELLO = """
from chalice import Chalice

app = Chalice(app_name="shop")


@app.route("/")
def index():
    return {"hello": "%s"}
"""


def writes(deployed: str) -> list[str]:
    """Return what a deploy said that it changed."""
    verbs = ("Creating ", "Updating ", "Deleting ")
    lines = [line for line in deployed.splitlines() if line.startswith(verbs)]
    return [line for line in lines if line != "Creating deployment package."]


def test_a_change_reaches_the_url_and_nothing_else_is_rewritten(
    new_project: Callable[[str], Project],
) -> None:
    project = new_project("shop")
    first = project.run("deploy", "--local")
    assert writes(first.stderr) == [
        "Creating IAM role: shop-dev-api_handler",
        "Creating lambda function: shop-dev",
        "Creating Rest API: shop",
        "Creating permission to invoke: shop-dev",
    ]
    url = project.run("url", "--local").stdout.strip()

    again = project.run("deploy", "--local")
    assert writes(again.stderr) == []
    assert again.stdout == first.stdout

    project.write("app.py", HELLO % "there")
    assert "~ update lambda function: shop-dev" in project.run("plan", "--local").stdout
    changed = project.run("deploy", "--local")
    assert writes(changed.stderr) == ["Updating lambda function: shop-dev"]
    with project.client(url) as api:
        assert api.get("").json() == {"hello": "there"}
    project.run("delete", "--local", "-y")
    with project.client(url) as api:
        assert api.get("").status_code == 403


def test_two_stages_live_side_by_side(new_project: Callable[[str], Project]) -> None:
    project = new_project("twostages")
    with project.deploy() as dev:
        project.write("app.py", HELLO % "prod")
        with project.deploy("--stage", "prod") as prod:
            assert dev.get("").json() == {"hello": "world"}
            assert prod.get("").json() == {"hello": "prod"}
            project.run("delete", "--local", "-y", "--stage", "prod")
            assert prod.get("").status_code == 403
            assert dev.get("").json() == {"hello": "world"}
    project.run("url", "--local", "--stage", "prod", code=2)
    project.run("delete", "--local", "-y")


def test_the_api_stage_can_be_renamed(new_project: Callable[[str], Project]) -> None:
    project = new_project("renamed")
    with project.deploy() as old:
        assert str(old.base_url).endswith("/api/")
        config = {
            "version": "2.0",
            "app_name": "renamed",
            "stages": {"dev": {"api_gateway_stage": "v2"}},
        }
        project.write(".chalice/config.json", json.dumps(config))
        with project.deploy() as new:
            assert str(new.base_url).endswith("/v2/")
            assert new.get("").json() == {"hello": "world"}
            assert old.get("").status_code == 403
    project.run("delete", "--local", "-y")


def test_settings_reach_the_function(new_project: Callable[[str], Project]) -> None:
    project = new_project("settings")
    project.write(
        "app.py",
        """
        import os

        from chalice import Chalice

        app = Chalice(app_name="settings")
        AT_IMPORT = os.environ["GREETING"]


        @app.route("/")
        def index():
            context = app.lambda_context
            return {
                "greeting": AT_IMPORT,
                "memory": context.memory_limit_in_mb,
                "name": context.function_name,
                "seconds": round(context.get_remaining_time_in_millis() / 1000),
                "cli": "AWS_CHALICE_CLI_MODE" in os.environ,
            }
        """,
    )
    config = {
        "version": "2.0",
        "app_name": "settings",
        "environment_variables": {"GREETING": "hello"},
        "lambda_timeout": 20,
        "stages": {
            "dev": {"lambda_memory_size": 256, "log_retention_in_days": 7},
        },
    }
    project.write(".chalice/config.json", json.dumps(config))
    with project.deploy() as api:
        assert api.get("").json() == {
            "greeting": "hello",
            "memory": "256",
            "name": "settings-dev",
            "seconds": 20,
            "cli": False,
        }
        config["environment_variables"] = {"GREETING": "bye"}
        project.write(".chalice/config.json", json.dumps(config))
        changed = project.run("deploy", "--local")
        assert writes(changed.stderr) == ["Updating lambda function: settings-dev"]
        assert api.get("").json()["greeting"] == "bye"
    project.run("delete", "--local", "-y")


def test_a_policy_of_ones_own_is_used(new_project: Callable[[str], Project]) -> None:
    project = new_project("ownpolicy")
    missing = project.run("deploy", "--local", "--no-autogen-policy", code=1)
    assert ".chalice/policy-dev.json or .chalice/policy.json" in missing.stderr
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    project.write(".chalice/policy-dev.json", json.dumps(policy))
    made = project.run("deploy", "--local", "--no-autogen-policy")
    assert "Creating IAM role: ownpolicy-dev-api_handler" in made.stderr
    assert writes(project.run("deploy", "--local", "--no-autogen-policy").stderr) == []
    statement["Action"] = "s3:PutObject"
    project.write(".chalice/policy-dev.json", json.dumps(policy))
    assert writes(project.run("deploy", "--local", "--no-autogen-policy").stderr) == [
        "Updating policy for IAM role: ownpolicy-dev-api_handler"
    ]
    project.run("delete", "--local", "-y")


def test_the_embedded_cloud_keeps_its_stages_over_a_restart(tmp_path: Path) -> None:
    environment = clean_environment(tmp_path)
    try:
        Project(tmp_path, environment).run("new-project", "kept")
        project = Project(tmp_path / "kept", environment)
        with project.deploy() as api:
            status = json.loads(project.run("cloud", "status", "--json").stdout)
            assert status["running"] is True
            project.run("cloud", "stop")
            stopped = project.run("cloud", "status", "--json").stdout
            assert json.loads(stopped) == {"running": False}
            project.run("cloud", "start")
            assert api.get("").json() == {"hello": "world"}
        assert writes(project.run("deploy", "--local").stderr) == []
        project.run("delete", "--local", "-y")
    finally:
        run(environment, tmp_path, "cloud", "stop")


@pytest.mark.parametrize("command", ["deploy", "plan"])
def test_without_credentials_the_hint_names_both_ways(
    new_project: Callable[[str], Project], command: str
) -> None:
    project = new_project("nocreds")
    environment = {**project.environment, "AWS_DEFAULT_REGION": "us-east-1"}
    refused = Project(project.directory, environment).run(command, code=1)
    assert refused.stderr.startswith("error: no AWS credentials found\n")
    assert "aws configure" in refused.stderr
    assert "chalice deploy --local" in refused.stderr
    assert not (project.directory / ".chalice" / "deployed" / "dev.json").exists()


def test_a_stage_is_not_mixed_up_with_one_of_another_account_or_region(
    new_project: Callable[[str], Project],
) -> None:
    project = new_project("elsewhere")
    with project.deploy():
        pass
    environment = {**project.environment, "AWS_DEFAULT_REGION": "eu-west-1"}
    refused = Project(project.directory, environment).run("deploy", "--local", code=1)
    assert "region us-east-1; this command runs in account 123456789012, region eu-west-1" in (
        refused.stderr
    )
    project.run("delete", "--local", "-y")


def test_deleting_what_was_never_deployed_needs_no_account(
    new_project: Callable[[str], Project],
) -> None:
    project = new_project("neverthere")
    assert project.run("delete").stderr == "Nothing is recorded for stage dev.\n"
