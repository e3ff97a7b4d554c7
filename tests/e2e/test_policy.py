"""Generated policies, put to the test by a cloud that enforces them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest

from tests.cli.terminal import Terminal
from tests.e2e.project import Project

APP = """
import os

import boto3
from chalice import Chalice

from chalicelib.store import save

app = Chalice(app_name="three")
queue = boto3.client("sqs")


def other(event):
    client = boto3.client(event["service"])
    return str(getattr(client, event["call"])(**event["parameters"]))


@app.lambda_function()
def put(event, context):
    return other(event) if "call" in event else save(event["id"])


@app.lambda_function()
def fetch(event, context):
    if "call" in event:
        return other(event)
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
    return table.get_item(Key={"id": event["id"]})["Item"]["id"]


@app.lambda_function()
def report(event, context):
    if "call" in event:
        return other(event)
    s3 = boto3.client("s3")
    s3.put_object(Bucket="reports", Key=f"daily/{event['name']}.txt", Body=b"fine")
    url = queue.get_queue_url(QueueName="done")["QueueUrl"]
    return len(queue.send_message(QueueUrl=url, MessageBody=event["name"])["MessageId"])
"""
STORE = """
import os

import boto3

orders = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def save(key):
    orders.put_item(Item={"id": key})
    return key
