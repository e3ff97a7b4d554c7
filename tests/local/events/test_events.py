"""Events of an embedded cloud reach the handlers of `chalice local --aws`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import httpx
import pytest

from tests.local.events.program import ACCOUNT, Live, living
from tests.local.program import make_project, write

APP = """
import json
import os
import time

import boto3
from chalice import Chalice

from notes import note

app = Chalice(app_name="demo")
lambda_ = boto3.client("lambda")

@app.on_s3_event("seen", events=["s3:ObjectCreated:*"], prefix="in/", suffix=".txt")
def object_made(event):
    note("s3", event.key)

@app.on_sqs_message("work", batch_size=10)
def work(event):
    for record in event:
        note(f"sqs/{record.body}", os.getpid())

@app.on_sqs_message("each.fifo", each=True)
def one(record):
    if record.body == "bad":
        raise ValueError("so bad")
    note(f"each/{record.body}", 1)

@app.on_sqs_message(
    "doubts", each=True, filters=[{"body": {"kind": ["order"]}}],
    batch_size=10, maximum_batching_window_in_seconds=1,
)
def doubtful(record):
    if json.loads(record.body)["name"] == "bad":
        raise ValueError("so bad")
    note("doubts", json.loads(record.body)["name"])

@app.on_sns_message("news")
def news(event):
    note("sns", [event.message, event.subject])

@app.on_kinesis_record("clicks", starting_position="TRIM_HORIZON")
def click(event):
    note("kinesis", [record.data.decode() for record in event])

@app.on_dynamodb_record(
    "arn:aws:dynamodb:eu-west-1:999999999999:table/things/stream/2020-01-01T00:00:00.000",
    starting_position="TRIM_HORIZON",
)
def change(event):
    note("dynamodb", [[record.event_name, record.new_image] for record in event])

@app.on_cw_event({"source": ["shop"]}, event_bus="shop")
def ordered(event):
    note("events", event.detail)

@app.schedule("rate(1 hour)", description="by the hour")
def hourly(event):
    note("schedule", event.source)

@app.lambda_function()
def pure(event, context):
    if event == "fail":
        raise ValueError("so bad")
    if event == "sleep":
        time.sleep(3)
    if event == "debug":
        import bdb
        time.sleep(1.3)
    if event == "note":
        note("pure", [context.aws_request_id, context.invoked_function_arn])
    return {"event": event, "name": context.function_name, "pid": os.getpid()}

@app.route("/sibling")
def sibling():
    answer = lambda_.invoke(FunctionName="demo-dev-pure", Payload=b'{"a": 1}')
    return {**json.load(answer["Payload"]), "own": os.getpid()}

@app.route("/environment")
def environment():
    credentials = boto3.Session().get_credentials()
    return {
        "key": credentials.access_key, "token": credentials.token,
        "urls": [boto3.client(each).meta.endpoint_url for each in ("s3", "sts", "dynamodb")],
        "colour": os.environ["COLOUR"], "region": boto3.client("s3").meta.region_name,
    }
"""
NOTES = """
import json

import boto3

s3 = boto3.client("s3")

def note(key, value):
    s3.put_object(Bucket="seen", Key=key, Body=json.dumps(value))
