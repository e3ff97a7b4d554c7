from __future__ import annotations

import pytest

from chalice.local import LambdaEventConverter, MatchResult, RouteMatcher

ROUTES = ["/foo/{capture}", "/foo", "/", "/foo/{capture}/bar", "/foo/bar", "/files/{path+}", "/~x"]
MATCHES = {
    "/": ("/", {}, {}),
    "/?a=b": ("/", {}, {"a": ["b"]}),
    "/foo": ("/foo", {}, {}),
    "/foo/": ("/foo", {}, {}),
    "/foo/bar": ("/foo/bar", {}, {}),
    "/foo/other": ("/foo/{capture}", {"capture": "other"}, {}),
    "/foo/other/bar": ("/foo/{capture}/bar", {"capture": "other"}, {}),
    "/foo/a%20b%2Fc": ("/foo/{capture}", {"capture": "a b/c"}, {}),
    "/foo/a;b": ("/foo/{capture}", {"capture": "a;b"}, {}),
    "/foo?x=1&x=2&y": ("/foo", {}, {"x": ["1", "2"], "y": [""]}),
    "/foo?a&b=": ("/foo", {}, {"a": [""], "b": [""]}),
    "/foo?q=a+b%2Bc": ("/foo", {}, {"q": ["a b+c"]}),
    "/files/a/b/c": ("/files/{path+}", {"path": "a/b/c"}, {}),
    "/~x": ("/~x", {}, {}),
}


@pytest.mark.parametrize("url", MATCHES)
def test_a_url_belongs_to_the_route_that_says_most_about_it(url: str) -> None:
    assert RouteMatcher(ROUTES).match_route(url) == MatchResult(*MATCHES[url])


@pytest.mark.parametrize("url", ["", "?x=1", "/bar", "/Foo", "/foo/a/b", "/foo//", "//foo"])
def test_a_url_without_a_route_is_a_value_error(url: str) -> None:
    with pytest.raises(ValueError, match=r"^No matching route found for: "):
        RouteMatcher(ROUTES).match_route(url)


def test_a_failed_attempt_leaves_no_captures() -> None:
    matcher = RouteMatcher(["/n/{name}/x", "/{other}/k/y"])
    assert matcher.match_route("/n/k/y").captured == {"other": "n"}


def test_routes_are_listed_in_order() -> None:
    assert RouteMatcher(["/b", "/a/{x}", "/a/x"]).route_urls == ["/a/x", "/a/{x}", "/b"]


def test_an_event_has_what_the_runtime_reads_and_no_more() -> None:
    converter = LambdaEventConverter(RouteMatcher(ROUTES))
    assert converter.create_lambda_event("GET", "/foo/other/?a=1", {"X-Key": "v"}, "text") == {
        "requestContext": {
            "httpMethod": "GET",
            "resourcePath": "/foo/{capture}",
            "identity": {"sourceIp": "127.0.0.1"},
            "path": "/foo/other/",
        },
        "headers": {"x-key": "v"},
        "pathParameters": {"capture": "other"},
        "stageVariables": {},
        "multiValueQueryStringParameters": {"a": ["1"]},
        "body": "text",
    }


def test_without_a_query_string_the_event_has_no_parameters() -> None:
    event = LambdaEventConverter(RouteMatcher(["/"])).create_lambda_event("GET", "/", {})
    assert event["multiValueQueryStringParameters"] is None
    assert event["pathParameters"] == {}
    assert event["body"] is None


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "image/png"},
        {"Content-Type": "image/png"},
        {"Content-Type": "Image/PNG;x=y"},
    ],
)
@pytest.mark.parametrize("body", [b"abc", "abc"])
def test_a_binary_body_is_base64(headers: dict[str, str], body: str | bytes) -> None:
    converter = LambdaEventConverter(RouteMatcher(["/"]), ["image/png"])
    event = converter.create_lambda_event("POST", "/", headers, body)
    assert (event["body"], event["isBase64Encoded"]) == ("YWJj", True)


def test_any_other_body_stays_as_it_is() -> None:
    converter = LambdaEventConverter(RouteMatcher(["/"]), ["image/png"])
    for headers in ({}, {"Content-Type": "application/json"}):
        event = converter.create_lambda_event("POST", "/", headers, b"abc")
        assert event["body"] == b"abc"
        assert "isBase64Encoded" not in event
