"""Programs of the kind that a first tutorial has: paths, errors, methods, requests, answers."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from chalice import (
    BadRequestError,
    Chalice,
    ChaliceViewError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    Response,
    TooManyRequestsError,
    UnauthorizedError,
    UnprocessableEntityError,
)
from tests.programs.conftest import Ask
from tests.programs.doors import JSON, through_lambda

FORM = "application/x-www-form-urlencoded"
BYTES = "application/octet-stream"


def test_the_root_says_what_its_view_returns(app: Chalice, ask: Ask) -> None:
    @app.route("/")
    def greet() -> Any:
        return {"service": "library"}

    answer = ask("GET", "/")
    assert (answer.status, answer.body) == (200, b'{"service":"library"}')


def test_a_part_of_the_path_is_an_argument(app: Chalice, ask: Ask) -> None:
    shelves = {"poetry": 3}

    @app.route("/shelves/{subject}")
    def shelf(subject: str) -> Any:
        return {"shelf": shelves[subject]}

    assert ask("GET", "/shelves/poetry").data == {"shelf": 3}
    unknown = ask("GET", "/shelves/law")
    assert unknown.status == 500
    assert unknown.data == {
        "Code": "InternalServerError",
        "Message": "An internal server error occurred.",
    }


def test_in_debug_mode_an_error_shows_where_it_comes_from(app: Chalice, ask: Ask) -> None:
    app.debug = True
    shelves: dict[str, int] = {}

    @app.route("/shelves/{subject}")
    def shelf(subject: str) -> Any:
        return shelves[subject]

    answer = ask("GET", "/shelves/law")
    assert (answer.status, answer.headers["Content-Type"]) == (500, "text/plain")
    assert answer.body.startswith(b"Traceback (most recent call last):\n")
    assert answer.body.endswith(b"KeyError: 'law'\n")
    assert b"in shelf\n" in answer.body


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadRequestError, 400),
        (UnauthorizedError, 401),
        (ForbiddenError, 403),
        (NotFoundError, 404),
        (ConflictError, 409),
        (UnprocessableEntityError, 422),
        (TooManyRequestsError, 429),
        (ChaliceViewError, 500),
    ],
)
def test_a_raised_error_has_its_status_code_and_message(
    app: Chalice, ask: Ask, error: type[ChaliceViewError], status: int
) -> None:
    @app.route("/loans")
    def loans() -> Any:
        raise error("not like that: %s" % "loans")  # noqa: UP031  # as older programs write it

    answer = ask("GET", "/loans")
    assert (error.STATUS_CODE, answer.status) == (status, status)
    assert answer.data == {"Code": error.__name__, "Message": "not like that: loans"}


def test_an_error_may_be_an_answer_of_ones_own(app: Chalice, ask: Ask) -> None:
    @app.route("/loans")
    def loans() -> Response:
        return Response(
            body="Closed on Sundays", headers={"Content-Type": "text/plain"}, status_code=400
        )

    answer = ask("GET", "/loans")
    assert (answer.status, answer.body) == (400, b"Closed on Sundays")
    assert answer.headers["Content-Type"] == "text/plain"


def test_a_view_answers_the_methods_it_names(app: Chalice, ask: Ask) -> None:
    @app.route("/cards/{number}", methods=["PUT"])
    def renew(number: str) -> Any:
        return {"renewed": number}

    @app.route("/reminders", methods=["POST", "PUT"])
    def remind() -> None:
        pass

    assert ask("PUT", "/cards/12").data == {"renewed": "12"}
    assert [ask(method, "/reminders").body for method in ("POST", "PUT")] == [b"null", b"null"]
    refused = ask("GET", "/reminders")
    assert (refused.status, refused.data["Code"]) == (405, "MethodNotAllowedError")


def test_each_method_of_a_path_may_have_a_view_of_its_own(app: Chalice, ask: Ask) -> None:
    @app.route("/reminders", methods=["POST"])
    def first() -> str:
        return "posted"

    @app.route("/reminders", methods=["PUT"])
    def second() -> str:
        return "put"

    assert [ask(method, "/reminders").body for method in ("POST", "PUT")] == [b"posted", b"put"]


def test_one_view_stores_and_finds_documents(app: Chalice, ask: Ask) -> None:
    notes: dict[str, Any] = {}

    @app.route("/notes/{title}", methods=["GET", "PUT"])
    def note(title: str) -> Any:
        request = app.current_request
        if request.method == "PUT":
            notes[title] = request.json_body
        elif request.method == "GET":
            try:
                return {title: notes[title]}
            except KeyError:
                raise NotFoundError(title) from None
        return None

    missing = ask("GET", "/notes/garden")
    assert (missing.status, missing.data) == (404, {"Code": "NotFoundError", "Message": "garden"})
    stored = ask("PUT", "/notes/garden", headers=JSON, body=b'{"plant": ["leek"]}')
    assert (stored.status, stored.body) == (200, b"null")
    assert ask("GET", "/notes/garden").data == {"garden": {"plant": ["leek"]}}
    broken = ask("PUT", "/notes/garden", headers=JSON, body=b"{")
    assert broken.data == {"Code": "BadRequestError", "Message": "Error Parsing JSON"}


def test_a_view_may_return_all_that_a_request_is(app: Chalice, ask: Ask) -> None:
    @app.route("/mirror")
    def mirror() -> Any:
        return app.current_request.to_dict()

    said = ask("GET", "/mirror?colour=red&size=4", headers={"X-Lamp": "On"}).data
    assert said["query_params"] == {"colour": "red", "size": "4"}
    assert said["headers"]["x-lamp"] == "On"
    assert (said["method"], said["path"]) == ("GET", "/mirror")
    assert not said["uri_params"]
    assert not said["stage_vars"]
    assert said["context"].keys() >= {"httpMethod", "identity", "requestId", "resourcePath"}


def test_on_lambda_a_request_knows_where_it_came_through(app: Chalice) -> None:
    @app.route("/mirror")
    def mirror() -> Any:
        return app.current_request.to_dict()["context"]

    context = through_lambda(app, "GET", "/mirror", {}, None).data
    assert context.keys() >= {
        "apiId",
        "httpMethod",
        "identity",
        "requestId",
        "resourceId",
        "resourcePath",
        "stage",
    }
    assert context["identity"].keys() >= {
        "accessKey",
        "accountId",
        "apiKey",
        "caller",
        "cognitoAuthenticationProvider",
        "cognitoAuthenticationType",
        "cognitoIdentityId",
        "cognitoIdentityPoolId",
        "sourceIp",
        "userAgent",
        "userArn",
    }


@pytest.mark.parametrize("decoded", [True, False])
def test_a_view_may_take_forms_instead_of_json(app: Chalice, ask: Ask, decoded: bool) -> None:
    @app.route("/", methods=["POST"], content_types=[FORM])
    def survey() -> Any:
        assert app.current_request.json_body is None
        raw = app.current_request.raw_body
        if decoded:
            return {"birds": parse_qs(raw.decode()).get("birds", [])}
        return {"birds": parse_qs(raw).get(b"birds", [])}

    sent = {"Content-Type": f"{FORM}; charset=utf-8"}
    assert ask("POST", "/", headers=sent, body=b"birds=owl&birds=jay").data == {
        "birds": ["owl", "jay"]
    }
    refused = ask("POST", "/", headers=JSON, body=b"{}")
    assert (refused.status, refused.data["Code"]) == (415, "UnsupportedMediaType")


def test_a_response_says_status_headers_and_body(app: Chalice, ask: Ask) -> None:
    @app.route("/plain")
    def plain() -> Response:
        return Response(
            body="all shelves!", status_code=200, headers={"Content-Type": "text/plain"}
        )

    @app.route("/made")
    def made() -> Response:
        return Response(
            body=json.dumps({"made": True}),
            status_code=201,
            headers={"Content-Type": "application/json", "X-Shelf": "7"},
        )

    answer = ask("GET", "/plain")
    assert (answer.body, answer.headers["Content-Type"]) == (b"all shelves!", "text/plain")
    answer = ask("GET", "/made")
    assert (answer.status, answer.data, answer.headers["X-Shelf"]) == (201, {"made": True}, "7")


def test_bytes_come_back_as_they_went(app: Chalice, ask: Ask) -> None:
    @app.route("/echo", methods=["POST"], content_types=[BYTES])
    def echo() -> Response:
        raw = app.current_request.raw_body
        return Response(body=raw, status_code=200, headers={"Content-Type": BYTES})

    both = {"Content-Type": BYTES, "Accept": BYTES}
    assert ask("POST", "/echo", headers=both, body=b"\x00\xfe\xed").body == b"\x00\xfe\xed"
    refused = ask("POST", "/echo", headers={"Content-Type": BYTES}, body=b"\x00")
    assert (refused.status, refused.data["Code"]) == (400, "BadRequest")
    assert f"did not specify an Accept header with {BYTES}" in refused.data["Message"]
    assert ask("POST", "/echo", body=b"text").status == 415


def test_an_app_chooses_its_binary_types(app: Chalice, ask: Ask) -> None:
    app.api.binary_types.append("application/x-scroll")

    @app.route("/scroll")
    def scroll() -> Response:
        return Response(body=b"\xff\x00", headers={"Content-Type": "application/x-scroll"})

    answer = ask("GET", "/scroll", headers={"Accept": "application/x-scroll"})
    assert (answer.status, answer.body) == (200, b"\xff\x00")
