"""The app of the README's tutorial, and what its clients see, whatever serves it.

``EXCHANGES`` are the requests of the tutorial in order, with the answers it prints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from chalice import BadRequestError, Chalice, CORSConfig, NotFoundError, Response
from tests.gateway.cases import PNG

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def tutorial_app() -> Chalice:
    """Return a new app with every route of the tutorial; it keeps the objects it is given."""
    app = Chalice("helloworld", configure_logs=False, env={})
    cities = {"seattle": "WA", "portland": "OR"}
    objects: dict[str, Any] = {}

    @app.route("/")
    def index() -> Any:
        return {"hello": "world"}

    @app.route("/", methods=["POST"], content_types=[FORM])
    def form() -> Any:
        return {"states": parse_qs(app.current_request.raw_body.decode()).get("states", [])}

    @app.route("/cities/{city}")
    def state_of_city(city: str) -> Any:
        try:
            return {"state": cities[city]}
        except KeyError as error:
            choices = ", ".join(cities)
            message = f"Unknown city '{city}', valid choices are: {choices}"
            raise BadRequestError(message) from error

    @app.route("/broken")
    def broken() -> Any:
        return cities["nowhere"]

    @app.route("/objects/{key}", methods=["GET", "PUT"])
    def myobject(key: str) -> Any:
        if app.current_request.method == "PUT":
            objects[key] = app.current_request.json_body
            return None
        if key not in objects:
            raise NotFoundError(key)
        return {key: objects[key]}

    @app.route("/introspect")
    def introspect() -> Any:
        request = app.current_request.to_dict()
        return {key: request[key] for key in ("method", "query_params", "uri_params", "stage_vars")}

    @app.route("/plain")
    def plain() -> Response:
        return Response("hello world!", headers={"Content-Type": "text/plain"}, status_code=200)

    @app.route("/image", methods=["GET", "POST"], content_types=[JSON, "image/png"])
    def image() -> Response:
        body = app.current_request.raw_body or PNG
        return Response(body, headers={"Content-Type": "image/png"})

    @app.route("/cors", methods=["PUT"], cors=True)
    def supports_cors() -> Any:
        return {}

    cors = CORSConfig(
        allow_origin="https://foo.example.com",
        allow_headers=["X-Special-Header"],
        max_age=600,
        expose_headers=["X-Special-Header"],
        allow_credentials=True,
    )

    @app.route("/custom_cors", methods=["GET"], cors=cors)
    def supports_custom_cors() -> Any:
        return {"cors": True}

    return app


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """``headers`` of the answer are those that matter."""

    method: str = "GET"
    target: str
    sent: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("content-type", JSON),)
    body: bytes


EXCHANGES = (
    Exchange(target="/", body=b'{"hello":"world"}'),
    Exchange(target="/cities/seattle", body=b'{"state":"WA"}'),
    Exchange(target="/cities/seattle/", body=b'{"state":"WA"}'),
    Exchange(
        target="/cities/vancouver",
        status=400,
        body=b'{"Code":"BadRequestError","Message":'
        b"\"Unknown city 'vancouver', valid choices are: seattle, portland\"}",
    ),
    Exchange(
        target="/cities",
        status=403,
        headers=(("x-amzn-errortype", "MissingAuthenticationTokenException"),),
        body=b'{"message":"Missing Authentication Token"}',
    ),
    Exchange(
        target="/broken",
        status=500,
        body=b'{"Code":"InternalServerError","Message":"An internal server error occurred."}',
    ),
    Exchange(
        target="/objects/mykey",
        status=404,
        body=b'{"Code":"NotFoundError","Message":"mykey"}',
    ),
    Exchange(
        method="PUT",
        target="/objects/mykey",
        sent=(("Content-Type", JSON),),
        content=b'{"foo": "bar"}',
        body=b"null",
    ),
    Exchange(target="/objects/mykey", body=b'{"mykey":{"foo":"bar"}}'),
    Exchange(
        method="DELETE",
        target="/objects/mykey",
        status=403,
        body=b'{"message":"Missing Authentication Token"}',
    ),
    Exchange(
        target="/introspect?query1=value1&query2=value2",
        body=b'{"method":"GET","query_params":{"query1":"value1","query2":"value2"},'
        b'"uri_params":null,"stage_vars":null}',
    ),
    Exchange(
        method="POST",
        target="/",
        sent=(("Content-Type", FORM),),
        content=b"states=WA&states=CA",
        body=b'{"states":["WA","CA"]}',
    ),
    Exchange(
        method="POST",
        target="/",
        sent=(("Content-Type", JSON),),
        content=b"{}",
        status=415,
        body=b'{"Code":"UnsupportedMediaType","Message":"Unsupported media type: '
        b'application/json"}',
    ),
    Exchange(target="/plain", headers=(("content-type", "text/plain"),), body=b"hello world!"),
    Exchange(
        target="/image",
        sent=(("Accept", "image/png"),),
        headers=(("content-type", "image/png"),),
        body=PNG,
    ),
    Exchange(
        method="POST",
        target="/image",
        sent=(("Accept", "image/png"), ("Content-Type", "image/png")),
        content=b"\x00\xff\x00",
        headers=(("content-type", "image/png"),),
        body=b"\x00\xff\x00",
    ),
    Exchange(
        method="PUT",
        target="/cors",
        headers=(
            ("access-control-allow-origin", "*"),
            (
                "access-control-allow-headers",
                "Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key",
            ),
        ),
        body=b"{}",
    ),
    Exchange(
        method="OPTIONS",
        target="/cors",
        headers=(
            ("access-control-allow-methods", "PUT,OPTIONS"),
            ("access-control-allow-origin", "*"),
        ),
        body=b"",
    ),
    Exchange(
        method="OPTIONS",
        target="/custom_cors",
        headers=(
            ("access-control-allow-methods", "GET,OPTIONS"),
            ("access-control-allow-origin", "https://foo.example.com"),
            (
                "access-control-allow-headers",
                "Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key,"
                "X-Special-Header",
            ),
            ("access-control-expose-headers", "X-Special-Header"),
            ("access-control-max-age", "600"),
            ("access-control-allow-credentials", "true"),
        ),
        body=b"",
    ),
    Exchange(
        method="OPTIONS",
        target="/plain",
        status=403,
        body=b'{"message":"Missing Authentication Token"}',
    ),
)
