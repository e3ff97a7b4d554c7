"""What is in the cloud beside the app, and what it had delivered, in the console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.local.console.browser import chromium
from tests.local.events.program import Live, living
from tests.local.program import make_project

APP = """
from chalice import Chalice

app = Chalice(app_name="demo")

@app.on_s3_event("seen", prefix="in/")
def made(event):
    print("saw", event.key)
    if event.key == "in/bad":
        raise ValueError("no good")

@app.on_sqs_message("slow", batch_size=10, maximum_batching_window_in_seconds=200)
def slow(event):
    pass
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("data")
    make_project(folder, APP)
    with living(folder, "--no-autoreload") as running:
        running.wait_until(lambda: "seen" in str(running.s3.list_buckets()))
        fill(running)
        yield running


def fill(live: Live) -> None:
    live.s3.put_object(Bucket="seen", Key="note.txt", Body=b"all is well")
    url = live.sqs.create_queue(QueueName="waiting")["QueueUrl"]
    live.sqs.send_message(QueueUrl=url, MessageBody="first")
    live.sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=600)
    dynamodb = live.aws("dynamodb")
    dynamodb.create_table(
        TableName="users",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"id": {"S": "ann"}, "age": {"N": "7"}, "tags": {"L": [{"S": "x"}, {"NULL": True}]}}
    dynamodb.put_item(TableName="users", Item=item)
    sns = live.aws("sns")
    arn = sns.create_topic(Name="news")["TopicArn"]
    queue = "arn:aws:sqs:us-east-1:123456789012:waiting"
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)
    kinesis = live.aws("kinesis")
    kinesis.create_stream(StreamName="clicks", ShardCount=1)
    kinesis.put_record(StreamName="clicks", PartitionKey="p", Data=b"here")


def asked(live: Live, path: str) -> Any:
    answer = live.program.get(f"/_chalice/api/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_everything_there_is_is_listed(live: Live) -> None:
    found = {(each["kind"], each["name"]): each["facts"] for each in asked(live, "data")}
    assert found["queue", "waiting"] == {"ready": "1", "in flight": "0", "delayed": "1"}
    assert found["table", "users"] == {"stored": "1", "key": "id"}
    assert {("bucket", "seen"), ("topic", "news"), ("stream", "clicks")} <= set(found)


def test_messages_are_seen_and_stay(live: Live) -> None:
    for _ in range(3):
        first, later = asked(live, "data/queue?name=waiting")
    assert (first["text"], first["facts"]["state"]) == ("first", "ready")
    assert (later["text"], later["facts"]["state"]) == ("later", "delayed")
    url = live.queue("waiting")
    received = live.sqs.receive_message(
        QueueUrl=url, AttributeNames=["All"], VisibilityTimeout=600
    )["Messages"]
    assert received[0]["Attributes"]["ApproximateReceiveCount"] == "1"
    assert asked(live, "data/queue?name=waiting")[0]["facts"]["state"] == "in flight"
    live.sqs.change_message_visibility(
        QueueUrl=url, ReceiptHandle=received[0]["ReceiptHandle"], VisibilityTimeout=0
    )


@pytest.mark.parametrize(
    ("place", "name", "text"),
    [
        ("bucket?name=seen", "note.txt", "all is well"),
        ("table?name=users", "ann", '"age": 7'),
        ("topic?name=news", "arn:aws:sqs:us-east-1:123456789012:waiting", None),
    ],
)
def test_the_first_of_what_there_is_is_shown(
    live: Live, place: str, name: str, text: str | None
) -> None:
    (item,) = [each for each in asked(live, f"data/{place}") if each["name"] == name]
    assert item["text"] is None if text is None else text in item["text"]


def test_records_of_streams_are_shown(live: Live) -> None:
    (record,) = asked(live, "data/stream?name=clicks")
    assert (record["text"], record["facts"]["partition"]) == ("here", "p")


def test_what_is_not_there_is_told(live: Live) -> None:
    for place in ("queue?name=none", "bucket?name=none", "table?name=none", "topic?name=none"):
        answer = live.program.get(f"/_chalice/api/data/{place}")
        assert answer.status_code == 400, (place, answer.text)
        assert "none" in answer.json()["error"] or "not" in answer.json()["error"]


def test_an_event_that_was_delivered_is_in_the_list(live: Live) -> None:
    live.s3.put_object(Bucket="seen", Key="in/bad", Body=b"1")
    live.wait_until(lambda: bool(failed(live)))
    (summary, *_) = failed(live)
    detail = asked(live, f"exchanges/{summary['id']}")
    (invocation,) = detail["invocations"]
    assert invocation["event"]["Records"][0]["s3"]["object"]["key"] == "in/bad"
    assert "saw in/bad" in str(detail)
    assert "no good" in str(detail)


def failed(live: Live) -> list[Any]:
    return [
        each
        for each in asked(live, "exchanges")
        if "made" in str(each) and "in/bad" in str(asked(live, f"exchanges/{each['id']}"))
    ]


def test_the_page_shows_it(live: Live, tmp_path: Path) -> None:
    base = str(live.program.client.base_url).rstrip("/")
    with chromium(tmp_path) as page:
        page.open(f"{base}/_chalice/#/data/queue/waiting")
        page.wait_for_text("first")
        page.wait_for_text("delayed")
        page.open(f"{base}/_chalice/#/data/table/users")
        page.wait_for_text('"age": 7')


def test_the_cloud_itself_keeps_pages_out(live: Live) -> None:
    answer = httpx.get(
        f"{live.url}/_chalice/messages?queue=waiting",
        headers={"Origin": "https://elsewhere.example"},
        trust_env=False,
    )
    assert answer.status_code == 403
