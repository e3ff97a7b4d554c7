"""The AWS port under friendly, odd and hostile clients."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, make_role, unique


def connect(cloud: CloudStatus, url: str | None = None) -> socket.socket:
    address = urlsplit(url or cloud.endpoint_url)
    assert address.port is not None
    return socket.create_connection(("127.0.0.1", address.port), timeout=30)


@pytest.fixture
def bucket(cloud: CloudStatus) -> str:
    name = unique("bucket")
    client(cloud, "s3").create_bucket(Bucket=name)
    return name


@pytest.mark.parametrize("key", ["plain", "a b", "a/b//c", "a%2Fb", "ü/\u4f60", "a+b", "x?y#z"])
def test_keys_of_objects_survive_the_way(cloud: CloudStatus, bucket: str, key: str) -> None:
    s3 = client(cloud, "s3")
    s3.put_object(Bucket=bucket, Key=key, Body=b"content")
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"content"


def test_metadata_of_objects_survives_the_way(cloud: CloudStatus, bucket: str) -> None:
    s3 = client(cloud, "s3")
    metadata = {"my_key": "1", "other-key": "2"}
    s3.put_object(Bucket=bucket, Key="k", Body=b"12345", Metadata=metadata, ContentType="a/b")
    head = s3.head_object(Bucket=bucket, Key="k")
    assert head["Metadata"] == metadata
    assert (head["ContentLength"], head["ContentType"]) == (5, "a/b")


def test_large_objects_survive_the_way(cloud: CloudStatus, bucket: str) -> None:
    s3 = client(cloud, "s3")
    content = os.urandom(1024) * 12 * 1024
    s3.put_object(Bucket=bucket, Key="large", Body=content)
    assert s3.get_object(Bucket=bucket, Key="large")["Body"].read() == content


def test_a_body_in_chunks_is_put_together(cloud: CloudStatus, bucket: str) -> None:
    httpx.put(f"{cloud.endpoint_url}/{bucket}/k", content=iter([b"in ", b"chunks"]))
    found = client(cloud, "s3").get_object(Bucket=bucket, Key="k")
    assert found["Body"].read() == b"in chunks"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "attacker.example"},
        {"Host": "localhost.attacker.example:80"},
        {"Host": ""},
        {"Origin": "https://attacker.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_what_a_web_page_sends_is_refused(cloud: CloudStatus, headers: dict[str, str]) -> None:
    name = unique("page")
    query = {"Action": "CreateRole", "RoleName": name, "AssumeRolePolicyDocument": "{}"}
    answer = httpx.post(f"{cloud.endpoint_url}/iam_us-east-1/", data=query, headers=headers)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    roles = client(cloud, "iam").list_roles(MaxItems=1000)["Roles"]
    assert name not in {role["RoleName"] for role in roles}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost:4580"},
        {"Host": "bucket.localhost"},
        {"Host": "[::1]:4580"},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
def test_what_this_machine_sends_is_let_through(
    cloud: CloudStatus, headers: dict[str, str]
) -> None:
    answer = httpx.get(f"{cloud.endpoint_url}/_chalice/health", headers=headers)
    assert answer.json()["ready"] is True


def test_an_answer_that_nobody_waits_for_is_not_taken(cloud: CloudStatus) -> None:
    answer = httpx.put(f"{cloud.endpoint_url}/_chalice/stacks/answers/guess", content=b"{}")
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/moto-api/", "/moto-api/reset", "/_chalice/other"])
def test_the_insides_are_not_served(cloud: CloudStatus, path: str) -> None:
    assert httpx.post(f"{cloud.endpoint_url}{path}").status_code == 404


@pytest.mark.parametrize(
    ("service", "call", "parameters"),
    [
        ("lambda", "list_provisioned_concurrency_configs", {"FunctionName": "f"}),
        ("iam", "generate_service_last_accessed_details", {"Arn": "arn:aws:iam::1:role/x123456"}),
    ],
)
def test_what_the_cloud_cannot_do_is_an_error_that_is_not_retried(
    cloud: CloudStatus, service: str, call: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client(cloud, service), call)(**parameters)
    assert error_of(refused.value)[0] == 501
    assert "The embedded cloud cannot do this" in str(refused.value)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"GET /\xff%zz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"x" * 100_000,
    ],
)
@pytest.mark.parametrize("port", ["aws", "gateway"])
def test_malformed_http_hurts_nobody_else(
    cloud: CloudStatus, request_bytes: bytes, port: str
) -> None:
    url = cloud.endpoint_url if port == "aws" else cloud.gateway_url
    with connect(cloud, url) as hostile:
        hostile.sendall(request_bytes)
        hostile.shutdown(socket.SHUT_WR)
        answer = hostile.recv(65536)
    assert not answer or answer.startswith(b"HTTP/1.1 4")
    assert client(cloud, "sts").get_caller_identity()["Account"] == "123456789012"


@pytest.mark.parametrize(
    "signature", ["AWS4-HMAC-SHA256", "AWS4 x", "AWS4-HMAC-SHA256 Credential=a/b"]
)
def test_a_signature_without_a_scope_is_a_bad_request(cloud: CloudStatus, signature: str) -> None:
    answer = httpx.get(cloud.endpoint_url, headers={"Authorization": signature})
    assert answer.status_code == 400
    assert answer.headers["x-amzn-errortype"] == "IncompleteSignatureException"


def test_a_client_that_leaves_halfway_changes_nothing(cloud: CloudStatus, bucket: str) -> None:
    head = f"PUT /{bucket}/half HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nhalf"
    with connect(cloud) as leaving:
        leaving.sendall(head.encode())
    assert client(cloud, "s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_thousand_idle_and_slow_connections_hold_nobody_up(cloud: CloudStatus) -> None:
    with ExitStack() as connections:
        for number in range(500):
            connections.enter_context(connect(cloud))
            slow = connections.enter_context(connect(cloud))
            slow.sendall(
                b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n"[:number]
            )
        assert make_role(cloud, unique("role"))
        assert httpx.get(f"{cloud.gateway_url}/none/api/").status_code == 403
