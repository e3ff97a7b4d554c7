"""Queues that functions are mapped to."""

from __future__ import annotations

import hashlib
import json
import time
from itertools import pairwise
from typing import Any

import pytest

from chalice.cloud import CloudStatus
from tests.cloud.aws import ECHO, client, make_zip
from tests.cloud.delivery.lab import connect, left_in, make_queue, subject
from tests.cloud.waiting import wait_until

FAIL_BAD = 'assert not any("bad" in record["body"] for record in records)'
REPORT_BAD = """
failed = [r["messageId"] for r in records if "bad" in r["body"]]
return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
"""
REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


@pytest.fixture
def sqs(cloud: CloudStatus) -> Any:
    return client(cloud, "sqs")


def send(sqs: Any, url: str, *bodies: str, group: str | None = None) -> None:
    for start in range(0, len(bodies), 10):
        entries = [
            {
                "Id": str(number),
                "MessageBody": body,
                **({"MessageGroupId": group, "MessageDeduplicationId": body} if group else {}),
            }
            for number, body in enumerate(bodies[start : start + 10])
        ]
        sent = sqs.send_message_batch(QueueUrl=url, Entries=entries)
        assert len(sent["Successful"]) == len(entries)


def test_a_message_arrives_as_aws_shapes_it_and_is_gone_then(cloud: CloudStatus, sqs: Any) -> None:
    url, arn = make_queue(cloud)
    function = subject(cloud)
    connect(cloud, arn, function)
    sent = sqs.send_message(
        QueueUrl=url,
        MessageBody="hello",
        MessageAttributes={
            "text": {"DataType": "String", "StringValue": "a"},
            "number": {"DataType": "Number", "StringValue": "5"},
            "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        },
    )
    (record,) = function.wait_for(1)[0].records
    assert record["receiptHandle"]
    attributes = record.pop("attributes")
    for name in ("SentTimestamp", "ApproximateFirstReceiveTimestamp"):
        assert abs(int(attributes.pop(name)) / 1000 - time.time()) < 60
    assert attributes.pop("SenderId").startswith("AIDA")
    assert attributes == {"ApproximateReceiveCount": "1"}
    del record["receiptHandle"]
    lists: dict[str, Any] = {"stringListValues": [], "binaryListValues": []}
    assert record == {
        "messageId": sent["MessageId"],
        "body": "hello",
        "messageAttributes": {
            "text": {"stringValue": "a", "dataType": "String", **lists},
            "number": {"stringValue": "5", "dataType": "Number", **lists},
            "bytes": {"binaryValue": "AP8=", "dataType": "Binary", **lists},
        },
        "md5OfBody": hashlib.md5(b"hello").hexdigest(),
        "md5OfMessageAttributes": sent["MD5OfMessageAttributes"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": "us-east-1",
    }
    wait_until(lambda: left_in(cloud, url) == 0)


def test_a_batch_is_no_larger_than_it_may_be(cloud: CloudStatus, sqs: Any) -> None:
    url, arn = make_queue(cloud)
    function = subject(cloud)
    send(sqs, url, *map(str, range(10)))
    connect(cloud, arn, function, BatchSize=4)
    seen = function.wait_for_records(10)
    assert max(len(each.records) for each in seen) == 4
    assert sorted(int(body) for each in seen for body in each.bodies) == list(range(10))


def test_a_window_gathers_messages(cloud: CloudStatus, sqs: Any) -> None:
    url, arn = make_queue(cloud)
    function = subject(cloud)
    connect(cloud, arn, function, BatchSize=20, MaximumBatchingWindowInSeconds=1)
    began = time.time()
    for number in range(4):
        send(sqs, url, str(number))
        time.sleep(0.1)
    (seen,) = function.wait_for(1)
    assert seen.bodies == ["0", "1", "2", "3"]
    assert 0.8 < seen.began - began < 10
    send(sqs, url, *map(str, range(20)))
    full = function.wait_for(2)[1]
    assert len(full.records) == 20


def test_a_failed_batch_comes_back_after_its_time_and_ends_as_dead_letters(
    cloud: CloudStatus, sqs: Any
) -> None:
    dead_url, dead_arn = make_queue(cloud)
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "2"})
    url, arn = make_queue(cloud, RedrivePolicy=redrive, VisibilityTimeout=1)
    function = subject(cloud, FAIL_BAD)
    send(sqs, url, "bad", "good")  # before anybody reads: they come as one batch
    connect(cloud, arn, function)
    found: list[Any] = []

    def dead() -> bool:
        received = sqs.receive_message(
            QueueUrl=dead_url, AttributeNames=["All"], MaxNumberOfMessages=10, VisibilityTimeout=60
        )
        found.extend(received.get("Messages", []))
        return len(found) == 2

    wait_until(dead)
    assert sorted(message["Body"] for message in found) == ["bad", "good"]
    first, second = function.seen()
    attributes = [each.records[0]["attributes"] for each in (first, second)]
    received = int(attributes[0]["ApproximateFirstReceiveTimestamp"]) / 1000
    assert second.began - received > 0.99
    assert [each["ApproximateReceiveCount"] for each in attributes] == ["1", "2"]
    assert left_in(cloud, url) == 0


