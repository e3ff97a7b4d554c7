"""Which lines of a function made a call, as the cloud remembers it while somebody wants to know."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from chalice.cloud import CloudStatus
from chalice.cloud.access.records import Frame, stack_of
from chalice.cloud.client import record_callers
from chalice.cloud.functions.sandbox.callers import HEADER, MAX_FRAMES
from tests.cloud.aws import client, make_function, make_zip, unique
from tests.cloud.sockets import join, make_chat

SOURCE = """
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3

from chalicelib.store import Store, size

client = boto3.client("sqs")
s3 = boto3.client("s3")


def handler(event, context):
    return globals()[event["do"]](event["on"])


def nested(bucket):
    Store(bucket).save()


def named(_):
    getattr(client, "list_" + "queues")()


def in_thread(_):
    def work():
        client.list_queues()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def bare_thread(_):
    thread = threading.Thread(target=client.list_queues)
    thread.start()
    thread.join()


def pool(_):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(client.list_queues).result()
        pool.submit(client.list_queues).result()


def upload(bucket):
    with open("/tmp/large", "wb") as file:
        file.write(bytes(9_000_000))
    s3.upload_file("/tmp/large", bucket, "large")


def pages(bucket):
    return size(bucket)


def größe(_):
    client.list_queues()


def deep(left):
    return deep(left - 1) if left else client.list_queues()


def url(bucket):
    return s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})


def environment(_):
    import os

    return sorted(os.environ)
"""
STORE = """
import boto3


class Store:
    def __init__(self, name):
        self.bucket = boto3.resource("s3").Bucket(name)

    def save(self):
        self.bucket.put_object(
            Key="k",
            Body=b"x",
        )


def size(name):
    total = 0
    found = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=name)
    for page in found:
        total += len(page.get("Contents", []))
    return total
"""

SENDER = """
import boto3, os


def send(url, said, body):
    client = boto3.client("apigatewaymanagementapi", endpoint_url=f"{url}/{said['stage']}")
    client.post_to_connection(ConnectionId=said["connectionId"], Data=body)


def handler(event, context):
    said = event["requestContext"]
    if said["eventType"] == "MESSAGE":
        base = os.environ["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"]
        send(f"{base}/{said['apiId']}", said, "here")
        send(f"https://{said['domainName']}", said, "by AWS's name")
    return {"statusCode": 200}
