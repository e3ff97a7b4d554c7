"""What new projects begin with: file name to text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from chalice import __version__
from chalice.cli.cdk_templates import cdk_files

APP = """\
from chalice import Chalice

app = Chalice(app_name="{name}")


@app.route("/")
def index():
    return {{"hello": "world"}}


# A function under a route is called when somebody requests that path, and what it returns is
# sent back as JSON. Parts of the path in braces become arguments:
#
# @app.route("/hello/{{name}}")
# def hello(name):
#     return {{"hello": name}}
#
# `methods` says which HTTP methods it answers; the request is `app.current_request`:
#
# @app.route("/users", methods=["POST"])
# def create_user():
#     user = app.current_request.json_body
#     return {{"user": user}}
#
# Deploy what you have changed with `chalice deploy`, or, without an AWS account, to the cloud
# on this machine with `chalice deploy --local`.
"""

GITIGNORE = """\
.chalice/deployments/
.chalice/deployed/local/
.chalice/venv/
__pycache__/
"""


REST_TEST = """\
from app import app

from chalice.test import Client


def test_index():
    with Client(app) as client:
        answer = client.http.get("/")
        assert answer.json_body == {"hello": "world"}
"""

FUNCTIONS = """\
from chalice import Chalice

app = Chalice(app_name="{name}")


# These are plain Lambda functions: whoever may invoke them sends `event`, any JSON, and gets
# what they return.


@app.lambda_function()
def first_function(event, context):
    return {{"hello": "world"}}


@app.lambda_function()
def second_function(event, context):
    return {{"hello": event.get("name", "world")}}
"""

FUNCTIONS_TEST = """\
from app import app

from chalice.test import Client


def test_first_function():
    with Client(app) as client:
        assert client.lambda_.invoke("first_function").payload == {"hello": "world"}


def test_second_function():
    with Client(app) as client:
        answer = client.lambda_.invoke("second_function", {"name": "you"})
        assert answer.payload == {"hello": "you"}
"""

BUCKET = """\
import os

from chalice import Chalice

app = Chalice(app_name="{name}")

# Which bucket to listen to. The bucket must be there already; name it in .chalice/config.json:
#
#     "dev": {{"environment_variables": {{"APP_BUCKET_NAME": "my-bucket"}}, ...}}
BUCKET_NAME = os.environ.get("APP_BUCKET_NAME", "")


# S3 calls this for each object that is put into the bucket. `prefix` and `suffix` narrow down
# whose keys count: @app.on_s3_event(bucket=BUCKET_NAME, prefix="images/", suffix=".jpg")


@app.on_s3_event(bucket=BUCKET_NAME, events=["s3:ObjectCreated:*"])
def s3_handler(event):
    print(f"new in {{event.bucket}}: {{event.key}}")
    return {{"bucket": event.bucket, "key": event.key}}
"""

BUCKET_TEST = """\
from app import app

from chalice.test import Client


def test_s3_handler():
    with Client(app) as client:
        event = client.events.generate_s3_event(bucket="photos", key="summer/sea.jpg")
        answer = client.lambda_.invoke("s3_handler", event)
        assert answer.payload == {"bucket": "photos", "key": "summer/sea.jpg"}
"""


def legacy(name: str) -> Mapping[str, str]:
    """Return the files of the smallest project: one route, no tests."""
    stages = {"dev": {"api_gateway_stage": "api"}}
    config = {
        "version": "2.0",
        "app_name": name,
        "autogen_policy": "scoped",
        "iam_role_per_function": True,
        "stages": stages,
    }
    return {
        ".chalice/config.json": json.dumps(config, indent=2) + "\n",
        ".gitignore": GITIGNORE,
        "app.py": APP.format(name=name),
        "requirements.txt": "",
    }


def rest_api(name: str) -> Mapping[str, str]:
    """Return the files of a REST API with a package for its code and a test."""
    return {**legacy(name), **_tested(REST_TEST)}


def s3_event_handler(name: str) -> Mapping[str, str]:
    """Return the files of a function that S3 calls, with a test."""
    return {
        **legacy(name),
        **_tested(BUCKET_TEST),
        "app.py": BUCKET.format(name=name),
    }


def lambda_only(name: str) -> Mapping[str, str]:
    """Return the files of two functions without an API, with tests."""
    return {
        **legacy(name),
        **_tested(FUNCTIONS_TEST),
        "app.py": FUNCTIONS.format(name=name),
    }


def cdk_ddb(name: str) -> Mapping[str, str]:
    """Return the files of an API with a table, in a stack of the AWS CDK."""
    return cdk_files(name, legacy(name))


def _tested(test: str) -> Mapping[str, str]:
    return {
        "chalicelib/__init__.py": "",
        "requirements-dev.txt": f"chalice=={__version__}\npytest\n",
        "tests/__init__.py": "",
        "tests/test_app.py": test,
    }


TEMPLATES: Mapping[str, Callable[[str], Mapping[str, str]]] = {
    "legacy": legacy,
    "rest-api": rest_api,
    "s3-event-handler": s3_event_handler,
    "lambda-only": lambda_only,
    "cdk-ddb": cdk_ddb,
}
"""The project types by key: what makes the files of a project of that name."""
