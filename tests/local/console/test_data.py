"""The console of `chalice local --aws`: events that were delivered, and what the cloud holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.local.console.browser import chromium
from tests.local.console.lab import read
from tests.local.events.program import Live, living
from tests.local.program import make_project

APP = """
from chalice import Chalice, Rate

app = Chalice(app_name="shop")

@app.route("/")
def index():
    return {}

@app.on_sqs_message(queue="orders")
def ship(event):
    for record in event:
        print("shipping", record.body)
        if record.body == "lost":
            raise LookupError("lost at sea")

@app.on_s3_event(bucket="parcels", prefix="in/")
def unpack(event):
    return None

@app.on_sns_message(topic="news")
def hear(event):
    return None

@app.on_dynamodb_record(stream_arn="arn:aws:dynamodb:us-east-1:123456789012:table/stock/stream/x")
def counted(event):
    return None

@app.on_kinesis_record(stream="clicks")
def clicked(event):
    return None

@app.schedule(Rate(1, unit=Rate.HOURS))
def hourly(event):
    return None
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with living(make_project(tmp_path_factory.mktemp("shop"), APP)) as live:
        live.wait_until(lambda: "hourly runs at" in live.program.err.text + live.program.out.text)
        live.sqs.create_queue(QueueName="plain")
        live.send("plain", json.dumps({"number": 7}))
        live.s3.put_object(Bucket="parcels", Key="note.txt", Body="grüezi".encode())
        live.s3.put_object(Bucket="parcels", Key="picture", Body=bytes(range(256)))
        live.aws("dynamodb").put_item(
            TableName="stock",
            Item={
                "id": {"S": "pen"},
                "count": {"N": "3"},
                "price": {"N": "0.10"},
                "tags": {"L": [{"S": "blue"}, {"NULL": True}, {"BOOL": True}]},
            },
        )
        live.aws("kinesis").put_record(StreamName="clicks", Data=b"click", PartitionKey="ann")
        yield live


def stores(live: Live) -> dict[tuple[str, str], Any]:
    return {(each["kind"], each["name"]): each["facts"] for each in read(live.program, "data")}


def items(live: Live, kind: str, name: str) -> list[Any]:
    found: list[Any] = read(live.program, f"data/{kind}?name={name}")
    return found


def events(live: Live, handler: str) -> list[Any]:
    """Return the events of a handler that have ended."""
    found = read(live.program, "exchanges")
    return [each for each in found if each["path"] == handler and each["ms"] is not None]


def test_an_event_that_was_delivered_is_in_the_list(live: Live) -> None:
    live.send("orders", "a pen")
    live.wait_until(lambda: any(e["state"] == "done" for e in events(live, "ship")))
    found = next(each for each in events(live, "ship") if each["state"] == "done")
    assert (found["kind"], found["node"], found["method"]) == (
        "invocation",
        "handler:ship",
        "EVENT",
    )
    detail = read(live.program, f"exchanges/{found['id']}")
    (invocation,) = detail["invocations"]
    assert invocation["event"]["Records"][0]["body"] == "a pen"
    assert (invocation["result"], invocation["error"]) == ("null", None)
    assert invocation["ms"] > 0
    assert [line["text"] for line in detail["lines"]] == ["shipping a pen"]


def test_an_event_that_failed_has_its_stack(live: Live) -> None:
    live.send("orders", "lost")
    live.wait_until(lambda: any(e["state"] == "failed" for e in events(live, "ship")))
    found = next(each for each in events(live, "ship") if each["state"] == "failed")
    detail = read(live.program, f"exchanges/{found['id']}")
    (stack,) = [line["stack"] for line in detail["lines"] if line["stack"]]
    assert "lost at sea" in stack[0]["message"]
    (own,) = [frame for frame in stack[0]["frames"] if frame["own"]]
    assert (own["file"], own["function"]) == ("app.py", "ship")


def test_a_function_takes_any_json(live: Live) -> None:
    name = "demo-dev-hear"
    live.aws("lambda").invoke(FunctionName=name, Payload=b'"text with a body"')
    live.wait_until(lambda: bool(events(live, "hear")))
    detail = read(live.program, f"exchanges/{events(live, 'hear')[-1]['id']}")
    assert detail["invocations"][0]["event"] == "text with a body"


