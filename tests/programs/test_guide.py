"""Programs of the kind that a guide has: resources, requests, errors and middleware."""

from __future__ import annotations

import json
import os
from typing import Any
from uuid import UUID

import pytest

from chalice import (
    BadRequestError,
    Chalice,
    ChaliceViewError,
    ConflictError,
    NotFoundError,
    Response,
)
from chalice.app import Request
from tests.programs.conftest import Ask
from tests.programs.doors import JSON, REQUEST_ID, Door, through_lambda


def test_a_resource_has_all_its_verbs(app: Chalice, ask: Ask) -> None:
    @app.route("/boats", methods=["GET"])
    def fleet() -> Any:
        return {"boats": []}

    @app.route("/boats", methods=["POST"])
    def launch() -> Any:
        return {"boat": app.current_request.json_body, "launched": True}

    @app.route("/boats/{boat_id}", methods=["GET"])
    def boat(boat_id: str) -> Any:
        return {"id": boat_id}

    @app.route("/boats/{boat_id}", methods=["PUT"])
    def refit(boat_id: str) -> Any:
        return {"id": boat_id, "refit": app.current_request.json_body}

    @app.route("/boats/{boat_id}", methods=["DELETE"])
    def scrap(boat_id: str) -> Any:
        return {"id": boat_id, "scrapped": True}

    @app.route("/boats/{boat_id}/cabins/{cabin_id}")
    def cabin(boat_id: str, cabin_id: str) -> Any:
        return {"boat": boat_id, "cabin": cabin_id}

    named = b'{"name": "Erna"}'
    assert ask("GET", "/boats").data == {"boats": []}
    launched = ask("POST", "/boats", headers=JSON, body=named)
    assert launched.data == {"boat": {"name": "Erna"}, "launched": True}
    assert ask("GET", "/boats/7").data == {"id": "7"}
    refitted = ask("PUT", "/boats/7", headers=JSON, body=named)
    assert refitted.data == {"id": "7", "refit": {"name": "Erna"}}
    assert ask("DELETE", "/boats/7").data == {"id": "7", "scrapped": True}
    assert ask("GET", "/boats/7/cabins/b2").data == {"boat": "7", "cabin": "b2"}


def test_a_search_has_defaults(app: Chalice, ask: Ask) -> None:
    @app.route("/find")
    def find() -> Any:
        asked = app.current_request.query_params or {}
        return {
            "words": asked.get("words"),
            "first": int(asked.get("first", 1)),
            "most": int(asked.get("most", 25)),
        }

    assert ask("GET", "/find").data == {"words": None, "first": 1, "most": 25}
    said = ask("GET", "/find?words=sail%20cloth&first=3").data
    assert said == {"words": "sail cloth", "first": 3, "most": 25}


def test_a_view_may_return_every_part_of_its_request(app: Chalice, ask: Ask) -> None:
    @app.route("/parts", methods=["POST"], content_types=["application/json", "image/png"])
    def parts() -> Any:
        request = app.current_request
        return {
            "method": request.method,
            "path": request.path,
            "query_params": request.query_params,
            "headers": dict(request.headers),
            "json_body": request.json_body,
            "raw_body": request.raw_body,
            "context": request.context,
            "stage_vars": request.stage_vars,
        }

    said = ask("POST", "/parts?page=2", headers=JSON, body='{"é": 1}'.encode()).data
    assert (said["method"], said["path"], said["query_params"]) == ("POST", "/parts", {"page": "2"})
    assert said["headers"]["content-type"] == "application/json"
    assert (said["json_body"], said["raw_body"]) == ({"é": 1}, '{"é": 1}')
    assert said["context"]["resourcePath"] == "/parts"
    assert not said["stage_vars"]
    said = ask("POST", "/parts", headers={"Content-Type": "image/png"}, body=b"\xff\xd8").data
    assert (said["json_body"], said["raw_body"], said["query_params"]) == (None, "/9g=", None)


def test_binary_answers_want_a_client_that_accepts_them(app: Chalice, ask: Ask) -> None:
    @app.route("/chart")
    def chart() -> Response:
        return Response(
            body=b"\x01\x02\xff",
            status_code=200,
            headers={"Content-Type": "application/octet-stream"},
        )

    assert ask("GET", "/chart", headers={"Accept": "*/*"}).body == b"\x01\x02\xff"
    assert ask("GET", "/chart").status == 400


