"""Every source of events: deployed by the real program, driven as other systems would, observed.

One app has a function for each source. ``settings.json`` beside it changes what its decorators
are given, without changing the code that is deployed: the file is not part of the bundle.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import botocore.session
import pytest

from tests.cloud.waiting import wait_until
from tests.e2e.project import Project

APP = """
import json
import pathlib

from chalice import Chalice

app = Chalice(app_name="wired")
path = pathlib.Path(__file__).with_name("settings.json")
given = json.loads(path.read_text()) if path.exists() else {}
table = given.get("table", "arn:aws:dynamodb:us-east-1:1:table/t/stream/1")


def seen(what):
    print("SEEN " + json.dumps(what))


def when(decorator, name, **arguments):
    if name in given.get("removed", ()):
        return lambda function: function
    return decorator(**{**arguments, **given.get(name, {})}, name=name)


@when(app.on_s3_event, "photo", bucket="photos", prefix="in/", suffix=".jpg")
def photo(event):
    seen([event.bucket, event.key])


@when(app.on_sns_message, "news", topic="news", filter_policy={"kind": ["urgent"]})
def news(event):
    seen([event.subject, event.message])


@when(app.on_sqs_message, "work", queue="work", batch_size=5)
def work(event):
    for record in event:
        seen(record.body)


@when(app.on_kinesis_record, "click", stream="clicks", starting_position="TRIM_HORIZON")
def click(event):
    for record in event:
        seen(record.data.decode())


@when(app.on_dynamodb_record, "change", stream_arn=table, starting_position="TRIM_HORIZON")
def change(event):
    for record in event:
        seen([record.event_name, record.new_image])


@when(app.on_cw_event, "ordered", event_pattern={"source": ["shop"]}, event_bus="orders")
def ordered(event):
    seen(event.detail)


@when(app.schedule, "tick", expression="rate(1 minute)", description="often")
def tick(event):
    seen(event.to_dict()["detail-type"])


@when(app.on_kafka, "kafka", topic="t", bootstrap_servers=["kafka:9092"])
def kafka(event):
    seen("kafka")
"""
TRIGGERS = ("photo", "news", "work", "click", "change", "ordered", "tick", "kafka")


class Account:
    """The embedded cloud's account: a client of each service, and what functions have seen."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self._session = botocore.session.Session()
        self._session.set_credentials("any", "thing")

    def __call__(self, service: str) -> Any:
        return self._session.create_client(
            service, region_name="us-east-1", endpoint_url=self._endpoint_url
        )

    def seen(self, function: str) -> list[Any]:
        """Return what the function of that name has seen, oldest first."""
        logs = self("logs")
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/wired-dev-{function}")
        except logs.exceptions.ResourceNotFoundException:
            return []
        messages = [event["message"] for event in events["events"]]
        return [json.loads(m.partition("SEEN ")[2]) for m in messages if "SEEN " in m]

    def wait_for(self, function: str, *expected: Any) -> None:
        """Wait until the function has seen just these things, in any order."""

        def key(items: Any) -> list[str]:
            return sorted(json.dumps(item, sort_keys=True) for item in items)

        wait_until(lambda: key(self.seen(function)) == key(expected))


class Wired:
    """The deployed app, and the settings it is deployed with."""

    def __init__(self, project: Project, account: Account, table: str) -> None:
        self.project = project
        self.account = account
        self.settings: dict[str, Any] = {"table": table}
        self.deploy()

    def write(self, **settings: Any) -> None:
        self.settings.update(settings)
        self.project.write("settings.json", json.dumps(self.settings))

    def deploy(self, **settings: Any) -> None:
        self.write(**settings)
        self.project.run("deploy", "--local")

    def plan(self, **settings: Any) -> list[str]:
        """Return the lines of a plan, without what stays as it is."""
        self.write(**settings)
        lines = self.project.run("plan", "--local").stdout.splitlines()
        return [line for line in lines if not line.startswith("  keep ")]

    def arn(self, function: str) -> str:
        return f"arn:aws:lambda:us-east-1:123456789012:function:wired-dev-{function}"