"""
CONFIG = '{"environment_variables": {"COLOUR": "blue"}, "lambda_timeout": 1}'
ACCOUNTS = {
    "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_SESSION_TOKEN": "real",
    "AWS_PROFILE": "work",
    "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = make_project(tmp_path_factory.mktemp("demo"), APP, CONFIG)
    write(folder, "notes.py", NOTES)
    with living(folder, **ACCOUNTS) as live:
        yield live


def test_what_triggers_name_is_made_and_said(live: Live) -> None:
    said = live.program.err
    said.wait_for("hourly runs at rate(1 hour)")
    for line in (
        "created bucket `seen`",
        "created queue `work`",
        "created queue `each.fifo`",
        "created topic `news`",
        "created stream `clicks` with one shard",
        "created table `things` with the key `id`, a string, and a stream",
        "created event bus `shop`",
        "object_made gets s3:ObjectCreated:* of bucket `seen`",
        "work gets the messages of queue `work`",
        "news gets the messages of topic `news`",
        "click gets the records of stream `clicks`",
        "change gets the changes of table `things`",
        "ordered gets events of bus `shop` that match its pattern",
    ):
        assert f"{line}\n" in said.text


def test_every_source_reaches_its_handler_in_this_process(live: Live) -> None:
    live.s3.put_object(Bucket="seen", Key="in/a.txt", Body=b"")
    live.send("work", "hello")
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:news"
    live.aws("sns").publish(TopicArn=topic, Message="hear", Subject="this")
    live.aws("kinesis").put_record(StreamName="clicks", Data=b"click", PartitionKey="k")
    live.aws("dynamodb").put_item(TableName="things", Item={"id": {"S": "1"}})
    entry = {"Source": "shop", "DetailType": "order", "Detail": "[1]", "EventBusName": "shop"}
    live.aws("events").put_events(Entries=[{**entry, "Detail": '{"number": 1}'}])
    assert live.seen("s3") == "in/a.txt"
    assert live.seen("sqs/hello") == live.program.process.pid
    assert live.seen("sns") == ["hear", "this"]
    assert live.seen("kinesis") == ["click"]
    assert live.seen("dynamodb") == [["INSERT", {"id": {"S": "1"}}]]
    assert live.seen("events") == {"number": 1}
    live.program.err.wait_for("change: 1 record of aws:dynamodb, done in ")


def test_a_schedule_fires_when_asked_to_and_a_one_time_schedule_at_its_time(live: Live) -> None:
    fired = httpx.post(
        f"{live.url}/_chalice/fire?rule=demo-dev-hourly-event", trust_env=False, timeout=30
    )
    assert fired.status_code == 200
    assert live.seen("schedule") == "aws.events"
    at = datetime.now(timezone.utc) + timedelta(seconds=2)
    live.aws("scheduler").create_schedule(
        Name="once",
        ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:demo-dev-pure",
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/demo-dev-local",
            "Input": '"note"',
        },
    )
    assert live.seen("pure")[1].endswith(":function:demo-dev-pure")
    assert abs(time.time() - at.timestamp()) < 5


def test_records_that_fail_come_again_alone_and_end_in_the_dead_letter_queue(live: Live) -> None:
    url = live.queue("doubts")
    dead = live.sqs.create_queue(QueueName="dead")["QueueUrl"]
    policy = {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:dead", "maxReceiveCount": 2}
    live.sqs.set_queue_attributes(
        QueueUrl=url,
        Attributes={"VisibilityTimeout": "2", "RedrivePolicy": json.dumps(policy)},
    )
    messages = [{"kind": "order", "name": "bad"}, {"kind": "order", "name": "good"}, {"kind": "x"}]
    live.sqs.send_message_batch(
        QueueUrl=url,
        Entries=[
            {"Id": str(number), "MessageBody": json.dumps(each)}
            for number, each in enumerate(messages)
        ],
    )
    assert live.seen("doubts") == "good"
    said = live.program.err
    live.wait_until(lambda: "doubtful: 2 records of aws:sqs, done but for 1 in " in said.text)
    live.wait_until(lambda: "doubtful: 1 record of aws:sqs, done but for 1 in " in said.text)
    received = live.sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=10)["Messages"]
    assert json.loads(received[0]["Body"])["name"] == "bad"
    left = live.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert left["ApproximateNumberOfMessages"] == "0"


def test_the_handlers_of_a_fifo_queue_keep_its_order(live: Live) -> None:
    url = live.queue("each.fifo")
    for number in range(3):
        live.sqs.send_message(QueueUrl=url, MessageBody=str(number), MessageGroupId="a")
    assert [live.seen(f"each/{number}") for number in range(3)] == [1, 1, 1]


def test_a_function_that_is_invoked_runs_in_this_process(live: Live) -> None:
    answer = live.program.get("/sibling").json()
    assert answer == {
        "event": {"a": 1},
        "name": "demo-dev-pure",
        "pid": live.program.process.pid,
        "own": live.program.process.pid,
    }


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ("fail", {"errorType": "ValueError", "errorMessage": "so bad"}),
        (
            "sleep",
            {
                "errorType": "Sandbox.Timedout",
                "errorMessage": "Error: Task timed out after 1.00 seconds",
            },
        ),
    ],
)
def test_it_fails_as_on_lambda(live: Live, event: str, error: dict[str, str]) -> None:
    answer = live.aws("lambda").invoke(FunctionName="demo-dev-pure", Payload=json.dumps(event))
    assert answer["FunctionError"] == "Unhandled"
    payload = json.load(answer["Payload"])
    assert error.items() <= payload.items()


def test_the_routes_are_a_function_too(live: Live) -> None:
    event = {
        "httpMethod": "GET",
        "resource": "/environment",
        "requestContext": {"httpMethod": "GET", "resourcePath": "/environment"},
        **dict.fromkeys(
            ("pathParameters", "headers", "multiValueQueryStringParameters", "stageVariables")
        ),
        "body": None,
        "isBase64Encoded": False,
        "headers": {},
    }
    answer = live.aws("lambda").invoke(FunctionName="demo-dev", Payload=json.dumps(event))
    assert json.load(answer["Payload"])["statusCode"] == 200


def test_accounts_of_the_user_are_out_of_reach(live: Live) -> None:
    assert live.program.get("/environment").json() == {
        "key": "local",
        "token": None,
        "urls": [live.url] * 3,
        "colour": "blue",
        "region": "us-east-1",
    }


def test_what_is_saved_has_other_triggers_at_once(live: Live) -> None:
    live.send("work", "before")
    assert live.seen("sqs/before")
    more = APP.replace('"work", batch_size=10', '"later"').replace('f"sqs/{', 'f"later/{')
    began = time.monotonic()
    write(live.folder, "app.py", more)
    live.program.err.wait_for("created queue `later`")
    live.program.err.wait_for("work gets the messages of queue `later`")
    assert time.monotonic() - began < 10
    live.send("work", "nobody")
    live.send("later", "hello")
    assert live.seen("later/hello") == live.program.process.pid
    asked = live.sqs.get_queue_attributes(QueueUrl=live.queue("work"), AttributeNames=["All"])
    assert asked["Attributes"]["ApproximateNumberOfMessages"] == "1"
    write(live.folder, "app.py", APP)
    assert live.seen("sqs/nobody") == live.program.process.pid


def test_triggers_that_are_wrong_are_shown_and_the_old_ones_stay(live: Live) -> None:
    write(live.folder, "app.py", APP.replace('"rate(1 hour)"', '"every hour"'))
    live.program.err.wait_for("error: `every hour` is no schedule")
    live.send("work", "still")
    assert live.seen("sqs/still")
    write(live.folder, "app.py", APP)
    live.program.out.wait_for("Serving what app.py says now")


def test_a_handler_that_is_debugged_may_take_its_time(live: Live) -> None:
    answer = live.aws("lambda").invoke(FunctionName="demo-dev-pure", Payload=b'"debug"')
    assert json.load(answer["Payload"])["event"] == "debug"


def test_data_stays_and_nothing_runs_once_it_has_ended(live: Live) -> None:
    pid = live.cloud_pid
    assert live.program.interrupt() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    folder = live.folder
    before = live.url
    with living(folder) as again:
        assert again.url == before
        again.send("work", "again")
        assert again.seen("sqs/again") == again.program.process.pid
        assert {"sqs/hello", "sns", "dynamodb"} <= again.notes()
        again.program.err.wait_for("hourly runs at rate(1 hour)")
        assert "created" not in again.program.err.text
        assert "1 record of aws:dynamodb" not in again.program.err.text


def test_git_does_not_see_the_data(live: Live) -> None:
    assert (live.folder / ".chalice/local-aws/.gitignore").read_text() == "*\n"
