"""Any event of any door ends in a response that Lambda can send in the form of that door."""

from __future__ import annotations

import base64
import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice import BadRequestError, Chalice, Response
from tests.runtime.events import balancer_event, function_url_event, http_api_event, rest_event

ROOT = Path(__file__).parent.parent.parent
SCALARS = st.none() | st.booleans() | st.integers() | st.floats()
SURROGATES = st.characters(categories=["Cs"])
HOSTILE = st.sampled_from(
    [
        "a\r\nSet-Cookie: x=1",
        "\ud800",
        "%ff%00%",
        "multipart/form-data; boundary=b",
        "application/x-www-form-urlencoded",
        "application/json",
        "image/png",
        "{}",
        "[" * 3000,
        "AAA",
        "",
        "*/*",
    ]
)
TEXT = st.text(st.characters() | SURROGATES, max_size=12) | HOSTILE
ANYTHING = st.recursive(
    SCALARS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
HEADER_NAMES = st.sampled_from(["Content-Type", "content-type", "CONTENT-TYPE", "Accept", "X-A"])
HEADERS = st.dictionaries(HEADER_NAMES | TEXT, TEXT | SCALARS)
MULTI = st.dictionaries(TEXT, st.lists(TEXT, max_size=3), max_size=3)
METHODS = st.sampled_from(["GET", "POST", "get", "", "OPTIONS"])
PATHS = st.sampled_from(
    ["/", "/echo/{id}", "/raise/{id}", "/bytes", "/form", "/async/{id}", "/nowhere"]
)
BODIES = st.none() | TEXT | st.sampled_from(['{"a":1}', "%%%", "AAH/", "a=1&b", "--b\r\n\r\n--b--"])


def optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values | ANYTHING


EVENTS = st.fixed_dictionaries(
    {
        "requestContext": optional(
            st.fixed_dictionaries(
                {"resourcePath": optional(PATHS)}, optional={"httpMethod": optional(METHODS)}
            )
        )
    },
    optional={
        "headers": optional(HEADERS),
        "pathParameters": optional(st.fixed_dictionaries({"id": TEXT})),
        "multiValueQueryStringParameters": optional(MULTI),
        "body": optional(BODIES),
        "isBase64Encoded": optional(st.booleans()),
        "stageVariables": optional(MULTI),
    },
)
WHOLE = [
    http_api_event(),
    function_url_event(),
    balancer_event(),
    balancer_event(multi_value=True),
    rest_event(uri={"id": "7"}, headers={"accept": "*/*"}, query={"a": ["1"]}),
]
REAL_PATHS = st.sampled_from(["/", "/echo/a%0D%0Ab", "/raise/%ED%A0%80", "/bytes", "/form", "//"])


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A whole event some of whose parts are other values or missing."""
    event = copy.deepcopy(draw(st.sampled_from(WHOLE)))
    context = event["requestContext"]
    method = draw(METHODS)
    if "http" in context:
        event["rawPath"] = draw(REAL_PATHS)
        context["http"]["method"] = method
    elif "elb" in context:
        event |= {"path": draw(REAL_PATHS), "httpMethod": method}
    else:
        context |= {"resourcePath": draw(PATHS), "httpMethod": method}
    event["body"] = draw(BODIES)
    for _ in range(draw(st.integers(0, 3))):
        place = event
        while True:
            key = draw(st.sampled_from(sorted(place)))
            if not isinstance(place[key], dict) or not place[key] or draw(st.booleans()):
                break
            place = place[key]
        if draw(st.booleans()):
            place[key] = draw(HEADERS | MULTI | ANYTHING)
        else:
            del place[key]
            if not place:
                break
    return event


def echoing_app() -> Chalice:
    app = Chalice("fuzzed", configure_logs=False, env={})
    app.log.disabled = True

    @app.route("/", methods=["GET", "POST"], cors=True)
    def index() -> dict[str, Any]:
        request = app.current_request
        return {**request.to_dict(), "raw": request.raw_body, "json": request.json_body}

    @app.route("/echo/{id}", methods=["GET", "POST"], content_types=["text/*", "*/*"])
    def echo(id: str) -> Response:
        headers = {"X-Id": id, "Content-Type": id, "X-List": [id, *app.current_request.headers]}
        return Response(id, headers=headers)

    @app.route("/raise/{id}", methods=["GET", "POST"], content_types=[])
    def refuse(id: str) -> None:
        raise BadRequestError(id)

    @app.route("/bytes", methods=["GET", "POST"], content_types=[])
    def raw() -> bytes:
        request = app.current_request
        return request.raw_body

    @app.route("/form", methods=["GET", "POST"], content_types=[])
    def form() -> Response:
        request = app.current_request
        response = Response({"form": request.form, "files": list(request.files)})
        for name, value in list(request.cookies.items())[:9]:
            response.set_cookie(name, value)
        return response

    @app.route("/async/{id}", methods=["GET", "POST"], content_types=[])
    async def later(id: str) -> str:
        return id

    return app


def surrounded_app() -> Chalice:
    app = echoing_app()

    @app.middleware("http", exceptions=True)
    def adding(event: Any, get_response: Any) -> Any:
        try:
            response = get_response(event)
        except BadRequestError as error:
            return Response(str(error), headers={"X-Error": str(error)})
        response.headers = {**response.headers, "X-Method": event.method}
        return response

    app.api.binary_types = ["*/*"]
    return app


APPS = (echoing_app(), surrounded_app())


def check(event: Any) -> None:
    for app in APPS:
        answer = app(copy.deepcopy(event), None)
        text = json.dumps(answer, ensure_ascii=False)
        assert json.loads(text.encode()).keys() == answer.keys()
        context = event.get("requestContext") if isinstance(event, dict) else None
        check_form(answer, event, context if isinstance(context, dict) else {})
        assert None not in app.routes


def check_form(answer: dict[str, Any], event: Any, context: dict[str, Any]) -> None:
    keys = set(answer) - {"isBase64Encoded", "cookies"}
    if context.get("resourcePath") is not None or not {"http", "elb"} & set(context):
        assert keys == {"headers", "multiValueHeaders", "statusCode", "body"}
    elif "http" in context:
        assert keys == {"headers", "statusCode", "body"}
        assert all(name == name.lower() for name in answer["headers"])
    else:
        kind = "headers" if event.get("multiValueHeaders") is None else "multiValueHeaders"
        assert keys == {kind, "statusCode", "statusDescription", "body"}
    assert type(answer["statusCode"]) is int
    assert isinstance(answer["body"], str)
    if answer.get("isBase64Encoded"):
        base64.b64decode(answer["body"], validate=True)
    lines = list(answer.get("headers", {}).items())
    for name, values in answer.get("multiValueHeaders", {}).items():
        lines += [(name, value) for value in values]
    lines += [("", cookie) for cookie in answer.get("cookies", ())]
    for name, value in lines:
        assert not {"\r", "\n"} & {*name, *value}


@given(event=EVENTS | damaged() | ANYTHING)
def test_every_event_has_a_well_formed_answer(event: Any) -> None:
    check(event)


LARGE = 10 * 1024 * 1024


# Each would take minutes, were the time quadratic in its size.
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", "[" * LARGE),
        ("application/json", '{"a":' * (LARGE // 5)),
        ("application/json", "[" + "1," * (LARGE // 2) + "1]"),
        ("application/x-www-form-urlencoded", "a=%C3%A9" * (LARGE // 8)),
        ("multipart/form-data; boundary=b", "--b\r\n" * (LARGE // 5)),
        ("text/plain", "é" * (LARGE // 2)),
        ("text/plain", "\ud800" * (LARGE // 3)),
    ],
    ids=["nested-lists", "nested-objects", "list", "form", "multipart", "text", "surrogates"],
)
@pytest.mark.parametrize("path", ["/", "/bytes", "/form"])
def test_large_bodies_are_answered_through_every_door(
    content_type: str, body: str, path: str
) -> None:
    headers = {"content-type": content_type}
    for event in (
        rest_event("POST", path, headers=headers, body=body),
        http_api_event("POST", path, headers=headers, body=body),
        balancer_event("POST", path, headers=headers, body=body),
    ):
        answer = APPS[0](event, None)
        assert isinstance(answer["body"], str)


@pytest.mark.parametrize(
    "path", ["/" * 500_000, "/a" * 500_000, "/%41" * 500_000, "/echo/" + "%" * 1_000_000]
)
def test_long_paths_are_answered(path: str) -> None:
    app = echoing_app()
    for route in ("/{a}/{b}/c", "/{a}/b/{c+}", "/a/{b}/{c}/d", "/a/a/{rest+}"):
        app.route(route, name=route)(lambda **names: sorted(names))
    assert app(function_url_event("GET", path), None)["statusCode"] in (200, 404, 500)


def test_long_headers_are_answered() -> None:
    headers = {f"X-{number}": "v" * 100 for number in range(20_000)}
    headers["cookie"] = "; ".join(f"c{number}={number}" for number in range(50_000))
    headers["accept"] = ",".join(["a/b;q=0.1"] * 100_000)
    for event in (
        rest_event("GET", "/form", headers=headers),
        http_api_event("GET", "/form", headers=headers, rawQueryString="a=1&" * 200_000),
        balancer_event("GET", "/form", headers=headers),
    ):
        assert APPS[0](event, None)["statusCode"] == 200


def test_a_guided_search_finds_nothing() -> None:
    pytest.importorskip("atheris")
    command = [sys.executable, "-m", "tests.runtime.fuzz_events", "-runs=300", "-seed=1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