@pytest.fixture(scope="module")
def wired(new_project: Callable[[str], Project]) -> Iterator[Wired]:
    project = new_project("wired")
    project.write("app.py", APP)
    project.run("cloud", "start")
    account = Account(json.loads(project.run("cloud", "status", "--json").stdout)["endpoint_url"])
    account("s3").create_bucket(Bucket="photos")
    account("sns").create_topic(Name="news")
    account("sqs").create_queue(QueueName="work", Attributes={"VisibilityTimeout": "60"})
    account("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    account("events").create_event_bus(Name="orders")
    made = account("dynamodb").create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    yield Wired(project, account, made["TableDescription"]["LatestStreamArn"])
    project.run("delete", "--local", "-y")


def test_an_object_is_seen_if_its_key_fits(wired: Wired) -> None:
    for key in ("in/a b.jpg", "in/c.png", "out/d.jpg"):
        wired.account("s3").put_object(Bucket="photos", Key=key, Body=b"")
    wired.account.wait_for("photo", ["photos", "in/a b.jpg"])


def test_a_message_of_a_topic_is_seen_if_it_matches(wired: Wired) -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:news"
    for kind in ("dull", "urgent"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        wired.account("sns").publish(
            TopicArn=topic, Message=kind, Subject="now", MessageAttributes=attributes
        )
    wired.account.wait_for("news", ["now", "urgent"])


def test_messages_of_a_queue_are_seen_and_deleted(wired: Wired) -> None:
    sqs = wired.account("sqs")
    url = sqs.get_queue_url(QueueName="work")["QueueUrl"]
    entries = [{"Id": str(number), "MessageBody": f"job {number}"} for number in range(7)]
    sqs.send_message_batch(QueueUrl=url, Entries=entries)
    wired.account.wait_for("work", *(f"job {number}" for number in range(7)))
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def left() -> list[str]:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return [found[name] for name in names]

    wait_until(lambda: left() == ["0", "0"])


def test_records_of_a_stream_are_seen_in_order(wired: Wired) -> None:
    for number in range(5):
        wired.account("kinesis").put_record(
            StreamName="clicks", Data=str(number).encode(), PartitionKey="k"
        )
    wait_until(lambda: wired.account.seen("click") == ["0", "1", "2", "3", "4"])


def test_changes_of_a_table_are_seen_in_order(wired: Wired) -> None:
    dynamodb = wired.account("dynamodb")
    item = {"id": {"S": "1"}, "size": {"N": "7"}}
    dynamodb.put_item(TableName="things", Item=item)
    dynamodb.delete_item(TableName="things", Key={"id": {"S": "1"}})
    expected = [["INSERT", item], ["REMOVE", None]]
    wait_until(lambda: wired.account.seen("change") == expected)


def test_an_event_of_a_bus_is_seen_if_it_matches(wired: Wired) -> None:
    for source in ("shop", "bank"):
        detail = json.dumps({"from": source})
        entry = {"Source": source, "DetailType": "t", "Detail": detail}
        wired.account("events").put_events(Entries=[{**entry, "EventBusName": "orders"}])
    wired.account.wait_for("ordered", {"from": "shop"})


def test_a_redeploy_without_a_change_does_nothing(wired: Wired) -> None:
    assert wired.plan() == []


CHANGES: Mapping[str, tuple[dict[str, Any], list[str]]] = {
    "photo": (
        {"suffix": ".png"},
        ["~ update notifications of bucket photos to photo", "suffix: .jpg -> .png"],
    ),
    "news": (
        {"filter_policy": {"kind": ["dull"]}},
        [
            "~ update subscription of news to news",
            "filter_policy: {kind=[urgent]} -> {kind=[dull]}",
        ],
    ),
    "work": (
        {"batch_size": 7},
        ["~ update subscription of work to work", "batch_size: 5 -> 7"],
    ),
    "click": (
        {"bisect_batch_on_function_error": True},
        [
            "~ update subscription of click to stream/clicks",
            "bisect_batch_on_function_error: False -> True",
        ],
    ),
    "ordered": (
        {"event_pattern": {"source": ["bank"]}},
        [
            "~ update rule: wired-dev-ordered-event",
            "event_pattern: {source=[shop]} -> {source=[bank]}",
        ],
    ),
    "tick": (
        {"expression": "rate(2 minutes)"},
        [
            "~ update rule: wired-dev-tick-event",
            "schedule_expression: rate(1 minute) -> rate(2 minutes)",
        ],
    ),
    "kafka": (
        {"batch_size": 10},
        ["~ update subscription of kafka to topic t", "batch_size: 100 -> 10"],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_one_changed_attribute_is_one_update(wired: Wired, name: str) -> None:
    change, expected = CHANGES[name]
    assert [line.strip() for line in wired.plan(**{name: change})] == expected
    wired.deploy()
    assert wired.plan() == []


def test_what_was_changed_is_what_counts_now(wired: Wired) -> None:
    wired.account("s3").put_object(Bucket="photos", Key="in/late.jpg", Body=b"")
    wired.account("s3").put_object(Bucket="photos", Key="in/now.png", Body=b"")
    wired.account.wait_for("photo", ["photos", "in/a b.jpg"], ["photos", "in/now.png"])


def test_removed_handlers_leave_nothing_behind_and_strangers_untouched(wired: Wired) -> None:
    stranger = make_stranger(wired.account)
    s3, sns, events = (wired.account(name) for name in ("s3", "sns", "events"))
    topic = "arn:aws:sns:us-east-1:123456789012:news"
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=stranger)
    found = s3.get_bucket_notification_configuration(Bucket="photos")
    mine = found["LambdaFunctionConfigurations"]
    theirs = {"Id": "theirs", "LambdaFunctionArn": stranger, "Events": ["s3:ObjectRemoved:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="photos", NotificationConfiguration={"LambdaFunctionConfigurations": [theirs, *mine]}
    )
    wired.deploy(removed=[name for name in TRIGGERS if name != "work"])
    left = s3.get_bucket_notification_configuration(Bucket="photos")
    assert left["LambdaFunctionConfigurations"] == [theirs]
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [each["Endpoint"] for each in subscriptions] == [stranger]
    for bus in ("default", "orders"):
        rules = events.list_rules(EventBusName=bus)["Rules"]
        assert [rule["Name"] for rule in rules if rule["Name"].startswith("wired-dev")] == []
    mappings = wired.account("lambda").list_event_source_mappings()["EventSourceMappings"]
    ours = [each["FunctionArn"] for each in mappings if "wired-dev" in each["FunctionArn"]]
    assert ours == [wired.arn("work")]
    functions = wired.account("lambda").list_functions()["Functions"]
    names = {each["FunctionName"] for each in functions}
    assert {name for name in names if name.startswith("wired-dev")} == {"wired-dev-work"}
    assert "stranger" in names


def make_stranger(account: Account) -> str:
    """Make a function that this stage knows nothing of, which S3 may invoke."""
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    )
    role = account("iam").create_role(RoleName="stranger", AssumeRolePolicyDocument=trust)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return None\n")
    arn: str = account("lambda").create_function(
        FunctionName="stranger",
        Runtime="python3.12",
        Handler="app.handler",
        Role=role["Role"]["Arn"],
        Code={"ZipFile": content.getvalue()},
    )["FunctionArn"]
    account("lambda").add_permission(
        FunctionName="stranger",
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::photos",
    )
    return arn
