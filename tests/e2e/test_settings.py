"""Settings of functions through the program: deployed, changed one by one, and taken back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest

from tests.e2e.project import Project
from tests.e2e.proxy import StrikingProxy

APP = """
from chalice import Chalice

app = Chalice(app_name="settled")


@app.route("/")
def index():
    import vendored

    return {"vendored": vendored.__file__}


@app.lambda_function()
def job(event, context):
    return "done"
"""
QUEUE = "arn:aws:sqs:us-east-1:123456789012:failures"
BOUNDARY = "arn:aws:iam::123456789012:policy/settled"
KEY = "arn:aws:kms:us-east-1:123456789012:key/abc"
EVERYTHING = {
    "lambda_timeout": 30,
    "lambda_memory_size": 256,
    "ephemeral_storage": 1024,
    "dead_letter": QUEUE,
    "kms_key_arn": KEY,
    "lambda_config": {"Description": "all of it", "LoggingConfig": {"LogFormat": "JSON"}},
    "environment_variables": {"MODE": "all"},
    "tags": {"team": "a"},
    "subnet_ids": ["subnet-1"],
    "security_group_ids": ["sg-1"],
    "xray": True,
    "reserved_concurrency": 0,
    "log_retention_in_days": 7,
}


class Account:
    """The project, deployed through a proxy that hears every call."""

    def __init__(self, project: Project, endpoint_url: str, proxy: StrikingProxy) -> None:
        self.project = project
        self._endpoint_url = endpoint_url
        self._proxy = proxy

    def client(self, service: str) -> Any:
        session = botocore.session.Session()
        session.set_credentials("any", "thing")
        return session.create_client(
            service, region_name="us-east-1", endpoint_url=self._endpoint_url
        )

    def configure(self, job: object = None, **settings: object) -> None:
        functions = {"lambda_functions": {"job": job or {}}}
        document = {"version": "2.0", "app_name": "settled", **settings, **functions}
        self.project.write(".chalice/config.json", json.dumps(document, indent=2))

    def planned(self) -> list[str]:
        """Return the lines of the plan that are not `keep`, those of details included."""
        lines = self.project.run("plan").stdout.splitlines()
        return [line.strip() for line in lines if not line.startswith("  keep")]

    def deploy(self) -> list[str]:
        """Deploy and return the writes that it took."""
        self._proxy.take_writes()
        self.project.run("deploy")
        return self._proxy.take_writes()

    def job(self) -> Any:
        return self.client("lambda").get_function(FunctionName="settled-dev-job")


@pytest.fixture(scope="module")
def account(new_project: Callable[[str], Project]) -> Iterator[Account]:
    project = new_project("settled")
    project.write("app.py", APP)
    project.write("vendor/vendored.py", "CHANGED = False")
    project.run("cloud", "start")
    endpoint = json.loads(project.run("cloud", "status", "--json").stdout)["endpoint_url"]
    with StrikingProxy(endpoint) as proxy:
        environment = {
            **project.environment,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": proxy.url,
        }
        account = Account(Project(project.directory, environment), endpoint, proxy)
        account.client("iam").create_policy(
            PolicyName="settled",
            PolicyDocument='{"Version": "2012-10-17", "Statement": '
            '[{"Effect": "Allow", "Action": "*", "Resource": "*"}]}',
        )
        yield account
        account.project.run("delete", "-y")


def test_everything_is_deployed_changed_alone_and_taken_back(account: Account) -> None:
    account.configure(EVERYTHING, permissions_boundary=BOUNDARY)
    account.deploy()
    job = account.job()
    found = job["Configuration"]
    expected = {
        "Timeout": 30,
        "MemorySize": 256,
        "EphemeralStorage": {"Size": 1024},
        "DeadLetterConfig": {"TargetArn": QUEUE},
        "KMSKeyArn": KEY,
        "Description": "all of it",
        "Environment": {"Variables": {"MODE": "all"}},
        "TracingConfig": {"Mode": "Active"},
    }
    assert {key: found[key] for key in expected} == expected
    assert found["LoggingConfig"]["LogFormat"] == "JSON"
    assert found["VpcConfig"]["SubnetIds"] == ["subnet-1"]
    assert job["Concurrency"] == {"ReservedConcurrentExecutions": 0}
    assert job["Tags"]["team"] == "a"
    logs = account.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/settled")[
        "logGroups"
    ]
    retention = {group["logGroupName"]: group.get("retentionInDays") for group in logs}
    assert retention["/aws/lambda/settled-dev-job"] == 7
    role = account.client("iam").get_role(RoleName="settled-dev")["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY

    for change, line, calls in (
        ({"ephemeral_storage": 2048}, "ephemeral_storage: 1024 -> 2048", ["PUT /configuration"]),
        (
            {"lambda_config": {"LoggingConfig": {"LogFormat": "JSON"}}},
            None,
            ["PUT /configuration"],
        ),
    ):
        EVERYTHING.update(change)
        account.configure(EVERYTHING, permissions_boundary=BOUNDARY)
        planned = account.planned()
        assert planned[0] == "~ update lambda function: settled-dev-job"
        assert len(planned) == 2
        assert line is None or planned[1] == line
        assert account.deploy() == calls
    assert account.job()["Configuration"].get("Description", "") == ""

    account.configure()
    written = account.deploy()
    assert sorted({re.sub(r" /tags/.*", " /tags", call) for call in written}) == [
        "DELETE /concurrency",
        "DELETE /tags",
        "DeleteRetentionPolicy",
        "DeleteRolePermissionsBoundary",
        "POST /tags",
        "PUT /configuration",
        "PutRolePolicy",
    ]
    assert account.planned() == []
    job = account.job()
    found = job["Configuration"]
    assert (found["Timeout"], found["MemorySize"], found["EphemeralStorage"]) == (
        60,
        128,
        {"Size": 512},
    )
    assert not found.get("DeadLetterConfig", {}).get("TargetArn")
    assert not found.get("KMSKeyArn")
    assert found["LoggingConfig"]["LogFormat"] == "Text"
    assert found["TracingConfig"] == {"Mode": "PassThrough"}
    assert not found["VpcConfig"]["SubnetIds"]
    assert "Concurrency" not in job
    assert "team" not in job["Tags"]


def test_requirements_move_into_a_layer_and_back(account: Account) -> None:
    account.configure()
    account.deploy()
    account.configure(automatic_layer=True)
    written = account.deploy()
    assert written == [
        "POST /layers/settled-dev-managed-layer/versions",
        *["PUT /code"] * 2,
        *["PUT /configuration"] * 2,
    ]
    assert answer(account).endswith("/site-packages/vendored.py")
    account.project.write("app.py", APP + "\n# changed\n")
    assert account.deploy() == ["PUT /code", "PUT /code"]
    account.project.write("vendor/vendored.py", "CHANGED = True")
    written = account.deploy()
    assert [call.partition(" ")[0] for call in written] == ["DELETE", "POST", "PUT", "PUT"]
    [row] = [row for row in rows(account) if row["name"] == "managed-layer"]
    assert row["resource_type"] == "lambda_layer"
    assert row["layer_version_arn"].endswith(":layer:settled-dev-managed-layer:2")
    account.configure()
    account.deploy()
    aws = account.client("lambda")
    listed = aws.list_layer_versions(LayerName="settled-dev-managed-layer")
    assert listed["LayerVersions"] == []
    assert "/site-packages/" not in answer(account)


def answer(account: Account) -> str:
    event = {
        "requestContext": {"httpMethod": "GET", "resourcePath": "/"},
        "headers": {},
        "multiValueQueryStringParameters": None,
        "pathParameters": {},
        "body": None,
        "stageVariables": None,
        "isBase64Encoded": False,
    }
    made = account.client("lambda").invoke(
        FunctionName="settled-dev", Payload=json.dumps(event).encode()
    )
    found: str = json.loads(json.loads(made["Payload"].read())["body"])["vendored"]
    return found


def rows(account: Account) -> Any:
    state = account.project.directory / ".chalice" / "deployed" / "dev.json"
    return json.loads(state.read_text())["resources"]


def test_parameters_that_lambda_does_not_know_stop_the_deploy(account: Account) -> None:
    account.configure({"lambda_config": {"Descripton": "x", "Timeout": 3}})
    refused = account.project.run("deploy", code=1).stderr
    assert "error: CreateFunction of AWS Lambda has no parameter `Descripton`" in refused
    assert "--> .chalice/config.json:7" in refused
    assert "hint: did you mean `Description`?" in refused
    assert "error: `lambda_config` cannot set `Timeout`" in refused
    assert "hint: use the key `lambda_timeout`" in refused
    account.configure()
