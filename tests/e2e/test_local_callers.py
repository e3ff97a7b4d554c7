"""Callers who prove who they are: `chalice local` and the embedded cloud answer them alike.

`chalice local` runs with the home of that cloud, so both know the same users and pools.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from chalice.cloud import CloudStatus, status
from tests.cloud.aws import client
from tests.cloud.doors import ACCOUNT, Pool, make_person, make_pool
from tests.e2e.project import Project
from tests.e2e.test_local import APP, EVENT_DIFFERENCES, Servers, alike, event_of, flat
from tests.local.program import running

ROUTES = """
pool = CognitoUserPoolAuthorizer("pool", ["{arn}"], audience=["{client}"])
def view():
    return "in"

app.route("/pool", authorizer=pool)(view)
app.route("/scoped", authorizer=pool.with_scopes(["aws.cognito.signin.user.admin"]))(view)
app.route("/unscoped", authorizer=pool.with_scopes(["shop/read"]))(view)
app.route("/signed", methods=["GET", "POST"], authorizer=IAMAuthorizer())(view)
"""
KEYS = """
app.route("/key", api_key_required=True)(view)
"""
PLANS = {
    "small": {"quota_limit": 2, "quota_period": "DAY", "api_keys": ["partner"]},
    "open": {"api_keys": ["friend"]},
}
ROOT = Credentials("local", "local", "local")
INVOKE = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}


@dataclass
class Doors(Servers):
    """The two servers, and those who call them."""

    kind: str
    pool: Pool
    people: Mapping[str, Credentials]
    keys: Mapping[str, str]
    api_id: str

    def signed(
        self, who: Credentials, path: str, *, service: str = "execute-api", date: str | None = None
    ) -> tuple[httpx.Response, ...]:
        """Ask both, each with a signature for its own address."""
        answers = []
        for server in (self.local, self.cloud):
            url = f"{str(server.base_url).rstrip('/')}{path}"
            request = AWSRequest("GET", url, headers={"X-Note": "two  words"})
            SigV4Auth(who, service, "us-east-1").add_auth(request)
            headers = dict(request.headers)
            if date is not None:
                headers["X-Amz-Date"] = date
            answers.append(server.get(url, headers=headers))
        return tuple(answers)

    def same(self, answers: tuple[httpx.Response, ...]) -> Any:
        """Insist that both say the same, and return what: status, headers, content."""
        ours, theirs = alike(answers)
        assert _comparable(ours, "localroutes") == _comparable(theirs, self.api_id)
        return ours

    def same_event(self, answers: tuple[httpx.Response, ...]) -> dict[str, Any]:
        """Insist that the app saw the same, and return what."""
        local, cloud = (flat(event_of(answer)) for answer in answers)
        different = {name for name in local.keys() | cloud.keys() if local[name] != cloud[name]}
        signed = {
            name for name in different if name.lower().endswith((".authorization", ".x-amz-date"))
        }
        assert different - signed <= EVENT_DIFFERENCES.keys()
        return event_of(answers[0])


def _comparable(said: Any, api_id: str) -> tuple[object, ...]:
    """Return what must be the same: the id of the API, which refusals name, is not."""
    status, headers, content = said
    kept = [pair for pair in headers if pair[0] != "content-length"]
    return status, kept, content.replace(api_id.encode(), b"API")


@pytest.fixture(scope="module", params=["rest", "http"])
def doors(
    new_project: Callable[[str], Project], user: dict[str, str], request: pytest.FixtureRequest
) -> Iterator[Doors]:
    kind: str = request.param
    project = new_project(f"callers-{kind}")
    project.run("cloud", "start")
    home = user["CHALICE_CLOUD_HOME"]
    cloud = status(Path(home))
    assert cloud is not None
    pool = make_pool(cloud)
    routes = ROUTES.format(arn=pool.arn, client=pool.client_id)
    config: dict[str, object] = {
        "version": "2.0",
        "app_name": f"callers-{kind}",
        "api_gateway_type": kind,
    }
    if kind == "rest":
        routes += KEYS
        config["api_usage_plans"] = PLANS
    project.write("app.py", APP + routes)
    project.write(".chalice/config.json", json.dumps(config))
    people = {
        "guest": make_person(cloud, INVOKE).credentials,
        "stranger": make_person(cloud).credentials,
        "enemy": make_person(cloud, INVOKE, {**INVOKE, "Effect": "Deny"}).credentials,
    }
    with ExitStack() as stack:
        deployed = stack.enter_context(project.deploy())
        keys = _keys(cloud) if kind == "rest" else {}
        given = [f"--api-key={name}={value}" for name, value in keys.items()]
        program = stack.enter_context(
            running(project.directory, "--no-autoreload", *given, CHALICE_CLOUD_HOME=home)
        )
        api_id = str(deployed.base_url.path).strip("/").partition("/")[0]
        yield Doors(program.client, deployed, kind, pool, people, keys, api_id)


def _keys(cloud: CloudStatus) -> Mapping[str, str]:
    """Return the values of the API keys by the names that the configuration gives them."""
    found = client(cloud, "apigateway").get_api_keys(includeValues=True)["items"]
    return {item["name"].rpartition("-")[2]: item["value"] for item in found}


@pytest.mark.parametrize("scheme", ["", "Bearer "])
def test_a_user_of_a_pool_is_let_in_alike(doors: Doors, scheme: str) -> None:
    headers = {"Authorization": scheme + doors.pool.tokens["IdToken"]}
    answers = doors.ask("GET", "/pool", headers=headers)
    assert doors.same(answers)[0] == 200
    authorizer = doors.same_event(answers)["requestContext"]["authorizer"]
    claims = authorizer["claims"] if doors.kind == "rest" else authorizer["jwt"]["claims"]
    assert (claims["cognito:username"], claims["iss"]) == ("ann", doors.pool.issuer)


@pytest.mark.parametrize("path", ["/pool", "/scoped", "/unscoped"])
@pytest.mark.parametrize("kind", ["IdToken", "AccessToken"])
def test_a_token_is_good_for_the_same_routes(doors: Doors, path: str, kind: str) -> None:
    token = doors.pool.tokens[kind]
    doors.same(doors.ask("GET", path, headers={"Authorization": token}))
    forged = f"{token[:-8]}AAAAAAAA"
    said = doors.same(doors.ask("GET", path, headers={"Authorization": forged}))
    assert said[0] == 401


@pytest.mark.parametrize("who", ["root", "guest", "stranger", "enemy"])
def test_a_signature_lets_the_same_people_in(doors: Doors, who: str) -> None:
    credentials = {"root": ROOT, **doors.people}[who]
    answers = doors.signed(credentials, "/signed?b=2&a=1%202")
    said = doors.same(answers)
    assert said[0] == (200 if who in ("root", "guest") else 403)
    if said[0] == 200:
        context = doors.same_event(answers)["requestContext"]
        identity = context["identity"] if doors.kind == "rest" else context["authorizer"]["iam"]
        assert identity["accessKey"] == credentials.access_key
        assert identity["userArn"].startswith(f"arn:aws:iam::{ACCOUNT}:")


def test_a_signature_that_does_not_hold_is_refused_alike(doors: Doors) -> None:
    key, secret = doors.people["guest"].access_key, doors.people["guest"].secret_key
    for answers in (
        doors.signed(Credentials(key, "wrong"), "/signed"),
        doors.signed(Credentials(key, secret, "token"), "/signed"),
        doors.signed(Credentials("AKIANOBODY", "at all"), "/signed"),
        doors.signed(Credentials("local", "wrong"), "/signed"),
        doors.signed(doors.people["guest"], "/signed", service="s3"),
        doors.signed(doors.people["guest"], "/signed", date="20260101T000000Z"),
        doors.signed(doors.people["guest"], "/signed", date="soon"),
    ):
        assert doors.same(answers)[0] == 403


def test_api_keys_have_the_same_limits(doors: Doors) -> None:
    if doors.kind != "rest":
        pytest.skip("HTTP APIs have no API keys")
    said = [
        doors.same(doors.ask("GET", "/key", headers={"X-Api-Key": doors.keys[name]}))[::2]
        for name in ("partner", "partner", "partner", "friend", "friend", "friend")
    ]
    assert (
        said == [(200, b"in")] * 2 + [(429, b'{"message":"Limit Exceeded"}')] + [(200, b"in")] * 3
    )
    assert doors.same(doors.ask("GET", "/key", headers={"X-Api-Key": "unknown"}))[0] == 403