@pytest.fixture
def registry(app: Chalice) -> Chalice:
    """Boats by name; a name is given once."""
    boats: dict[str, Any] = {}

    @app.route("/boats/{name}")
    def boat(name: str) -> Any:
        if name not in boats:
            raise NotFoundError(f"No boat is called {name}")
        return boats[name]

    @app.route("/boats", methods=["POST"])
    def launch() -> Any:
        data = app.current_request.json_body
        if not data or "name" not in data:
            raise BadRequestError("A boat needs a name")
        if data["name"] in boats:
            raise ConflictError("That name is taken")
        boats[data["name"]] = data
        return data

    @app.route("/sink")
    def sink() -> Any:
        try:
            return boats["hull"]
        except KeyError as error:
            raise ChaliceViewError(error) from error

    return app


def test_errors_say_what_is_wrong(registry: Chalice, ask: Ask) -> None:
    def launch(body: bytes) -> Any:
        answer = ask("POST", "/boats", headers=JSON, body=body)
        return answer.status, answer.data

    assert ask("GET", "/boats/Erna").data == {
        "Code": "NotFoundError",
        "Message": "No boat is called Erna",
    }
    assert launch(b"{}") == (400, {"Code": "BadRequestError", "Message": "A boat needs a name"})
    assert launch(b'{"name":"Erna"}') == (200, {"name": "Erna"})
    taken = {"Code": "ConflictError", "Message": "That name is taken"}
    assert launch(b'{"name":"Erna"}') == (409, taken)
    assert ask("GET", "/boats/Erna").data == {"name": "Erna"}


def test_an_exception_as_argument_is_the_message(registry: Chalice, ask: Ask) -> None:
    answer = ask("GET", "/sink")
    assert answer.status == 500
    assert answer.data == {"Code": "ChaliceViewError", "Message": "'hull'"}


def test_a_handler_shapes_all_errors_of_views(registry: Chalice, ask: Ask) -> None:
    @registry.errorhandler(ChaliceViewError)
    def shape(error: Exception) -> Response:
        return Response(
            body=json.dumps({"kind": error.__class__.__name__, "text": str(error)}),
            status_code=error.STATUS_CODE if hasattr(error, "STATUS_CODE") else 500,
            headers={"Content-Type": "application/json"},
        )

    missing = ask("GET", "/boats/Erna")
    assert missing.status == 404
    assert missing.data == {"kind": "NotFoundError", "text": "No boat is called Erna"}
    sunk = ask("GET", "/sink")
    assert (sunk.status, sunk.data) == (500, {"kind": "ChaliceViewError", "text": "'hull'"})


def test_settings_come_from_the_environment(
    app: Chalice, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARBOUR", "Kiel")

    @app.route("/settings")
    def settings() -> Any:
        return {
            "harbour": os.environ.get("HARBOUR", "none"),
            "has_pilot": os.environ.get("PILOT_KEY") is not None,
        }

    assert ask("GET", "/settings").data == {"harbour": "Kiel", "has_pilot": False}


@pytest.fixture
def watched(registry: Chalice) -> Chalice:
    """A registry that answers strangers by itself, and puts its mark on every answer."""

    @registry.middleware("http")
    def watch(event: Request, get_response: Any) -> Response:
        if not event.headers.get("Authorization") and event.path != "/open":
            return Response(body=json.dumps({"error": "Who are you?"}), status_code=401)
        response: Response = get_response(event)
        response.headers["X-Request-ID"] = event.request_context["requestId"]
        return response

    @registry.route("/open")
    def opened() -> Any:
        return {"open": True}

    @registry.route("/broken")
    def broken() -> Any:
        return 1 / 0

    return registry


def test_middleware_may_answer_without_the_view(watched: Chalice, ask: Ask) -> None:
    answer = ask("POST", "/boats", headers=JSON, body=b'{"name":"Erna"}')
    assert (answer.status, answer.data) == (401, {"error": "Who are you?"})
    known = {"Authorization": "harbour master"}
    assert ask("GET", "/boats/Erna", headers=known).status == 404


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/open", 200),
        ("GET", "/boats/Erna", 404),
        ("POST", "/boats", 400),
        ("GET", "/broken", 500),
        ("PUT", "/open", 405),
    ],
)
def test_middleware_marks_every_answer(
    watched: Chalice, ask: Ask, door: Door, method: str, target: str, status: int
) -> None:
    answer = ask(method, target, headers={"Authorization": "harbour master"})
    assert answer.status == status
    mark = answer.headers["X-Request-ID"]
    assert mark == REQUEST_ID if door is through_lambda else UUID(mark)