def test_all_that_holds_data_is_listed(live: Live) -> None:
    found = stores(live)
    assert found["queue", "plain"] == {"ready": "1"}
    assert found["table", "stock"]["items"] == "1"
    assert found["table", "stock"]["key"] == "id"
    assert found["bucket", "parcels"] == {"objects": "2"}
    assert found["topic", "news"] == {"subscriptions": "1"}
    assert found["stream", "clicks"]["status"] == "ACTIVE"
    assert found["rule", "demo-dev-hourly-event"]["schedule"] == "rate(1 hour)"


def test_looking_at_messages_leaves_them_as_they_are(live: Live) -> None:
    for _ in range(3):
        (message,) = items(live, "queue", "plain")
        assert message["facts"]["state"] == "ready"
        assert message["facts"]["received"] == "never"
        assert json.loads(message["text"]) == {"number": 7}
    (received,) = live.sqs.receive_message(
        QueueUrl=live.queue("plain"), AttributeNames=["All"], VisibilityTimeout=1
    )["Messages"]
    assert received["Attributes"]["ApproximateReceiveCount"] == "1"
    (message,) = items(live, "queue", "plain")
    assert message["facts"]["state"] == "in flight"
    assert message["facts"]["received"] == "once"
    live.sqs.change_message_visibility(
        QueueUrl=live.queue("plain"), ReceiptHandle=received["ReceiptHandle"], VisibilityTimeout=0
    )


def test_a_hundred_messages_are_shown_at_most(live: Live) -> None:
    url = live.sqs.create_queue(QueueName="many")["QueueUrl"]
    for batch in range(11):
        entries = [{"Id": str(each), "MessageBody": f"{batch}-{each}"} for each in range(10)]
        live.sqs.send_message_batch(QueueUrl=url, Entries=entries)
    found = items(live, "queue", "many")
    assert len(found) == 100
    assert found[0]["text"] == "0-0"


def test_objects_items_records_and_who_is_told_are_shown(live: Live) -> None:
    objects = {each["name"]: each for each in items(live, "bucket", "parcels")}
    assert objects["note.txt"]["text"] == "grüezi"
    assert objects["picture"]["text"] is None
    assert objects["picture"]["facts"]["bytes"] == "256"
    (item,) = items(live, "table", "stock")
    assert item["name"] == "pen"
    assert json.loads(item["text"]) == {
        "id": "pen",
        "count": 3,
        "price": "0.10",
        "tags": ["blue", None, True],
    }
    (record,) = items(live, "stream", "clicks")
    assert (record["text"], record["facts"]["partition key"]) == ("click", "ann")
    (subscription,) = items(live, "topic", "news")
    assert subscription["name"].endswith(":demo-dev-hear")
    (target,) = items(live, "rule", "demo-dev-hourly-event")
    assert target["name"].endswith(":demo-dev-hourly")


@pytest.mark.parametrize("kind", ["queue", "bucket", "table", "stream", "rule"])
def test_what_is_gone_is_said_to_be(kind: str, live: Live) -> None:
    answer = live.program.get(f"/_chalice/api/data/{kind}?name=nobody")
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_only_programs_of_this_machine_look_into_queues(live: Live) -> None:
    url = f"{live.url}/_chalice/messages?queue=plain"
    assert httpx.get(url, trust_env=False).status_code == 200
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        assert httpx.get(url, headers=headers, trust_env=False).status_code == 403


def test_the_data_is_shown_in_a_browser(live: Live, tmp_path: Path) -> None:
    with chromium(tmp_path) as page:
        page.open(f"{live.program.url}/_chalice/#/data")
        page.wait_for_text("plain", ".list")
        for kind, name, said in (
            ("queue", "plain", '"number": 7'),
            ("bucket", "parcels", "grüezi"),
            ("table", "stock", '"id": "pen"'),
            ("topic", "news", "demo-dev-hear"),
            ("stream", "clicks", "ann"),
        ):
            page.click(f'a[href="#/data/{kind}/{name}"]')
            page.wait_for_text(said, ".detail")
        live.send("plain", "another")
        page.click('a[href="#/data/queue/plain"]')
        page.wait_for_text("another", ".detail")
        assert page.complaints == []
        own = (live.program.url, live.program.url.replace("http", "ws"))
        assert all(url.startswith((*own, "about:")) for url in page.urls), page.urls
