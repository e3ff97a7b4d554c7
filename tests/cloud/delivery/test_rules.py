"""EventBridge: from PutEvents through rules to functions, queues, topics, buses and logs."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, unique
from tests.cloud.delivery.recorder import Inbox, Recorder


@pytest.fixture
def events(cloud: CloudStatus) -> Any:
    return client(cloud, "events")


@pytest.fixture
def source() -> str:
    """A source that no other test's rules want."""
    return unique("shop")


def put(events: Any, source: str, detail: object = None, **more: Any) -> dict[str, Any]:
    entry = {"Source": source, "DetailType": "Sold", "Detail": json.dumps(detail or {}), **more}
    answer: dict[str, Any] = events.put_events(Entries=[entry])
    return answer


def rule(events: Any, source: str, *targets: dict[str, Any], **settings: Any) -> str:
    """Make a rule for a source; return its ARN."""
    name = unique("rule")
    bus = {"EventBusName": settings.pop("EventBusName", "default")}
    pattern = {"EventPattern": json.dumps({"source": [source]})}
    made = events.put_rule(Name=name, **{**pattern, **settings}, **bus)
    named = [{"Id": str(number), **target} for number, target in enumerate(targets)]
    events.put_targets(Rule=name, Targets=named, **bus)
    arn: str = made["RuleArn"]
    return arn


def test_a_function_gets_the_whole_event(cloud: CloudStatus, events: Any, source: str) -> None:
    recorder = Recorder(cloud)
    arn = rule(events, source, {"Arn": recorder.arn})
    recorder.permit("events", SourceArn=arn)
    moment = datetime(2026, 11, 24, 12, 0, 5, tzinfo=timezone.utc)
    answer = put(events, source, {"item": "ü"}, Resources=["arn:one"], Time=moment)
    assert answer["FailedEntryCount"] == 0
    (event,) = recorder.wait()
    assert uuid.UUID(event["id"])
    assert event == {
        "version": "0",
        "id": answer["Entries"][0]["EventId"],
        "detail-type": "Sold",
        "source": source,
        "account": "123456789012",
        "time": "2026-11-24T12:00:05Z",
        "region": "us-east-1",
        "resources": ["arn:one"],
        "detail": {"item": "ü"},
    }


def test_only_what_the_pattern_lets_through_is_sent(
    cloud: CloudStatus, events: Any, source: str
) -> None:
    inbox = Inbox(cloud)
    pattern = {"source": [source], "detail": {"price": [{"numeric": [">", 5]}]}}
    rule(events, source, {"Arn": inbox.arn}, EventPattern=json.dumps(pattern))
    for price in (1, 9, 5):
        put(events, source, {"price": price})
    assert inbox.body()["detail"] == {"price": 9}
    assert inbox.is_empty()


def test_events_in_the_name_of_aws_can_be_tried(cloud: CloudStatus, events: Any) -> None:
    inbox = Inbox(cloud)
    instance = unique("i")
    pattern = {"source": [{"prefix": "aws."}], "detail": {"instance-id": [instance]}}
    rule(events, "", {"Arn": inbox.arn}, EventPattern=json.dumps(pattern))
    put(events, "aws.ec2", {"instance-id": instance, "state": "running"})
    assert inbox.body()["source"] == "aws.ec2"


