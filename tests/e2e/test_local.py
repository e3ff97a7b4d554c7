"""`chalice local` and the embedded cloud answer alike, whatever is in front of the routes."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.e2e.project import Project
from tests.gateway.cases import (
    BINARY_TYPES,
    PNG,
    PNG_TEXT,
    REQUESTS,
    RESPONSES,
    RequestCase,
    ResponseCase,
)
from tests.local.program import running

APP = f"""
import base64
import json

from chalice import (
    AuthResponse, BadRequestError, Chalice, CognitoUserPoolAuthorizer, CORSConfig, IAMAuthorizer,
    NotFoundError, Response,
)

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]


class Echo(Chalice):
    # Says what it got in a header, and answers what it is told to.
    def __call__(self, event, context):
        headers = {{name.lower(): value for name, value in event["headers"].items()}}
        if "x-answer" in headers:
            return json.loads(base64.b64decode(headers["x-answer"]))
        answer = super().__call__(event, context)
        said = base64.b64encode(json.dumps(event).encode()).decode()
        answer["headers"] = {{**answer["headers"], "X-Event": said}}
        return answer


app = Echo(app_name="alike")
app.api.binary_types = {list(BINARY_TYPES)!r}
"""
ROUTES = """
def echo(name=None):
    return "ok"

for path in ("/", "/names", "/names/{name}", "/files/{proxy+}"):
    app.route(path, methods=METHODS, content_types=["*/*"])(echo)

@app.route("/cors", methods=["PUT", "POST"], cors=CORSConfig(allow_origin="https://a.example"))
def cors():
    return app.current_request.json_body

@app.route("/errors/{kind}", cors=True)
def errors(kind):
    if kind == "bad":
        raise BadRequestError("so bad")
    if kind == "missing":
        raise NotFoundError("nothing")
    return {}["none"]

@app.route("/bytes")
def bytes_():
    return Response(b"\\x89PNG\\x00", headers={"Content-Type": "image/png"})

@app.route("/cookies")
def cookies():
    return Response({}, headers={"Set-Cookie": ["a=1", "b=2"], "X-A": "mine"}, status_code=201)

@app.route("/long")
def long():
    return {"text": "a" * 2000}
"""
AUTHORIZERS = """
@app.authorizer(ttl_seconds=0)
def auth(request):
    if request.token == "unauthorized":
        raise Exception("Unauthorized")
    if request.token == "broken":
        return {}["none"]
    if request.token == "nothing":
        return None
    routes = [] if request.token == "deny" else ["/guarded/*"]
    return AuthResponse(routes, "somebody", {"level": 7, "is_admin": True})

@app.route("/guarded/{name}", authorizer=auth)
def guarded(name):
    said = dict(app.current_request.context["authorizer"])
    said.pop("integrationLatency", None)
    return said

@app.route("/other", authorizer=auth)
def other():
    return {}

pool = CognitoUserPoolAuthorizer(
    "pool", ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_none"],
    audience=["client"])

@app.route("/pool", authorizer=pool)
def in_pool():
    return {}

@app.route("/signed", authorizer=IAMAuthorizer())
def signed():
    return {}
"""
KEYS = """
@app.route("/key", api_key_required=True)
def key():
    return {}
"""

EVENT_DIFFERENCES: Mapping[str, str] = {
    **dict.fromkeys(
        ("requestContext.apiId", "requestContext.domainPrefix", "requestContext.deploymentId"),
        "AWS makes them up for each API",
    ),
    "requestContext.resourceId": "AWS makes it up for each path of each API",
    "requestContext.path": "the root of the API is the root of the server: no stage is before it",
    **dict.fromkeys(
        ("requestContext.domainName", "headers.Host", "headers.host", "multiValueHeaders.Host"),
        "each server has a port of its own",
    ),
    **dict.fromkeys(
        (
            "headers.X-Forwarded-Port",
            "headers.x-forwarded-port",
            "multiValueHeaders.X-Forwarded-Port",
        ),
        "each server has a port of its own",
    ),
    **dict.fromkeys(
        (
            "requestContext.requestId",
            "requestContext.extendedRequestId",
            "headers.X-Amzn-Trace-Id",
            "headers.x-amzn-trace-id",
            "multiValueHeaders.X-Amzn-Trace-Id",
        ),
        "each request has its own",
    ),
    **dict.fromkeys(
        (
            "requestContext.requestTime",
            "requestContext.requestTimeEpoch",
            "requestContext.time",
            "requestContext.timeEpoch",
        ),
        "time passes",
    ),
}
"""What the event of the same request need not have in common, and why."""

HEADER_DIFFERENCES: Mapping[str, str] = {
    "date": "time passes",
    **dict.fromkeys(
        ("x-amzn-requestid", "x-amz-apigw-id", "apigw-requestid", "x-amzn-trace-id"),
        "each request has its own",
    ),
    "x-event": "events are compared by themselves",
}
"""What the answers to the same request need not have in common, and why.

