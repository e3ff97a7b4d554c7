"""Lambda's Invoke, as SDKs use it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, make_function, make_zip, unique
from tests.cloud.waiting import wait_until

SOURCE = """
import os

def handler(event, context):
    print("got", event)
    if isinstance(event, dict) and event.get("fail"):
        raise ValueError(event["fail"])
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    return {"event": event, "arn": context.invoked_function_arn, "endpoint": endpoint}
"""


@pytest.fixture(scope="module")
def function(cloud: CloudStatus) -> str:
    return make_function(cloud, unique("invoked"), SOURCE)


@pytest.fixture
def functions(cloud: CloudStatus) -> Any:
    return client(cloud, "lambda")


def messages(cloud: CloudStatus, function: str) -> list[str]:
    group = f"/aws/lambda/{function.rpartition(':')[2]}"
    found = client(cloud, "logs").filter_log_events(logGroupName=group)
    return [event["message"] for event in found["events"]]


def test_a_function_answers(cloud: CloudStatus, functions: Any, function: str) -> None:
    answer = functions.invoke(FunctionName=function, Payload=b'{"a": [1]}')
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    assert "LogResult" not in answer
    assert json.load(answer["Payload"]) == {
        "event": {"a": [1]},
        "arn": function,
        "endpoint": cloud.endpoint_url,
    }


@pytest.mark.parametrize("form", ["{name}", "{name}:$LATEST", "123456789012:function:{name}"])
def test_a_function_is_named_in_several_ways(functions: Any, function: str, form: str) -> None:
    name = form.format(name=function.rpartition(":")[2])
    answer = functions.invoke(FunctionName=name, Payload=b"7")
    assert json.load(answer["Payload"])["event"] == 7


def test_an_invocation_without_a_payload_gets_an_empty_event(functions: Any, function: str) -> None:
    assert json.load(functions.invoke(FunctionName=function)["Payload"])["event"] == {}


def test_a_function_that_raises_is_an_error_of_the_function(functions: Any, function: str) -> None:
    answer = functions.invoke(FunctionName=function, Payload=b'{"fail": "why"}')
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    error = json.load(answer["Payload"])
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "why")


def test_the_tail_of_the_log_comes_with_the_answer(functions: Any, function: str) -> None:
    answer = functions.invoke(FunctionName=function, Payload=b'"x"', LogType="Tail")
    log = base64.b64decode(answer["LogResult"]).decode()
    assert "got x\n" in log
    assert log.startswith("START RequestId: ")
    assert "REPORT RequestId: " in log


def test_what_a_function_prints_is_in_its_log_group(
    cloud: CloudStatus, functions: Any, function: str
) -> None:
    functions.invoke(FunctionName=function, Payload=b'"printed"')
    assert "got printed\n" in messages(cloud, function)


def test_a_dry_run_runs_nothing(functions: Any, function: str) -> None:
    answer = functions.invoke(FunctionName=function, InvocationType="DryRun")
    assert answer["StatusCode"] == 204


def test_an_event_is_taken_at_once_and_tried_three_times(cloud: CloudStatus) -> None:
    function = make_function(cloud, unique("event"), SOURCE)
    client(cloud, "logs").create_log_group(logGroupName=f"/aws/lambda/{function.split(':')[6]}")
    functions = client(cloud, "lambda")
    payload = json.dumps({"fail": "always"}).encode()
    answer = functions.invoke(FunctionName=function, InvocationType="Event", Payload=payload)
    assert answer["StatusCode"] == 202
    assert answer["Payload"].read() == b""
    wait_until(lambda: sum("got" in each for each in messages(cloud, function)) == 3)


def test_a_throttled_function_is_a_429(cloud: CloudStatus, functions: Any) -> None:
    function = make_function(cloud, unique("none"), SOURCE)
    functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as refused:
        functions.invoke(FunctionName=function)
    assert error_of(refused.value) == (429, "TooManyRequestsException")


def test_a_request_of_more_than_6_mb_is_a_413(functions: Any, function: str) -> None:
    with pytest.raises(ClientError) as refused:
        functions.invoke(FunctionName=function, Payload=b'"' + b"x" * 6_291_456 + b'"')
    assert error_of(refused.value) == (413, "RequestTooLargeException")


def test_a_payload_must_be_json(functions: Any, function: str) -> None:
    with pytest.raises(ClientError) as refused:
        functions.invoke(FunctionName=function, Payload=b"{nope")
    assert error_of(refused.value) == (400, "InvalidRequestContentException")


@pytest.mark.parametrize("name", ["missing", "missing:1", "999999999999:function:missing"])
def test_a_function_that_is_not_there_is_a_404(functions: Any, name: str) -> None:
    with pytest.raises(ClientError) as missing:
        functions.invoke(FunctionName=name)
    assert error_of(missing.value) == (404, "ResourceNotFoundException")


def test_new_code_runs_at_once(cloud: CloudStatus, functions: Any) -> None:
    function = make_function(cloud, unique("changing"), "def handler(e, c): return 1")
    assert functions.invoke(FunctionName=function)["Payload"].read() == b"1"
    code = make_zip("def handler(e, c): return 2")
    functions.update_function_code(FunctionName=function, ZipFile=code)
    assert functions.invoke(FunctionName=function)["Payload"].read() == b"2"


def test_the_client_context_reaches_the_function_as_json(cloud: CloudStatus) -> None:
    name = unique("context")
    source = "def handler(event, context):\n    return context.client_context.custom\n"
    make_function(cloud, name, source)
    context = base64.b64encode(b'{"custom": {"colour": "blue"}}').decode()
    answer = client(cloud, "lambda").invoke(FunctionName=name, ClientContext=context)
    assert json.load(answer["Payload"]) == {"colour": "blue"}
    for wrong in ("e30", base64.b64encode(b"[]").decode()):
        with pytest.raises(ClientError) as refused:
            client(cloud, "lambda").invoke(FunctionName=name, ClientContext=wrong)
        assert error_of(refused.value) == (400, "InvalidRequestContentException")
