"""Functions without a route: deployed, called by name as other programs do, and deleted."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import botocore.exceptions
import botocore.session
import pytest

from tests.e2e.project import Project

APP = """
from chalice import Chalice
from chalicelib.jobs import jobs

app = Chalice(app_name="crunch")
app.register_blueprint(jobs, name_prefix="nightly_")


@app.middleware("pure_lambda")
def watch(event, get_response):
    return {"by": event.context.function_name, "result": get_response(event)}


@app.error(ZeroDivisionError)
def infinite(error):
    return "infinite"


@app.route("/")
def index():
    return {"hello": "world"}


@app.lambda_function(name="divider")
def divide(event, context):
    return event["a"] / event["b"]


@app.lambda_function()
async def slowly(event, context):
    return event
"""
JOBS = """
from chalice import Blueprint

jobs = Blueprint(__name__)


@jobs.lambda_function()
def clean(event, context):
    return {"removed": event, "id": context.aws_request_id}
"""


@pytest.fixture(scope="module")
def project(new_project: Callable[[str], Project]) -> Iterator[Project]:
    made = new_project("crunch")
    made.write("app.py", APP)
    made.write("chalicelib/__init__.py", "")
    made.write("chalicelib/jobs.py", JOBS)
    made.run("deploy", "--local")
    yield made
    made.run("delete", "--local", "-y")


@pytest.fixture(scope="module")
def aws(project: Project) -> Any:
    """A client of Lambda at the address that ``chalice cloud status`` tells."""
    status = json.loads(project.run("cloud", "status", "--json").stdout)
    session = botocore.session.Session()
    session.set_credentials("any", "thing")
    return session.create_client(
        "lambda", region_name="us-east-1", endpoint_url=status["endpoint_url"]
    )


def invoke(aws: Any, function: str, payload: object) -> tuple[Any, str | None]:
    """What a function returns, and the kind of error if it is one."""
    answer = aws.invoke(FunctionName=function, Payload=json.dumps(payload).encode())
    stream: io.BufferedIOBase = answer["Payload"]
    return json.loads(stream.read()), answer.get("FunctionError")


def test_a_function_runs_with_its_middleware(aws: Any) -> None:
    answer, error = invoke(aws, "crunch-dev-divider", {"a": 6, "b": 4})
    assert (answer, error) == ({"by": "crunch-dev-divider", "result": 1.5}, None)


def test_an_async_function_gets_any_json(aws: Any) -> None:
    answer, error = invoke(aws, "crunch-dev-slowly", ["any", {"json": None}])
    assert (answer["result"], error) == (["any", {"json": None}], None)


def test_errors_are_handled_or_are_function_errors(aws: Any) -> None:
    assert invoke(aws, "crunch-dev-divider", {"a": 1, "b": 0}) == ("infinite", None)
    answer, error = invoke(aws, "crunch-dev-divider", {})
    assert error == "Unhandled"
    assert (answer["errorType"], answer["errorMessage"]) == ("KeyError", "'a'")


def test_a_function_of_a_blueprint_is_deployed_from_its_module(aws: Any) -> None:
    answer, error = invoke(aws, "crunch-dev-nightly_clean", 3)
    assert error is None
    assert answer["result"]["removed"] == 3
    assert len(answer["result"]["id"]) == 36
    [found] = [
        function
        for function in aws.list_functions()["Functions"]
        if function["FunctionName"] == "crunch-dev-nightly_clean"
    ]
    assert found["Handler"] == "chalicelib.jobs.clean"


def test_a_function_that_is_removed_is_deleted(project: Project, aws: Any) -> None:
    project.write("app.py", APP[: APP.index("@app.lambda_function()")])
    project.run("deploy", "--local")
    with pytest.raises(botocore.exceptions.ClientError, match="slowly"):
        aws.get_function(FunctionName="crunch-dev-slowly")
    assert invoke(aws, "crunch-dev-divider", {"a": 1, "b": 1})[1] is None
