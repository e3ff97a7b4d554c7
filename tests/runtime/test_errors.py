"""What exceptions turn into."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from chalice import (
    BadRequestError,
    ChaliceUnhandledError,
    ChaliceViewError,
    CORSConfig,
    Response,
)
from chalice.app import ALL_ERRORS, ChaliceError, WebsocketDisconnectedError
from tests.runtime.events import new_app, rest_event

INTERNAL_ERROR = '{"Code":"InternalServerError","Message":"An internal server error occurred."}'


def answer_when_raising(error: BaseException, *, debug: bool = False) -> dict[str, Any]:
    app = new_app(debug=debug)

    @app.route("/")
    def view() -> None:
        raise error

    return app(rest_event(), None)


@pytest.mark.parametrize(
    ("error_class", "status"),
    list(zip(ALL_ERRORS, [500, 400, 404, 401, 403, 405, 408, 409, 422, 429], strict=True)),
)
@pytest.mark.parametrize("debug", [False, True])
def test_view_errors_answer_with_their_status(
    error_class: type[ChaliceViewError],
    status: int,
    debug: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = answer_when_raising(error_class("why"), debug=debug)
    assert answer["statusCode"] == status
    assert json.loads(answer["body"]) == {"Code": error_class.__name__, "Message": "why"}
    assert caplog.records == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((), ""), (("a", "b"), "('a', 'b')"), ((ValueError("inner"),), "inner")],
)
def test_the_message_is_the_text_of_the_error(arguments: Any, message: str) -> None:
    answer = answer_when_raising(ChaliceViewError(*arguments))
    assert json.loads(answer["body"])["Message"] == message


def test_an_error_of_ones_own_has_its_own_status() -> None:
    class TeapotError(ChaliceViewError):
        STATUS_CODE = 418

    answer = answer_when_raising(TeapotError("short"))
    assert answer["statusCode"] == 418
    assert answer["body"] == '{"Code":"TeapotError","Message":"short"}'


@pytest.mark.parametrize(
    "error",
    [
        ValueError("secret"),
        ChaliceError("secret"),
        WebsocketDisconnectedError("secret"),
        ChaliceUnhandledError("secret"),
    ],
)
def test_other_errors_are_logged_and_not_shown(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    answer = answer_when_raising(error)
    assert answer == {
        "headers": {},
        "multiValueHeaders": {},
        "statusCode": 500,
        "body": INTERNAL_ERROR,
    }
    [record] = caplog.records
    assert record.getMessage() == "Caught exception for path /"
    assert record.levelname == "ERROR"
    assert "secret" in caplog.text


def test_a_view_with_other_arguments_is_an_internal_error() -> None:
    app = new_app()
    app.route("/{id}", name="view")(lambda other: other)
    answer = app(rest_event(path="/{id}", uri={"id": "1"}), None)
    assert answer["statusCode"] == 500


def test_debug_tracebacks_are_base64_if_all_is_binary() -> None:
    app = new_app(debug=True)
    app.api.binary_types = ["*/*"]
    app.route("/")(lambda: [object()])
    answer = app(rest_event(headers={"accept": "*/*"}), None)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (500, True)
    assert base64.b64decode(answer["body"]).startswith(b"Traceback")


def test_an_error_without_a_text_is_an_internal_error() -> None:
    class MuteError(ChaliceViewError):
        def __str__(self) -> str:
            raise ValueError

    app = new_app()
    app.route("/")(lambda: {})

    @app.middleware("http")
    def mute(_event: Any, _get_response: Any) -> None:
        raise MuteError

    assert app(rest_event(), None)["body"] == INTERNAL_ERROR


def test_cors_that_fails_is_an_internal_error() -> None:
    class BrokenCORS(CORSConfig):
        def get_access_control_headers(self) -> dict[str, str]:
            raise LookupError

    app = new_app()
    app.route("/", cors=BrokenCORS())(lambda: {1})
    app.route("/plain", cors=BrokenCORS())(lambda: {})
    assert app(rest_event(), None)["body"] == INTERNAL_ERROR
    assert app(rest_event(path="/plain"), None)["body"] == INTERNAL_ERROR


def test_exits_are_not_caught() -> None:
    with pytest.raises(SystemExit):
        answer_when_raising(SystemExit(3))


def test_a_disconnected_client_has_an_id() -> None:
    error = WebsocketDisconnectedError("abc")
    assert (error.connection_id, str(error)) == ("abc", "abc")


def test_the_handler_of_the_nearest_class_answers(caplog: pytest.LogCaptureFixture) -> None:
    app = new_app()

    @app.error(Exception)
    def anything(error: Exception) -> dict[str, str]:
        return {"any": str(error)}

    @app.errorhandler(ChaliceViewError)
    def views(error: ChaliceViewError) -> Response:
        return Response({"view": str(error)}, status_code=error.STATUS_CODE)

    @app.route("/{what}", cors=True)
    def view(what: str) -> None:
        raise {"bad": BadRequestError, "other": ValueError}[what](what)

    def ask(what: str) -> dict[str, Any]:
        return app(rest_event(path="/{what}", uri={"what": what}), None)

    assert (ask("bad")["statusCode"], ask("bad")["body"]) == (400, '{"view":"bad"}')
    assert (ask("other")["statusCode"], ask("other")["body"]) == (200, '{"any":"other"}')
    assert "Access-Control-Allow-Origin" in ask("bad")["headers"]
    assert caplog.records == []


def test_an_error_handler_that_fails_is_an_internal_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = new_app()

    @app.error(ValueError)
    def failing(error: ValueError) -> None:
        raise KeyError("worse") from error

    @app.route("/")
    def view() -> None:
        raise ValueError("bad")

    assert app(rest_event(), None)["body"] == INTERNAL_ERROR
    assert "worse" in caplog.text


def test_error_handlers_see_what_leaves_the_middleware() -> None:
    app = new_app()
    app.register_error_handler(ChaliceUnhandledError, lambda error: f"handled {error}")
    app.route("/")(lambda: None)

    @app.middleware("http")
    def failing(_event: Any, _get_response: Any) -> None:
        raise ChaliceUnhandledError("it")

    assert app(rest_event(), None)["body"] == "handled it"