def test_each_target_gets_its_own_input(cloud: CloudStatus, events: Any, source: str) -> None:
    inboxes = [Inbox(cloud) for _ in range(5)]
    template = (
        '{"who": <who>, "text": "\\"<who>\\" bought <n>", "all": <all>, "gone": "<gone>", '
        '"rule": <aws.events.rule-name>, "left": "<other>"}'
    )
    paths = {
        "who": "$.detail.who",
        "n": "$.detail.items[1].n",
        "all": "$.detail.items",
        "gone": "$.detail.nothing",
    }
    inputs: list[dict[str, Any]] = [
        {"Input": '{"constant": true}'},
        {"InputPath": "$.detail['items'][0]"},
        {"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}},
        {"InputTransformer": {"InputPathsMap": {"w": "$.source"}, "InputTemplate": '"by <w>"'}},
        {"InputTransformer": {"InputPathsMap": {}, "InputTemplate": "<aws.events.event.json>"}},
    ]
    targets = [{"Arn": inbox.arn, **each} for inbox, each in zip(inboxes, inputs, strict=True)]
    arn = rule(events, source, *targets)
    detail = {"who": "Ann", "items": [{"n": 1}, {"n": 2}]}
    put(events, source, detail)
    bodies = [inbox.body() for inbox in inboxes]
    assert bodies[0] == {"constant": True}
    assert bodies[1] == {"n": 1}
    assert bodies[2] == {
        "who": "Ann",
        "text": '"Ann" bought 2',
        "all": [{"n": 1}, {"n": 2}],
        "gone": "",
        "rule": arn.rpartition("/")[2],
        "left": "<other>",
    }
    assert bodies[3] == f"by {source}"
    assert bodies[4]["detail"] == detail


def test_events_go_from_bus_to_bus_and_to_topics_and_logs(
    cloud: CloudStatus, events: Any, source: str
) -> None:
    bus = events.create_event_bus(Name=unique("bus"))["EventBusArn"]
    name = bus.rpartition("/")[2]
    inbox, sns, logs = Inbox(cloud), client(cloud, "sns"), client(cloud, "logs")
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=inbox.arn,
        Attributes={"RawMessageDelivery": "true"},
    )
    group = f"/aws/events/{unique('group')}"
    logs.create_log_group(logGroupName=group)
    log_arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group}"
    rule(events, source, {"Arn": bus})
    rule(events, source, {"Arn": log_arn}, {"Arn": topic}, EventBusName=name)
    sent = put(events, source, {"n": 1})["Entries"][0]["EventId"]
    assert inbox.body()["id"] == sent
    (logged,) = logs.filter_log_events(logGroupName=group)["events"]
    assert json.loads(logged["message"])["id"] == sent


def test_fifo_queues_get_the_group_of_the_target(
    cloud: CloudStatus, events: Any, source: str
) -> None:
    inbox = Inbox(cloud, FifoQueue="true", ContentBasedDeduplication="true")
    rule(events, source, {"Arn": inbox.arn, "SqsParameters": {"MessageGroupId": "g"}})
    put(events, source)
    assert inbox.message()["Attributes"]["MessageGroupId"] == "g"


def test_a_disabled_rule_sends_nothing_until_it_is_enabled(
    cloud: CloudStatus, events: Any, source: str
) -> None:
    inbox = Inbox(cloud)
    name = rule(events, source, {"Arn": inbox.arn}, State="DISABLED").rpartition("/")[2]
    put(events, source, {"n": 1})
    events.enable_rule(Name=name)
    put(events, source, {"n": 2})
    assert inbox.body()["detail"] == {"n": 2}
    assert inbox.is_empty()


def test_a_function_whose_policy_does_not_permit_it_is_not_invoked(
    cloud: CloudStatus, events: Any, source: str
) -> None:
    recorder = Recorder(cloud)
    recorder.permit("events", SourceArn="arn:aws:events:us-east-1:123456789012:rule/other")
    dead = Inbox(cloud)
    arn = rule(events, source, {"Arn": recorder.arn, "DeadLetterConfig": {"Arn": dead.arn}})
    put(events, source, {"n": 1})
    letter = dead.message()
    attributes = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
    assert json.loads(letter["Body"])["detail"] == {"n": 1}
    assert attributes["RULE_ARN"] == arn
    assert attributes["TARGET_ARN"] == recorder.arn
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert attributes["RETRY_ATTEMPTS"] == "0"
    assert recorder.calls() == []


def test_what_is_wrong_with_an_entry_is_told_and_the_others_are_taken(
    cloud: CloudStatus, events: Any, source: str
) -> None:
    inbox = Inbox(cloud)
    rule(events, source, {"Arn": inbox.arn})
    good = {"Source": source, "DetailType": "Sold", "Detail": "{}"}
    entries = [{**good, "Detail": "{nope"}, {**good, "Detail": "[]"}, {"Source": source}, good]
    answer = events.put_events(Entries=entries)
    codes = [entry.get("ErrorCode") for entry in answer["Entries"]]
    assert codes == ["MalformedDetail", "MalformedDetail", "InvalidArgument", None]
    assert answer["FailedEntryCount"] == 3
    assert inbox.body()["detail"] == {}
    with pytest.raises(ClientError) as missing:
        put(events, source, EventBusName="nobus")
    assert error_of(missing.value)[1] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("settings", "code", "sentence"),
    [
        (
            {"ScheduleExpression": "rate(1 minutes)"},
            "ValidationException",
            "Parameter ScheduleExpression is not valid.",
        ),
        (
            {"ScheduleExpression": "cron(0 10 * * *)"},
            "ValidationException",
            "Parameter ScheduleExpression is not valid.",
        ),
        (
            {"EventPattern": '{"source": "x"}'},
            "InvalidEventPatternException",
            'Event pattern is not valid. Reason: "source" must be an object or an array',
        ),
        (
            {"EventPattern": '{"source": [{"prefix": 1}]}'},
            "InvalidEventPatternException",
            "Event pattern is not valid. Reason: prefix match pattern must be a string",
        ),
        (
            {},
            "ValidationException",
            "Parameter(s) EventPattern or ScheduleExpression must be specified.",
        ),
    ],
)
def test_a_rule_that_means_nothing_is_refused(
    events: Any, settings: dict[str, str], code: str, sentence: str
) -> None:
    with pytest.raises(ClientError) as refused:
        events.put_rule(Name=unique("rule"), **settings)
    assert error_of(refused.value) == (400, code)
    assert sentence in str(refused.value)