"""
CONFIG = {
    "version": "2.0",
    "app_name": "three",
    "autogen_policy": "scoped",
    "iam_role_per_function": True,
    "environment_variables": {"TABLE": "orders"},
}
GET: dict[str, Any] = {
    "service": "dynamodb",
    "call": "get_item",
    "parameters": {"TableName": "orders", "Key": {"id": {"S": "7"}}},
}
PUT = {**GET, "call": "put_item", "parameters": {"TableName": "orders", "Item": {"id": {"S": "9"}}}}


@pytest.fixture(scope="module")
def project(user: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project(tmp_path_factory.mktemp("three"), user)
    project.write("app.py", APP)
    project.write("chalicelib/__init__.py", "")
    project.write("chalicelib/store.py", STORE)
    project.write("requirements.txt", "")
    project.write(".chalice/config.json", json.dumps(CONFIG))
    project.run("deploy", "--local")
    make_resources(project)
    yield project
    project.run("delete", "--local", "-y")


def client(project: Project, service: str) -> Any:
    found = json.loads(project.run("cloud", "status", "--json").stdout)
    return botocore.session.Session().create_client(
        service,
        region_name="us-east-1",
        endpoint_url=found["endpoint_url"],
        aws_access_key_id="anybody",
        aws_secret_access_key="anybody",
    )


def make_resources(project: Project) -> None:
    client(project, "dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client(project, "s3").create_bucket(Bucket="reports")
    client(project, "sqs").create_queue(QueueName="done")


def invoke(project: Project, name: str, event: object) -> Any:
    reply = client(project, "lambda").invoke(
        FunctionName=f"three-dev-{name}", Payload=json.dumps(event)
    )
    answer = json.loads(reply["Payload"].read())
    return answer["errorMessage"] if "FunctionError" in reply else answer


def policy(project: Project, role: str) -> set[tuple[str, str]]:
    iam = client(project, "iam")
    document = iam.get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"]
    return {
        (action, resource)
        for statement in document["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
        if not action.startswith("logs:")
    }


def test_each_function_may_do_what_it_does(project: Project) -> None:
    assert invoke(project, "put", {"id": "7"}) == "7"
    assert invoke(project, "fetch", {"id": "7"}) == "7"
    assert invoke(project, "report", {"name": "today"}) == 36


def test_no_function_may_do_what_another_does(project: Project) -> None:
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
    for name, call, action in (
        ("fetch", PUT, "dynamodb:PutItem"),
        ("put", GET, "dynamodb:GetItem"),
        ("report", GET, "dynamodb:GetItem"),
    ):
        refused = invoke(project, name, call)
        assert "AccessDenied" in refused, refused
        assert f"not authorized to perform: {action} on resource: {table}" in refused
    elsewhere = {"Bucket": "reports", "Key": "weekly/1", "Body": "x"}
    event = {"service": "s3", "call": "put_object", "parameters": elsewhere}
    assert "arn:aws:s3:::reports/weekly/1" in invoke(project, "report", event)


def test_each_role_has_what_its_function_needs_and_no_more(project: Project) -> None:
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
    queue = "arn:aws:sqs:us-east-1:123456789012:done"
    assert policy(project, "three-dev-put") == {("dynamodb:PutItem", table)}
    assert policy(project, "three-dev-fetch") == {("dynamodb:GetItem", table)}
    assert policy(project, "three-dev-report") == {
        ("s3:PutObject", "arn:aws:s3:::reports/daily/*.txt"),
        ("sqs:GetQueueUrl", queue),
        ("sqs:SendMessage", queue),
    }


def test_what_cannot_be_understood_is_a_warning(project: Project) -> None:
    for command in (("gen-policy", "--function", "put"), ("plan", "--local")):
        said = project.run(*command).stderr
        assert "warning: a client is made of a service whose name is not known" in said
        assert "app.py:14" in said
        assert "app.needs(...)" in said


def test_the_policy_is_written_for_people_and_never_over_their_edits(project: Project) -> None:
    path = project.directory / ".chalice" / "policy-dev.json"
    text = path.read_text()
    assert "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/orders" in text
    assert project.run("gen-policy", "--diff").stdout == ""
    edited = text.replace("dynamodb:GetItem", "dynamodb:Query")
    path.write_text(edited)
    said = project.run("deploy", "--local").stderr
    assert "Leaving .chalice/policy-dev.json as it is: somebody has edited it" in said
    assert path.read_text() == edited
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
    differences = project.run("gen-policy", "--diff", code=1).stdout
    assert differences == f"+ dynamodb:GetItem on {table}\n- dynamodb:Query on {table}\n"
    project.run("deploy", "--local", "--no-autogen-policy")
    assert {"dynamodb:PutItem", "dynamodb:Query"} <= {
        action for action, _ in policy(project, "three-dev-fetch")
    }
    path.unlink()
    project.run("deploy", "--local")
    assert path.read_text() == text
    assert policy(project, "three-dev-fetch") == {("dynamodb:GetItem", table)}


def test_a_person_is_asked_before_actions_change(project: Project) -> None:
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
    project.write("chalicelib/store.py", STORE.replace("put_item(Item", "delete_item(Key"))
    plan = project.run("plan", "--local").stdout
    assert f"    + dynamodb:DeleteItem on {table}\n    - dynamodb:PutItem on {table}\n" in plan
    [change] = [
        line
        for line in json.loads(project.run("plan", "--local", "--json").stdout)
        if line["resource"] == "put_role"
    ]
    assert change["added"] == [{"action": "dynamodb:DeleteItem", "resource": table}]
    arguments = ("-m", "chalice", "deploy", "--local")
    terminal = Terminal(*arguments, cwd=project.directory, **project.environment)
    terminal.wait_for("Would you like to continue?")
    terminal.type("n\r")
    assert terminal.leave() == 1
    shown = " ".join(terminal.shown.split())
    added = f"action will be added to the execution policy: dynamodb:DeleteItem on {table}"
    assert f"The following {added}" in shown
    assert policy(project, "three-dev-put") == {("dynamodb:PutItem", table)}
    terminal = Terminal(*arguments, cwd=project.directory, **project.environment)
    terminal.wait_for("Would you like to continue?")
    terminal.type("\r")
    assert terminal.leave() == 0
    assert policy(project, "three-dev-put") == {("dynamodb:DeleteItem", table)}
    project.write("chalicelib/store.py", STORE)
    terminal = Terminal(*arguments, "-y", cwd=project.directory, **project.environment)
    assert terminal.leave() == 0
    assert "Would you like to continue?" not in terminal.shown
    assert policy(project, "three-dev-put") == {("dynamodb:PutItem", table)}


SMOKE = """
import json
import sys

import botocore.session

aws = botocore.session.Session().create_client("lambda", region_name="us-east-1")
for name, event in json.loads(sys.argv[1]):
    aws.invoke(FunctionName=f"three-dev-{name}", Payload=json.dumps(event))