def test_only_what_is_reported_as_failed_comes_back(cloud: CloudStatus, sqs: Any) -> None:
    url, arn = make_queue(cloud, VisibilityTimeout=1)
    function = subject(cloud, REPORT_BAD)
    connect(cloud, arn, function, **REPORTS)
    send(sqs, url, "a", "bad", "c")
    seen = function.wait_for_records(5)
    assert [body for each in seen for body in each.bodies].count("a") == 1
    assert [body for each in seen for body in each.bodies].count("c") == 1
    wait_until(lambda: left_in(cloud, url) == 1)


@pytest.mark.parametrize(
    "response",
    [
        '{"batchItemFailures": [{"itemIdentifier": ""}]}',
        '{"batchItemFailures": [{"itemIdentifier": None}]}',
        '{"batchItemFailures": [{"id": records[0]["messageId"]}]}',
        '{"batchItemFailures": [{"itemIdentifier": "unknown"}]}',
        '"nonsense"',
    ],
)
def test_a_report_that_is_none_fails_the_whole_batch(
    cloud: CloudStatus, sqs: Any, response: str
) -> None:
    url, arn = make_queue(cloud)
    function = subject(cloud, f"return {response}")
    send(sqs, url, "a", "b")
    uuid = connect(cloud, arn, function, **REPORTS)
    function.wait_for(1)
    client(cloud, "lambda").delete_event_source_mapping(UUID=uuid)
    assert left_in(cloud, url) == 2


def test_a_delayed_message_comes_when_its_time_has_come(cloud: CloudStatus, sqs: Any) -> None:
    url, arn = make_queue(cloud)
    function = subject(cloud)
    connect(cloud, arn, function)
    began = time.time()
    sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=1)
    (seen,) = function.wait_for(1)
    assert 0.95 < seen.began - began < 10


def test_messages_that_no_filter_lets_through_are_deleted(cloud: CloudStatus, sqs: Any) -> None:
    url, arn = make_queue(cloud)
    function = subject(cloud)
    patterns = [{"body": {"price": [{"numeric": [">", 5]}]}}, {"body": ["plain"]}]
    filters = {"Filters": [{"Pattern": json.dumps(each)} for each in patterns]}
    connect(cloud, arn, function, FilterCriteria=filters)
    send(sqs, url, '{"price": 9}', '{"price": 1}', "plain", "other", "[]", '{"price": 7}')
    seen = function.wait_for_records(3)
    bodies = [body for each in seen for body in each.bodies]
    assert sorted(bodies) == ["plain", '{"price": 7}', '{"price": 9}']
    wait_until(lambda: left_in(cloud, url) == 0)


def test_each_group_of_a_fifo_queue_is_in_order_and_beside_the_others(
    cloud: CloudStatus, sqs: Any
) -> None:
    url, arn = make_queue(cloud, fifo=True)
    function = subject(cloud, "time.sleep(0.2)")
    for group in ("x", "y", "z"):
        send(sqs, url, *(f"{group}{number}" for number in range(4)), group=group)
    connect(cloud, arn, function, BatchSize=2)
    seen = function.wait_for_records(12)
    for group in ("x", "y", "z"):
        own = [each for each in seen if each.bodies[0][0] == group]
        assert [body for each in own for body in each.bodies] == [f"{group}{n}" for n in range(4)]
        assert all(a.ended <= b.began for a, b in pairwise(own))
    assert any(a.ended > b.began for a, b in pairwise(seen))
    attributes = seen[0].records[0]["attributes"]
    assert len(attributes["SequenceNumber"]) == 20
    assert attributes["MessageGroupId"] == attributes["MessageDeduplicationId"][0]


def test_a_failed_message_blocks_its_group_alone(cloud: CloudStatus, sqs: Any) -> None:
    url, arn = make_queue(cloud, fifo=True, VisibilityTimeout=1)
    fail_once = (
        'first = records[0]["attributes"]["ApproximateReceiveCount"] == "1"\n'
        'assert not (first and records[0]["body"] == "x0")'
    )
    function = subject(cloud, fail_once)
    connect(cloud, arn, function, BatchSize=1)
    send(sqs, url, "x0", "x1", group="x")
    send(sqs, url, "y0", "y1", group="y")
    bodies = [each.bodies[0] for each in function.wait_for_records(5)]
    assert bodies[-2:] == ["x0", "x1"]
    assert sorted(bodies[:3]) == ["x0", "y0", "y1"]


def test_a_duplicate_is_dropped_though_the_first_was_dealt_with(
    cloud: CloudStatus, sqs: Any
) -> None:
    url, arn = make_queue(cloud, fifo=True)
    function = subject(cloud)
    connect(cloud, arn, function)
    send(sqs, url, "once", group="g")
    wait_until(lambda: left_in(cloud, url) == 0)
    send(sqs, url, "once", "end", group="g")
    seen = function.wait_for_records(2)
    assert [body for each in seen for body in each.bodies] == ["once", "end"]