def test_a_pattern_can_be_tried(events: Any) -> None:
    event = {
        "id": "1",
        "account": "123456789012",
        "source": "shop",
        "time": "2026-11-24T12:00:05Z",
        "region": "us-east-1",
        "resources": [],
        "detail-type": "Sold",
        "detail": {"n": 3},
    }
    for wanted, result in (([3], True), ([{"anything-but": [3]}], False)):
        pattern = json.dumps({"detail": {"n": wanted}})
        answer = events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))
        assert answer["Result"] is result
    with pytest.raises(ClientError) as refused:
        events.test_event_pattern(EventPattern="{}", Event="{}")
    assert error_of(refused.value) == (400, "InvalidEventPatternException")


def test_a_changed_rule_keeps_its_targets(cloud: CloudStatus, events: Any, source: str) -> None:
    inbox = Inbox(cloud)
    name = rule(events, source, {"Arn": inbox.arn}).rpartition("/")[2]
    pattern = json.dumps({"source": [f"{source}-new"]})
    events.put_rule(Name=name, EventPattern=pattern, Description="new")
    assert events.describe_rule(Name=name)["EventPattern"] == pattern
    put(events, source, {"n": 1})
    put(events, f"{source}-new", {"n": 2})
    assert inbox.body()["detail"] == {"n": 2}


def test_an_archive_keeps_events_that_can_be_replayed(
    cloud: CloudStatus, events: Any, source: str
) -> None:
    bus = events.describe_event_bus()["Arn"]
    archive = events.create_archive(
        ArchiveName=unique("archive"),
        EventSourceArn=bus,
        EventPattern=json.dumps({"source": [source]}),
    )["ArchiveArn"]
    inbox = Inbox(cloud)
    rule(events, source, {"Arn": inbox.arn})
    put(events, source, {"n": 1})
    first = inbox.body()
    events.start_replay(
        ReplayName=unique("replay"),
        EventSourceArn=archive,
        EventStartTime=datetime(2026, 1, 1, tzinfo=timezone.utc),
        EventEndTime=datetime(2100, 1, 1, tzinfo=timezone.utc),
        Destination={"Arn": bus},
    )
    again = inbox.body()
    assert again["detail"] == first["detail"] == {"n": 1}
    assert "replay-name" in again


def test_a_schedule_can_be_fired_at_once(cloud: CloudStatus, events: Any) -> None:
    recorder = Recorder(cloud, "events")
    arn = rule(
        events,
        "",
        {"Arn": recorder.arn},
        ScheduleExpression="cron(0 0 1 1 ? 2199)",
        EventPattern="",
    )
    url, name = f"{cloud.endpoint_url}/_chalice/fire", arn.rpartition("/")[2]
    fired = httpx.post(url, params={"rule": name})
    assert (fired.status_code, fired.json()) == (200, {"rule": arn})
    (event,) = recorder.wait()
    assert uuid.UUID(event.pop("id"))
    moment = datetime.fromisoformat(event.pop("time").replace("Z", "+00:00"))
    assert abs((datetime.now(timezone.utc) - moment).total_seconds()) < 60
    assert event == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "region": "us-east-1",
        "resources": [arn],
        "detail": {},
    }
    assert httpx.post(url, params={"rule": "missing"}).status_code == 404
    assert httpx.get(url, params={"rule": name}).status_code == 404
    refused = httpx.post(url, params={"rule": name}, headers={"Origin": "https://a.example"})
    assert refused.status_code == 403
