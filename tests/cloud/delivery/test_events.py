"""Asynchronous invocation: retries, what is told of the end of an event, and nothing is lost."""

from __future__ import annotations

import json
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus, ensure_running, stop
from chalice.cloud.control.event_invoke import WaitingEvent, WaitingEvents
from tests.cloud.aws import client, error_of, make_function, unique
from tests.cloud.delivery.recorder import Inbox, Recorder
from tests.cloud.waiting import quiet, wait_until


def send(recorder: Recorder, event: object, **settings: Any) -> str:
    answer = client(recorder.cloud, "lambda").invoke(
        FunctionName=recorder.arn,
        InvocationType="Event",
        Payload=json.dumps(event).encode(),
        **settings,
    )
    assert answer["StatusCode"] == 202
    request_id: str = answer["ResponseMetadata"]["RequestId"]
    return request_id


def configure(recorder: Recorder, **settings: Any) -> Any:
    functions = client(recorder.cloud, "lambda")
    return functions.put_function_event_invoke_config(FunctionName=recorder.name, **settings)


def test_every_try_of_an_event_has_the_same_request_id(cloud: CloudStatus) -> None:
    recorder = Recorder(cloud)
    configure(recorder, MaximumRetryAttempts=1)
    request_id = send(recorder, {"fail": "always"})
    recorder.wait(2)
    assert [call["id"] for call in recorder.calls()] == [request_id, request_id]


def test_an_event_whose_function_fails_ends_in_the_dead_letter_queue(cloud: CloudStatus) -> None:
    inbox = Inbox(cloud)
    recorder = Recorder(cloud, DeadLetterConfig={"TargetArn": inbox.arn})
    configure(recorder, MaximumRetryAttempts=0)
    event = {"fail": "broken é"}
    request_id = send(recorder, event)
    letter = inbox.message()
    assert json.loads(letter["Body"]) == event
    attributes = {
        name: (value["DataType"], value["StringValue"])
        for name, value in letter["MessageAttributes"].items()
    }
    assert attributes == {
        "RequestID": ("String", request_id),
        "ErrorCode": ("Number", "200"),
        "ErrorMessage": ("String", "broken é"),
    }


def test_dead_letters_go_to_a_topic_too(cloud: CloudStatus) -> None:
    inbox = Inbox(cloud)
    sns = client(cloud, "sns")
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=inbox.arn)
    recorder = Recorder(cloud, DeadLetterConfig={"TargetArn": topic})
    configure(recorder, MaximumRetryAttempts=0)
    send(recorder, {"fail": "why"})
    notice = inbox.body()
    assert json.loads(notice["Message"]) == {"fail": "why"}
    assert notice["MessageAttributes"]["ErrorMessage"] == {"Type": "String", "Value": "why"}


