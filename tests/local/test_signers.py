"""Signed requests to `chalice local`: those of the developer, and of users of a cloud."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from botocore.credentials import Credentials

from chalice.cloud import CloudStatus
from tests.cloud.doors import ask_signed, make_person
from tests.local.program import Program, make_project, running
from tests.local.test_doors import NOBODY

APP = """
from chalice import Chalice, IAMAuthorizer

app = Chalice(app_name="signed")

@app.route("/me", methods=["GET", "POST"], authorizer=IAMAuthorizer(), content_types=["*/*"])
def me():
    identity = app.current_request.context["identity"]
    return {name: identity[name] for name in ("accountId", "userArn", "user", "accessKey")}

@app.route("/secret", authorizer=IAMAuthorizer())
def secret():
    return "secret"
"""
OWN = Credentials("AKIADEVELOPER", "their secret", None)
SESSION = Credentials("ASIADEVELOPER", "other secret", "their token")
STRANGER = Credentials("AKIASTRANGER", "x", None)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = make_project(tmp_path_factory.mktemp("signed"), APP)
    keys = {"AWS_ACCESS_KEY_ID": "AKIADEVELOPER", "AWS_SECRET_ACCESS_KEY": "their secret"}
    with running(folder, "--no-autoreload", **NOBODY, **keys) as program:
        yield program


def reason(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers["x-amzn-errortype"], answer.json()["message"]


def test_the_developer_is_let_in_by_the_credentials_of_their_environment(program: Program) -> None:
    for content in (b"", b'{"a": 1}'):
        method = "POST" if content else "GET"
        url = f"{program.url}/me?b=2&a=%20x"
        answer = ask_signed(OWN, url, method=method, content=content)
        assert answer.json() == {
            "accountId": "123456789012",
            "userArn": "arn:aws:iam::123456789012:user/default",
            "user": "default",
            "accessKey": "AKIADEVELOPER",
        }


def test_others_are_refused_in_the_words_of_api_gateway(program: Program) -> None:
    url = f"{program.url}/me"
    assert reason(ask_signed(STRANGER, url)) == (
        403,
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
    forged = reason(ask_signed(Credentials(OWN.access_key, "wrong"), url))
    assert forged[:2] == (403, "InvalidSignatureException")
    assert forged[2].startswith("The request signature we calculated does not match")
    with_token = ask_signed(Credentials(OWN.access_key, OWN.secret_key, "token"), url)
    assert reason(with_token)[1] == "UnrecognizedClientException"
    elsewhere = reason(ask_signed(OWN, url, service="lambda"))
    assert elsewhere[2] == "Credential should be scoped to correct service: 'execute-api'."
    program.out.wait_for("Sign with your own AWS credentials")


def test_the_profile_of_the_configuration_is_the_developer(tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(
        "[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = x\n"
        "[work]\naws_access_key_id = ASIADEVELOPER\naws_secret_access_key = other secret\n"
        "aws_session_token = their token\n"
    )
    make_project(tmp_path / "app", APP, '{"profile": "work"}')
    files = {**NOBODY, "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}
    with running(tmp_path / "app", "--no-autoreload", **files) as program:
        url = f"{program.url}/me"
        assert ask_signed(SESSION, url).json()["userArn"].endswith(":user/work")
        assert ask_signed(Credentials("AKIAOTHER", "x"), url).status_code == 403


def test_a_profile_that_does_not_exist_lets_nobody_in_and_is_named(tmp_path: Path) -> None:
    make_project(tmp_path, APP, '{"profile": "none"}')
    with running(tmp_path, "--no-autoreload", **NOBODY) as program:
        assert ask_signed(OWN, f"{program.url}/me").status_code == 403
        program.out.wait_for("none")


def test_users_of_the_embedded_cloud_may_what_its_policies_say(
    cloud: CloudStatus, tmp_path: Path
) -> None:
    arn = "arn:aws:execute-api:us-east-1:123456789012:localroutes/api/GET/me"
    person = make_person(
        cloud, {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arn}
    )
    make_project(tmp_path, APP)
    home = {**NOBODY, "CHALICE_CLOUD_HOME": str(cloud.home)}
    keys = {"AWS_ACCESS_KEY_ID": "AKIADEVELOPER", "AWS_SECRET_ACCESS_KEY": "their secret"}
    with running(tmp_path, "--no-autoreload", **home, **keys) as program:
        answer = ask_signed(person.credentials, f"{program.url}/me")
        assert answer.json()["userArn"] == person.arn
        refused = ask_signed(person.credentials, f"{program.url}/secret")
        assert refused.status_code == 403
        assert f"User: {person.arn} is not authorized to perform" in refused.json()["Message"]
        root = ask_signed(Credentials("local", "local"), f"{program.url}/me")
        assert root.json()["userArn"] == "arn:aws:iam::123456789012:root"
        forged = Credentials(person.credentials.access_key, "x")
        assert ask_signed(forged, f"{program.url}/me").status_code == 403
        assert ask_signed(STRANGER, f"{program.url}/me").status_code == 403
        assert ask_signed(OWN, f"{program.url}/me").status_code == 200


@pytest.mark.parametrize(("kind", "service"), [("http", "execute-api"), ("function_url", "lambda")])
def test_other_doors_know_the_developer_too(tmp_path: Path, kind: str, service: str) -> None:
    app = APP.replace('context["identity"]', 'context["authorizer"]["iam"]')
    app = app.replace('"user", ', '"userId", ')
    make_project(tmp_path, app, f'{{"api_gateway_type": "{kind}"}}')
    keys = {"AWS_ACCESS_KEY_ID": "AKIADEVELOPER", "AWS_SECRET_ACCESS_KEY": "their secret"}
    with running(tmp_path, "--no-autoreload", **NOBODY, **keys) as program:
        answer = ask_signed(OWN, f"{program.url}/me", service=service)
        assert answer.json()["accessKey"] == "AKIADEVELOPER"
        assert ask_signed(STRANGER, f"{program.url}/me", service=service).status_code == 403
