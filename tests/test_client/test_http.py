from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import pytest

from chalice import AuthResponse, BadRequestError, Chalice, Response
from chalice.test import Client, HTTPResponse, TestHTTPClient

JSON = {"Content-Type": "application/json"}
METHODS = ["get", "post", "put", "patch", "options", "delete", "head"]


@pytest.fixture
def app() -> Chalice:
    app = Chalice("tested", configure_logs=False)

    @app.route("/")
    def index() -> Any:
        return {"hello": "world"}

    @app.route("/echo/{name}", methods=[name.upper() for name in METHODS], content_types=[])
    def echo(name: str) -> Any:
        request = app.current_request
        return {
            "name": name,
            "method": request.method,
            "query": request.query_params,
            "headers": request.headers,
            "body": request.raw_body.decode(),
            "json": request.json_body,
        }

    @app.route("/cors", methods=["POST"], cors=True)
    def cors() -> Any:
        raise BadRequestError("no")

    return app


def test_a_view_answers(app: Chalice) -> None:
    with Client(app) as client:
        response = client.http.get("/")
    assert response.status_code == 200
    assert response.body == b'{"hello":"world"}'
    assert response.json_body == {"hello": "world"}
    assert response.headers == {}


@pytest.mark.parametrize("method", METHODS)
def test_there_is_a_function_for_each_method(app: Chalice, method: str) -> None:
    send = getattr(Client(app).http, method)
    said = send("/echo/ann?a=1&a=2", headers={"X-Key": "v"}, body="text").json_body
    assert said == {
        "name": "ann",
        "method": method.upper(),
        "query": {"a": "2"},
        "headers": {"x-key": "v"},
        "body": "text",
        "json": None,
    }


def test_a_method_is_named_in_any_case(app: Chalice) -> None:
    client = Client(app)
    assert client.http.request("pAtch", "/echo/x").json_body["method"] == "PATCH"


def test_json_is_parsed_if_the_request_says_that_it_is_json(app: Chalice) -> None:
    client = Client(app)
    for body in (b'{"a": 1}', '{"a": 1}'):
        said = client.http.post("/echo/x", headers=JSON, body=body).json_body
        assert said["json"] == {"a": 1}


def test_an_unknown_option_is_a_type_error(app: Chalice) -> None:
    with pytest.raises(TypeError, match="got an unexpected keyword argument 'json'"):
        Client(app).http.post("/echo/x", json={})  # type: ignore[call-arg]


def test_errors_are_answers(app: Chalice) -> None:
    client = Client(app)
    assert client.http.post("/cors", headers=JSON).status_code == 400
    assert client.http.put("/").status_code == 405
    unknown = client.http.get("/nothing")
    assert unknown.status_code == 403
    assert unknown.json_body == {"message": "Missing Authentication Token"}
    assert unknown.headers["x-amzn-ErrorType"] == "UnauthorizedException"


def test_an_exception_of_a_view_is_a_500(app: Chalice) -> None:
    @app.route("/broken")
    def broken() -> Any:
        return object()

    assert Client(app).http.get("/broken").status_code == 500


def test_a_preflight_is_answered(app: Chalice) -> None:
    response = Client(app).http.options("/cors")
    assert (response.status_code, response.body, response.json_body) == (200, b"", None)
    assert response.headers["Access-Control-Allow-Methods"] == "POST,OPTIONS"


def test_bytes_make_the_round_trip(app: Chalice) -> None:
    kind = "application/octet-stream"

    @app.route("/bytes", methods=["POST"], content_types=[kind])
    def bytes_back() -> Any:
        return Response(app.current_request.raw_body, headers={"Content-Type": kind})

    data = bytes(range(240, 256))
    headers = {"Content-Type": kind, "Accept": kind}
    response = Client(app).http.post("/bytes", headers=headers, body=data)
    assert (response.body, response.json_body) == (data, None)


def test_bytes_without_a_binary_type_are_an_answer_too(app: Chalice) -> None:
    app.route("/plain")(lambda: b"plain")
    app.route("/raw")(lambda: b"\xff\xfe")
    assert Client(app).http.get("/plain").body == b"plain"
    assert Client(app).http.get("/raw").body == b"\xff\xfe"


def test_a_header_that_is_sent_twice_has_a_list(app: Chalice) -> None:
    @app.route("/cookies")
    def cookies() -> Any:
        return Response("", headers={"Set-Cookie": ["a=1", "b=2"], "X-One": "1"})

    assert Client(app).http.get("/cookies").headers == {"X-One": "1", "Set-Cookie": ["a=1", "b=2"]}


def test_an_authorizer_guards_its_route(app: Chalice) -> None:
    @app.authorizer()
    def auth(request: Any) -> AuthResponse:
        if request.token == "broken":
            raise LookupError
        return AuthResponse(["/guarded"] if request.token == "yes" else [], "me")

    @app.route("/guarded", authorizer=auth)
    def guarded() -> Any:
        return app.current_request.context["authorizer"]["principalId"]

    client = Client(app)
    statuses = {
        token: client.http.get("/guarded", headers={"Authorization": token}).status_code
        for token in ("yes", "no", "broken")
    }
    assert statuses == {"yes": 200, "no": 403, "broken": 500}
    assert client.http.get("/guarded").status_code == 401


def test_what_a_view_sets_in_the_environment_is_gone_after_the_call(
    app: Chalice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHALICE_KEPT", "before")
    monkeypatch.setenv("CHALICE_DROPPED", "before")

    @app.route("/environment")
    def environment() -> Any:
        os.environ["CHALICE_NEW"] = os.environ["CHALICE_KEPT"] = "set by a view"
        del os.environ["CHALICE_DROPPED"]
        return os.environ["CHALICE_NEW"]

    assert Client(app).http.get("/environment").body == b"set by a view"
    assert "CHALICE_NEW" not in os.environ
    assert os.environ["CHALICE_KEPT"] == os.environ["CHALICE_DROPPED"] == "before"


def test_an_answer_can_be_made_by_hand() -> None:
    response = HTTPResponse(b"{", {"A": "b"}, 202)
    assert (response.body, response.headers, response.status_code) == (b"{", {"A": "b"}, 202)
    assert response.json_body is None
    made = HTTPResponse.create_from_dict(
        {
            "statusCode": 200,
            "headers": {"A": "b"},
            "multiValueHeaders": {},
            "body": "eyJhIjoxfQ==",
            "isBase64Encoded": True,
        }
    )
    assert made.json_body == {"a": 1}


def test_a_subclass_may_take_more_options(app: Chalice) -> None:
    class JSONClient(TestHTTPClient):
        def request(
            self,
            method: str,
            path: str,
            headers: Mapping[str, str] | None = None,
            body: str | bytes = b"",
            json_body: Any = None,
        ) -> HTTPResponse:
            if json_body is not None:
                headers, body = {**JSON, **(headers or {})}, json.dumps(json_body)
            return super().request(method, path, headers, body)

    class OwnClient(Client):
        @property
        def http(self) -> JSONClient:
            return JSONClient(self._app, self._config)

    response = OwnClient(app).http.post("/echo/x", json_body=[1])  # type: ignore[call-arg]
    assert response.json_body["json"] == [1]
