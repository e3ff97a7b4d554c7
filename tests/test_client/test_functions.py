from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from chalice import AuthResponse, Blueprint, Chalice
from chalice.test import Client, FunctionNotFoundError, InvokeResponse


@pytest.fixture
def app() -> Chalice:
    app = Chalice("tested", configure_logs=False)

    @app.lambda_function(name="renamed")
    def function(event: Any, context: Any) -> Any:
        return event

    @app.route("/view")
    def view() -> Any:
        return "viewed"

    return app


def test_a_function_is_invoked_by_its_registered_name(app: Chalice) -> None:
    client = Client(app)
    assert client.lambda_.invoke("renamed", {"a": 1}) == InvokeResponse({"a": 1})
    with pytest.raises(FunctionNotFoundError, match=r"^function$"):
        client.lambda_.invoke("function")


@pytest.mark.parametrize("payload", [0, "", [], (1, 2), object()])
def test_payload_and_result_pass_as_they_are(app: Chalice, payload: Any) -> None:
    assert Client(app).lambda_.invoke("renamed", payload).payload is payload


def test_without_a_payload_the_event_is_empty(app: Chalice) -> None:
    assert Client(app).lambda_.invoke("renamed").payload == {}


@pytest.mark.parametrize("name", ["view", "nothing"])
def test_a_route_is_no_function_of_its_own(app: Chalice, name: str) -> None:
    with pytest.raises(FunctionNotFoundError, match=name):
        Client(app).lambda_.invoke(name)


def test_all_routes_are_one_function(app: Chalice) -> None:
    event = {"requestContext": {"httpMethod": "GET", "resourcePath": "/view"}}
    assert Client(app).lambda_.invoke("api_handler", event).payload["body"] == "viewed"


def test_a_function_that_is_also_a_route_is_invoked(app: Chalice) -> None:
    @app.lambda_function()
    @app.route("/both")
    def both(event: Any = None, context: Any = None) -> Any:
        return {"event": event}

    assert Client(app).lambda_.invoke("both", 1).payload == {"event": 1}
    assert Client(app).http.get("/both").json_body == {"event": None}


def test_a_function_of_a_blueprint_has_its_prefix(app: Chalice) -> None:
    blueprint = Blueprint("more")
    blueprint.lambda_function(name="job")(lambda event, context: "done")
    app.register_blueprint(blueprint, name_prefix="more_")
    assert Client(app).lambda_.invoke("more_job").payload == "done"


def test_an_authorizer_is_a_function(app: Chalice) -> None:
    @app.authorizer()
    def auth(request: Any) -> AuthResponse:
        return AuthResponse(["/a"], request.token)

    event = {"type": "TOKEN", "authorizationToken": "me", "methodArn": "a:b:c:d:e:f/g/GET/a"}
    payload = Client(app).lambda_.invoke("auth", event).payload
    assert payload["principalId"] == "me"


def test_what_a_function_raises_is_raised(app: Chalice) -> None:
    @app.lambda_function()
    def broken(event: Any, context: Any) -> Any:
        raise LookupError(os.environ["CHALICE_BROKEN"])

    with pytest.raises(KeyError, match="CHALICE_BROKEN"):
        Client(app).lambda_.invoke("broken")


def test_the_context_is_that_of_the_function(app: Chalice, tmp_path: Path) -> None:
    @app.lambda_function()
    def job(event: Any, context: Any) -> Any:
        return context

    (tmp_path / ".chalice").mkdir()
    functions = {"job": {"lambda_timeout": 5, "lambda_memory_size": 256}}
    config = {"version": "2.0", "app_name": "tested", "lambda_functions": functions}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    context = Client(app, project_dir=tmp_path).lambda_.invoke("job").payload
    assert (context.function_name, context.memory_limit_in_mb) == ("job", 256)
    assert context.get_remaining_time_in_millis() <= 5000


def test_a_websocket_handler_has_the_environment_of_its_function(
    app: Chalice, tmp_path: Path
) -> None:
    seen = []
    app.websocket_api.configure("example.com", "api")

    @app.on_ws_message(name="messages")
    def message(event: Any) -> None:
        seen.append((event.body, os.environ["CHALICE_WHERE"]))

    (tmp_path / ".chalice").mkdir()
    variables = {"environment_variables": {"CHALICE_WHERE": "websocket"}}
    config = {
        "version": "2.0",
        "app_name": "tested",
        "lambda_functions": {"websocket_message": variables},
    }
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    with Client(app, project_dir=tmp_path) as client:
        event = client.events.generate_ws_message_event("hi")
        for name in ("messages", "websocket_message"):  # in the app, and of its function
            assert client.lambda_.invoke(name, event).payload == {"statusCode": 200}
    assert seen == [("hi", "websocket")] * 2