Users of the cloud and of its pools are in `tests/e2e/test_local_callers.py`.
"""


@dataclass
class Servers:
    local: httpx.Client
    cloud: httpx.Client

    def ask(self, method: str, target: str, **request: Any) -> tuple[httpx.Response, ...]:
        return tuple(
            client.request(method, target, **request) for client in (self.local, self.cloud)
        )


@pytest.fixture(scope="module", params=["rest", "http", "function_url"])
def servers(
    new_project: Callable[[str], Project], request: pytest.FixtureRequest
) -> Iterator[Servers]:
    kind: str = request.param
    project = new_project("alike")
    config = {"version": "2.0", "app_name": "alike", "api_gateway_type": kind}
    routes = APP + ROUTES
    if kind != "function_url":
        routes += AUTHORIZERS
    if kind == "rest":
        routes += KEYS
        config["minimum_compression_size"] = 1000  # type: ignore[assignment]
    project.write("app.py", routes)
    project.write(".chalice/config.json", json.dumps(config))
    with (
        running(project.directory, "--no-autoreload") as program,
        project.deploy() as cloud,
    ):
        yield Servers(program.client, cloud)


def event_of(answer: httpx.Response) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(base64.b64decode(answer.headers["x-event"]))
    return event


def flat(value: object, path: str = "") -> dict[str, object]:
    """Return the leaves of an event by their dotted paths."""
    if not isinstance(value, dict) or not value:
        return {path: value}
    found: dict[str, object] = {}
    for key, each in value.items():
        found |= flat(each, f"{path}.{key}" if path else key)
    return found


def alike(answers: tuple[httpx.Response, ...]) -> tuple[object, ...]:
    """Return what must be the same of each answer."""
    return tuple(
        (
            answer.status_code,
            sorted(pair for pair in answer.headers.multi_items() if pair[0] not in DIFFERENT),
            answer.content,
        )
        for answer in answers
    )


DIFFERENT = frozenset(HEADER_DIFFERENCES)


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case.name)
def test_a_function_sees_the_same_request(case: RequestCase, servers: Servers) -> None:
    answers = servers.ask(
        case.method, case.target, headers=list(case.headers), content=case.body or None
    )
    ours, theirs = alike(answers)
    assert ours == theirs
    if "x-event" not in answers[0].headers and "x-event" not in answers[1].headers:
        return  # an HTTP API has no such path
    local, cloud = (flat(event_of(answer)) for answer in answers)
    assert local.keys() == cloud.keys()
    different = {name for name in local if local[name] != cloud[name]}
    assert different <= EVENT_DIFFERENCES.keys(), {
        name: (local[name], cloud[name]) for name in different
    }


# A middleware's half of a character: Lambda's runtime client of Python 3.12 and newer fails on it.
UNSENDABLE = {"half a character"} if sys.version_info >= (3, 12) else set()


@pytest.mark.parametrize(
    "case",
    [case for case in RESPONSES if case.name not in UNSENDABLE],
    ids=lambda case: case.name,
)
def test_a_client_sees_the_same_response(case: ResponseCase, servers: Servers) -> None:
    told = base64.b64encode(json.dumps(case.response).encode()).decode()
    headers = {"Accept": case.accept, "X-Answer": told}
    ours, theirs = alike(servers.ask(case.method, "/names", headers=headers))
    assert ours == theirs


BEARER = (
    "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ."
    "eyJpc3MiOiJodHRwczovL2NvZ25pdG8taWRwLnVzLWVhc3QtMS5hbWF6b25hd3MuY29tL3VzLWVhc3QtMV9ub25lIn0.YQ"
)


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("GET", "/none", {}),
        ("GET", "/none", {"Authorization": "a"}),
        ("DELETE", "/cors", {}),
        ("TRACE", "/", {}),
        ("OPTIONS", "/cors", {"Origin": "https://a.example"}),
        ("OPTIONS", "/names", {}),
        ("PUT", "/cors", {"Content-Type": "application/json", "Origin": "https://b.example"}),
        ("PUT", "/cors", {"Content-Type": "text/html"}),
        ("GET", "/errors/bad", {}),
        ("GET", "/errors/missing", {}),
        ("GET", "/errors/other", {}),
        ("GET", "/bytes", {"Accept": "image/png"}),
        ("GET", "/bytes", {"Accept": "text/html"}),
        ("GET", "/bytes", {}),
        ("GET", "/cookies", {}),
        ("GET", "/long", {"Accept-Encoding": "gzip"}),
        ("GET", "/long", {"Accept-Encoding": "identity"}),
        ("HEAD", "/names", {}),
        ("GET", "/guarded/me", {"Authorization": "yes"}),
        ("GET", "/guarded/me", {"Authorization": "deny"}),
        ("GET", "/guarded/me", {"Authorization": "unauthorized"}),
        ("GET", "/guarded/me", {"Authorization": "broken"}),
        ("GET", "/guarded/me", {"Authorization": "nothing"}),
        ("GET", "/guarded/me", {}),
        ("GET", "/other", {"Authorization": "yes"}),
        ("GET", "/pool", {}),
        ("GET", "/pool", {"Authorization": "a"}),
        ("GET", "/pool", {"Authorization": BEARER}),
        ("GET", "/signed", {}),
        ("GET", "/signed", {"Authorization": "a"}),
        ("GET", "/key", {}),
        ("GET", "/key", {"X-Api-Key": "unknown"}),
        ("GET", "/" + "a" * 12_000, {}),
        ("GET", "/names", {"X-Long": "a" * 12_000}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_request_is_answered_alike(
    servers: Servers, method: str, target: str, headers: dict[str, str]
) -> None:
    ours, theirs = alike(servers.ask(method, target, headers=headers))
    assert ours == theirs


def test_a_large_body_is_refused_alike(servers: Servers) -> None:
    content = b"a" * (10 * 1024 * 1024 + 1)
    headers = {"Content-Type": "text/plain"}
    ours, theirs = alike(servers.ask("POST", "/names", content=content, headers=headers))
    assert ours == theirs


def test_bytes_come_and_go_alike(servers: Servers) -> None:
    told = {"statusCode": 200, "body": PNG_TEXT, "isBase64Encoded": True}
    told["headers"] = {"Content-Type": "image/png"}
    answer = base64.b64encode(json.dumps(told).encode()).decode()
    answers = servers.ask(
        "POST",
        "/names",
        content=PNG,
        headers={"Content-Type": "image/png", "Accept": "image/png", "X-Answer": answer},
    )
    assert [answer.content for answer in answers] == [PNG, PNG]