print("smoke")
"""


def test_verify_tells_what_is_missing_and_what_is_too_much(project: Project) -> None:
    project.write("smoke.py", SMOKE)
    command = ("--", sys.executable, "smoke.py")
    events = [["put", {"id": "1"}], ["put", PUT], ["put", GET], ["fetch", {"id": "1"}]]
    done = project.run("policy", "verify", *command, json.dumps(events), code=1)
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
    queue = "arn:aws:sqs:us-east-1:123456789012:done"
    assert done.stdout.splitlines() == [
        "Needed and granted: 2",
        f"  fetch: dynamodb:GetItem on {table} (dynamodb GetItem)",
        f"  put: dynamodb:PutItem on {table} (dynamodb PutItem)",
        "Granted, never used: 3",
        "  report: s3:PutObject on arn:aws:s3:::reports/daily/*.txt (app.py:36: s3 PutObject)",
        f"  report: sqs:GetQueueUrl on {queue} (app.py:37: sqs GetQueueUrl)",
        f"  report: sqs:SendMessage on {queue} (app.py:38: sqs SendMessage)",
        "Used, not granted: 1",
        f"  put: dynamodb:GetItem on {table} (dynamodb GetItem)",
        "    from app.py:20 in put",
        "         app.py:15 in other",
    ]
    assert "smoke" in done.stderr
    assert "AccessDenied" in invoke(project, "put", GET)
    events = [["put", {"id": "1"}], ["fetch", {"id": "1"}], ["report", {"name": "x"}]]
    strict = project.run("policy", "verify", "--strict", "--json", *command, json.dumps(events))
    found = json.loads(strict.stdout)
    assert (len(found["needed"]), found["unused"], found["missing"]) == (5, [], [])
    shown = project.run("policy", "verify", "--json", *command, json.dumps([["put", GET]]), code=1)
    found = json.loads(shown.stdout)
    [missing] = found["missing"]
    assert missing["stacks"] == [
        [
            {"file": "app.py", "line": 20, "function": "put"},
            {"file": "app.py", "line": 15, "function": "other"},
        ]
    ]
    assert [
        (each["file"], each["line"]) for each in found["unused"] if each["function"] == "put"
    ] == [("chalicelib/store.py", 10)]
    project.run("policy", "verify", "--strict", *command, "[]", code=1)
    failed = project.run("policy", "verify", "--", "sh", "-c", "exit 3", code=3).stderr
    assert "`sh` failed with exit code 3." in failed


def test_verify_shows_the_ways_to_a_call(project: Project) -> None:
    names = [f"step{number}" for number in range(7)]
    app = APP.replace("import os\n", "import os\n\nimport steps\n").replace(
        "return other(event) if", "return steps.take(event, other) if"
    )
    project.write("app.py", app)
    project.write(
        "vendor/steps.py",
        "def take(event, then):\n    return globals()[event['way']](event, then)\n"
        + "".join(f"def {name}(event, then):\n    return then(event)\n" for name in names),
    )
    project.write("smoke.py", SMOKE)
    events = [["put", {**GET, "way": name}] for name in names]
    command = ("policy", "verify", "--", sys.executable, "smoke.py", json.dumps(events))
    lines = project.run(*command, code=1).stdout.splitlines()
    first = lines.index("    from app.py:22 in put")
    assert lines[first : first + 5] == [
        "    from app.py:22 in put",
        "         vendor/steps.py:2 in take",
        "         vendor/steps.py:4 in step0",
        "         app.py:17 in other",
        "    from app.py:22 in put",
    ]
    assert lines[-1] == "    and in 2 other ways, which --json shows"
    project.write("app.py", APP)
    (project.directory / "vendor" / "steps.py").unlink()


def test_an_app_goes_from_one_kind_of_role_to_the_other(project: Project) -> None:
    config = {**CONFIG, "autogen_policy": True, "iam_role_per_function": False}
    project.write(".chalice/config.json", json.dumps(config))
    plan = project.run("plan", "--local").stdout.splitlines()
    assert plan[0] == "+ create IAM role: three-dev"
    assert sorted(plan[-3:]) == [
        f"- delete IAM role: three-dev-{name}" for name in ("fetch", "put", "report")
    ]
    project.run("deploy", "--local")
    assert policy(project, "three-dev") == {
        (action, "*")
        for action in (
            *("dynamodb:GetItem", "dynamodb:PutItem", "s3:PutObject"),
            *("sqs:GetQueueUrl", "sqs:SendMessage"),
        )
    }
    assert invoke(project, "fetch", {"id": "7"}) == "7"
    assert "AccessDenied" not in invoke(project, "fetch", PUT)
    project.write(".chalice/config.json", json.dumps(CONFIG))
    project.run("deploy", "--local")
    assert invoke(project, "fetch", {"id": "9"}) == "9"
    assert "AccessDenied" in invoke(project, "fetch", PUT)
    roles = client(project, "iam").list_roles()["Roles"]
    assert {role["RoleName"] for role in roles if role["RoleName"].startswith("three-")} == {
        *("three-dev-put", "three-dev-fetch", "three-dev-report"),
    }