def test_batches_run_at_the_same_time_as_far_as_the_mapping_lets_them(
    cloud: CloudStatus, sqs: Any
) -> None:
    def most_at_once(**settings: Any) -> int:
        url, arn = make_queue(cloud)
        function = subject(cloud, "time.sleep(0.4)")
        send(sqs, url, *map(str, range(8)))
        connect(cloud, arn, function, BatchSize=1, **settings)
        seen = function.wait_for(8)
        return max(
            sum(1 for other in seen if other.began <= each.began < other.ended) for each in seen
        )

    assert 3 <= most_at_once() <= 5
    assert most_at_once(ScalingConfig={"MaximumConcurrency": 2}) == 2


def test_a_throttled_function_gets_its_messages_later(cloud: CloudStatus, sqs: Any) -> None:
    url, arn = make_queue(cloud)
    function = subject(cloud, "time.sleep(0.1)")
    functions = client(cloud, "lambda")
    functions.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=1)
    send(sqs, url, *map(str, range(6)))
    connect(cloud, arn, function, BatchSize=1)
    seen = function.wait_for(6)
    assert all(a.ended <= b.began for a, b in pairwise(seen))
    wait_until(lambda: left_in(cloud, url) == 0)


def test_a_mapping_rests_while_it_is_disabled_or_something_is_missing(
    cloud: CloudStatus, sqs: Any
) -> None:
    url, arn = make_queue(cloud)
    function = subject(cloud)
    functions = client(cloud, "lambda")
    uuid = connect(cloud, arn, function, Enabled=False)
    send(sqs, url, "one")
    time.sleep(0.3)
    assert function.seen() == []
    functions.update_event_source_mapping(UUID=uuid, Enabled=True)
    function.wait_for(1)

    sqs.delete_queue(QueueUrl=url)
    time.sleep(0.2)
    name = arn.rpartition(":")[2]
    sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "1"})
    send(sqs, url, "two")
    assert function.wait_for(2)[1].bodies == ["two"]

    role = functions.get_function_configuration(FunctionName=function.name)["Role"]
    functions.delete_function(FunctionName=function.name)
    send(sqs, url, "three")
    time.sleep(0.3)
    assert left_in(cloud, url) == 1
    functions.create_function(
        FunctionName=function.name,
        Runtime="python3.12",
        Role=role,
        Handler="app.handler",
        Code={"ZipFile": make_zip(ECHO)},
        Timeout=1,
    )
    wait_until(lambda: left_in(cloud, url) == 0)


def test_a_deleted_mapping_reads_no_more(cloud: CloudStatus, sqs: Any) -> None:
    url, arn = make_queue(cloud)
    function = subject(cloud)
    uuid = connect(cloud, arn, function)
    send(sqs, url, "one")
    function.wait_for(1)
    client(cloud, "lambda").delete_event_source_mapping(UUID=uuid)
    send(sqs, url, "two")
    time.sleep(0.3)
    assert len(function.seen()) == 1
    assert left_in(cloud, url) == 1


def test_what_a_function_is_dealing_with_is_finished_though_the_mapping_is_deleted(
    cloud: CloudStatus, sqs: Any
) -> None:
    url, arn = make_queue(cloud)
    function = subject(cloud, "time.sleep(1)", Timeout=5)
    uuid = connect(cloud, arn, function)
    send(sqs, url, "one")
    names = ["ApproximateNumberOfMessagesNotVisible"]

    def taken() -> bool:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return bool(found[names[0]] == "1")

    wait_until(taken)
    client(cloud, "lambda").delete_event_source_mapping(UUID=uuid)
    wait_until(lambda: left_in(cloud, url) == 0)


def test_messages_stay_where_they_are_while_the_dead_letter_queue_is_gone(
    cloud: CloudStatus, sqs: Any
) -> None:
    dead_url, dead_arn = make_queue(cloud)
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "1"})
    url, _ = make_queue(cloud, RedrivePolicy=redrive)
    sqs.delete_queue(QueueUrl=dead_url)
    send(sqs, url, "kept")
    for _ in range(3):
        (message,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]
        assert message["Body"] == "kept"


def test_two_readers_never_get_the_same_message(cloud: CloudStatus, sqs: Any) -> None:
    url, arn = make_queue(cloud)
    function = subject(cloud)
    send(sqs, url, *map(str, range(60)))
    connect(cloud, arn, function, BatchSize=1)
    own: list[str] = []
    while left_in(cloud, url) > len(own):
        for message in sqs.receive_message(QueueUrl=url).get("Messages", []):
            own.append(message["Body"])
    theirs = [body for each in function.wait_for_records(60 - len(own)) for body in each.bodies]
    assert sorted(map(int, own + theirs)) == list(range(60))
