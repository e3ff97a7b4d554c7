"""The policy for whoever deploys an app is enough, and no more than it takes."""

from __future__ import annotations

import json
import sys
from typing import Any

import botocore.session
import pytest

from tests.e2e.project import Project

APP = """
from chalice import Chalice, Rate

app = Chalice(app_name="ci")
app.experimental_feature_flags.update(["WEBSOCKETS"])


@app.route("/")
def index():
    return {"hello": "world"}


@app.authorizer()
def gate(request):
    return None


@app.on_sqs_message(queue="orders")
def work(event):
    pass


@app.on_s3_event(bucket="uploads")
def uploaded(event):
    pass


@app.on_sns_message(topic="news")
def told(event):
    pass


@app.schedule(Rate(1, unit=Rate.HOURS))
def hourly(event):
    pass


@app.on_ws_message()
def message(event):
    app.websocket_api.send(event.connection_id, "hello")
"""
CONFIG = {
    "version": "2.0",
    "app_name": "ci",
    "autogen_policy": "scoped",
    "iam_role_per_function": True,
    "log_retention_in_days": 7,
    "reserved_concurrency": 5,
    "automatic_layer": True,
    "lambda_functions": {"hourly": {"snap_start": sys.version_info >= (3, 12)}},
}


class Account:
    """The embedded cloud as its owner, and a user of it who deploys."""

    def __init__(self, project: Project) -> None:
        found = json.loads(project.run("cloud", "status", "--json").stdout)
        self.endpoint_url = found["endpoint_url"]
        iam = self.client("iam")
        iam.create_user(UserName="deployer")
        key = iam.create_access_key(UserName="deployer")["AccessKey"]
        self.environment = {
            **project.environment,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }

    def client(self, service: str) -> Any:
        return botocore.session.Session().create_client(
            service,
            region_name="us-east-1",
            endpoint_url=self.endpoint_url,
            aws_access_key_id="owner",
            aws_secret_access_key="owner",
        )

    def permit(self, document: object) -> None:
        self.client("iam").put_user_policy(
            UserName="deployer", PolicyName="deployer", PolicyDocument=json.dumps(document)
        )


def without(document: Any, action: str) -> object:
    statements = [
        {**each, "Action": [name for name in each["Action"] if name != action]}
        for each in document["Statement"]
    ]
    return {**document, "Statement": [each for each in statements if each["Action"]]}


@pytest.fixture(scope="module")
def project(user: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("ci"), user)
    project.write("app.py", APP)
    project.write("requirements.txt", "")
    project.write("vendor/shared.py", "SHARED = 1\n")
    project.write(".chalice/config.json", json.dumps(CONFIG))
    project.run("cloud", "start")
    return project


def test_the_deployers_policy_is_enough_and_each_action_counts(project: Project) -> None:
    account = Account(project)
    account.client("sqs").create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "60"})
    account.client("s3").create_bucket(Bucket="uploads")
    account.client("sns").create_topic(Name="news")
    deployer = Project(project.directory, account.environment)
    policy = json.loads(project.run("gen-policy", "--for", "deployer").stdout)
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert not any("*" in action for action in actions)
    assert "lambda:PublishLayerVersion" in actions
    for action in ("lambda:CreateFunction", "iam:PassRole", "sns:Subscribe"):
        account.permit(without(policy, action))
        assert f"perform: {action} on" in deployer.run("deploy", code=1).stderr
    account.permit(policy)
    deployer.run("deploy")
    changed = {
        **CONFIG,
        "log_retention_in_days": 14,
        "lambda_timeout": 10,
        "reserved_concurrency": 6,
        "tags": {"team": "ci"},
    }
    project.write("app.py", APP.replace("world", "you"))
    project.write("vendor/shared.py", "SHARED = 2\n")
    project.write(".chalice/config.json", json.dumps(changed))
    deployer.run("deploy")
    assert {line.split()[0] for line in deployer.run("plan").stdout.splitlines()} == {"keep"}
    account.permit(without(policy, "lambda:DeleteFunction"))
    assert "lambda:DeleteFunction" in deployer.run("delete", "-y", code=1).stderr
    account.permit(policy)
    deployer.run("delete", "-y")
