"""From what a view returns to what API Gateway gets."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from http import HTTPStatus
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice import CORSConfig, Response
from chalice.app import MultiDict, error_response, handle_extra_types
from tests.runtime.events import DEFAULT_CORS, answer_to, new_app, rest_event

INTERNAL_ERROR = '{"Code":"InternalServerError","Message":"An internal server error occurred."}'


def test_list_values_become_repeated_headers() -> None:
    response = Response(
        status_code=200,
        body={"foo": "bar"},
        headers={"Content-Type": "application/json", "Set-Cookie": ["key=value", "foo=bar"]},
    )
    assert response.to_dict() == {
        "statusCode": 200,
        "body": '{"foo":"bar"}',
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {"Set-Cookie": ["key=value", "foo=bar"]},
    }


TYPES = ["application/json", "text/plain", "image/png", "application/json; a=b", ["a/b", "c/d"]]


@pytest.mark.parametrize("cors", [False, True])
@pytest.mark.parametrize("json_is_binary", [False, True])
@given(
    headers=st.dictionaries(
        st.sampled_from(["Content-Type", "content-type", "CONTENT-TYPE", "X-A"]),
        st.sampled_from(TYPES),
    ),
    body=st.sampled_from(["text", b"text", b"\xff", {"a": 1}, None]),
)
def test_an_answer_is_the_response_as_a_dict(
    cors: bool, json_is_binary: bool, headers: dict[str, Any], body: Any
) -> None:
    app = new_app()
    app.get("/", cors=cors)(lambda: Response(body, headers=dict(headers), status_code=201))
    if json_is_binary:
        app.api.binary_types.append("application/json")
    answer = app(rest_event(headers={"accept": "*/*"}), None)
    expected = Response(body, {**headers, **(DEFAULT_CORS if cors else {})}, 201)
    try:
        assert answer == expected.to_dict(app.api.binary_types)
    except ValueError:
        assert answer["statusCode"] == 500


def test_each_response_has_headers_of_its_own() -> None:
    given = {"A": "1"}
    assert Response("", headers=given).headers is given
    assert Response("").headers is not Response("").headers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("100"), "100.0"),
        ({"n": Decimal("1.10"), "i": Decimal(3)}, '{"n":1.1,"i":3.0}'),
        (MultiDict({"a": ["1", "2"]}), '{"a":"2"}'),
        (float("nan"), "NaN"),
        (True, "true"),
        ([], "[]"),
        ({1: None}, '{"1":null}'),
    ],
)
def test_values_that_json_can_hold(value: Any, text: str) -> None:
    assert Response(value).to_dict()["body"] == text
    assert answer_to(value)["body"] == text


@pytest.mark.parametrize("value", [range(2), object(), {"nested": [bytearray()]}])
def test_other_types_are_refused_by_their_name(value: Any) -> None:
    with pytest.raises(TypeError, match=r"Object of type .* is not JSON serializable"):
        Response(value).to_dict()
    with pytest.raises(TypeError, match="Object of type Exception is not JSON serializable"):
        handle_extra_types(Exception())


def cycle() -> list[Any]:
    values: list[Any] = []
    values.append(values)
    return values


class Shade(enum.Enum):
    DARK = "dark"


class Level(enum.IntEnum):
    HIGH = 3


@dataclass
class Point:
    x: int
    tags: frozenset[str] = frozenset()
    kind: ClassVar[str] = "point"


@dataclass(frozen=True)
class Slotted:
    __slots__ = ("point",)
    point: Point


UTC_NOON = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (UTC_NOON, '"2026-01-02T12:00:00+00:00"'),
        (UTC_NOON.date(), '"2026-01-02"'),
        (UTC_NOON.time(), '"12:00:00"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        ({1}, "[1]"),
        (frozenset("a"), '["a"]'),
        (Point(1), '{"x":1,"tags":[]}'),
        (Slotted(Point(2, frozenset("t"))), '{"point":{"x":2,"tags":["t"]}}'),
        (Shade.DARK, '"dark"'),
        (Level.HIGH, "3"),
        (PurePosixPath("/a/b"), '"/a/b"'),
        ([b"text", b"\xff"], '["text","/w=="]'),
    ],
)
def test_common_types_are_json_by_default(value: Any, text: str) -> None:
    assert answer_to([value])["body"] == f"[{text}]"
    assert Response({"in": value}).to_dict()["body"] == f'{{"in":{text}}}'


def test_a_class_is_not_json_even_if_its_objects_are() -> None:
    with pytest.raises(TypeError, match="Object of type type is not JSON serializable"):
        Response([Point]).to_dict()


@pytest.mark.parametrize("as_response", [False, True])
def test_an_app_may_say_what_json_makes_of_types(as_response: bool) -> None:
    def default(value: Any) -> Any:
        if isinstance(value, complex):
            return {"re": value.real, "at": UTC_NOON}
        if isinstance(value, datetime):
            return value.year
        raise TypeError(type(value))

    apps = [new_app(), new_app()]
    apps[0].json_default = default
    for app in apps:
        app.get("/")(lambda: Response([1j, {2}]) if as_response else [1j, {2}])
        app.get("/unknown")(lambda: [object()])
    assert apps[0](rest_event(), None)["body"] == '[{"re":0.0,"at":2026},[2]]'
    assert apps[1](rest_event(), None)["statusCode"] == 500
    assert apps[0](rest_event(path="/unknown"), None)["body"] == INTERNAL_ERROR


@pytest.mark.parametrize("value", [object(), {("tuple", "key"): 1}, cycle()])
def test_what_json_cannot_hold_is_a_logged_internal_error_with_cors(
    value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = new_app()
    app.route("/", cors=True)(lambda: value)
    assert app(rest_event(), None) == {
        "headers": DEFAULT_CORS,
        "multiValueHeaders": {},
        "statusCode": 500,
        "body": INTERNAL_ERROR,
    }
    assert caplog.records[0].getMessage() == "Caught exception for path /"
    assert caplog.records[0].exc_info is not None


def test_text_with_a_binary_type_is_an_internal_error() -> None:
    response = Response("text", headers={"Content-Type": "image/png"})
    answer = answer_to(response, headers={"Accept": "image/png"})
    assert (answer["statusCode"], answer["body"]) == (500, INTERNAL_ERROR)
    with pytest.raises(ValueError) as caught:
        response.to_dict(["image/png"])
    assert str(caught.value) == (
        "Expected bytes type for body with binary Content-Type. "
        "Got <class 'str'> type body instead."
    )


def test_json_text_may_be_binary() -> None:
    response = Response({"a": 1}, headers={"Content-Type": "application/json; charset=utf-8"})
    answer = response.to_dict(["application/json"])
    assert (answer["body"], answer["isBase64Encoded"]) == ("eyJhIjoxfQ==", True)


def test_bytes_without_a_binary_type_are_text_or_base64() -> None:
    assert answer_to("\u2713".encode())["body"] == "\u2713"
    assert "isBase64Encoded" not in answer_to(b"text")
    answer = answer_to(b"\xff")
    assert (answer["body"], answer["isBase64Encoded"]) == ("/w==", True)
    assert Response(b"\xff").to_dict()["body"] == b"\xff"


def test_text_stays_text_whatever_the_client_accepts() -> None:
    response = Response("hello", headers={"Content-Type": "text/plain"})
    answer = answer_to(response, headers={"Accept": "image/png"})
    assert answer == {
        "headers": {"Content-Type": "text/plain"},
        "multiValueHeaders": {},
        "statusCode": 200,
        "body": "hello",
    }


@pytest.mark.parametrize("accept", ["*/*", "text/html,image/png", "text/html,*/*;q=0.8"])
def test_any_accepted_binary_type_will_do(accept: str) -> None:
    answer = answer_to(
        Response(b"gif", headers={"Content-Type": "image/gif"}), headers={"aCCept": accept}
    )
    assert answer["isBase64Encoded"] is True


def test_binary_types_may_change_between_requests() -> None:
    app = new_app()
    app.route("/")(lambda: Response(b"\x00", headers={"Content-Type": "x/y"}))
    event = rest_event(headers={"accept": "x/y"})
    assert app(event, None)["body"] == "\x00"
    app.api.binary_types.append("x/y")
    assert app(event, None)["isBase64Encoded"] is True


@pytest.mark.parametrize(
    "headers",
    [
        {"X": "foo\nbar"},
        {"X": "foo\rbar"},
        {"X": ["ok", "foo\nSet-Cookie: a=b"]},
        {"X\r\nSet-Cookie": "a=b"},
        {"X": b"bytes"},
        {"X": object()},
        {"X": "half \ud83d"},
    ],
)
def test_a_header_that_breaks_out_of_its_line_is_never_sent(
    headers: Any, caplog: pytest.LogCaptureFixture
) -> None:
    answer = answer_to(Response("", headers=headers))
    assert (answer["statusCode"], answer["headers"]) == (500, {})
    assert "Bad value for header 'X" in caplog.text


def test_half_a_character_in_text_does_not_keep_it_from_being_sent() -> None:
    assert (
        answer_to("half \ud83d, whole \ud83d\ude00 é")["body"] == "half \ufffd, whole \U0001f600 é"
    )
    assert answer_to(["half \ud83d"])["body"] == r'["half \ud83d"]'


def test_numbers_in_headers_are_sent_as_text() -> None:
    headers = {"Content-Length": 12, "X": [1, "a\tb"], "Gone": None, "É": "é"}
    answer = answer_to(Response("", headers=headers))
    assert answer["headers"] == {"Content-Length": "12", "É": "é"}
    assert answer["multiValueHeaders"] == {"X": ["1", "a\tb"]}


def test_a_list_of_content_types_counts_as_its_first() -> None:
    headers = {"Content-Type": ["image/png"]}
    answer = answer_to(Response(b"x", headers=headers), headers={"accept": "image/png"})
    assert answer["multiValueHeaders"] == headers
    assert answer["isBase64Encoded"] is True


def test_cors_leaves_the_headers_of_the_view_alone() -> None:
    given = {"access-control-allow-origin": "https://own.example", "X": "1"}
    app = new_app()
    config = CORSConfig(max_age=0)
    app.route("/", cors=config)(lambda: Response("", headers=given))
    app.route("/frozen", cors=config)(
        lambda: Response("", headers=MappingProxyType(given))  # type: ignore[arg-type]
    )
    expected = {
        **given,
        "Access-Control-Allow-Headers": DEFAULT_CORS["Access-Control-Allow-Headers"],
        "Access-Control-Max-Age": "0",
    }
    assert app(rest_event(), None)["headers"] == expected
    assert app(rest_event(path="/frozen"), None)["headers"] == expected
    assert list(given) == ["access-control-allow-origin", "X"]


def test_a_response_can_be_a_subclass_with_a_form_of_its_own() -> None:
    class Page(Response):
        def to_dict(self, binary_types: Any = None) -> dict[str, Any]:
            return {**super().to_dict(binary_types), "page": True}

    assert answer_to(Page("p"))["page"] is True


def test_a_status_may_be_an_enum() -> None:
    assert answer_to(Response("", status_code=HTTPStatus.CREATED))["statusCode"] == 201


def test_error_response_has_code_and_message() -> None:
    response = error_response("m", "C", 418, headers={"A": "1"})
    assert response.to_dict() == {
        "headers": {"A": "1"},
        "multiValueHeaders": {},
        "statusCode": 418,
        "body": '{"Code":"C","Message":"m"}',
    }
