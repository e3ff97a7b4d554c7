"""A cloud beside another process, which runs the functions that are attached to it."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import status
from chalice.cloud.companion import Companion
from chalice.errors import ToolError
from tests.cloud.aws import client, error_of, make_function
from tests.cloud.owner import SECONDS, Owner, owning
from tests.cloud.waiting import wait_for_end, wait_until


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    with owning(tmp_path_factory.mktemp("companion") / "cloud") as owner:
        yield owner


def call(owner: Owner, name: str, payload: object = None, **more: Any) -> Any:
    return client(owner.cloud(), "lambda").invoke(
        FunctionName=name, Payload=json.dumps(payload), **more
    )


def test_an_attached_function_runs_in_the_process_of_the_owner(owner: Owner) -> None:
    def handler(event: Any, about: Mapping[str, Any]) -> object:
        return [event, os.getpid(), json.loads(about["context"]), about["arn"], about["request"]]

    owner.make("here", handler)
    context = base64.b64encode(b'{"custom":{"a":1}}').decode()
    answer = call(owner, "here", {"number": 1}, ClientContext=context)
    event, pid, context, arn, request = json.load(answer["Payload"])
    assert (event, pid, context) == ({"number": 1}, os.getpid(), {"custom": {"a": 1}})
    assert arn == "arn:aws:lambda:us-east-1:123456789012:function:here"
    assert request == answer["ResponseMetadata"]["RequestId"]


def test_what_is_not_attached_runs_as_deployed(owner: Owner) -> None:
    make_function(owner.cloud(), "deployed", "import os\nhandler = lambda *_: os.getpid()")
    assert json.load(call(owner, "deployed")["Payload"]) != os.getpid()


def test_what_it_raises_is_an_error_of_the_function(owner: Owner) -> None:
    def handler(event: Any, about: Mapping[str, Any]) -> object:
        raise ValueError("so bad")

    owner.make("broken", handler)
    answer = call(owner, "broken")
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"])["errorMessage"] == "so bad"


def test_a_fault_of_the_owner_itself_is_one_too(owner: Owner) -> None:
    def handler(event: Any, about: Mapping[str, Any]) -> object:
        raise KeyError("nothing is right")

    owner.make("faulty", handler)
    answer = call(owner, "faulty")
    assert answer["FunctionError"] == "Unhandled"
    assert "nothing is right" in json.load(answer["Payload"])["errorMessage"]


def test_an_answer_that_is_too_large_is_refused_as_on_lambda(owner: Owner) -> None:
    owner.make("large", lambda *_: "a" * 6_300_000)
    answer = call(owner, "large")
    assert json.load(answer["Payload"])["errorType"] == "Function.ResponseSizeTooLarge"


def test_its_reserved_concurrency_counts(owner: Owner) -> None:
    began, go_on = threading.Event(), threading.Event()

    def handler(event: Any, about: Mapping[str, Any]) -> object:
        began.set()
        return go_on.wait(SECONDS)

    owner.make("single", handler)
    client(owner.cloud(), "lambda").put_function_concurrency(
        FunctionName="single", ReservedConcurrentExecutions=1
    )
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(call, owner, "single")
        assert began.wait(SECONDS)
        with pytest.raises(ClientError) as refused:
            call(owner, "single")
        go_on.set()
        assert json.load(first.result()["Payload"]) is True
    assert error_of(refused.value) == (429, "TooManyRequestsException")


def test_many_run_at_once(owner: Owner) -> None:
    together = threading.Barrier(4)
    owner.make("many", lambda *_: together.wait(SECONDS) >= 0)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: call(owner, "many"), range(4)))
    assert [json.load(each["Payload"]) for each in answers] == [True] * 4


def test_an_event_waits_until_the_owner_has_its_function(owner: Owner) -> None:
    seen: list[object] = []
    owner.make("late", None)
    call(owner, "late", "hello", InvocationType="Event")
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(call, owner, "late", "sync")
        time.sleep(0.2)
        assert not waiting.done()
        owner.handlers["late"] = lambda event, _: seen.append(event)
        owner.companion.attach("us-east-1", owner.handlers)
        assert waiting.result()["StatusCode"] == 200
    wait_until(lambda: sorted(map(str, seen)) == ["hello", "sync"])


def test_a_queue_is_not_read_before_the_owner_has_its_function(owner: Owner) -> None:
    seen: list[object] = []
    owner.make("reader", None)
    sqs = client(owner.cloud(), "sqs")
    url = sqs.create_queue(QueueName="read")["QueueUrl"]
    client(owner.cloud(), "lambda").create_event_source_mapping(
        FunctionName="reader", EventSourceArn="arn:aws:sqs:us-east-1:123456789012:read"
    )
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    time.sleep(0.3)
    asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert asked["ApproximateNumberOfMessages"] == "1"
    owner.handlers["reader"] = lambda event, _: seen.append(event["Records"][0]["body"])
    owner.companion.attach("us-east-1", owner.handlers)
    wait_until(lambda: seen == ["hello"])


def test_who_waits_for_a_function_that_is_deleted_is_told(owner: Owner) -> None:
    owner.make("gone", None)
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(call, owner, "gone")
        time.sleep(0.2)
        client(owner.cloud(), "lambda").delete_function(FunctionName="gone")
        assert json.load(waiting.result()["Payload"])["errorType"] == "Runtime.ExitError"


def test_calls_are_held_until_the_owner_lets_them_go(owner: Owner) -> None:
    owner.companion.hold(True)
    with ThreadPoolExecutor(1) as thread:
        sqs = client(owner.cloud(), "sqs")
        waiting = thread.submit(sqs.list_queues)
        time.sleep(0.2)
        assert not waiting.done()
        owner.companion.hold(False)
        assert "ResponseMetadata" in waiting.result()


def test_a_home_has_one_owner(owner: Owner) -> None:
    program = (
        "import pathlib, sys; from chalice.cloud.companion import Companion\n"
        "Companion(pathlib.Path(sys.argv[1]), None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(owner.home)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"process {os.getpid()} has the embedded cloud of this stage already" in done.stderr


def test_a_cloud_that_is_killed_is_replaced_at_the_same_address(tmp_path: Path) -> None:
    with owning(tmp_path / "cloud") as owner:
        owner.make("here", lambda *_: "alive")
        first = owner.cloud()
        client(first, "sqs").create_queue(QueueName="kept")
        wait_until((tmp_path / "cloud/state/snapshot").exists)
        time.sleep(1)
        owner.is_ready.clear()
        os.kill(first.pid, signal.SIGKILL)
        assert json.load(call(owner, "here")["Payload"]) == "alive"
        second = owner.cloud()
        assert second.endpoint_url == first.endpoint_url
        assert owner.reasons == ["by signal 9"]
        assert "QueueUrls" in client(second, "sqs").list_queues()
    wait_for_end(second.pid)
    assert status(tmp_path / "cloud") is None


def test_a_cloud_that_does_not_get_ready_is_given_up(tmp_path: Path) -> None:
    owner = Owner(tmp_path / "cloud")
    process = vars(owner.companion)["_process"]
    os.kill(process.pid, signal.SIGKILL)
    assert owner.has_failed.wait(SECONDS)
    assert "the embedded cloud did not start (exit code -9)" in owner.problems[0].summary
    owner.companion.end()


def test_a_cloud_ends_with_its_owner_however_that_ends(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, time; from tests.cloud.owner import Owner\n"
        "print(Owner(pathlib.Path(sys.argv[1])).cloud().pid, flush=True)\n"
        "time.sleep(60)"
    )
    home = tmp_path / "cloud"
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        pid = int(process.stdout.readline())
    process.kill()
    process.wait()
    with owning(home) as owner:  # waits for the end of the other
        assert owner.cloud().pid != pid
    wait_for_end(pid)


def test_a_home_that_cannot_be_made_is_an_error(tmp_path: Path, owner: Owner) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ToolError) as refused:
        Companion(tmp_path / "file" / "cloud", owner)
    assert "cannot make the folder of the embedded cloud" in refused.value.summary
