"""What changes the notifications of buckets for a template, run in the embedded cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from chalice.cloud import CloudStatus
from chalice.render.sam.buckets import notifier_source
from tests.cloud.aws import client, make_function, make_role, make_zip, unique

STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/demo/0123-4567"


class CloudFormation(HTTPServer):
    """Hears what a custom resource answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: list[Any] = []


class _Handler(BaseHTTPRequestHandler):
    server: CloudFormation

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@contextmanager
def hearing() -> Iterator[CloudFormation]:
    with CloudFormation() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


@pytest.fixture(scope="module")
def notifier(cloud: CloudStatus) -> str:
    name = unique("notifier")
    client(cloud, "lambda").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=make_role(cloud, name),
        Handler="index.handle",
        Timeout=60,
        Code={"ZipFile": make_zip("", **{"index.py": notifier_source()})},
    )
    return name


def send(cloud: CloudStatus, notifier: str, kind: str, bucket: str, *entries: Any) -> Any:
    """Send what CloudFormation would, and return what it hears."""
    with hearing() as cloudformation:
        event = {
            "RequestType": kind,
            "StackId": STACK,
            "RequestId": "1",
            "LogicalResourceId": "Photos",
            "ResponseURL": f"http://127.0.0.1:{cloudformation.server_port}/answer?signature=x",
            "ResourceProperties": {"Bucket": bucket, "Notifications": [*entries]},
        }
        done = client(cloud, "lambda").invoke(
            FunctionName=notifier, Payload=json.dumps(event).encode()
        )
        assert "FunctionError" not in done, done["Payload"].read()
        (heard,) = cloudformation.heard
    assert (heard["StackId"], heard["RequestId"]) == (STACK, "1")
    assert heard["LogicalResourceId"] == "Photos"
    return heard


def entry(name: str, function: str, prefix: str) -> Any:
    rules = [{"Name": "prefix", "Value": prefix}]
    return {
        "Id": name,
        "LambdaFunctionArn": function,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": rules}},
    }


def ids(cloud: CloudStatus, bucket: str) -> list[str]:
    found = client(cloud, "s3").get_bucket_notification_configuration(Bucket=bucket)
    return [each["Id"] for each in found.get("LambdaFunctionConfigurations", [])]


def allow_s3(cloud: CloudStatus, function: str) -> None:
    client(cloud, "lambda").add_permission(
        FunctionName=function,
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
    )


def test_only_what_is_the_stacks_comes_changes_and_goes(cloud: CloudStatus, notifier: str) -> None:
    s3, bucket = client(cloud, "s3"), unique("photos")
    s3.create_bucket(Bucket=bucket)
    function = make_function(cloud, unique("photo"))
    allow_s3(cloud, function)
    theirs = entry("stranger", function, "theirs/")
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [theirs],
            "EventBridgeConfiguration": {},
        },
    )
    first, second = entry("a", function, "a/"), entry("b", function, "b/")
    made = send(cloud, notifier, "Create", bucket, first, second)
    assert made["Status"] == "SUCCESS", made
    assert ids(cloud, bucket) == ["stranger", "0123-4567/Photos/a", "0123-4567/Photos/b"]
    changed = send(cloud, notifier, "Update", bucket, second)
    assert changed["PhysicalResourceId"] == made["PhysicalResourceId"]
    assert ids(cloud, bucket) == ["stranger", "0123-4567/Photos/b"]
    assert send(cloud, notifier, "Delete", bucket, second)["Status"] == "SUCCESS"
    assert ids(cloud, bucket) == ["stranger"]
    left = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert "EventBridgeConfiguration" in left


def test_a_bucket_that_is_not_there_stops_a_creation_and_no_deletion(
    cloud: CloudStatus, notifier: str
) -> None:
    bucket = unique("nowhere")
    refused = send(cloud, notifier, "Create", bucket, entry("a", "arn", "a/"))
    assert refused["Status"] == "FAILED"
    assert bucket in refused["Reason"]
    assert "NoSuchBucket" in refused["Reason"]
    deleted = send(cloud, notifier, "Delete", bucket)
    assert deleted["Status"] == "SUCCESS"
    assert deleted["PhysicalResourceId"] == refused["PhysicalResourceId"]
