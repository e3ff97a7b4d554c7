"""What any server of the gateway must do, as data: whatever runs the functions behind it.

``REQUESTS``: a request to an API whose every path has the same function, and what of the event
that function must see. ``RESPONSES``: what a function returns, and the HTTP answer that follows.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

PATHS = ("/", "/names", "/names/{name}", "/files/{proxy+}")
"""The resources of the API of ``REQUESTS``; each has all methods."""
BINARY_TYPES = ("image/png", "application/octet-stream", "audio/*")
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
PNG_TEXT = base64.b64encode(PNG).decode("ascii")


@dataclass(frozen=True, kw_only=True)
class RequestCase:
    """``event`` maps dotted paths into the event to values."""

    name: str
    method: str = "GET"
    target: str = "/names"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    event: Mapping[str, object]


REQUESTS = (
    RequestCase(
        name="the root",
        target="/",
        event={
            "resource": "/",
            "path": "/",
            "httpMethod": "GET",
            "requestContext.resourcePath": "/",
            "pathParameters": None,
            "queryStringParameters": None,
            "multiValueQueryStringParameters": None,
            "stageVariables": None,
            "body": None,
            "isBase64Encoded": False,
        },
    ),
    RequestCase(
        name="a slash at the end",
        target="/names/",
        event={"resource": "/names", "path": "/names/"},
    ),
    RequestCase(
        name="an encoded path",
        target="/names/J%C3%BCrgen%20a%2Fb",
        event={
            "resource": "/names/{name}",
            "path": "/names/Jürgen a/b",
            "pathParameters": {"name": "Jürgen a/b"},
            "requestContext.resourcePath": "/names/{name}",
        },
    ),
    RequestCase(
        name="a plus in a path is a plus",
        target="/names/a+b",
        event={"pathParameters": {"name": "a+b"}},
    ),
    RequestCase(
        name="a greedy parameter",
        target="/files/a/b%20c.txt",
        event={"resource": "/files/{proxy+}", "pathParameters": {"proxy": "a/b c.txt"}},
    ),
    RequestCase(
        name="a repeated query parameter",
        target="/names?a=1&b=2&a=3",
        event={
            "queryStringParameters": {"a": "3", "b": "2"},
            "multiValueQueryStringParameters": {"a": ["1", "3"], "b": ["2"]},
        },
    ),
    RequestCase(
        name="a query is decoded",
        target="/names?q=a+b%20c%2Bd&caf%C3%A9=%E2%9C%93",
        event={"queryStringParameters": {"q": "a b c+d", "café": "✓"}},
    ),
    RequestCase(
        name="blank query values",
        target="/names?a&b=&&c==",
        event={"queryStringParameters": {"a": "", "b": "", "c": "="}},
    ),
    RequestCase(
        name="a semicolon separates",
        target="/names?a=1;b=2",
        event={"queryStringParameters": {"a": "1", "b": "2"}},
    ),
    RequestCase(
        name="bytes in a query that are not UTF-8",
        target="/names?a=%FF&b=%zz",
        event={"queryStringParameters": {"a": "\ufffd", "b": "%zz"}},
    ),
    RequestCase(
        name="an empty query",
        target="/names?",
        event={"queryStringParameters": None, "multiValueQueryStringParameters": None},
    ),
    RequestCase(
        name="header names have capitals",
        headers=(("x-api-key", "k"), ("CONTENT-TYPE", "text/plain"), ("X-TestHeader", "Foo")),
        event={
            "headers.X-Api-Key": "k",
            "headers.Content-Type": "text/plain",
            "headers.X-Testheader": "Foo",
        },
    ),
    RequestCase(
        name="a repeated header",
        headers=(("X-A", "1"), ("x-a", "2")),
        event={"headers.X-A": "2", "multiValueHeaders.X-A": ["1", "2"]},
    ),
    RequestCase(
        name="headers about the connection stay outside",
        headers=(("TE", "trailers"), ("Keep-Alive", "timeout=5"), ("Upgrade", "h2c")),
        event={
            "headers.Te": None,
            "headers.Keep-Alive": None,
            "headers.Upgrade": None,
            "headers.Connection": None,
        },
    ),
    RequestCase(
        name="the client's own forwarding is kept in front",
        headers=(("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "gopher")),
        event={
            "headers.X-Forwarded-For": "203.0.113.7, 127.0.0.1",
            "headers.X-Forwarded-Proto": "http",
            "requestContext.identity.sourceIp": "127.0.0.1",
        },
    ),
    RequestCase(
        name="the client's own trace is kept",
        headers=(("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793"),),
        event={"headers.X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793"},
    ),
    RequestCase(
        name="a user agent",
        headers=(("User-Agent", "HTTPie/3"),),
        event={"requestContext.identity.userAgent": "HTTPie/3", "headers.User-Agent": "HTTPie/3"},
    ),
    RequestCase(
        name="a text body",
        method="POST",
        headers=(("Content-Type", "application/json"),),
        body='{"a":"✓"}'.encode(),
        event={"httpMethod": "POST", "body": '{"a":"✓"}', "isBase64Encoded": False},
    ),
    RequestCase(
        name="a body without a content type is text",
        method="PUT",
        body=b"a=b",
        event={"body": "a=b", "isBase64Encoded": False},
    ),
    RequestCase(
        name="a binary body",
        method="POST",
        headers=(("Content-Type", "image/png"),),
        body=PNG,
        event={"body": PNG_TEXT, "isBase64Encoded": True},
    ),
    RequestCase(
        name="a binary type in capitals with parameters",
        method="POST",
        headers=(("Content-Type", "Image/PNG; name=x"),),
        body=PNG,
        event={"body": PNG_TEXT, "isBase64Encoded": True},
    ),
    RequestCase(
        name="a binary family of types",
        method="POST",
        headers=(("Content-Type", "audio/ogg"),),
        body=PNG,
        event={"body": PNG_TEXT, "isBase64Encoded": True},
    ),
    RequestCase(
        name="no body of a binary type",
        method="POST",
        headers=(("Content-Type", "image/png"),),
        event={"body": None, "isBase64Encoded": False},
    ),
    RequestCase(
        name="bytes of a text type that are not UTF-8",
        method="POST",
        headers=(("Content-Type", "text/plain"),),
        body=b"a\xffb",
        event={"body": "a\ufffdb", "isBase64Encoded": False},
    ),
    RequestCase(name="HEAD", method="HEAD", event={"httpMethod": "HEAD"}),
    RequestCase(name="DELETE", method="DELETE", event={"requestContext.httpMethod": "DELETE"}),
)


@dataclass(frozen=True, kw_only=True)
class ResponseCase:
    """``response`` is what the function returns. ``headers`` are those that must be there, in
    order where one is repeated, with None for those that must not.
    """

    name: str
    response: object
    method: str = "GET"
    accept: str = "application/json"
    status: int = 200
    headers: tuple[tuple[str, str | None], ...] = ()
    body: bytes = b""


def malformed(name: str, response: object, accept: str = "*/*") -> ResponseCase:
    return ResponseCase(
        name=name,
        response=response,
        accept=accept,
        status=502,
        headers=(("x-amzn-errortype", "InternalServerErrorException"),),
        body=b'{"message":"Internal server error"}',
    )


def ok(**more: object) -> dict[str, object]:
    return {"statusCode": 200, "body": "hi", **more}


RESPONSES = (
    ResponseCase(
        name="JSON is the type unless the function says",
        response={"statusCode": 200, "body": '{"a":1}'},
        headers=(("content-type", "application/json"), ("content-length", "7")),
        body=b'{"a":1}',
    ),
    ResponseCase(
        name="the function's type",
        response=ok(headers={"content-TYPE": "text/plain"}),
        headers=(("content-type", "text/plain"),),
        body=b"hi",
    ),
    ResponseCase(
        name="the function's type among several values",
        response=ok(multiValueHeaders={"Content-Type": ["text/html"]}),
        headers=(("content-type", "text/html"),),
        body=b"hi",
    ),
    ResponseCase(name="text is UTF-8", response=ok(body="✓"), body="✓".encode()),
    ResponseCase(name="half a character", response=ok(body="a\ud800"), body=b"a?"),
    ResponseCase(name="an error of the app", response=ok(statusCode=404), status=404, body=b"hi"),
    ResponseCase(name="a status as text", response=ok(statusCode="201"), status=201, body=b"hi"),
    ResponseCase(
        name="no body",
        response={"statusCode": 200, "body": None},
        headers=(("content-length", "0"),),
    ),
    ResponseCase(
        name="nothing but a status",
        response={"statusCode": 204},
        status=204,
        headers=(("content-length", None),),
    ),
    ResponseCase(name="a body where none may be", response=ok(statusCode=304), status=304),
    ResponseCase(
        name="HEAD",
        response=ok(),
        method="HEAD",
        headers=(("content-length", "2"),),
    ),
    ResponseCase(
        name="several values",
        response=ok(multiValueHeaders={"Set-Cookie": ["a=1", "b=2"]}),
        headers=(("set-cookie", "a=1"), ("set-cookie", "b=2")),
        body=b"hi",
    ),
    ResponseCase(
        name="the same pair in both places counts once",
        response=ok(headers={"x-a": "1", "X-B": "0"}, multiValueHeaders={"X-A": ["1", "2"]}),
        headers=(("x-a", "1"), ("x-a", "2"), ("x-b", "0")),
        body=b"hi",
    ),
    ResponseCase(
        name="different values in both places add up",
        response=ok(headers={"X-A": "0"}, multiValueHeaders={"X-A": ["1"]}),
        headers=(("x-a", "0"), ("x-a", "1")),
        body=b"hi",
    ),
    ResponseCase(
        name="numbers and booleans as header values",
        response=ok(headers={"X-N": 7, "X-B": True}),
        headers=(("x-n", "7"), ("x-b", "true")),
        body=b"hi",
    ),
    ResponseCase(
        name="headers that are null",
        response=ok(headers=None, multiValueHeaders=None, isBase64Encoded=None),
        body=b"hi",
    ),
    ResponseCase(
        name="a header value that is not ASCII",
        response=ok(headers={"X-A": "é"}),
        headers=(("x-a", "é"),),
        body=b"hi",
    ),
    ResponseCase(
        name="reserved headers get other names",
        response=ok(
            headers={
                "Authorization": "1",
                "Connection": "close",
                "Content-Length": "99",
                "Date": "today",
                "Server": "mine",
                "WWW-Authenticate": "Basic",
                "x-amzn-RequestId": "7",
            }
        ),
        headers=(
            ("x-amzn-remapped-authorization", "1"),
            ("x-amzn-remapped-connection", "close"),
            ("x-amzn-remapped-content-length", "99"),
            ("x-amzn-remapped-date", "today"),
            ("x-amzn-remapped-server", "mine"),
            ("x-amzn-remapped-www-authenticate", "Basic"),
            ("x-amzn-remapped-x-amzn-requestid", "7"),
            ("content-length", "2"),
            ("www-authenticate", None),
        ),
        body=b"hi",
    ),
    ResponseCase(
        name="headers about the connection are dropped",
        response=ok(headers={"Transfer-Encoding": "chunked", "Upgrade": "h2c", "Via": "x"}),
        headers=(("transfer-encoding", None), ("upgrade", None), ("via", None)),
        body=b"hi",
    ),
    ResponseCase(
        name="a binary body that the client accepts",
        response=ok(headers={"Content-Type": "image/png"}, body=PNG_TEXT, isBase64Encoded=True),
        accept="image/png;q=0.9, text/html",
        headers=(("content-type", "image/png"), ("content-length", str(len(PNG)))),
        body=PNG,
    ),
    ResponseCase(
        name="a binary body that the client accepts second",
        response=ok(headers={"Content-Type": "image/png"}, body=PNG_TEXT, isBase64Encoded=True),
        accept="text/html, image/png",
        body=PNG_TEXT.encode(),
    ),
    ResponseCase(
        name="a text body for a client that accepts binary",
        response=ok(isBase64Encoded=False),
        accept="image/png",
        body=b"hi",
    ),
    malformed("base64 with an odd end", ok(body="abc", isBase64Encoded=True), "image/png"),
    malformed("no status", {"body": "hi"}),
    malformed("a status that is a word", ok(statusCode="OK")),
    malformed("a status that is a boolean", ok(statusCode=True)),
    malformed("a status that is a fraction", ok(statusCode=200.5)),
    malformed("a status that is too low", ok(statusCode=101)),
    malformed("a status that is too high", ok(statusCode=600)),
    malformed("an unknown key", ok(cookies=[])),
    malformed("a body that is an object", ok(body={"a": 1})),
    malformed("a body that is a number", ok(body=1)),
    malformed("headers that are a list", ok(headers=[])),
    malformed("a header value that is a list", ok(headers={"A": ["1"]})),
    malformed("a header value that is null", ok(headers={"A": None})),
    malformed("several values that are text", ok(multiValueHeaders={"A": "1"})),
    malformed("a line break in a header value", ok(headers={"A": "1\r\nSet-Cookie: x=1"})),
    malformed("a line break in one of several", ok(multiValueHeaders={"A": ["1", "\n"]})),
    malformed("a line break in a header name", ok(headers={"A: 1\r\nB": "2"})),
    malformed("a header without a name", ok(headers={"": "2"})),
    malformed("a header name that is not ASCII", ok(headers={"é": "2"})),
    malformed("a null byte in a header value", ok(headers={"A": "1\x00"})),
    malformed("base64 mark that is text", ok(isBase64Encoded="true")),
    malformed("a list", []),
    malformed("text", "hi"),
    malformed("null", None),
)
