"""The tutorial, section by section: one project, changed and deployed again each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.e2e.project import Project


@pytest.fixture(scope="module")
def project(new_project: Callable[[str], Project]) -> Iterator[Project]:
    made = new_project("helloworld")
    yield made
    made.run("delete", "--local", "-y")


def test_the_first_deploy_answers(project: Project) -> None:
    with project.deploy() as api:
        answer = api.get("")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.text == '{"hello":"world"}'


def test_url_parameters_and_an_uncaught_error(project: Project) -> None:
    project.write(
        "app.py",
        """
        from chalice import Chalice

        app = Chalice(app_name="helloworld")
        STATES = {"seattle": "WA", "portland": "OR"}


        @app.route("/")
        def index():
            return {"hello": "world"}


        @app.route("/cities/{city}")
        def state_of_city(city):
            return {"state": STATES[city]}
        """,
    )
    with project.deploy() as api:
        assert api.get("cities/seattle").json() == {"state": "WA"}
        assert api.get("cities/portland").json() == {"state": "OR"}
        failed = api.get("cities/vancouver")
        unknown = api.get("nowhere")
        wrong_method = api.post("cities/seattle")
    assert failed.status_code == 500
    assert failed.headers["content-type"] == "application/json"
    assert failed.json() == {
        "Code": "InternalServerError",
        "Message": "An internal server error occurred.",
    }
    for refused in (unknown, wrong_method):
        assert refused.status_code == 403
        assert refused.json() == {"message": "Missing Authentication Token"}


def test_debug_shows_the_traceback(project: Project) -> None:
    project.write(
        "app.py",
        """
        from chalice import Chalice

        app = Chalice(app_name="helloworld")
        app.debug = True
        STATES = {"seattle": "WA", "portland": "OR"}


        @app.route("/cities/{city}")
        def state_of_city(city):
            return {"state": STATES[city]}
        """,
    )
    with project.deploy() as api:
        failed = api.get("cities/vancouver")
    assert failed.status_code == 500
    assert failed.headers["content-type"] == "text/plain"
    assert failed.text.startswith("Traceback (most recent call last):\n")
    assert 'app.py", line 11, in state_of_city' in failed.text
    assert failed.text.endswith("KeyError: 'vancouver'\n")


ERRORS = {
    "BadRequestError": 400,
    "UnauthorizedError": 401,
    "ForbiddenError": 403,
    "NotFoundError": 404,
    "ConflictError": 409,
    "UnprocessableEntityError": 422,
    "TooManyRequestsError": 429,
    "ChaliceViewError": 500,
}


def test_error_messages(project: Project) -> None:
    project.write(
        "app.py",
        """
        import chalice
        from chalice import BadRequestError, Chalice

        app = Chalice(app_name="helloworld")
        STATES = {"seattle": "WA", "portland": "OR"}


        @app.route("/cities/{city}")
        def state_of_city(city):
            try:
                return {"state": STATES[city]}
            except KeyError:
                choices = ", ".join(sorted(STATES))
                raise BadRequestError(f"Unknown city '{city}', valid choices are: {choices}")


        @app.route("/errors/{name}")
        def fail(name):
            raise getattr(chalice, name)("as told")
        """,
    )
    with project.deploy() as api:
        bad = api.get("cities/vancouver")
        assert bad.status_code == 400
        assert bad.json() == {
            "Code": "BadRequestError",
            "Message": "Unknown city 'vancouver', valid choices are: portland, seattle",
        }
        for name, status in ERRORS.items():
            answer = api.get(f"errors/{name}")
            assert answer.status_code == status
            assert answer.json() == {"Code": name, "Message": "as told"}


ROUTING = """
from chalice import Chalice, NotFoundError

app = Chalice(app_name="helloworld")
OBJECTS = {}


@app.route("/resource/{value}", methods=["PUT"])
def put_test(value):
    return {"value": value}


@app.route("/myview", methods=["POST", "PUT"])
def myview():
    return {"method": app.current_request.method}


@app.route("/split", methods=["POST"])
def split_post():
    return "post"