def test_a_failure_is_told_to_its_destination(cloud: CloudStatus) -> None:
    inbox = Inbox(cloud)
    recorder = Recorder(cloud)
    configure(
        recorder,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": inbox.arn}},
    )
    request_id = send(recorder, {"fail": "why"})
    record = inbox.body()
    assert record.pop("timestamp").endswith("Z")
    payload = record.pop("responsePayload")
    assert (payload["errorType"], payload["errorMessage"]) == ("ValueError", "why")
    assert record == {
        "version": "1.0",
        "requestContext": {
            "requestId": request_id,
            "functionArn": f"{recorder.arn}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"fail": "why"},
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
    }


def test_a_success_is_told_to_another_function(cloud: CloudStatus) -> None:
    other = Recorder(cloud)
    recorder = Recorder(cloud)
    configure(recorder, DestinationConfig={"OnSuccess": {"Destination": other.arn}})
    send(recorder, [1])
    (record,) = other.wait()
    assert record["requestContext"]["condition"] == "Success"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
    assert (record["requestPayload"], record["responsePayload"]) == ([1], {"took": [1]})


def test_a_success_is_told_to_an_event_bus(cloud: CloudStatus) -> None:
    inbox = Inbox(cloud)
    events = client(cloud, "events")
    bus = events.create_event_bus(Name=unique("bus"))["EventBusArn"]
    pattern = json.dumps({"source": ["lambda"]})
    events.put_rule(Name="told", EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule="told", EventBusName=bus, Targets=[{"Id": "1", "Arn": inbox.arn}])
    recorder = Recorder(cloud)
    configure(recorder, DestinationConfig={"OnSuccess": {"Destination": bus}})
    send(recorder, "x")
    event = inbox.body()
    assert event["detail-type"] == "Lambda Function Invocation Result - Success"
    assert event["resources"] == [bus, f"{recorder.arn}:$LATEST"]
    assert event["detail"]["responsePayload"] == {"took": "x"}


def test_events_for_a_busy_function_wait_their_turn(cloud: CloudStatus) -> None:
    inbox = Inbox(cloud)
    name = unique("busy")
    source = "import time\ndef handler(event, context):\n    time.sleep(0.5)\n    return event"
    make_function(cloud, name, source)
    functions = client(cloud, "lambda")
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    functions.put_function_event_invoke_config(
        FunctionName=name,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnSuccess": {"Destination": inbox.arn}},
    )
    for number in range(2):
        payload = str(number).encode()
        functions.invoke(FunctionName=name, InvocationType="Event", Payload=payload)
    records = [inbox.body() for _ in range(2)]
    assert sorted(record["responsePayload"] for record in records) == [0, 1]
    counts = [record["requestContext"]["approximateInvokeCount"] for record in records]
    assert counts == [1, 1]


def test_a_function_that_may_not_run_at_all_gives_its_events_up(cloud: CloudStatus) -> None:
    inbox = Inbox(cloud)
    recorder = Recorder(cloud, DeadLetterConfig={"TargetArn": inbox.arn})
    configure(recorder, DestinationConfig={"OnFailure": {"Destination": inbox.arn}})
    client(cloud, "lambda").put_function_concurrency(
        FunctionName=recorder.name, ReservedConcurrentExecutions=0
    )
    send(recorder, {"n": 1})
    letter, record = inbox.message(), inbox.body()
    assert letter["MessageAttributes"]["ErrorCode"]["StringValue"] == "429"
    assert record["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert "responsePayload" not in record


def test_dead_letters_are_part_of_the_configuration(cloud: CloudStatus) -> None:
    functions = client(cloud, "lambda")
    name = unique("fn")
    target = {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"}
    make_function(cloud, name, DeadLetterConfig=target)
    assert functions.get_function_configuration(FunctionName=name)["DeadLetterConfig"] == target
    functions.update_function_configuration(FunctionName=name, Timeout=9)
    assert functions.get_function_configuration(FunctionName=name)["DeadLetterConfig"] == target
    updated = functions.update_function_configuration(
        FunctionName=name, DeadLetterConfig={"TargetArn": ""}
    )
    assert "DeadLetterConfig" not in updated
    with pytest.raises(ClientError) as refused:
        functions.update_function_configuration(
            FunctionName=name, DeadLetterConfig={"TargetArn": "arn:aws:s3:::bucket"}
        )
    assert error_of(refused.value) == (400, "InvalidParameterValueException")


def test_event_settings_are_put_updated_listed_and_deleted(cloud: CloudStatus) -> None:
    recorder = Recorder(cloud)
    functions = client(cloud, "lambda")
    name = {"FunctionName": recorder.name}
    queue = "arn:aws:sqs:us-east-1:123456789012:q"
    destinations = {"OnFailure": {"Destination": queue}}
    put = configure(recorder, MaximumRetryAttempts=1, DestinationConfig=destinations)
    assert put["FunctionArn"] == f"{recorder.arn}:$LATEST"
    assert put["DestinationConfig"] == {"OnSuccess": {}, **destinations}
    functions.update_function_event_invoke_config(MaximumEventAgeInSeconds=60, **name)
    found = functions.get_function_event_invoke_config(**name)
    assert (found["MaximumRetryAttempts"], found["MaximumEventAgeInSeconds"]) == (1, 60)
    assert found["DestinationConfig"]["OnFailure"]["Destination"] == queue
    configure(recorder, MaximumRetryAttempts=2)
    found = functions.get_function_event_invoke_config(FunctionName=recorder.arn)
    assert "MaximumEventAgeInSeconds" not in found
    version = functions.publish_version(**name)["Version"]
    functions.put_function_event_invoke_config(Qualifier=version, MaximumRetryAttempts=0, **name)
    listed = functions.list_function_event_invoke_configs(**name)["FunctionEventInvokeConfigs"]
    assert [each["MaximumRetryAttempts"] for each in listed] == [2, 0]
    functions.delete_function_event_invoke_config(**name)
    for call in ("get_function_event_invoke_config", "delete_function_event_invoke_config"):
        with pytest.raises(ClientError) as missing:
            getattr(functions, call)(**name)
        assert error_of(missing.value) == (404, "ResourceNotFoundException")
    with pytest.raises(ClientError) as refused:
        configure(recorder, MaximumRetryAttempts=3)
    assert error_of(refused.value)[0] == 400


def test_the_settings_of_a_version_are_its_own(cloud: CloudStatus) -> None:
    inbox = Inbox(cloud)
    recorder = Recorder(cloud)
    functions = client(cloud, "lambda")
    version = functions.publish_version(FunctionName=recorder.name)["Version"]
    functions.put_function_event_invoke_config(
        FunctionName=f"{recorder.arn}:{version}",
        DestinationConfig={"OnSuccess": {"Destination": inbox.arn}},
    )
    send(recorder, {"n": 0})
    send(recorder, {"n": 1}, Qualifier=version)
    record = inbox.body()
    assert record["requestPayload"] == {"n": 1}
    assert record["requestContext"]["functionArn"] == f"{recorder.arn}:{version}"
    assert record["responseContext"]["executedVersion"] == version
    assert inbox.is_empty()


def test_events_that_wait_when_the_cloud_stops_are_delivered_when_it_starts(home: Path) -> None:
    cloud = ensure_running(home, quiet)
    recorder = Recorder(cloud)
    functions = client(cloud, "lambda")
    functions.put_function_concurrency(FunctionName=recorder.name, ReservedConcurrentExecutions=1)
    slow = unique("slow")
    make_function(cloud, slow, "import time\ndef handler(e, c): time.sleep(2)", Timeout=9)
    functions.put_function_event_invoke_config(
        FunctionName=slow, DestinationConfig={"OnSuccess": {"Destination": recorder.arn}}
    )
    functions.invoke(FunctionName=slow, InvocationType="Event", Payload=b'{"kept": true}')
    stop(home)
    recorder.cloud = ensure_running(home, quiet)
    (record,) = recorder.wait()
    assert record["requestPayload"] == {"kept": True}
    wait_until(lambda: len(recorder.calls()) == 1)


def test_waiting_events_can_change_while_a_snapshot_is_made() -> None:
    waiting = WaitingEvents()
    events = [WaitingEvent(str(number), "arn", b"{}", 0.0) for number in range(1000)]
    done = threading.Event()

    def change() -> None:
        while not done.is_set():
            for event in events:
                waiting.add(event)
            for event in events:
                waiting.discard(event)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        copies = [pickle.loads(pickle.dumps(waiting)).all() for _ in range(200)]
    finally:
        done.set()
        thread.join()
    assert any(copies)


def test_an_alias_that_is_gone_cannot_be_invoked(cloud: CloudStatus) -> None:
    recorder = Recorder(cloud)
    with pytest.raises(ClientError) as missing:
        send(recorder, {}, Qualifier="gone")
    assert error_of(missing.value) == (404, "ResourceNotFoundException")
