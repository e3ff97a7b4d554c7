"""Which API a request is for: by path, by host, by a domain name of the API's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalice.gateway.deployment import Deployment
from chalice.gateway.mounts import Mapped, SharedMount
from tests.gateway.serving import Counter, Functions, Shelf, deployment, gateway, proxy

STAGES = {"": "api", "shop": "api", "shop/v2": "next", "gone": "none"}


def mapped(name: str, path: str) -> Mapped | None:
    """Where ``api.example.com`` leads."""
    if name != "api.example.com":
        return None
    for base in sorted(STAGES, key=len, reverse=True):
        if f"{path}/".startswith(f"/{base}/") or not base:
            front = f"/{base}" if base else ""
            return Mapped("abc123", STAGES[base], front, path[len(front) :] or "/")
    return None


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with Counter().open() as counter:
        yield counter


def shelf() -> Shelf:
    shelf = Shelf()
    for stage in ("api", "next"):
        paths = {path: {"get": proxy()} for path in ("/", "/a/{b}")}
        shelf.put(deployment(paths, stage=stage))
    return shelf


@pytest.mark.parametrize(
    ("host", "target", "expected"),
    [
        ("api.example.com", "/", ("api", "/", "/", "/")),
        ("api.example.com", "/a/1", ("api", "/a/{b}", "/a/1", "/a/1")),
        ("API.Example.com:8001", "/a/1", ("api", "/a/{b}", "/a/1", "/a/1")),
        ("api.example.com", "/shop", ("api", "/", "/shop/", "/shop/")),
        ("api.example.com", "/shop/a/1", ("api", "/a/{b}", "/shop/a/1", "/shop/a/1")),
        ("api.example.com", "/shop/v2/a/1", ("next", "/a/{b}", "/shop/v2/a/1", "/shop/v2/a/1")),
        ("api.example.com", "/shopping", None),
        ("api.example.com", "/gone/", None),
        ("other.example.com", "/abc123/api/a/1", ("api", "/a/{b}", "/a/1", "/api/a/1")),
        (
            "abc123.execute-api.eu-west-1.localhost",
            "/api/a/1",
            ("api", "/a/{b}", "/a/1", "/api/a/1"),
        ),
    ],
)
def test_a_host_leads_to_its_api(
    counter: Counter, host: str, target: str, expected: tuple[str, str, str, str] | None
) -> None:
    functions = Functions()
    app = gateway(SharedMount(shelf(), mapped), functions)
    answer = counter.ask(app, target=target, headers={"Host": host})
    assert (answer.status_code == 200) is (expected is not None)
    if expected is None:
        assert answer.status_code == 403
        return
    (event,) = functions.events
    context = event["requestContext"]
    assert (context["stage"], event["resource"], event["path"], context["path"]) == expected
    assert context["domainName"] == host
    own = host.lower().startswith("api.")
    assert context["domainPrefix"] == (host.partition(".")[0].lower() if own else "abc123")


def test_an_api_may_be_there_by_its_own_name_only(counter: Counter) -> None:
    hidden = Shelf()
    hidden.put(
        Deployment(
            api_id="abc123",
            stage="api",
            document={"paths": {"/": {"get": proxy()}}},
            account="123456789012",
            region="eu-west-1",
            default_endpoint=False,
        )
    )
    app = gateway(SharedMount(hidden, mapped), Functions())
    assert counter.ask(app, headers={"Host": "localhost"}).json() == {"message": "Forbidden"}
    assert counter.ask(app, target="/", headers={"Host": "api.example.com"}).status_code == 200
