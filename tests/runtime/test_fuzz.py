"""Any REST shaped event ends in a response that Lambda can send."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalice import BadRequestError, Chalice, Response

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
HEADER_NAMES = st.sampled_from(["Content-Type", "content-type", "CONTENT-TYPE", "Accept", "X-A"])
HEADERS = st.dictionaries(HEADER_NAMES | st.text(max_size=9), st.text(max_size=20) | SCALARS)
MULTI = st.dictionaries(st.text(max_size=5), st.lists(st.text(max_size=5), max_size=3))
METHODS = st.sampled_from(["GET", "POST", "get", "", "OPTIONS"])
PATHS = st.sampled_from(["/", "/echo/{id}", "/raise/{id}", "/bytes", "/nowhere"])
BODIES = st.none() | st.text(max_size=30) | st.sampled_from(['{"a":1}', "%%%", "AAH/", "AAA"])


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
        "pathParameters": optional(st.fixed_dictionaries({"id": st.text(max_size=9)})),
        "multiValueQueryStringParameters": optional(MULTI),
        "body": optional(BODIES),
        "isBase64Encoded": optional(st.booleans()),
        "stageVariables": optional(MULTI),
    },
)


def echoing_app() -> Chalice:
    app = Chalice("fuzzed", configure_logs=False, env={})
    app.log.disabled = True

    @app.route("/", methods=["GET", "POST"], cors=True)
    def index() -> dict[str, Any]:
        request = app.current_request
        return {**request.to_dict(), "raw": request.raw_body, "json": request.json_body}

    @app.route("/echo/{id}", methods=["GET", "POST"], content_types=["text/*", "*/*"])
    def echo(id: str) -> Response:
        return Response(id, headers={"X-Id": id, "Content-Type": id})

    @app.route("/raise/{id}", methods=["GET", "POST"], content_types=[])
    def refuse(id: str) -> None:
        raise BadRequestError(id)

    @app.route("/bytes", methods=["GET", "POST"], content_types=[])
    def raw() -> bytes:
        request = app.current_request
        return request.raw_body

    return app


APP = echoing_app()


@given(event=EVENTS | ANYTHING)
def test_every_event_has_a_well_formed_answer(event: Any) -> None:
    answer = APP(event, None)
    assert json.loads(json.dumps(answer)).keys() == answer.keys()
    assert set(answer) - {"isBase64Encoded"} == {
        "headers",
        "multiValueHeaders",
        "statusCode",
        "body",
    }
    assert isinstance(answer["statusCode"], int)
    assert isinstance(answer["body"], str)
    for name, value in answer["headers"].items():
        assert isinstance(value, str)
        assert not {"\r", "\n"} & set(name + value)
    assert None not in APP.routes