@app.route("/split", methods=["PUT"])
def split_put():
    return "put"


@app.route("/objects/{key}", methods=["GET", "PUT"])
def myobject(key):
    request = app.current_request
    if request.method == "PUT":
        OBJECTS[key] = request.json_body
    elif request.method == "GET":
        try:
            return {key: OBJECTS[key]}
        except KeyError:
            raise NotFoundError(key)


@app.route("/introspect")
def introspect():
    return app.current_request.to_dict()
"""


@pytest.fixture(scope="module")
def routing(project: Project) -> Iterator[httpx.Client]:
    project.write("app.py", ROUTING)
    with project.deploy() as api:
        yield api


def test_methods(routing: httpx.Client) -> None:
    assert routing.put("resource/foo").json() == {"value": "foo"}
    assert routing.post("myview").json() == {"method": "POST"}
    assert routing.put("myview").json() == {"method": "PUT"}
    assert routing.post("split").text == "post"
    assert routing.put("split").text == "put"
    assert routing.get("resource/foo").status_code == 403


def test_objects_put_and_got(routing: httpx.Client) -> None:
    missing = routing.get("objects/mykey")
    assert missing.status_code == 404
    assert missing.json() == {"Code": "NotFoundError", "Message": "mykey"}
    put = routing.put("objects/mykey", json={"foo": "bar"})
    assert (put.status_code, put.text) == (200, "null")
    assert routing.get("objects/mykey").json() == {"mykey": {"foo": "bar"}}
    broken = routing.put(
        "objects/mykey", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert broken.status_code == 400
    assert broken.json() == {"Code": "BadRequestError", "Message": "Error Parsing JSON"}


def test_introspection(routing: httpx.Client) -> None:
    answer = routing.get("introspect?query1=value1&query2=value2", headers={"X-TestHeader": "Foo"})
    told = answer.json()
    assert told["method"] == "GET"
    assert told["query_params"] == {"query1": "value1", "query2": "value2"}
    assert told["uri_params"] is None
    assert told["stage_vars"] is None
    assert told["headers"]["x-testheader"] == "Foo"
    context = told["context"]
    assert {"apiId", "requestId", "resourceId", "accountId"} <= context.keys()
    assert context["resourcePath"] == "/introspect"
    assert context["path"] == "/api/introspect"
    assert context["stage"] == "api"
    assert context["httpMethod"] == "GET"
    assert context["identity"].keys() >= {
        "accessKey",
        "accountId",
        "apiKey",
        "caller",
        "cognitoAuthenticationProvider",
        "cognitoAuthenticationType",
        "cognitoIdentityId",
        "cognitoIdentityPoolId",
        "sourceIp",
        "userAgent",
        "userArn",
    }
    assert context["identity"]["sourceIp"] == "127.0.0.1"


def test_request_content_types(project: Project) -> None:
    project.write(
        "app.py",
        """
        from urllib.parse import parse_qs

        from chalice import Chalice

        app = Chalice(app_name="helloworld")


        @app.route(
            "/formtest",
            methods=["POST"],
            content_types=["application/x-www-form-urlencoded"],
        )
        def index():
            parsed = parse_qs(app.current_request.raw_body.decode())
            return {"states": parsed.get("states", [])}
        """,
    )
    with project.deploy() as api:
        refused = api.post("formtest", json={"states": ["WA", "CA"]})
        form = api.post("formtest", data={"states": ["WA", "CA"]})
    assert refused.status_code == 415
    assert refused.json() == {
        "Code": "UnsupportedMediaType",
        "Message": "Unsupported media type: application/json",
    }
    assert form.status_code == 200
    assert form.json() == {"states": ["WA", "CA"]}


def test_customized_responses_and_binary_bodies(project: Project) -> None:
    project.write(
        "app.py",
        """
        from chalice import Chalice, Response

        app = Chalice(app_name="custom-response")


        @app.route("/")
        def index():
            return Response(
                body="hello world!", status_code=200, headers={"Content-Type": "text/plain"}
            )


        @app.route("/echo", methods=["POST"], content_types=["application/octet-stream"])
        def echo():
            return Response(
                body=app.current_request.raw_body[::-1],
                headers={
                    "Content-Type": "application/octet-stream",
                    "Set-Cookie": ["a=1", "b=2"],
                },
            )
        """,
    )
    every_byte = bytes(range(256))
    octets = {"Content-Type": "application/octet-stream", "Accept": "application/octet-stream"}
    with project.deploy() as api:
        text = api.get("")
        binary = api.post("echo", content=every_byte, headers=octets)
    assert (text.status_code, text.text) == (200, "hello world!")
    assert text.headers["content-type"] == "text/plain"
    assert text.headers["content-length"] == "12"
    assert binary.content == every_byte[::-1]
    assert binary.headers.get_list("set-cookie") == ["a=1", "b=2"]


CORS = """
from chalice import Chalice, CORSConfig, NotFoundError, Response

