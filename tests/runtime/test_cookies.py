"""Cookies read from requests and set by responses."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice import Response
from chalice.app import Request
from chalice.runtime.cookies import cookie_text
from tests.runtime.events import answer_to, function_url_event, new_app, rest_event


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("", {}),
        ("a=1; b=2", {"a": "1", "b": "2"}),
        ('a="x y";b=', {"a": "x y", "b": ""}),
        ("a=first; a=second", {"a": "first"}),
        ("a=b=c;; flag; =x", {"a": "b=c", "": "x"}),
        ('a="', {"a": '"'}),
    ],
)
def test_cookies_of_a_request(header: str, cookies: dict[str, str]) -> None:
    assert Request(rest_event(headers={"COOKIE": header})).cookies == cookies


def test_cookies_go_out_and_come_back() -> None:
    app = new_app()

    @app.get("/")
    def view() -> Response:
        response = Response(app.current_request.cookies)
        response.set_cookie("session", "abc", max_age=60)
        response.delete_cookie("old", path="/old")
        return response

    expected = [
        "session=abc; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Lax",
        "old=; Max-Age=0; Path=/old; Secure; HttpOnly; SameSite=Lax",
    ]
    answer = app(rest_event(headers={"cookie": "a=1"}), None)
    assert (answer["body"], answer["multiValueHeaders"]) == (
        '{"a":"1"}',
        {"Set-Cookie": expected},
    )
    answer = app(function_url_event("GET", "/"), None)
    assert answer["cookies"] == expected
    assert answer["body"] == '{"cookie1":"one","cookie2":"two"}'


def test_cookies_join_those_that_are_set_already_and_spare_shared_headers() -> None:
    shared = MappingProxyType({"set-cookie": "a=1", "X": "1"})
    response = Response("", headers=shared)  # type: ignore[arg-type]
    response.set_cookie("b", "2", secure=False, httponly=False, samesite=None, path=None)
    assert answer_to(response)["multiValueHeaders"] == {"Set-Cookie": ["a=1", "b=2"]}
    assert dict(shared) == {"set-cookie": "a=1", "X": "1"}


def test_every_attribute_is_sent() -> None:
    text = cookie_text(
        "a",
        "1",
        max_age=5,
        expires=datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone(timedelta(hours=2))),
        path="/x",
        domain="example.com",
        samesite="None",
        partitioned=True,
    )
    assert text == (
        "a=1; Max-Age=5; Expires=Wed, 04 Mar 2026 03:06:07 GMT; Path=/x; Domain=example.com; "
        "Secure; HttpOnly; SameSite=None; Partitioned"
    )


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"name": ""}, "name of a cookie"),
        ({"name": "a b"}, "name of a cookie"),
        ({"name": "a\r\nX: 1"}, "name of a cookie"),
        ({"value": "a;b"}, "urllib.parse.quote"),
        ({"value": "a\nb"}, "urllib.parse.quote"),
        ({"value": 'a"b'}, "urllib.parse.quote"),
        ({"value": "é"}, "urllib.parse.quote"),
        ({"path": "/a; Domain=x"}, "path of a cookie"),
        ({"path": "a"}, "path of a cookie"),
        ({"path": "/\r\n"}, "path of a cookie"),
        ({"domain": "a;b"}, "domain of a cookie"),
        ({"domain": "a\n"}, "domain of a cookie"),
        ({"samesite": "lax"}, "samesite must be"),
        ({"samesite": "None", "secure": False}, "unless it is secure"),
        ({"partitioned": True, "secure": False}, "unless it is secure"),
        ({"name": "__Secure-a", "secure": False}, "unless it is secure"),
        ({"name": "__Host-a", "domain": "a.example"}, "without a domain"),
        ({"name": "__Host-a", "path": "/a"}, "with path /"),
        ({"expires": datetime(2026, 1, 1)}, "time zone"),
    ],
)
def test_a_cookie_that_browsers_would_not_take_is_refused(
    arguments: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        Response("").set_cookie(**{"name": "a", "value": "1", **arguments})


@given(
    st.fixed_dictionaries(
        {"name": st.text(max_size=5), "value": st.text(max_size=9)},
        optional={"path": st.text(max_size=5), "domain": st.text(max_size=5)},
    )
)
def test_no_cookie_breaks_out_of_its_header(arguments: dict[str, str]) -> None:
    try:
        text = cookie_text(**arguments)  # type: ignore[arg-type]
    except ValueError:
        return
    assert text.isprintable()
    assert text.isascii()
    assert text.startswith(f"{arguments['name']}={arguments['value']}; ")
    assert text.count(";") == 4 + ("domain" in arguments)


@given(st.text(max_size=40))
def test_any_header_has_cookies(header: str) -> None:
    cookies = Request(rest_event(headers={"cookie": header})).cookies
    assert all(name in header and value in header for name, value in cookies.items())
