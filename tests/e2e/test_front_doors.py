"""REST API, HTTP API and function URL: the same routes behind each, asked over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.cloud.waiting import wait_until
from tests.e2e.project import Project

APP = """
import os

from chalice import AuthResponse, Chalice, CORSConfig, Response

app = Chalice(app_name="front")


@app.authorizer(ttl_seconds=60)
def gate(request):
    allowed = ["*"] if request.token == "let-me-in" else []
    return AuthResponse(routes=allowed, principal_id="you", context={"level": "7"})


@app.route("/")
def index():
    request = app.current_request
    return {"method": request.method, "path": request.path, "query": request.query_params}


@app.route("/items/{name}", methods=["PUT"], cors=CORSConfig(allow_origin="https://example.com"))
def put(name):
    return Response({"name": name, "got": app.current_request.json_body}, status_code=201)


@app.route("/bytes")
def data():
    return Response(bytes(range(256)), headers={"Content-Type": "application/octet-stream"})
"""
GUARDED = """

@app.route("/secret", authorizer=gate)
def secret():
    return {"level": app.current_request.context["authorizer"]["level"]}
"""
SIGNED = """
from chalice import Chalice, IAMAuthorizer

app = Chalice(app_name="signed")


@app.route("/", authorizer=IAMAuthorizer())
def index():
    return {"signed": True}
"""
METERED = """
from chalice import Chalice

app = Chalice(app_name="metered")


@app.route("/", api_key_required=True)
def index():
    return {"ok": True}
