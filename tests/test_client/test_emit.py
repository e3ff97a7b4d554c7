"""Something happens in AWS, and all handlers that hear of it are invoked."""

from __future__ import annotations

from typing import Any

import pytest

from chalice import Chalice
from chalice.errors import ToolError
from chalice.test import Client, Delivery, TestEventsClient

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/Orders/stream/2020-09-28T16:49:14.209"


@pytest.fixture
def app() -> Chalice:
    return Chalice("shop", configure_logs=False)


def test_an_object_invokes_the_handlers_whose_filters_it_passes(app: Chalice) -> None:
    def handler(event: Any) -> Any:
        return [event.bucket, event.key]

    app.on_s3_event(bucket="photos", name="all")(handler)
    app.on_s3_event(bucket="photos", prefix="in/", suffix=".jpg", name="jpg")(handler)
    app.on_s3_event(bucket="photos", events=["s3:ObjectRemoved:*"], name="gone")(handler)
    app.on_s3_event(bucket="other", name="other")(handler)
    emit = Client(app).events.emit
    key = "in/a b.jpg"
    assert emit("s3", bucket="photos", key=key) == [
        Delivery("all", ["photos", key]),
        Delivery("jpg", ["photos", key]),
    ]
    assert [each.function for each in emit("s3", bucket="photos", key="x")] == ["all"]
    removed = emit("s3", bucket="photos", key="x", event="s3:ObjectRemoved:Delete")
    assert [each.function for each in removed] == ["gone"]
    assert emit("s3", bucket="none", key="x") == []


def test_a_message_reaches_the_subscriptions_that_want_it(app: Chalice) -> None:
    def handler(event: Any) -> Any:
        return [event.message, event.subject]

    app.on_sns_message(topic="news", name="all")(handler)
    arn = "arn:aws:sns:us-east-1:123456789012:news"
    by_attribute: dict[str, Any] = {"kind": ["order"], "size": [{"numeric": [">", 5]}]}
    app.on_sns_message(topic=arn, filter_policy=by_attribute, name="big")(handler)
    app.on_sns_message(
        topic="news",
        filter_policy={"state": ["paid"]},
        filter_policy_scope="MessageBody",
        name="paid",
    )(handler)
    emit = Client(app).events.emit

    def heard(**facts: Any) -> list[str]:
        return [each.function for each in emit("sns", topic="news", **facts)]

    assert emit("sns", topic="news", message="hi", subject="s")[0].payload == ["hi", "s"]
    assert heard(message="hi") == ["all"]
    assert heard(message="hi", attributes={"kind": "order", "size": 7}) == ["all", "big"]
    assert heard(message="hi", attributes={"kind": "order", "size": 5}) == ["all"]
    assert heard(message='{"state": "paid"}') == ["all", "paid"]


@pytest.mark.parametrize("queue", ["orders", "arn:aws:sqs:us-east-1:123456789012:orders"])
def test_messages_come_in_batches_that_filters_let_through(app: Chalice, queue: str) -> None:
    def handler(event: Any) -> Any:
        return [record.body for record in event]

    app.on_sqs_message(queue="orders", batch_size=2, name="all")(handler)
    app.on_sqs_message(
        queue_arn="arn:aws:sqs:us-east-1:123456789012:orders",
        batch_size=10,
        filters=[{"body": {"total": [{"numeric": [">", 5]}]}}],
        name="big",
    )(handler)
    app.on_sqs_message(queue="other", name="other")(handler)
    bodies = ['{"total": 1}', '{"total": 7}', '{"total": 9}']
    assert Client(app).events.emit("sqs", queue=queue, body=bodies) == [
        Delivery("all", bodies[:2]),
        Delivery("all", bodies[2:]),
        Delivery("big", bodies[1:]),
    ]


def test_one_body_is_one_message(app: Chalice) -> None:
    @app.on_sqs_message(queue="orders.fifo", each=True)
    def take(record: Any) -> None:
        message = record.to_dict()
        assert message["attributes"]["MessageGroupId"] == "g"
        assert message["messageAttributes"]["a"]["stringValue"] == "b"

    (done,) = Client(app).events.emit(
        "sqs", queue="orders.fifo", body="one", attributes={"a": "b"}, group="g"
    )
    assert done.payload == {"batchItemFailures": []}