"""

Run = Callable[..., Any]


def line(text: str, source: str = SOURCE) -> int:
    """Return the number of the only line that ends so."""
    [found] = [n for n, each in enumerate(source.splitlines(), 1) if each.endswith(text)]
    return found


DISPATCH = ["app.py", line('["do"]](event["on"])'), "handler"]


@pytest.fixture(scope="module")
def name(cloud: CloudStatus) -> str:
    name = unique("caller")
    make_function(cloud, name, Timeout=60, MemorySize=512)
    files = {"chalicelib/__init__.py": "", "chalicelib/store.py": STORE}
    code = make_zip(SOURCE, **files)
    client(cloud, "lambda").update_function_code(FunctionName=name, ZipFile=code)
    return name


@pytest.fixture(scope="module")
def bucket(cloud: CloudStatus) -> str:
    name = unique("bucket")
    client(cloud, "s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def run(cloud: CloudStatus, name: str, bucket: str) -> Run:
    def run(do: str, on: object = bucket) -> Any:
        payload = json.dumps({"do": do, "on": on})
        reply = client(cloud, "lambda").invoke(FunctionName=name, Payload=payload)
        answer = json.loads(reply["Payload"].read())
        assert "FunctionError" not in reply, answer
        return answer

    return run


@pytest.fixture
def recorded(cloud: CloudStatus) -> Iterator[None]:
    record_callers(cloud.home, True)
    yield
    record_callers(cloud.home, False)


def calls(cloud: CloudStatus, after: int = 0) -> Any:
    url = f"{cloud.endpoint_url}/_chalice/calls?after={after}"
    return httpx.get(url).raise_for_status().json()


def stacks(cloud: CloudStatus, run: Run, do: str, *on: object) -> list[tuple[str, Any]]:
    """Return operation and stack of each call that such a run makes."""
    before = calls(cloud)["cursor"]
    run(do, *on)
    return [
        (call["operation"], [[each["file"], each["line"], each["function"]] for each in stack])
        for call in calls(cloud, before)["calls"]
        for stack in [call["stack"]]
    ]


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("do", "operation", "expected"),
    [
        (
            "nested",
            "PutObject",
            [
                ["app.py", line("Store(bucket).save()"), "nested"],
                ["chalicelib/store.py", line("self.bucket.put_object(", STORE), "save"],
            ],
        ),
        ("named", "ListQueues", [["app.py", line('"queues")()'), "named"]]),
        ("größe", "ListQueues", [["app.py", line("def größe(_):") + 1, "größe"]]),
    ],
)
def test_a_call_has_the_lines_that_led_to_it(
    cloud: CloudStatus, run: Run, do: str, operation: str, expected: Any
) -> None:
    assert stacks(cloud, run, do) == [(operation, [DISPATCH, *expected])]


@pytest.mark.usefixtures("recorded")
def test_a_page_has_the_line_that_asked_for_it(cloud: CloudStatus, run: Run) -> None:
    asked = [
        ["app.py", line("return size(bucket)"), "pages"],
        ["chalicelib/store.py", line("for page in found:", STORE), "size"],
    ]
    assert stacks(cloud, run, "pages") == [("ListObjectsV2", [DISPATCH, *asked])]


@pytest.mark.usefixtures("recorded")
def test_a_call_in_a_thread_has_the_stack_of_the_thread(cloud: CloudStatus, run: Run) -> None:
    inner = ["app.py", line("def work():") + 1, "work"]
    assert stacks(cloud, run, "in_thread") == [("ListQueues", [inner])]


@pytest.mark.usefixtures("recorded")
def test_a_call_without_lines_of_its_own_has_those_that_started_its_thread(
    cloud: CloudStatus, run: Run
) -> None:
    started = line("thread = threading.Thread(target=client.list_queues)") + 1
    [call] = stacks(cloud, run, "bare_thread")
    assert call == ("ListQueues", [DISPATCH, ["app.py", started, "bare_thread"]])
    first = line("with ThreadPoolExecutor(1) as pool:") + 1
    assert [stack[-1] for _, stack in stacks(cloud, run, "pool")] == [
        ["app.py", number, "pool"] for number in (first, first + 1)
    ]
    uploaded = stacks(cloud, run, "upload")
    assert {operation for operation, _ in uploaded} == {
        *("CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"),
    }
    here = ["app.py", line('s3.upload_file("/tmp/large", bucket, "large")'), "upload"]
    assert all(stack == [DISPATCH, here] for _, stack in uploaded)


@pytest.mark.usefixtures("recorded")
def test_of_a_long_stack_the_end_is_kept(cloud: CloudStatus, run: Run) -> None:
    [(_, stack)] = stacks(cloud, run, "deep", 100)
    assert stack == [["app.py", line("def deep(left):") + 1, "deep"]] * MAX_FRAMES


@pytest.mark.usefixtures("recorded")
def test_presigned_addresses_are_as_ever(run: Run) -> None:
    run("nested")
    url = run("url")
    assert HEADER not in url.lower()
    assert httpx.get(url).content == b"x"


def test_nothing_is_recorded_before_and_after_and_environments_may_be_warm(
    cloud: CloudStatus, run: Run
) -> None:
    ran = ("ListQueues", [DISPATCH, ["app.py", line('"queues")()'), "named"]])
    variables = run("environment")
    assert stacks(cloud, run, "named") == [("ListQueues", [])]
    record_callers(cloud.home, True)
    assert stacks(cloud, run, "named") == [ran]
    assert run("environment") == variables
    record_callers(cloud.home, False)
    assert stacks(cloud, run, "named") == [("ListQueues", [])]


@pytest.mark.usefixtures("recorded")
def test_messages_to_clients_of_apis_have_stacks_too(cloud: CloudStatus) -> None:
    api_id = make_chat(cloud, SENDER)
    before = calls(cloud)["cursor"]
    with join(cloud, api_id) as socket:
        socket.send("hello")
        assert (socket.recv(timeout=30), socket.recv(timeout=30)) == ("here", "by AWS's name")
    made = [(call["operation"], call["stack"]) for call in calls(cloud, before)["calls"]]
    sent = {"file": "app.py", "line": line("Data=body)", SENDER), "function": "send"}
    asked = [line(text, SENDER) for text in ('"here")', 'name")')]
    assert made == [
        ("ManageConnections", [{"file": "app.py", "line": each, "function": "handler"}, sent])
        for each in asked
    ]


@pytest.mark.parametrize(
    "value", ["", "{", "3", "null", "[1]", '[["a"]]', '[["a", "b", "c"]]', "[[1, 2, 3, 4]]"]
)
def test_a_header_that_cannot_be_read_tells_nothing(value: str) -> None:
    assert stack_of([(HEADER, value)]) == ()


def test_a_header_tells_a_stack() -> None:
    told = [("host", "x"), (HEADER, '[["a.py",1,"f"],["b.py",2,"gr\\u00f6\\u00dfe"]]')]
    assert stack_of(told) == [Frame("a.py", 1, "f"), Frame("b.py", 2, "größe")]
    assert stack_of([]) == []
