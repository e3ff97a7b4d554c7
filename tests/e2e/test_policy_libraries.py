"""Calls of AWS that a required package makes, in the policies of a project that asks for that."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.bundle.packages import wheel
from tests.e2e.project import Project

APP = """
from chalice import Chalice

app = Chalice(app_name="shelf")


@app.lambda_function()
def keep(event, context):
    from orders import Orders

    return Orders("shelf").keep(event["id"])
"""
LIBRARY = b"""
import boto3

import hidden


class Orders:
    def __init__(self, name):
        self.table = boto3.resource("dynamodb").Table(name)

    def keep(self, key):
        hidden.count(key)
        self.table.put_item(Item={"id": key})
        return key
"""
HIDDEN = b"import boto3\ndef count(key):\n    boto3.client('s3').list_buckets()\n"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/shelf"


@pytest.fixture
def project(user: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project(tmp_path_factory.mktemp("shelf"), user)
    links = project.directory / "links"
    links.mkdir()
    wheel(links, "acme_orders", files={"orders/__init__.py": LIBRARY}, needs=["hidden"])
    wheel(links, "hidden", files={"hidden.py": HIDDEN})
    project.write("app.py", APP)
    project.write("requirements.txt", "--no-index\n--find-links ./links\nacme_orders\n")
    configure(project)
    yield project
    project.run("delete", "--local", "-y")


def configure(project: Project, *names: str) -> None:
    config = {"version": "2.0", "app_name": "shelf", "autogen_policy": "scoped"}
    if names:
        config["autogen_policy_libraries"] = names  # type: ignore[assignment]
    project.write(".chalice/config.json", json.dumps(config))


def actions(project: Project, *arguments: str) -> set[str]:
    document = json.loads(project.run("gen-policy", *arguments).stdout)
    return {
        action
        for statement in document["Statement"]
        for action in statement["Action"]
        if not action.startswith("logs:")
    }


def test_named_packages_are_read_as_the_project_is(project: Project) -> None:
    assert actions(project) == set()
    configure(project, "orders")
    assert actions(project) == actions(project, "--calls") == {"dynamodb:PutItem"}
    project.run("deploy", "--local")
    recorded = (project.directory / ".chalice" / "policy-dev.json").read_text()
    assert "dynamodb:PutItem" in recorded
    assert "s3:" not in recorded
    assert project.run("gen-policy", "--diff").stdout == ""
    explained = project.run("gen-policy", "--explain").stdout.splitlines()
    assert explained[explained.index(f"dynamodb:PutItem on {TABLE}") + 1] == (
        "  keep: orders/__init__.py:13: dynamodb PutItem, from app.py:8 by app.py:11"
    )
    shown = project.run("policy", "verify", "--", "true").stdout
    assert f"  keep: dynamodb:PutItem on {TABLE} (orders/__init__.py:13:" in shown
    configure(project, "orders", "hidden")
    assert actions(project) == {"dynamodb:PutItem", "s3:ListAllMyBuckets"}


def test_a_package_that_is_not_there_is_an_error_before_anything_is_deployed(
    project: Project,
) -> None:
    configure(project, "acme_orders")
    for command in (("gen-policy",), ("plan", "--local"), ("deploy", "--local")):
        said = project.run(*command, code=1).stderr
        assert "error: no requirement brings a package `acme_orders`" in said
        assert "--> .chalice/config.json" in said
        assert "hint: name it as it is imported; the requirements bring: hidden, orders" in said
    configure(project, "boto3")
    said = project.run("gen-policy", code=1).stderr
    assert "`boto3` is not to be read: what its calls need is known" in said
