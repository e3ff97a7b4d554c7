"""Callers whose proof is not known here, those who are known, and what all may pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalice.cloud import CloudStatus
from tests.cloud.doors import make_pool
from tests.local.program import Program, make_project, running

APP = """
from chalice import (
    AuthResponse, Chalice, CognitoUserPoolAuthorizer, CustomAuthorizer, IAMAuthorizer)

app = Chalice(app_name="doors")
pool = CognitoUserPoolAuthorizer(
    "pool", ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_abc"])
other = CustomAuthorizer(
    "other", "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:us-east-1:123456789012:function:other/invocations")

@app.authorizer()
def own(request):
    return AuthResponse(["*"] if request.token == "yes" else [], "me")

def view():
    return "in"

app.route("/pool", authorizer=pool)(view)
app.route("/other", authorizer=other)(view)
app.route("/signed", authorizer=IAMAuthorizer())(view)
app.route("/own", authorizer=own)(view)
app.route("/key", api_key_required=True)(view)
app.route("/own-and-key", authorizer=own, api_key_required=True)(view)
"""
SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/execute-api/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=00"
)
TOKEN = (  # {"alg": "RS256", "kid": "a"}, and as its issuer the pool of the app
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ."
    "eyJpc3MiOiJodHRwczovL2NvZ25pdG8taWRwLnVzLWVhc3QtMS5hbWF6b25hd3MuY29tL3VzLWVhc3QtMV9hYmMifQ.YQ"
)


NOBODY = {
    "CHALICE_CLOUD_HOME": "/nonexistent",
    "HTTPS_PROXY": "http://127.0.0.1:9",  # so that nobody is asked outside
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("doors"), APP)


@pytest.fixture(scope="module")
def program(project: Path) -> Iterator[Program]:
    with running(project, "--no-autoreload", **NOBODY) as program:
        yield program


@pytest.mark.parametrize(
    ("path", "headers", "status", "reason"),
    [
        ("/pool", {"authorization": TOKEN}, 401, "no keys of https://cognito-idp.us-east-1"),
        ("/signed", {"authorization": SIGNATURE, "x-amz-date": "a"}, 403, "the signature of GET"),
        ("/other", {"authorization": "a"}, 500, "FunctionNotFoundError"),
        ("/key", {"x-api-key": "a"}, 403, "Refused an API key"),
    ],
)
def test_who_is_not_known_is_refused_and_the_log_says_why(
    program: Program, path: str, headers: dict[str, str], status: int, reason: str
) -> None:
    assert program.get(path, **headers).status_code == status
    program.out.wait_for(reason)


def test_without_proof_a_caller_is_refused_as_ever(program: Program) -> None:
    statuses = [program.get(path).status_code for path in ("/pool", "/signed", "/other", "/key")]
    assert statuses == [401, 403, 401, 403]


def test_a_token_of_a_pool_in_the_embedded_cloud_is_checked(
    cloud: CloudStatus, tmp_path: Path
) -> None:
    pool = make_pool(cloud)
    app = APP.replace("us-east-1_abc", pool.pool_id).replace(
        '"in"', 'app.current_request.context.get("authorizer", {}).get("claims", {})'
    )
    make_project(tmp_path, app)
    forged = pool.tokens["IdToken"][:-8] + "AAAAAAAA"
    with running(tmp_path, "--no-autoreload", CHALICE_CLOUD_HOME=str(cloud.home)) as program:
        claims = program.get("/pool", authorization=pool.tokens["IdToken"]).json()
        assert (claims["iss"], claims["aud"]) == (pool.issuer, pool.client_id)
        for token in (pool.tokens["AccessToken"], forged, ""):
            assert program.get("/pool", authorization=token).status_code == 401
