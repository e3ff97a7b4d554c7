"""What a user puts in front of the routes: other doors, authorizers, usage plans."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials

from chalice.cloud import status
from tests.cloud.aws import client, unique
from tests.cloud.doors import ask_signed
from tests.e2e.project import Project

APP = """
from chalice import Chalice, IAMAuthorizer

app = Chalice(app_name="%s")


@app.route("/names/{name}", methods=["GET", "PUT"], cors=True)
def named(name):
    request = app.current_request
    return {"name": name, "query": dict(request.query_params or {}), "body": request.json_body}
"""
SIGNED = """
from chalice import Chalice, IAMAuthorizer

app = Chalice(app_name="%s")


@app.route("/", authorizer=IAMAuthorizer())
def index():
    return {"hello": "somebody"}
"""
KEYED = """
from chalice import Chalice

app = Chalice(app_name="%s")


@app.route("/", api_key_required=True)
def index():
    return {"hello": "holder"}
"""


@pytest.fixture
def open_clients() -> Iterator[ExitStack]:
    """What is closed after the test."""
    with ExitStack() as stack:
        yield stack


def make(new_project: Callable[[str], Project], app: str, **settings: object) -> Project:
    """Make a project with that app and those settings of its stage ``dev``."""
    name = unique("shop")
    project = new_project(name)
    project.write("app.py", app % name)
    configure(project, **settings)
    return project


def configure(project: Project, **settings: object) -> None:
    """Change the stage ``dev`` in the configuration."""
    path = project.directory / ".chalice" / "config.json"
    config: dict[str, Any] = json.loads(path.read_text())
    config["stages"]["dev"].update(settings)
    path.write_text(json.dumps(config))


def aws(project: Project, service: str) -> Any:
    """Return a client of the cloud that the project is deployed to."""
    found = status(Path(project.environment["CHALICE_CLOUD_HOME"]))
    assert found is not None
    return client(found, service)


def unchanged(project: Project) -> bool:
    """Whether a deploy finds nothing to do."""
    lines = project.run("deploy", "--local").stderr.splitlines()
    verbs = ("Creating ", "Updating ", "Deleting ")
    return [x for x in lines if x.startswith(verbs)] == ["Creating deployment package."]


@pytest.mark.parametrize("kind", ["http", "function_url"])
def test_routes_answer_behind_another_door(
    new_project: Callable[[str], Project], open_clients: ExitStack, kind: str
) -> None:
    project = make(new_project, APP, api_gateway_type=kind)
    web = open_clients.enter_context(project.deploy())
    answer = web.put("/names/a%20b?q=1", json={"deep": [1]})
    assert answer.json() == {"name": "a b", "query": {"q": "1"}, "body": {"deep": [1]}}
    preflight = web.options(
        "/names/x", headers={"Origin": "https://a", "Access-Control-Request-Method": "PUT"}
    )
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert unchanged(project)
    configure(project, api_gateway_type="rest")
    again = open_clients.enter_context(project.deploy())
    assert again.base_url != web.base_url
    assert again.get("/names/x").json()["name"] == "x"
    assert web.get("/names/x").status_code in (403, 404)


@pytest.mark.parametrize("kind", ["rest", "http", "function_url"])
def test_a_route_that_wants_a_signature_answers_who_signs(
    new_project: Callable[[str], Project], open_clients: ExitStack, kind: str
) -> None:
    project = make(new_project, SIGNED, api_gateway_type=kind)
    web = open_clients.enter_context(project.deploy())
    assert web.get("/").status_code == 403
    service = "lambda" if kind == "function_url" else "execute-api"
    answer = ask_signed(Credentials("any", "key"), f"{web.base_url}", service=service)
    assert (answer.status_code, answer.json()) == (200, {"hello": "somebody"})


def test_a_usage_plan_limits_the_holders_of_its_keys(
    new_project: Callable[[str], Project], open_clients: ExitStack
) -> None:
    plan: dict[str, Any] = {"quota_limit": 2, "quota_period": "DAY", "api_keys": ["web"]}
    project = make(new_project, KEYED, api_usage_plans={"basic": plan})
    web = open_clients.enter_context(project.deploy())
    assert web.get("/").status_code == 403
    (key,) = aws(project, "apigateway").get_api_keys(includeValues=True)["items"]
    headers = {"x-api-key": key["value"]}
    assert [web.get("/", headers=headers).status_code for _ in range(3)] == [200, 200, 429]
    assert unchanged(project)
    configure(project, api_usage_plans={"basic": {**plan, "quota_limit": 3, "rate_limit": 50}})
    project.run("deploy", "--local")
    assert [web.get("/", headers=headers).status_code for _ in range(2)] == [200, 429]
    assert unchanged(project)
    project.run("delete", "--local")
    gateway = aws(project, "apigateway")
    assert gateway.get_usage_plans()["items"] == gateway.get_api_keys()["items"] == []
