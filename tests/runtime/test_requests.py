"""What a view reads from `current_request`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalice import BadRequestError
from chalice.app import CaseInsensitiveMapping, MultiDict, Request
from tests.runtime.events import new_app, rest_event

EVENT = {
    **rest_event(
        "POST",
        "/users/{id}",
        headers={"Content-Type": "application/json", "X-A": "1"},
        uri={"id": "7"},
        query={"a": ["1", "2"], "empty": []},
        body='{"k": "\u2713"}',
    ),
    "stageVariables": {"color": "blue"},
}


def request_with(**changes: Any) -> Request:
    return Request({**EVENT, **changes}, "context")


def test_everything_comes_from_the_event() -> None:
    request = request_with()
    assert request.method == "POST"
    assert request.path == "/users/{id}"
    assert request.uri_params == {"id": "7"}
    assert request.query_params is not None
    assert request.query_params["a"] == "2"
    assert request.query_params.getlist("a") == ["1", "2"]
    assert request.headers["x-a"] == request.headers["X-A"] == "1"
    assert request.stage_vars == {"color": "blue"}
    assert request.context is EVENT["requestContext"]
    assert request.request_context is request.context
    assert request.lambda_context == "context"
    assert request.raw_body == '{"k": "\u2713"}'.encode()
    assert request.json_body == {"k": "\u2713"}
    assert request._body == '{"k": "\u2713"}'


def test_parts_are_made_once_and_can_be_replaced() -> None:
    request = request_with()
    assert request.headers is request.headers
    assert request.json_body is request.json_body
    request.headers = CaseInsensitiveMapping({"Own": "1"})
    assert request.headers["own"] == "1"
    vars(request)["user"] = "ann"
    assert request.user == "ann"  # type: ignore[attr-defined]


def test_the_original_event_is_the_event_itself() -> None:
    event = rest_event()
    assert Request(event).to_original_event() is event


def test_to_dict_is_a_summary_that_json_can_hold() -> None:
    request = request_with()
    assert request.raw_body
    summary = request.to_dict()
    assert json.loads(json.dumps(summary)) == summary
    assert summary == {
        "query_params": {"a": "2", "empty": None},
        "headers": {"content-type": "application/json", "x-a": "1"},
        "uri_params": {"id": "7"},
        "method": "POST",
        "context": EVENT["requestContext"],
        "stage_vars": {"color": "blue"},
        "path": "/users/{id}",
    }


@pytest.mark.parametrize(
    ("body", "is_base64", "raw"),
    [
        (None, False, b""),
        ("\u2713", False, b"\xe2\x9c\x93"),
        (b"\xff", False, b"\xff"),
        ("AAH/", True, b"\x00\x01\xff"),
        ("%%%", True, b""),
    ],
)
def test_raw_body_is_bytes(body: Any, is_base64: bool, raw: bytes) -> None:
    assert request_with(body=body, isBase64Encoded=is_base64).raw_body == raw


@pytest.mark.parametrize("body", ["", None, "{", "[" * 100_000, b"\xff"])
def test_a_body_that_is_no_json_is_a_bad_request(body: Any) -> None:
    with pytest.raises(BadRequestError) as caught:
        assert request_with(body=body).json_body
    assert str(caught.value) == "Error Parsing JSON"


@pytest.mark.parametrize(
    ("content_type", "parsed"),
    [
        ("application/json; charset=utf-8", {"a": 1}),
        ("Application/JSON", {"a": 1}),
        ("application/vnd.api+json", None),
        ("text/plain", None),
        (None, None),
    ],
)
def test_only_a_json_content_type_is_parsed(content_type: str | None, parsed: Any) -> None:
    headers = {} if content_type is None else {"CONTENT-TYPE": content_type}
    assert request_with(headers=headers, body='{"a": 1}').json_body == parsed


def test_query_params_are_none_without_a_query_string() -> None:
    assert request_with(multiValueQueryStringParameters=None).query_params is None
    assert request_with(multiValueQueryStringParameters="").query_params == MultiDict(None)


def test_missing_keys_read_as_none() -> None:
    request = Request({"requestContext": {"resourcePath": "/"}})
    assert (request.query_params, request.uri_params, request.stage_vars) == (None, None, None)
    assert (dict(request.headers), request.raw_body, request.json_body) == ({}, b"", None)


def test_query_params_write_through_to_the_event() -> None:
    query = {"a": ["1"]}
    request = request_with(multiValueQueryStringParameters=query)
    assert request.query_params is not None
    request.query_params["b"] = "2"
    assert query == {"a": ["1"], "b": ["2"]}


def test_a_view_can_return_parts_of_the_request() -> None:
    app = new_app()

    @app.route("/", methods=["POST"])
    def echo() -> dict[str, Any]:
        request = app.current_request
        return {
            "raw_body": request.raw_body,
            "headers": request.headers,
            "query_params": request.query_params,
        }

    def body_for(body: bytes) -> Any:
        event = rest_event("POST", body=body, query={"a": ["1", "2"]}, headers={"X-A": "1"})
        return json.loads(app(event, None)["body"])

    assert body_for("\u2713".encode()) == {
        "raw_body": "\u2713",
        "headers": {"x-a": "1"},
        "query_params": {"a": "2"},
    }
    assert body_for(b"\xff")["raw_body"] == "/w=="


def test_multidict_keeps_every_value() -> None:
    values = MultiDict({"foo": ["bar", "baz"]})
    assert repr(values) == "MultiDict({'foo': ['bar', 'baz']})"
    assert values == {"foo": "baz"}
    values["foo"] = ["nested"]
    assert values.getlist("foo") == [["nested"]]
    values.getlist("foo").clear()
    assert values.pop("foo") == ["nested"]
    assert len(MultiDict(None)) == 0
    with pytest.raises(KeyError):
        values.getlist("foo")
    with pytest.raises(KeyError):
        del values["foo"]
    with pytest.raises(KeyError):
        MultiDict({"empty": []})["empty"]


def test_header_names_have_no_case() -> None:
    headers = CaseInsensitiveMapping({"HEADER": "Value"})
    assert repr(headers) == "CaseInsensitiveMapping({'header': 'Value'})"
    assert list(headers) == ["header"]
    assert headers.get("Header") == "Value"
    assert "HEADER" in headers
    assert len(CaseInsensitiveMapping(None)) == 0
