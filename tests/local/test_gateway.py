from __future__ import annotations

import json
import threading
from typing import Any
from uuid import UUID

import pytest

import chalice.app
from chalice import Chalice, CORSConfig
from chalice.config import Config
from chalice.local import (
    CustomLocalChalice,
    ForbiddenError,
    LocalChalice,
    LocalGateway,
    LocalGatewayException,
)


@pytest.fixture
def app() -> Chalice:
    app = Chalice("local", configure_logs=False)

    @app.route("/")
    def index() -> Any:
        return {"hello": "world"}

    @app.route("/names/{name}", methods=["GET", "POST"], cors=True)
    def named(name: str) -> Any:
        return {"name": name, "query": app.current_request.query_params}

    @app.route("/names/{name}", methods=["PUT"])
    def put_name(name: str) -> Any:
        return None

    @app.route("/context")
    def context() -> Any:
        current = app.lambda_context
        return {
            "name": current.function_name,
            "memory": current.memory_limit_in_mb,
            "left": current.get_remaining_time_in_millis(),
        }

    return app


def body_of(response: dict[str, Any]) -> Any:
    return json.loads(response["body"])


def test_a_request_is_answered_by_its_view(app: Chalice) -> None:
    gateway = LocalGateway(app, Config())
    assert body_of(gateway.handle_request("GET", "/", {}, "")) == {"hello": "world"}
    response = gateway.handle_request(method="GET", path="/names/a%20b?x=1", headers={}, body="")
    assert body_of(response) == {"name": "a b", "query": {"x": "1"}}
    assert response["headers"]["Access-Control-Allow-Origin"] == "*"


def test_the_context_is_that_of_the_function_that_serves_routes(app: Chalice) -> None:
    given = Config(config_from_disk={"lambda_timeout": 10, "lambda_memory_size": 256})
    said = body_of(LocalGateway(app, given).handle_request("GET", "/context", {}, ""))
    assert (said["name"], said["memory"]) == ("api_handler", 256)
    assert 0 < said["left"] <= 10_000


def test_without_a_config_an_invocation_may_take_the_longest_time(app: Chalice) -> None:
    said = body_of(LocalGateway(app).handle_request("GET", "/context", {}, ""))
    assert (said["name"], said["memory"]) == ("api_handler", None)
    assert 60_000 < said["left"] <= LocalGateway.MAX_LAMBDA_EXECUTION_TIME * 1000


def test_a_method_that_a_path_does_not_have_is_answered_by_the_app(app: Chalice) -> None:
    assert LocalGateway(app).handle_request("PUT", "/", {}, "")["statusCode"] == 405


def test_an_unknown_path_is_forbidden(app: Chalice) -> None:
    with pytest.raises(ForbiddenError) as raised:
        LocalGateway(app).handle_request("GET", "/nothing", {}, "")
    error = raised.value
    assert isinstance(error, LocalGatewayException)
    assert not isinstance(error, chalice.app.ForbiddenError)
    assert error.CODE == 403
    assert error.headers["x-amzn-ErrorType"] == "UnauthorizedException"
    assert error.headers["x-amzn-RequestId"]
    assert error.body == b'{"message": "Missing Authentication Token"}'


def test_an_unknown_path_with_a_token_is_taken_for_a_bad_signature(app: Chalice) -> None:
    token = 'Bearer "ü"'
    with pytest.raises(ForbiddenError) as raised:
        LocalGateway(app).handle_request("GET", "/nothing", {"AUTHORIZATION": token}, "")
    assert json.loads(raised.value.body or b"") == {
        "message": "Authorization header requires 'Credential' parameter. "
        "Authorization header requires 'Signature' parameter. "
        "Authorization header requires 'SignedHeaders' parameter. "
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        f"Authorization={token}"
    }


def test_a_path_added_later_is_unknown_but_a_method_is_not(app: Chalice) -> None:
    gateway = LocalGateway(app)
    app.route("/late")(lambda: None)
    app.route("/", methods=["POST"])(lambda: "posted")
    with pytest.raises(ForbiddenError):
        gateway.handle_request("GET", "/late", {}, "")
    posted = gateway.handle_request("POST", "/", {"content-type": "application/json"}, "{}")
    assert posted["body"] == "posted"


def test_a_preflight_is_answered_without_the_app(app: Chalice) -> None:
    response = LocalGateway(app).handle_request("OPTIONS", "/names/x", {}, "")
    assert response == {
        "statusCode": 200,
        "headers": {
            **CORSConfig().get_access_control_headers(),
            "Access-Control-Allow-Methods": "GET,POST,OPTIONS",
        },
        "multiValueHeaders": {},
        "body": None,
    }


def test_without_cors_a_preflight_allows_nothing(app: Chalice) -> None:
    response = LocalGateway(app).handle_request("OPTIONS", "/", {}, "")
    assert response["headers"] == {"Access-Control-Allow-Methods": "OPTIONS"}


def test_a_view_for_options_answers_itself(app: Chalice) -> None:
    app.route("/own", methods=["OPTIONS"])(lambda: "mine")
    assert LocalGateway(app).handle_request("OPTIONS", "/own", {}, "")["body"] == "mine"


def test_a_subclass_may_add_to_the_event(app: Chalice) -> None:
    class Staged(LocalGateway):
        def _generate_lambda_event(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
            event = super()._generate_lambda_event(*args, **kwargs)
            event["requestContext"]["stage"] = "test"
            return event

    app.route("/stage")(lambda: app.current_request.context["stage"])
    gateway = Staged(app, Config())
    assert gateway.handle_request("GET", "/stage", {}, "")["body"] == "test"
    assert gateway._generate_lambda_context().function_name == "api_handler"


def test_each_request_has_an_id_of_its_own(app: Chalice) -> None:
    app.route("/id")(lambda: app.current_request.context["requestId"])
    gateway = LocalGateway(app)
    ids = {gateway.handle_request("GET", "/id", {}, "")["body"] for _ in range(2)}
    assert len({UUID(given) for given in ids}) == 2


def test_each_thread_has_its_own_request(app: Chalice) -> None:
    meeting = threading.Barrier(2)

    @app.route("/meet/{name}")
    def meet(name: str) -> Any:
        meeting.wait(10)
        return app.current_request.uri_params

    assert isinstance(app, LocalChalice)
    assert isinstance(app, CustomLocalChalice)
    gateway = LocalGateway(app)
    met: dict[str, Any] = {}

    def call(name: str) -> None:
        met[name] = body_of(gateway.handle_request("GET", f"/meet/{name}", {}, ""))

    threads = [threading.Thread(target=call, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert met == {"a": {"name": "a"}, "b": {"name": "b"}}
