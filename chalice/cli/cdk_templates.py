"""What a project of type ``cdk-ddb`` begins with: an app and a stack of the CDK around it."""

from __future__ import annotations

import json
from collections.abc import Mapping

README = """\
{name}
{line}

An API of Chalice in a stack of the AWS CDK, with a DynamoDB table::

    infrastructure/    the stack: the table, and the app with the right to use it
    runtime/           the app

Deploying needs Node.js and the CDK's command (``npm install -g aws-cdk``)::

    pip install -r requirements.txt
    cd infrastructure
    cdk bootstrap      # once for each account and region
    cdk deploy

While you write the app, run it in ``runtime/``: ``chalice local``, or ``chalice deploy --local``.
"""

STACK_APP = """\
#!/usr/bin/env python3
from aws_cdk import App

from stacks.chaliceapp import ChaliceApp

app = App()
ChaliceApp(app, "{name}")
app.synth()
"""

STACK = """\
from pathlib import Path

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from chalice.cdk import Chalice

RUNTIME = Path(__file__).parents[2] / "runtime"


class ChaliceApp(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        self.table = self._table()
        self.chalice = Chalice(
            self,
            "ChaliceApp",
            source_dir=str(RUNTIME),
            stage_config={"environment_variables": {"APP_TABLE_NAME": self.table.table_name}},
        )
        self.table.grant_read_write_data(self.chalice.get_role("DefaultRole"))

    def _table(self):
        table = dynamodb.Table(
            self,
            "AppTable",
            partition_key=dynamodb.Attribute(name="PK", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="SK", type=dynamodb.AttributeType.STRING),
            removal_policy=RemovalPolicy.DESTROY,
        )
        CfnOutput(self, "AppTableName", value=table.table_name)
        return table
"""

APP = """\
import os

import boto3
from chalice import Chalice

app = Chalice(app_name="{name}")
table = boto3.resource("dynamodb").Table(os.environ.get("APP_TABLE_NAME", ""))


@app.route("/users", methods=["POST"])
def create_user():
    user = app.current_request.json_body
    table.put_item(Item={{"PK": f"User#{{user['username']}}", "SK": "profile", **user}})
    return {{}}


@app.route("/users/{{username}}")
def get_user(username):
    key = {{"PK": f"User#{{username}}", "SK": "profile"}}
    user = table.get_item(Key=key).get("Item", {{}})
    return {{field: value for field, value in user.items() if field not in key}}
"""

GITIGNORE = """\
.venv/
__pycache__/
cdk.out/
chalice.out/
"""


def cdk_files(name: str, runtime: Mapping[str, str]) -> Mapping[str, str]:
    """Return the files of the project; ``runtime`` are those of a usual one."""
    config = {
        "version": "2.0",
        "app_name": name,
        "autogen_policy": "scoped",
        "stages": {"dev": {"api_gateway_stage": "api"}},
        "lambda_functions": {"api_handler": {"environment_variables": {"APP_TABLE_NAME": ""}}},
    }
    app = {
        **runtime,
        ".chalice/config.json": json.dumps(config, indent=2) + "\n",
        "app.py": APP.format(name=name),
        "requirements.txt": "boto3<2.0.0\n",
    }
    return {
        ".gitignore": GITIGNORE,
        "README.rst": README.format(name=name, line="=" * len(name)),
        "requirements.txt": "-r infrastructure/requirements.txt\n-r runtime/requirements.txt\n",
        "infrastructure/app.py": STACK_APP.format(name=name),
        "infrastructure/cdk.json": json.dumps({"app": "python3 app.py"}, indent=2) + "\n",
        "infrastructure/requirements.txt": "aws-cdk-lib>2.0,<3.0\nchalice[cdk]\n",
        "infrastructure/stacks/__init__.py": "",
        "infrastructure/stacks/chaliceapp.py": STACK,
        **{f"runtime/{path}": text for path, text in app.items()},
    }