app = Chalice(app_name="helloworld")
ALLOWED = {"http://allowed1.example.com", "http://allowed2.example.com"}
custom = CORSConfig(
    allow_origin="https://foo.example.com",
    allow_headers=["X-Special-Header"],
    max_age=600,
    expose_headers=["X-Special-Header"],
    allow_credentials=True,
)


@app.route("/supports-cors", methods=["PUT"], cors=True)
def supports_cors():
    return {}


@app.route("/fails-with-cors", cors=True)
def fails_with_cors():
    raise NotFoundError("gone")


@app.route("/custom_cors", methods=["GET"], cors=custom)
def supports_custom_cors():
    return {"cors": True}


@app.route("/cors_multiple_origins", methods=["GET"])
def supports_cors_multiple_origins():
    origin = app.current_request.to_dict()["headers"].get("origin", "")
    if origin in ALLOWED:
        return Response(
            body="You sent a known origin!\\n",
            headers={"Access-Control-Allow-Origin": origin},
        )
    return f"The origin you sent is not known: {origin}\\n"
"""


@pytest.fixture(scope="module")
def cors(project: Project) -> Iterator[httpx.Client]:
    project.write("app.py", CORS)
    with project.deploy() as api:
        yield api


def test_cors_with_the_default_configuration(cors: httpx.Client) -> None:
    preflight = cors.options("supports-cors", headers={"Origin": "https://any.example.com"})
    assert preflight.status_code == 200
    assert preflight.content == b""
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert preflight.headers["access-control-allow-methods"] == "PUT,OPTIONS"
    assert preflight.headers["access-control-allow-headers"] == (
        "Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key"
    )
    assert cors.put("supports-cors").headers["access-control-allow-origin"] == "*"
    failed = cors.get("fails-with-cors")
    assert failed.status_code == 404
    assert failed.headers["access-control-allow-origin"] == "*"


def test_cors_with_a_configuration(cors: httpx.Client) -> None:
    expected = {
        "access-control-allow-origin": "https://foo.example.com",
        "access-control-allow-headers": (
            "Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key,X-Special-Header"
        ),
        "access-control-expose-headers": "X-Special-Header",
        "access-control-max-age": "600",
        "access-control-allow-credentials": "true",
    }
    preflight = cors.options("custom_cors")
    answer = cors.get("custom_cors")
    assert answer.json() == {"cors": True}
    for header, value in expected.items():
        assert preflight.headers[header] == value
        assert answer.headers[header] == value
    assert preflight.headers["access-control-allow-methods"] == "GET,OPTIONS"


def test_several_origins(cors: httpx.Client) -> None:
    known = {"Origin": "http://allowed2.example.com"}
    answer = cors.get("cors_multiple_origins", headers=known)
    assert answer.text == "You sent a known origin!\n"
    assert answer.headers["access-control-allow-origin"] == known["Origin"]
    stranger = cors.get("cors_multiple_origins", headers={"Origin": "http://evil.example.com"})
    assert stranger.text == "The origin you sent is not known: http://evil.example.com\n"
    assert "access-control-allow-origin" not in stranger.headers
    assert cors.options("cors_multiple_origins").status_code == 403
