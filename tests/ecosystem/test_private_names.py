"""Names that look private, or belong to the tool, and that public projects use all the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import chalice.cli.factory
import chalice.config
from chalice import Blueprint, Chalice, CognitoUserPoolAuthorizer
from chalice.app import CORSConfig, Request, RouteEntry
from chalice.cli import CLIFactory
from chalice.config import Config
from chalice.local import LocalGateway
from chalice.test import Client
from tests.config.projects import untouched_process

JSON = {"Content-Type": "application/json"}


def test_the_body_of_a_request_is_there_as_it_came() -> None:
    app = Chalice("private", configure_logs=False)

    @app.route("/", methods=["POST"])
    def view() -> Any:
        request: Any = app.current_request
        return {"parsed": json.loads(request._body), "raw": request.raw_body}

    answer = Client(app).http.post("/", headers=JSON, body='{"a":1}')
    assert answer.json_body == {"parsed": {"a": 1}, "raw": '{"a":1}'}


def test_routes_can_be_walked() -> None:
    app = Chalice("private", configure_logs=False)
    pool = CognitoUserPoolAuthorizer("pool", ["arn"])

    @app.route("/pets/{name}", methods=["GET", "PUT"], cors=True, authorizer=pool)
    def pet(name: str) -> Any:
        """A pet."""

    found = [
        (path, method, entry.view_function.__doc__, entry.uri_pattern, entry.view_args)
        for path, methods in app.routes.items()
        for method, entry in methods.items()
    ]
    assert found == [
        ("/pets/{name}", method, "A pet.", "/pets/{name}", ["name"]) for method in ("GET", "PUT")
    ]
    entry = app.routes["/pets/{name}"]["PUT"]
    assert isinstance(entry, RouteEntry)
    assert entry.authorizer is pool
    assert entry.cors == CORSConfig()
    assert app.handler_map["pet"] is entry.view_function


def test_a_subclass_sees_every_registration() -> None:
    registered = []

    class Watched(Chalice):
        def _register_handler(
            self,
            handler_type: str,
            name: str,
            user_handler: Any,
            wrapped_handler: Any,
            kwargs: Any,
            options: Any = None,
        ) -> None:
            registered.append((handler_type, name))
            super()._register_handler(
                handler_type, name, user_handler, wrapped_handler, kwargs, options
            )

    app = Watched("private", configure_logs=False)
    app.route("/", name="index")(lambda: "here")
    app.schedule("rate(1 hour)", name="hourly")(lambda event: None)
    app.lambda_function(name="job")(lambda event, context: None)
    app.on_sqs_message(queue="queue", name="messages")(lambda event: None)
    blueprint = Blueprint("more")
    blueprint.route("/more", name="more")(lambda: None)
    app.register_blueprint(blueprint)
    assert registered == [
        ("route", "index"),
        ("schedule", "hourly"),
        ("lambda_function", "job"),
        ("on_sqs_message", "messages"),
        ("route", "more"),
    ]
    assert Client(app).http.get("/").body == b"here"


def test_a_request_is_made_of_an_event() -> None:
    event = {
        "requestContext": {"httpMethod": "GET", "resourcePath": "/{name}"},
        "headers": {"A": "b"},
        "pathParameters": {"name": "ann"},
        "multiValueQueryStringParameters": None,
        "body": None,
        "stageVariables": None,
    }
    request = Request(event, None)
    assert request.to_original_event() is event
    assert (request.method, request.uri_params, request._body) == ("GET", {"name": "ann"}, None)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / ".chalice").mkdir()
    stages = {"test": {"environment_variables": {"CHALICE_STAGE": "test"}}}
    config = {"version": "2.0", "app_name": "private", "lambda_timeout": 10, "stages": stages}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    (tmp_path / "app.py").write_text(
        "import os\n"
        "from chalice import Chalice\n"
        "app = Chalice('private', configure_logs=False)\n"
        "STAGE = os.environ['CHALICE_STAGE']\n"
        "@app.route('/')\n"
        "def index():\n"
        "    return STAGE\n"
    )
    with untouched_process():
        yield tmp_path


def test_a_test_fixture_loads_the_project_as_the_command_does(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHALICE_STAGE", "outside")
    assert chalice.cli.factory.CLIFactory is CLIFactory
    factory = CLIFactory(project_dir=str(project))
    config = factory.create_config_obj(chalice_stage_name="test")
    assert isinstance(config, chalice.config.Config)
    gateway = LocalGateway(config.chalice_app, config)
    response = gateway.handle_request(method="GET", path="/", headers={}, body="")
    assert (response["statusCode"], response["body"]) == (200, "test")


def test_what_the_caller_gives_counts_more_than_the_file(project: Path) -> None:
    factory = CLIFactory(str(project), debug=True, profile="work")
    given = {"lambda_timeout": 30}
    config = factory.create_config_obj("dev", False, "v1", user_provided_params=given)
    assert (config.lambda_timeout, config.profile) == (30, "work")
    assert (config.autogen_policy, config.api_gateway_stage) == (False, "v1")


def test_the_variables_of_a_stage_are_set_where_the_caller_says(project: Path) -> None:
    environ: dict[str, str] = {}
    CLIFactory(project_dir=str(project), environ=environ).create_config_obj("test")
    assert environ == {"CHALICE_STAGE": "test"}


def test_a_config_is_made_of_its_parts() -> None:
    made = Config(chalice_stage="prod", config_from_disk={"stages": {"prod": {"xray": True}}})
    assert made.xray is True
    assert Config.create(lambda_memory_size=512).lambda_memory_size == 512
    assert (Config().chalice_stage, Config().function_name) == ("dev", "api_handler")
