"""How soon events reach functions on the embedded cloud, and how many of them do.

Latency is from before the call that causes an event to the start of the handler, one event after
the other, the function warm. Throughput is from a queue through a handler into a table.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from bench.deployed import Deployed, deployed

APP = """
import time

import boto3
from chalice import Chalice

app = Chalice(app_name="events")
table = boto3.resource("dynamodb").Table("done")


@app.route("/")
def index():
    return {}


def at(key):
    print(f"AT {key} {time.time()}")


@app.on_s3_event(bucket="bench")
def s3(event):
    at(event.key)


@app.on_sns_message(topic="bench")
def sns(event):
    at(event.message)


@app.on_sqs_message(queue="bench")
def sqs(event):
    for record in event:
        at(record.body)


@app.on_kinesis_record(stream="bench")
def kinesis(event):
    for record in event:
        at(record.data.decode())


@app.on_dynamodb_record(stream_arn="TABLE_STREAM")
def dynamodb(event):
    for record in event:
        at(record.keys["id"]["S"])


@app.on_cw_event({"source": ["bench"]})
def eventbridge(event):
    at(event.detail["key"])


@app.lambda_function()
def invoke(event, context):
    at(event)


@app.on_sqs_message(queue="work", batch_size=10)
def work(event):
    with table.batch_writer() as batch:
        for record in event:
            batch.put_item(Item={"id": record.body})
"""
PREFIX = "/aws/lambda/events-dev-"


def prepare(client: Callable[[str], Any]) -> str:
    """Make what the app listens to, and return the ARN of the table's stream."""
    client("s3").create_bucket(Bucket="bench")
    client("sns").create_topic(Name="bench")
    for name in ("bench", "work"):
        client("sqs").create_queue(QueueName=name, Attributes={"VisibilityTimeout": "60"})
    client("kinesis").create_stream(StreamName="bench", ShardCount=1)
    key = {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    client("dynamodb").create_table(TableName="done", **key)
    made = client("dynamodb").create_table(
        TableName="bench",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        **key,
    )
    stream: str = made["TableDescription"]["LatestStreamArn"]
    return stream


def senders(client: Callable[[str], Any]) -> Mapping[str, Callable[[str], Any]]:
    """Return what causes an event that carries a key, by the function that gets it."""
    s3, sns, sqs = client("s3"), client("sns"), client("sqs")
    kinesis, dynamodb, events = client("kinesis"), client("dynamodb"), client("events")
    invoker = client("lambda")
    topic = "arn:aws:sns:us-east-1:123456789012:bench"
    queue = sqs.get_queue_url(QueueName="bench")["QueueUrl"]

    def put_event(key: str) -> None:
        detail = json.dumps({"key": key})
        events.put_events(Entries=[{"Source": "bench", "DetailType": "t", "Detail": detail}])

    def invoke(key: str) -> None:
        payload = json.dumps(key).encode()
        name = "events-dev-invoke"
        invoker.invoke(FunctionName=name, InvocationType="Event", Payload=payload)

    return {
        "s3": lambda key: s3.put_object(Bucket="bench", Key=key, Body=b""),
        "sns": lambda key: sns.publish(TopicArn=topic, Message=key),
        "sqs": lambda key: sqs.send_message(QueueUrl=queue, MessageBody=key),
        "kinesis": lambda key: kinesis.put_record(
            StreamName="bench", Data=key.encode(), PartitionKey="k"
        ),
        "dynamodb": lambda key: dynamodb.put_item(TableName="bench", Item={"id": {"S": key}}),
        "eventbridge": put_event,
        "invoke": invoke,
    }


def starts(logs: Any, function: str) -> dict[str, float]:
    """Return when the handler started, in seconds since the epoch, by the key of the event."""
    found = {}
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=PREFIX + function):
        for event in page["events"]:
            if event["message"].startswith("AT "):
                _, key, at = event["message"].split()
                found[key] = float(at)
    return found


def arrivals(cloud: Deployed, function: str, keys: Collection[str]) -> dict[str, float]:
    """Return when the handler started for each of these keys, once it has for all of them."""
    logs = cloud.client("logs")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            began = starts(logs, function)
        except logs.exceptions.ResourceNotFoundException:
            began = {}
        if began.keys() >= set(keys):
            return began
        time.sleep(0.1)
    raise SystemExit(f"{function}: not all events arrived")


def latencies(
    cloud: Deployed, function: str, send: Callable[[str], Any], count: int
) -> list[float]:
    """Return milliseconds from each call to the handler, sorted; the function is warm."""
    send("first")
    arrivals(cloud, function, ["first"])
    sent = {}
    for number in range(count):
        key = f"key{number}"
        sent[key] = time.time()
        send(key)
        time.sleep(0.02)
    began = arrivals(cloud, function, sent)
    return sorted((began[key] - at) * 1000 for key, at in sent.items())


def rate(cloud: Deployed, count: int) -> float:
    """Return events a second from the queue through the handler into the table."""
    sqs, dynamodb = cloud.client("sqs"), cloud.client("dynamodb")
    queue = sqs.get_queue_url(QueueName="work")["QueueUrl"]

    def send(keys: list[str]) -> None:
        entries = [{"Id": str(i), "MessageBody": key} for i, key in enumerate(keys)]
        sqs.send_message_batch(QueueUrl=queue, Entries=entries)

    def stored() -> int:
        return int(dynamodb.scan(TableName="done", Select="COUNT")["Count"])

    send(["warm"])
    while not stored():
        time.sleep(0.05)
    began = time.perf_counter()
    for first in range(0, count, 10):
        send([f"job{number}" for number in range(first, first + 10)])
    while stored() <= count:
        time.sleep(0.1)
    return count / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer events, rougher numbers")
    count, jobs = (30, 300) if parser.parse_args().quick else (200, 3000)
    with deployed("events", APP, prepare) as cloud:
        for function, send in senders(cloud.client).items():
            times = latencies(cloud, function, send, count)
            p50, p99 = statistics.median(times), times[len(times) * 99 // 100]
            print(f"{function:12} call to handler  p50 {p50:7.1f} ms   p99 {p99:7.1f} ms")
        print(f"queue -> handler -> table {rate(cloud, jobs):9.0f} events/s")


if __name__ == "__main__":
    main()