"""
DOMAIN = {
    "domain_name": "api.example.com",
    "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
    "url_prefix": "v1",
}


def configure(project: Project, **settings: object) -> None:
    document = {"version": "2.0", "app_name": project.directory.name, **settings}
    project.write(".chalice/config.json", json.dumps(document))


def aws(project: Project, service: str) -> Any:
    status = json.loads(project.run("cloud", "status", "--json").stdout)
    session = botocore.session.Session()
    session.set_credentials("any", "thing")
    return session.create_client(
        service, region_name="us-east-1", endpoint_url=status["endpoint_url"]
    )


@pytest.fixture(scope="module", params=["rest", "http", "function_url"])
def front(
    request: pytest.FixtureRequest, new_project: Callable[[str], Project]
) -> Iterator[tuple[str, httpx.Client]]:
    """The kind of the door, and a client of the routes behind it."""
    project = new_project("front")
    kind = str(request.param)
    project.write("app.py", APP if kind == "function_url" else APP + GUARDED)
    configure(project, api_gateway_type=kind)
    with project.deploy() as client:
        yield kind, client
    assert '"keep"' not in project.run("delete", "--local", "-y").stdout
    assert project.run("url", "--local", code=2).stdout == ""


def test_every_door_gives_a_view_the_same_request(front: tuple[str, httpx.Client]) -> None:
    _, client = front
    answer = client.get("", params={"a": "1 2"})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"method": "GET", "path": "/", "query": {"a": "1 2"}}
    put = client.put("items/b c", json={"size": 3}, headers={"Origin": "https://example.com"})
    assert (put.status_code, put.json()) == (201, {"name": "b c", "got": {"size": 3}})
    assert put.headers["access-control-allow-origin"] == "https://example.com"


def test_every_door_answers_preflights(front: tuple[str, httpx.Client]) -> None:
    answer = front[1].options(
        "items/x",
        headers={"Origin": "https://example.com", "Access-Control-Request-Method": "PUT"},
    )
    assert answer.status_code == 200
    assert "PUT" in answer.headers["access-control-allow-methods"]


def test_every_door_carries_bytes(front: tuple[str, httpx.Client]) -> None:
    answer = front[1].get("bytes", headers={"Accept": "application/octet-stream"})
    assert answer.content == bytes(range(256))


def test_an_authorizer_guards_behind_both_apis(front: tuple[str, httpx.Client]) -> None:
    kind, client = front
    if kind == "function_url":
        assert client.get("secret").status_code in (403, 404)
        return
    assert client.get("secret").status_code == 401
    assert client.get("secret", headers={"Authorization": "please"}).status_code == 403
    answer = client.get("secret", headers={"Authorization": "let-me-in"})
    assert (answer.status_code, answer.json()) == (200, {"level": "7"})


@pytest.mark.parametrize(
    ("kind", "service"),
    [("rest", "execute-api"), ("http", "execute-api"), ("function_url", "lambda")],
)
def test_signed_routes_want_a_signature(
    new_project: Callable[[str], Project], kind: str, service: str
) -> None:
    project = new_project("signed")
    project.write("app.py", SIGNED)
    configure(project, api_gateway_type=kind)
    with project.deploy() as client:
        assert client.get("").status_code == 403
        request = AWSRequest("GET", str(client.base_url))
        SigV4Auth(Credentials("test", "test"), service, "us-east-1").add_auth(request)
        answer = client.get("", headers=dict(request.headers))
        assert (answer.status_code, answer.json()) == (200, {"signed": True})
    project.run("delete", "--local", "-y")


def test_a_kind_of_door_is_replaced_by_another(new_project: Callable[[str], Project]) -> None:
    project = new_project("front")
    project.write("app.py", APP)
    for kind in ("rest", "http", "function_url", "rest"):
        configure(project, api_gateway_type=kind)
        with project.deploy() as client:
            assert client.get("").json()["path"] == "/"
    apis = aws(project, "apigatewayv2").get_apis()["Items"]
    assert [api["Name"] for api in apis if api["Name"] == "front"] == []
    project.run("delete", "--local", "-y")


def test_keys_of_a_usage_plan_let_in_as_often_as_it_says(
    new_project: Callable[[str], Project],
) -> None:
    project = new_project("metered")
    project.write("app.py", METERED)
    plan = {"quota_limit": 3, "quota_period": "DAY", "api_keys": ["ann"]}
    configure(project, api_usage_plans={"free": plan})
    project.run("cloud", "start")
    gateway = aws(project, "apigateway")
    with project.deploy() as client:
        [key] = gateway.get_api_keys(nameQuery="metered-dev-ann", includeValues=True)["items"]
        assert client.get("").status_code == 403
        headers = {"x-api-key": key["value"]}
        statuses = [client.get("", headers=headers).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        configure(project, api_usage_plans={"free": {**plan, "quota_limit": 100}})
        lines = project.run("plan", "--local").stdout.splitlines()
        changes = [line.strip() for line in lines if not line.startswith("  keep")]
        assert changes == ["~ update usage plan: metered-dev-free", "quota_limit: 3 -> 100"]
        project.run("deploy", "--local")
        wait_until(lambda: client.get("", headers=headers).status_code == 200)
    configure(project)
    project.run("deploy", "--local")
    plans = [each["name"] for each in gateway.get_usage_plans()["items"]]
    assert not [name for name in plans if name.startswith("metered")]
    assert gateway.get_api_keys(nameQuery="metered-dev")["items"] == []
    project.run("delete", "--local", "-y")


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_a_custom_domain_serves_the_stage(new_project: Callable[[str], Project], kind: str) -> None:
    project = new_project("front")
    project.write("app.py", APP)
    configure(
        project,
        api_gateway_type=kind,
        api_gateway_endpoint_type="REGIONAL",
        api_gateway_custom_domain=DOMAIN,
    )
    with project.deploy() as client:
        root = f"{client.base_url.scheme}://{client.base_url.netloc.decode()}"
        host = {"Host": "api.example.com"}
        answer = httpx.get(f"{root}/v1/?a=1", headers=host, trust_env=False)
        assert (answer.status_code, answer.json()["path"]) == (200, "/")
        url = json.loads(project.run("url", "--local", "--json").stdout)
        assert url["custom_domains"] == ["api.example.com/v1"]
        configure(
            project,
            api_gateway_type=kind,
            api_gateway_endpoint_type="REGIONAL",
            api_gateway_custom_domain={**DOMAIN, "url_prefix": "v2", "tags": {"team": "a"}},
        )
        project.run("deploy", "--local")
        answer = httpx.get(f"{root}/v2/", headers=host, trust_env=False)
        assert answer.status_code == 200
        assert httpx.get(f"{root}/v1/", headers=host, trust_env=False).status_code == 403
    configure(project, api_gateway_type=kind, api_gateway_endpoint_type="REGIONAL")
    project.run("deploy", "--local")
    assert aws(project, "apigateway").get_domain_names()["items"] == []
    project.run("delete", "--local", "-y")
