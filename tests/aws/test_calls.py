"""What AWS answers, in words and in waits: a server that says what AWS says in such cases."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from chalice.aws.cloud import AwsCloud
from chalice.aws.session import Session
from chalice.errors import ToolError
from chalice.model.functions import Code, Function
from chalice.model.state import Record

API = Record("rest_api", "RestApi", {"rest_api_id": "abc", "rest_api_url": "http://x/api/"})
ROLE = Record("default-role", "Role", {"role_arn": "arn:aws:iam::1:role/r", "role_name": "r"})


class Aws(ThreadingHTTPServer):
    """Gives the answers in ``script``, one a request, the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        self.script: list[tuple[int, str, str]] = []
        self.requests: list[str] = []
        super().__init__(("127.0.0.1", 0), Answers)


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Aws

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests.append(f"{self.command} {self.path}")
        script = self.server.script
        status, code, message = script.pop(0) if len(script) > 1 else script[0]
        body = (json.dumps({"message": message}) if code else message).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("x-amzn-ErrorType", code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = do_PUT = answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with Aws() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def cloud_at(aws: Aws, pauses: list[float]) -> AwsCloud:
    url = f"http://127.0.0.1:{aws.server_port}"
    return AwsCloud(Session(endpoint_url=url, gateway_url=url, pause=pauses.append))


def function(path: Path) -> Function:
    path.write_bytes(b"zip")
    return Function(
        name="api_handler",
        function_name="demo-dev",
        runtime="python3.12",
        handler="app.app",
        role="arn:aws:iam::1:role/r",
        code=Code("sha", path),
        timeout=60,
        memory_size=128,
    )


ACTIVE = json.dumps(
    {"FunctionName": "demo-dev", "FunctionArn": "arn:aws:lambda:r:1:function:d", "State": "Active"}
)
TOO_NEW = "The role defined for the function cannot be assumed by Lambda."


def test_a_role_that_is_too_new_is_waited_for(aws: Aws, tmp_path: Path) -> None:
    refused = (400, "InvalidParameterValueException", TOO_NEW)
    aws.script = [refused, refused, (201, "", ACTIVE)]
    pauses: list[float] = []
    outputs = cloud_at(aws, pauses).create(function(tmp_path / "zip"))
    assert outputs == {"lambda_arn": "arn:aws:lambda:r:1:function:d"}
    assert pauses == [2.0, 2.0]


def test_another_wrong_parameter_is_an_error_at_once(aws: Aws, tmp_path: Path) -> None:
    aws.script = [(400, "InvalidParameterValueException", "no such runtime")]
    pauses: list[float] = []
    with pytest.raises(ToolError) as refused:
        cloud_at(aws, pauses).create(function(tmp_path / "zip"))
    assert refused.value.summary == (
        "creating Lambda function demo-dev failed: InvalidParameterValueException: no such runtime"
    )
    assert pauses == []


def test_a_quota_of_one_call_in_some_seconds_is_waited_out(aws: Aws) -> None:
    aws.script = [(429, "TooManyRequestsException", "Too Many Requests"), (202, "", "{}")]
    pauses: list[float] = []
    cloud_at(aws, pauses).delete(API)
    assert pauses == [5.0]
    assert aws.requests == ["DELETE /restapis/abc"] * 2


def test_a_quota_that_never_ends_is_an_error(aws: Aws) -> None:
    aws.script = [(429, "TooManyRequestsException", "Too Many Requests")]
    pauses: list[float] = []
    with pytest.raises(ToolError, match="TooManyRequestsException"):
        cloud_at(aws, pauses).delete(API)
    assert sum(pauses) == 120


def test_deleting_what_is_gone_is_no_error(aws: Aws) -> None:
    aws.script = [(404, "NotFoundException", "Invalid API identifier specified")]
    cloud_at(aws, []).delete(API)


HINTS: Mapping[str, str] = {
    "AccessDeniedException": "your credentials lack this permission",
    "ExpiredTokenException": "log in again",
    "UnrecognizedClientException": "chalice deploy --local",
}


@pytest.mark.parametrize("code", HINTS)
def test_a_refusal_says_what_to_do(aws: Aws, code: str) -> None:
    aws.script = [(403, code, "AWS's own sentence")]
    with pytest.raises(ToolError) as refused:
        cloud_at(aws, []).delete(API)
    assert refused.value.summary == f"deleting Rest API abc failed: {code}: AWS's own sentence"
    assert refused.value.hint is not None
    assert HINTS[code] in refused.value.hint


def test_an_endpoint_where_nobody_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with Aws() as gone:
        url = f"http://127.0.0.1:{gone.server_port}"
    cloud = AwsCloud(Session(endpoint_url=url, gateway_url=url))
    with pytest.raises(ToolError, match=url) as refused:
        cloud.read(ROLE)
    assert refused.value.hint is not None
    assert "AWS_ENDPOINT_URL" in refused.value.hint


def test_local_sessions_read_nothing_of_the_users_aws_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile work]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    local = Session(endpoint_url="http://127.0.0.1:1", gateway_url="http://127.0.0.1:2")
    assert local.region() == "us-east-1"
    assert local.rest_api_url("id", "api") == "http://127.0.0.1:2/id/api/"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    again = Session(endpoint_url="http://127.0.0.1:1", gateway_url="http://127.0.0.1:2")
    assert again.region() == "eu-north-1"
    with pytest.raises(ToolError, match="nobody"):
        Session().client("sts")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert Session(profile="work").region() == "eu-west-1"


@pytest.mark.parametrize(
    ("region", "suffix"),
    [("eu-west-1", "amazonaws.com"), ("cn-north-1", "amazonaws.com.cn")],
)
def test_urls_on_aws_are_those_of_the_partition(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, region: str, suffix: str
) -> None:
    body = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        "<GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult>"
        "</GetCallerIdentityResponse>"
    )
    aws.script = [(200, "", body)]
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws.server_port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": region,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_REGION", raising=False)
    url = Session().rest_api_url("abc", "api")
    assert url == f"https://abc.execute-api.{region}.{suffix}/api/"
