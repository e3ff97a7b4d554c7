"""``chalice gen-policy``: JSON on stdout, talk on stderr, no account and no run of the app."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import chalice
from tests.cli.deployed import record

APP = """
import boto3
from chalice import Chalice

raise_on_import = {}["this module is read, not run"]
app = Chalice(app_name="demo")


@app.lambda_function()
def put(event, context):
    boto3.client("dynamodb").put_item(TableName="orders", Item=event)


@app.lambda_function()
def odd(event, context):
    boto3.client(event["service"]).anything()
"""
CONFIG = '{"version": "2.0", "app_name": "demo", "autogen_policy": "scoped"}'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(CONFIG)
    return tmp_path


def resources(printed: str) -> list[list[str]]:
    return [statement["Resource"] for statement in json.loads(printed)["Statement"]]


def test_stdout_is_the_policy_and_stderr_the_talk(project: Path) -> None:
    done = chalice("gen-policy", "--calls", cwd=project)
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert done.stdout == json.dumps(document, indent=2) + "\n"
    [statement] = document["Statement"]
    assert list(document) == ["Version", "Statement"]
    assert list(statement) == ["Effect", "Action", "Resource", "Sid"]
    assert statement["Action"] == ["dynamodb:PutItem"]
    assert statement["Resource"] == ["arn:*:dynamodb:*:*:table/orders"]
    assert "warning: a client is made of a service whose name is not known" in done.stderr
    assert "app.py:16" in done.stderr
    assert chalice("gen-policy", "--calls", cwd=project).stdout == done.stdout


def test_a_deployed_stage_has_a_place(project: Path) -> None:
    record(project, "put", stage="prod", config=CONFIG)
    here = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders"]
    assert resources(chalice("gen-policy", "--calls", "--stage", "prod", cwd=project).stdout) == [
        here
    ]
    assert resources(chalice("gen-policy", "--calls", cwd=project).stdout) != [here]


def test_one_function_of_many(project: Path) -> None:
    assert (
        resources(chalice("gen-policy", "--calls", "--function", "odd", cwd=project).stdout) == []
    )
    done = chalice("gen-policy", "--calls", "--function", "putt", cwd=project)
    assert (done.returncode, done.stdout) == (1, "")
    assert "the app has no function `putt`" in done.stderr
    assert "did you mean `put`?" in done.stderr


def test_any_file_can_be_read_where_there_is_no_project(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("import boto3\nclient = boto3.client('s3')\n")
    (tmp_path / "job.py").write_text("from helper import client\nclient.list_buckets()\n")
    done = chalice("gen-policy", "--filename", "job.py", cwd=tmp_path)
    [statement] = json.loads(done.stdout)["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["s3:ListAllMyBuckets"], ["*"])
    explained = chalice("gen-policy", "--filename", "job.py", "--explain", cwd=tmp_path)
    assert "job.py:2: s3 ListBuckets" in explained.stdout
    done = chalice("gen-policy", cwd=tmp_path)
    assert done.returncode == 1
    assert f"App file does not exist: {tmp_path / 'app.py'}" in done.stderr


def test_an_explanation_is_data_when_asked_for(project: Path) -> None:
    found = json.loads(chalice("gen-policy", "--calls", "--explain", "--json", cwd=project).stdout)
    [granted] = found["granted"]
    assert granted["action"] == "dynamodb:PutItem"
    assert granted["reasons"] == [
        {
            "function": "put",
            "what": "dynamodb PutItem",
            "file": "app.py",
            "line": 11,
            "path": ["app.py:10", "app.py:11"],
            "perhaps": None,
        }
    ]
    assert found["unresolved"][0]["where"] == "app.py:16"


def test_a_policy_is_compared_with_a_file(project: Path) -> None:
    app = APP.replace('raise_on_import = {}["this module is read, not run"]\n', "")
    (project / "app.py").write_text(app)
    done = chalice("gen-policy", "--diff", cwd=project)
    assert done.returncode == 1
    assert "no policy is recorded for stage dev" in done.stderr
    complete = chalice("gen-policy", "--complete", cwd=project)
    assert "log-group:/aws/lambda/demo-dev-put:*" in complete.stdout
    (project / "mine.json").write_text(complete.stdout.replace("table/orders", "table/x"))
    done = chalice("gen-policy", "--diff", "mine.json", cwd=project)
    assert done.returncode == 1
    assert done.stdout == (
        "+ dynamodb:PutItem on arn:*:dynamodb:*:*:table/orders\n"
        "- dynamodb:PutItem on arn:*:dynamodb:*:*:table/x\n"
    )
    (project / "mine.json").write_text(complete.stdout)
    done = chalice("gen-policy", "--diff", "mine.json", "--json", cwd=project)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"added": [], "removed": []})


def test_reports_that_do_not_go_together_are_refused(project: Path) -> None:
    for options in (("--explain", "--diff"), ("--filename", "app.py", "--complete")):
        assert chalice("gen-policy", *options, cwd=project).returncode == 2
