"""Streams that functions are mapped to: Kinesis and DynamoDB."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, unique
from tests.cloud.delivery.lab import Seen, connect, make_queue, subject
from tests.cloud.waiting import wait_until

ACCOUNT = "123456789012"
TEXT = 'def text(record):\n    return base64.b64decode(record["kinesis"]["data"]).decode()\n'
HELPERS = f"import base64\n{TEXT}"
FAIL_BAD = 'assert not any("bad" in text(record) for record in records)'
REPORT_BAD = """
failed = [r["kinesis"]["sequenceNumber"] for r in records if "bad" in text(r)]
return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
"""


def make_stream(cloud: CloudStatus, shards: int = 1) -> tuple[str, str]:
    name = unique("stream")
    client(cloud, "kinesis").create_stream(StreamName=name, ShardCount=shards)
    return name, f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{name}"


def put(cloud: CloudStatus, stream: str, *texts: str, key: str = "k") -> list[dict[str, Any]]:
    records = [{"Data": text.encode(), "PartitionKey": key} for text in texts]
    put = client(cloud, "kinesis").put_records(StreamName=stream, Records=records)
    found: list[dict[str, Any]] = put["Records"]
    return found


def texts(seen: Seen) -> list[str]:
    return [base64.b64decode(each["kinesis"]["data"]).decode() for each in seen.records]


def all_texts(seen: Sequence[Seen]) -> list[str]:
    return [text for each in seen for text in texts(each)]


def test_a_record_arrives_as_aws_shapes_it(cloud: CloudStatus) -> None:
    stream, arn = make_stream(cloud)
    function = subject(cloud)
    connect(cloud, arn, function, StartingPosition="LATEST")
    began = time.time()
    (sent,) = put(cloud, stream, "hello", key="mine")
    (record,) = function.wait_for(1)[0].records
    number = sent["SequenceNumber"]
    assert len(number) == 56
    assert number.startswith("49")
    arrived = record["kinesis"].pop("approximateArrivalTimestamp")
    assert began - 1 < arrived < time.time() + 1
    role = client(cloud, "lambda").get_function_configuration(FunctionName=function.name)["Role"]
    assert record == {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "mine",
            "sequenceNumber": number,
            "data": base64.b64encode(b"hello").decode(),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000000:{number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        "awsRegion": "us-east-1",
        "eventSourceARN": arn,
    }


@pytest.mark.parametrize(
    ("position", "expected"),
    [("TRIM_HORIZON", ["old", "new"]), ("LATEST", ["new"]), ("AT_TIMESTAMP", ["new"])],
)
def test_reading_begins_where_the_mapping_says(
    cloud: CloudStatus, position: str, expected: list[str]
) -> None:
    stream, arn = make_stream(cloud)
    put(cloud, stream, "old")
    settings: dict[str, Any] = {"StartingPosition": position}
    if position == "AT_TIMESTAMP":
        time.sleep(0.01)
        settings["StartingPositionTimestamp"] = time.time()
    function = subject(cloud)
    connect(cloud, arn, function, **settings)
    put(cloud, stream, "new")
    assert all_texts(function.wait_for_records(len(expected))) == expected


def test_each_shard_is_read_in_order_and_no_faster_than_the_function(cloud: CloudStatus) -> None:
    stream, arn = make_stream(cloud, shards=2)
    function = subject(cloud, "time.sleep(0.05)")
    for number in range(6):
        put(cloud, stream, f"a{number}", key="a")
        put(cloud, stream, f"b{number}", key="1")
    connect(cloud, arn, function, StartingPosition="TRIM_HORIZON", BatchSize=2)
    seen = function.wait_for_records(12)
    shards = {each.records[0]["eventID"].split(":")[0] for each in seen}
    assert len(shards) == 2
    for name in ("a", "b"):
        own = [each for each in seen if texts(each)[0][0] == name]
        assert all_texts(own) == [f"{name}{number}" for number in range(6)]
        assert all(a.ended <= b.began for a, b in pairwise(own))


def test_a_shard_is_read_in_parallel_by_key(cloud: CloudStatus) -> None:
    stream, arn = make_stream(cloud)
    function = subject(cloud, "time.sleep(0.2)", Timeout=3)
    for number in range(2):
        for key in "abcdef":
            put(cloud, stream, f"{key}{number}", key=key)
    settings = {"StartingPosition": "TRIM_HORIZON", "ParallelizationFactor": 4, "BatchSize": 1}
    connect(cloud, arn, function, **settings)
    seen = function.wait_for_records(12)
    assert any(a.ended > b.began for a, b in pairwise(seen))
    for key in "abcdef":
        assert [text for text in all_texts(seen) if text[0] == key] == [f"{key}0", f"{key}1"]


def test_a_failing_batch_blocks_its_shard_until_it_succeeds(
    cloud: CloudStatus, tmp_path: Path
) -> None:
    stream, arn = make_stream(cloud)
    flag = str(tmp_path / "flag")
    act = f"import os\nif not os.path.exists({flag!r}):\n    open({flag!r}, 'w')\n    assert False"
    function = subject(cloud, act)
    put(cloud, stream, "0", "1", "2")  # before anybody reads: two come as one batch
    connect(cloud, arn, function, StartingPosition="TRIM_HORIZON", BatchSize=2)
    assert [texts(each) for each in function.wait_for(3)] == [["0", "1"], ["0", "1"], ["2"]]


def test_a_batch_that_always_fails_is_halved_and_the_bad_record_told_of(
    cloud: CloudStatus,
) -> None:
    sqs = client(cloud, "sqs")
    url, queue_arn = make_queue(cloud)
    stream, arn = make_stream(cloud)
    function = subject(cloud, FAIL_BAD, HELPERS)
    put(cloud, stream, "0", "1")
    bad = put(cloud, stream, "bad")[0]["SequenceNumber"]
    put(cloud, stream, "3")
    connect(
        cloud,
        arn,
        function,
        StartingPosition="TRIM_HORIZON",
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": queue_arn}},
    )
    batches = [texts(each) for each in function.wait_for(6)]
    assert batches == [
        ["0", "1", "bad", "3"],
        ["0", "1"],
        ["bad", "3"],
        ["bad"],
        ["bad"],
        ["3"],
    ]
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    document = json.loads(message["Body"])
    context = document.pop("requestContext")
    assert context.pop("requestId")
    assert context == {
        "functionArn": function.arn,
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 2,
    }
    assert document["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert document["version"] == "1.0"
    info = document["KinesisBatchInfo"]
    first, last = (info.pop(f"approximateArrivalOf{each}Record") for each in ("First", "Last"))
    assert first == last < document["timestamp"]
    assert info == {
        "shardId": "shardId-000000000000",
        "startSequenceNumber": bad,
        "endSequenceNumber": bad,
        "batchSize": 1,
        "streamArn": arn,
    }


@pytest.mark.parametrize("service", ["sns", "s3"])
def test_a_topic_or_a_bucket_may_be_told_of_records_that_failed(
    cloud: CloudStatus, service: str
) -> None:
    sns, s3 = client(cloud, "sns"), client(cloud, "s3")
    sqs, bucket = client(cloud, "sqs"), unique("failed")
    url, queue_arn = make_queue(cloud)
    if service == "sns":
        destination = sns.create_topic(Name=bucket)["TopicArn"]
        sns.subscribe(TopicArn=destination, Protocol="sqs", Endpoint=queue_arn)
    else:
        s3.create_bucket(Bucket=bucket)
        destination = f"arn:aws:s3:::{bucket}"
    table, arn = make_table(cloud)
    function = subject(cloud, "assert False")
    uuid = connect(
        cloud,
        arn,
        function,
        StartingPosition="LATEST",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": destination}},
    )
    update(cloud, table, "a", "1")
    if service == "sns":
        (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
        document = json.loads(json.loads(message["Body"])["Message"])
    else:
        wait_until(lambda: s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1)
        key = s3.list_objects_v2(Bucket=bucket)["Contents"][0]["Key"]
        document = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        assert key.startswith(f"aws/lambda/{uuid}/shardId-")
        (record,) = json.loads(document["payload"])["Records"]
        assert record["dynamodb"]["Keys"] == {"id": {"S": "a"}}
    assert document["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert document["DDBStreamBatchInfo"]["streamArn"] == arn


def test_reading_goes_on_after_the_records_before_a_reported_failure(cloud: CloudStatus) -> None:
    stream, arn = make_stream(cloud)
    function = subject(cloud, REPORT_BAD, HELPERS)
    put(cloud, stream, "0", "bad", "2")
    connect(
        cloud,
        arn,
        function,
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    put(cloud, stream, "3")
    seen = function.wait_for_records(6)
    assert [texts(each)[0] for each in seen][:2] == ["0", "bad"]
    assert texts(seen[-1])[-1] == "3"


def test_a_window_gathers_records(cloud: CloudStatus) -> None:
    stream, arn = make_stream(cloud)
    function = subject(cloud)
    connect(cloud, arn, function, StartingPosition="LATEST", MaximumBatchingWindowInSeconds=1)
    for number in range(3):
        put(cloud, stream, str(number))
        time.sleep(0.05)
    assert texts(function.wait_for(1)[0]) == ["0", "1", "2"]


def test_records_that_no_filter_lets_through_are_skipped(cloud: CloudStatus) -> None:
    stream, arn = make_stream(cloud)
    function = subject(cloud)
    filters = [{"data": {"kind": ["a"]}}, {"partitionKey": ["special"]}]
    connect(
        cloud,
        arn,
        function,
        StartingPosition="LATEST",
        FilterCriteria={"Filters": [{"Pattern": json.dumps(each)} for each in filters]},
    )
    put(cloud, stream, '{"kind": "b"}', "no json", '{"kind": "a"}')
    put(cloud, stream, "anything", key="special")
    assert all_texts(function.wait_for_records(2)) == ['{"kind": "a"}', "anything"]


def test_the_halves_of_a_split_shard_are_read_after_it(cloud: CloudStatus) -> None:
    stream, arn = make_stream(cloud)
    function = subject(cloud, "time.sleep(0.05)")
    kinesis = client(cloud, "kinesis")
    put(cloud, stream, "0", "1", "2")
    kinesis.split_shard(
        StreamName=stream,
        ShardToSplit="shardId-000000000000",
        NewStartingHashKey=str(2**127),
    )
    after = put(cloud, stream, "3", "4")
    assert {each["ShardId"] for each in after} <= {"shardId-000000000001", "shardId-000000000002"}
    connect(cloud, arn, function, StartingPosition="TRIM_HORIZON", BatchSize=1)
    assert all_texts(function.wait_for_records(5)) == ["0", "1", "2", "3", "4"]
    kinesis.merge_shards(
        StreamName=stream,
        ShardToMerge="shardId-000000000001",
        AdjacentShardToMerge="shardId-000000000002",
    )
    assert put(cloud, stream, "5")[0]["ShardId"] == "shardId-000000000003"
    assert all_texts(function.wait_for_records(6))[-1] == "5"


def test_a_stream_that_is_made_anew_is_read_again(cloud: CloudStatus) -> None:
    stream, arn = make_stream(cloud)
    function = subject(cloud)
    connect(cloud, arn, function, StartingPosition="LATEST")
    put(cloud, stream, "0")
    function.wait_for(1)
    kinesis = client(cloud, "kinesis")
    kinesis.delete_stream(StreamName=stream)
    time.sleep(0.1)
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    put(cloud, stream, "1")
    assert all_texts(function.wait_for(2)) == ["0", "1"]


# DynamoDB.


def make_table(
    cloud: CloudStatus, view: str = "NEW_AND_OLD_IMAGES", region: str = "us-east-1"
) -> tuple[str, str]:
    name = unique("table")
    made = client(cloud, "dynamodb", region).create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
    )
    return name, made["TableDescription"]["LatestStreamArn"]


def update(cloud: CloudStatus, table: str, key: str, value: str) -> None:
    client(cloud, "dynamodb").update_item(
        TableName=table,
        Key={"id": {"S": key}},
        UpdateExpression="SET v = :v",
        ExpressionAttributeValues={":v": {"S": value}},
    )


def changes(seen: Sequence[Seen]) -> list[tuple[str, Any, Any]]:
    found = []
    for each in seen:
        for record in each.records:
            images = record["dynamodb"]
            found.append((record["eventName"], images.get("OldImage"), images.get("NewImage")))
    return found


def test_a_change_of_a_table_arrives_as_aws_shapes_it(cloud: CloudStatus) -> None:
    table, arn = make_table(cloud)
    function = subject(cloud)
    connect(cloud, arn, function, StartingPosition="LATEST")
    item = {"id": {"S": "a"}, "n": {"N": "1"}, "b": {"B": b"\x00"}, "l": {"L": [{"BOOL": True}]}}
    client(cloud, "dynamodb").put_item(TableName=table, Item=item)
    (record,) = function.wait_for(1)[0].records
    assert len(record.pop("eventID")) == 32
    change = record["dynamodb"]
    assert abs(change.pop("ApproximateCreationDateTime") - time.time()) < 60
    assert change.pop("SequenceNumber").isdigit()
    assert change.pop("SizeBytes") > 0
    assert record == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "Keys": {"id": {"S": "a"}},
            "NewImage": {**item, "b": {"B": "AA=="}},
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": arn,
    }


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
def test_each_change_is_told_once_with_the_images_that_were_asked_for(
    cloud: CloudStatus, view: str
) -> None:
    table, arn = make_table(cloud, view)
    function = subject(cloud)
    update(cloud, table, "a", "1")  # makes it
    update(cloud, table, "a", "1")  # changes nothing
    update(cloud, table, "a", "2")
    dynamodb = client(cloud, "dynamodb")
    dynamodb.delete_item(TableName=table, Key={"id": {"S": "a"}})
    dynamodb.delete_item(TableName=table, Key={"id": {"S": "a"}})
    connect(cloud, arn, function, StartingPosition="TRIM_HORIZON")
    one, two = ({"id": {"S": "a"}, "v": {"S": each}} for each in ("1", "2"))
    expected = [("INSERT", None, one), ("MODIFY", one, two), ("REMOVE", two, None)]
    seen = function.wait_for_records(3)
    assert changes(seen) == [
        (name, old if "OLD" in view else None, new if "NEW" in view else None)
        for name, old, new in expected
    ]
    numbers = [int(r["dynamodb"]["SequenceNumber"]) for each in seen for r in each.records]
    assert sorted(set(numbers)) == numbers


def test_a_transaction_that_fails_is_not_told_of(cloud: CloudStatus) -> None:
    table, arn = make_table(cloud)
    function = subject(cloud)
    connect(cloud, arn, function, StartingPosition="LATEST")
    dynamodb = client(cloud, "dynamodb")
    write = {"Put": {"TableName": table, "Item": {"id": {"S": "a"}}}}
    check = {
        "ConditionCheck": {
            "TableName": table,
            "Key": {"id": {"S": "x"}},
            "ConditionExpression": "attribute_exists(id)",
        }
    }
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=[write, check])
    dynamodb.transact_write_items(
        TransactItems=[write, {"Put": {"TableName": table, "Item": {"id": {"S": "b"}}}}]
    )
    seen = function.wait_for_records(2)
    assert [new["id"]["S"] for _, _, new in changes(seen)] == ["a", "b"]


def test_a_stream_that_is_ended_and_begun_anew_is_another(cloud: CloudStatus) -> None:
    table, arn = make_table(cloud)
    dynamodb = client(cloud, "dynamodb")
    dynamodb.update_table(TableName=table, StreamSpecification={"StreamEnabled": False})
    update(cloud, table, "a", "1")
    again = dynamodb.update_table(
        TableName=table,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]["LatestStreamArn"]
    assert again != arn
    function = subject(cloud)
    connect(cloud, again, function, StartingPosition="TRIM_HORIZON")
    update(cloud, table, "a", "2")
    assert [new["v"]["S"] for _, _, new in changes(function.wait_for(1))] == ["2"]


def test_changes_that_no_filter_lets_through_are_skipped(cloud: CloudStatus) -> None:
    table, arn = make_table(cloud)
    function = subject(cloud)
    pattern = {"eventName": ["MODIFY"], "dynamodb": {"NewImage": {"v": {"S": [{"prefix": "n"}]}}}}
    connect(
        cloud,
        arn,
        function,
        StartingPosition="LATEST",
        FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]},
    )
    for value in ("new", "other", "next"):
        update(cloud, table, "a", value)
    assert [new["v"]["S"] for _, _, new in changes(function.wait_for(1))] == ["next"]


def test_an_item_that_expires_is_told_of_as_removed_by_dynamodb(cloud: CloudStatus) -> None:
    table, arn = make_table(cloud)
    function = subject(cloud)
    connect(cloud, arn, function, StartingPosition="LATEST")
    dynamodb = client(cloud, "dynamodb")
    dynamodb.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"}
    )
    for name, until in (("old", time.time() - 5), ("new", time.time() + 3600)):
        item = {"id": {"S": name}, "until": {"N": str(int(until))}}
        dynamodb.put_item(TableName=table, Item=item)
    records = [record for seen in function.wait_for_records(3) for record in seen.records]
    removed = records[-1]
    assert (removed["eventName"], removed["dynamodb"]["Keys"]) == ("REMOVE", {"id": {"S": "old"}})
    assert removed["userIdentity"] == {
        "type": "Service",
        "principalId": "dynamodb.amazonaws.com",
    }
    left = dynamodb.scan(TableName=table)["Items"]
    assert [item["id"]["S"] for item in left] == ["new"]


def test_the_apis_of_streams_read_the_same_records(cloud: CloudStatus) -> None:
    stream, _ = make_stream(cloud)
    numbers = [each["SequenceNumber"] for each in put(cloud, stream, "0", "1", "2")]
    kinesis = client(cloud, "kinesis")
    iterator = kinesis.get_shard_iterator(
        StreamName=stream,
        ShardId="shardId-000000000000",
        ShardIteratorType="AFTER_SEQUENCE_NUMBER",
        StartingSequenceNumber=numbers[0],
    )["ShardIterator"]
    found = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert [(each["SequenceNumber"], each["Data"]) for each in found] == [
        (numbers[1], b"1"),
        (numbers[2], b"2"),
    ]

    table, arn = make_table(cloud)
    for value in ("1", "2"):
        update(cloud, table, "a", value)
    streams = client(cloud, "dynamodbstreams")
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    changed = streams.get_records(ShardIterator=iterator)["Records"]
    assert [each["eventName"] for each in changed] == ["INSERT", "MODIFY"]
    assert changed[1]["dynamodb"]["OldImage"] == {"id": {"S": "a"}, "v": {"S": "1"}}


def test_another_region_is_as_good(cloud: CloudStatus) -> None:
    table, arn = make_table(cloud, region="eu-central-1")
    function = subject(cloud, region="eu-central-1")
    client(cloud, "lambda", "eu-central-1").create_event_source_mapping(
        EventSourceArn=arn, FunctionName=function.name, StartingPosition="LATEST"
    )
    client(cloud, "dynamodb", "eu-central-1").put_item(TableName=table, Item={"id": {"S": "a"}})
    logs = client(cloud, "logs", "eu-central-1")
    found: list[str] = []

    def seen() -> bool:
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{function.name}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return False
        found[:] = [each["message"] for each in events if each["message"].startswith("SEEN")]
        return bool(found)

    wait_until(seen)
    record = json.loads(found[0][5:])["event"]["Records"][0]
    assert (record["awsRegion"], record["eventSourceARN"]) == ("eu-central-1", arn)