def test_records_of_streams_reach_those_who_read_them(app: Chalice) -> None:
    app.on_kinesis_record(stream="clicks", filters=[{"data": {"kind": ["click"]}}], name="k")(
        lambda event: [record.data for record in event]
    )
    app.on_dynamodb_record(stream_arn=TABLE, filters=[{"eventName": ["MODIFY"]}], name="d")(
        lambda event: [(record.keys, record.new_image) for record in event]
    )
    app.on_kafka(
        topic="views",
        bootstrap_servers=["a:9092"],
        batch_size=1,
        filters=[{"value": {"page": [{"prefix": "/"}]}}],
        name="v",
    )(lambda event: [(record.key, record.value) for record in event])
    emit = Client(app).events.emit
    click, view = b'{"kind": "click"}', b'{"page": "/"}'
    assert emit("kinesis", stream="clicks", data=[click, b"x"]) == [Delivery("k", [click])]
    assert emit("kinesis", stream="other", data=click) == []
    changed = ({"id": {"S": "7"}}, {"id": {"S": "7"}, "n": {"N": "1"}})
    new: dict[str, Any] = {"id": "7", "n": 1}
    assert emit("dynamodb", table="Orders", keys={"id": "7"}, event="MODIFY", new=new) == [
        Delivery("d", [changed])
    ]
    assert emit("dynamodb", table="Orders", keys={"id": "7"}, new=new) == []
    assert emit("kafka", topic="views", value=[view, b"{}", view], key=b"k") == [
        Delivery("v", [(b"k", view)]),
        Delivery("v", [(b"k", view)]),
    ]


def test_an_event_reaches_the_patterns_of_its_bus(app: Chalice) -> None:
    def handler(event: Any) -> Any:
        return event.detail

    app.on_cw_event({"source": ["shop"], "detail": {"n": [1]}}, name="default")(handler)
    app.on_cw_event({"source": ["shop"]}, event_bus="own", name="own")(handler)
    emit = Client(app).events.emit
    assert emit("eventbridge", source="shop", detail_type="Paid", detail={"n": 1}) == [
        Delivery("default", {"n": 1})
    ]
    assert emit("eventbridge", source="shop", detail_type="Paid") == []
    assert emit("eventbridge", source="shop", detail_type="Paid", bus="own") == [
        Delivery("own", {})
    ]


def test_schedules_fire_all_or_one(app: Chalice) -> None:
    app.schedule("rate(1 hour)", name="hourly")(lambda event: "h")
    app.schedule("rate(1 day)", name="daily")(lambda event: "d")
    emit = Client(app).events.emit
    assert emit("schedule") == [Delivery("hourly", "h"), Delivery("daily", "d")]
    assert emit("schedule", name="daily") == [Delivery("daily", "d")]


def test_what_a_handler_raises_is_raised(app: Chalice) -> None:
    @app.schedule("rate(1 hour)")
    def broken(event: Any) -> None:
        raise LookupError("broken")

    with pytest.raises(LookupError, match="broken"):
        Client(app).events.emit("schedule")


def test_a_kind_or_a_fact_that_does_not_exist_is_an_error(app: Chalice) -> None:
    emit: Any = Client(app).events.emit
    with pytest.raises(ValueError, match="no source is called 'sqz': use one of s3, sns, sqs"):
        emit("sqz")
    with pytest.raises(TypeError, match="unexpected keyword argument 'quue'"):
        emit("sqs", quue="orders", body="x")
    with pytest.raises(ValueError, match="only makes events"):
        TestEventsClient(app).emit("schedule")


def test_a_pattern_that_means_nothing_is_an_error(app: Chalice) -> None:
    app.on_cw_event({"source": [{"like": "x"}]}, name="odd")(lambda event: None)
    with pytest.raises(ToolError, match="the pattern of `odd` means nothing: Unrecognized match"):
        Client(app).events.emit("eventbridge", source="x", detail_type="y")


def test_records_of_kafka_are_generated(app: Chalice) -> None:
    @app.on_kafka(topic="topic-name", bootstrap_servers=["a:9092"])
    def read(event: Any) -> Any:
        return [(record.topic, record.key, record.value, record.headers) for record in event]

    client = Client(app)
    event = client.events.generate_kafka_event([b"a", b"b"], key=b"k", headers={"h": "v"})
    assert client.lambda_.invoke("read", event).payload == [
        ("topic-name", b"k", value, [("h", b"v")]) for value in (b"a", b"b")
    ]


def test_messages_are_generated_with_attributes(app: Chalice) -> None:
    event = Client(app).events.generate_sqs_event(["a"], "q.fifo", {"n": 1})
    (record,) = event["Records"]
    assert record["messageAttributes"]["n"]["dataType"] == "Number"
    assert record["attributes"]["MessageGroupId"] == "sample"
