"""What the cloud remembers of the calls of functions, and the switch of enforcement."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from chalice.cloud import CloudStatus, status
from tests.cloud.access.callers import Function, allow, deploy, make_user
from tests.cloud.aws import client, unique

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def function(cloud: CloudStatus) -> Function:
    return deploy(cloud)


def calls(cloud: CloudStatus, after: int = 0, **query: Any) -> dict[str, Any]:
    answer = httpx.get(f"{cloud.endpoint_url}/_chalice/calls", params={"after": after, **query})
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def test_calls_of_functions_are_remembered(cloud: CloudStatus, function: Function) -> None:
    before = calls(cloud)["cursor"]
    table = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t"
    function.permit(allow("dynamodb:GetItem"))
    key = {"TableName": "t", "Key": {"id": {"S": "1"}}}
    function.call("dynamodb", "get_item", **key)
    function.call("dynamodb", "delete_item", **key)
    make_user(cloud).client("sts").get_caller_identity()
    found = calls(cloud, before)
    assert found["cursor"] == before + 2
    assert found["missed"] is False
    first, second = found["calls"]
    assert (first["service"], first["operation"]) == ("dynamodb", "GetItem")
    assert (first["allowed"], first["enforced"]) == (True, True)
    assert first["role"] == function.role_arn
    assert first["principal"] == function.arn
    assert first["function"] == f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function.name}"
    assert first["region"] == "us-east-1"
    asked = {"action": "dynamodb:GetItem", "resource": table, "allowed": True}
    assert first["actions"] == [asked]
    assert (second["operation"], second["allowed"]) == ("DeleteItem", False)
    assert second["time"] >= first["time"]


def test_calls_are_read_in_parts_and_forgotten(cloud: CloudStatus, function: Function) -> None:
    before = calls(cloud)["cursor"]
    for _ in range(3):
        function.call("sts", "get_caller_identity")
    first = calls(cloud, before, limit=2)
    assert (len(first["calls"]), first["cursor"]) == (2, before + 2)
    assert first["calls"][0]["actions"] == []
    assert len(calls(cloud, first["cursor"])["calls"]) == 1
    assert calls(cloud, before + 3) == {"cursor": before + 3, "missed": False, "calls": []}
    assert httpx.delete(f"{cloud.endpoint_url}/_chalice/calls").status_code == 200
    assert calls(cloud, before) == {"cursor": before + 3, "missed": True, "calls": []}


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/_chalice/calls?after=x", b"", 400),
        ("POST", "/_chalice/calls", b"", 405),
        ("POST", "/_chalice/enforcement", b"", 405),
        ("PUT", "/_chalice/enforcement", b"", 400),
        ("PUT", "/_chalice/enforcement", b'{"enforced": 1}', 400),
        ("PUT", "/_chalice/enforcement", b"[]", 400),
        ("GET", "/_chalice/callers", b"", 405),
        ("PUT", "/_chalice/callers", b'{"recorded": "yes"}', 400),
    ],
)
def test_odd_requests_are_refused(
    cloud: CloudStatus, method: str, path: str, content: bytes, status: int
) -> None:
    answer = httpx.request(method, f"{cloud.endpoint_url}{path}", content=content)
    assert answer.status_code == status


def test_web_pages_cannot_end_enforcement(cloud: CloudStatus) -> None:
    url = f"{cloud.endpoint_url}/_chalice/enforcement"
    answer = httpx.put(
        url, content=b'{"enforced": false}', headers={"Origin": "https://attacker.example"}
    )
    assert answer.status_code == 403
    assert httpx.get(url).json() == {"enforced": True}


def chalice(*arguments: str, code: int = 0) -> tuple[str, str]:
    program = [sys.executable, "-m", "chalice", *arguments]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def test_enforcement_is_switched_off_and_on_while_the_cloud_runs(home: Path) -> None:
    chalice("cloud", "start", "--no-enforce-iam")
    running = status(home)
    assert running is not None
    assert running.enforces_iam is False
    assert "IAM        not enforced" in chalice("cloud", "status")[0]
    assert json.loads(chalice("cloud", "status", "--json")[0])["enforces_iam"] is False
    function = deploy(running)
    queue = client(running, "sqs").create_queue(QueueName=unique("queue"))["QueueUrl"]
    send = {"QueueUrl": queue, "MessageBody": "m"}
    assert function.call("sqs", "send_message", **send)["status"] == 200
    made = calls(running)["calls"]
    assert (made[-1]["allowed"], made[-1]["enforced"]) == (False, False)
    chalice("cloud", "start")
    assert "not enforced" in chalice("cloud", "status")[0]
    chalice("cloud", "start", "--enforce-iam")
    assert "not enforced" not in chalice("cloud", "status")[0]
    assert function.call("sqs", "send_message", **send)["code"] == "AccessDenied"


def test_aws_itself_enforces_always() -> None:
    message = chalice("deploy", "--no-enforce-iam", code=1)[1]
    assert message == "error: AWS enforces IAM policies always\nhint: add `--local`\n"


def test_a_server_beside_the_cloud_may_ask_who_signed_and_what_they_may(cloud: CloudStatus) -> None:
    user = make_user(cloud)
    arn = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:own/api/GET/"
    user.permit(allow("execute-api:Invoke", arn))
    signed = AWSRequest("GET", "http://127.0.0.1:8000/")
    credentials = Credentials(user.key["AccessKeyId"], user.key["SecretAccessKey"])
    SigV4Auth(credentials, "execute-api", "us-east-1").add_auth(signed)
    headers = [["host", "127.0.0.1:8000"], *([k.lower(), v] for k, v in signed.headers.items())]
    request = {"method": "GET", "path": "/", "query": "", "headers": headers, "body": ""}
    asked = {**request, "now": time.time(), "service": "execute-api", "region": "us-east-1"}

    def ask(page: str, **asked: Any) -> dict[str, Any]:
        answer = httpx.post(f"{cloud.endpoint_url}/_chalice/{page}", json=asked)
        found: dict[str, Any] = answer.json()
        return found

    principal = ask("signatures", **asked)["principal"]
    assert principal["arn"] == user.arn
    refused = ask("signatures", **{**asked, "path": "/other"})["refused"]
    assert refused["type"] == "InvalidSignatureException"
    question = {"principal": principal, "action": "execute-api:Invoke", "context": {}}
    assert ask("decisions", **question, resource=arn) == {"decision": "ALLOWED"}
    assert ask("decisions", **question, resource=f"{arn}x") == {"decision": "NOT_ALLOWED"}
    for page in ("signatures", "decisions"):
        assert "expected" in ask(page, method="GET")["message"]
