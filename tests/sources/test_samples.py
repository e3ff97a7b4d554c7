"""Samples have the shape that AWS documents, and their handlers understand them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from chalice import AuthResponse, Chalice, CognitoUserPoolAuthorizer
from chalice.app import BaseEventSourceConfig
from chalice.cloud.delivery.filters import Filters
from chalice.cloud.delivery.patterns import Pattern
from chalice.errors import ToolError
from chalice.model.values import Place
from chalice.sources.examples import example
from chalice.sources.occasions import Occasion
from chalice.sources.requests import Door
from chalice.sources.samples import kind, options, sample
from tests.runtime import lambda_events
from tests.runtime.events import http_api_event

NOW = Occasion(1_769_860_800.25, Place("aws", "eu-west-1", "210987654321"), "shop-prod", "v1")
STREAM = "arn:aws:dynamodb:us-west-2:123456789012:table/Orders/stream/2020-09-28T16:49:14.209"
CLUSTER = "arn:aws:kafka:us-east-1:123456789012:cluster/shop/abc-1"


@pytest.fixture
def app() -> Chalice:
    app = Chalice("shop", configure_logs=False)
    app.websocket_api.configure("example.com", "api")
    return app


def trigger_of(app: Chalice) -> BaseEventSourceConfig:
    trigger: BaseEventSourceConfig = app.event_sources[-1]
    return trigger


def handled(app: Chalice, **given: str) -> Any:
    """What the app's last handler makes of the sample of its trigger."""
    trigger = trigger_of(app)
    return app.handler_map[trigger.name](sample(trigger, given, occasion=NOW), None)


def shape(value: object) -> object:
    """The names and types in a document, of lists those of the first element."""
    match value:
        case dict():
            return {name: shape(each) for name, each in value.items()}
        case list():
            return [shape(value[0])] if value else []
        case _:
            return type(value).__name__


def without(document: dict[str, Any], *paths: str) -> dict[str, Any]:
    """A copy without what is at the paths: `Records.0.s3`."""
    copy: dict[str, Any] = json.loads(json.dumps(document))
    for path in paths:
        *ways, last = path.split(".")
        place: Any = copy
        for way in ways:
            place = place[int(way)] if isinstance(place, list) else place[way]
        del place[last]
    return copy


def test_an_object_of_the_declared_bucket(app: Chalice) -> None:
    @app.on_s3_event(bucket="photos", prefix="in/", suffix=".jpg")
    def resize(event: Any) -> Any:
        return [event.bucket, event.key, event.to_dict()["Records"][0]["eventName"]]

    assert handled(app) == ["photos", "in/sample.jpg", "ObjectCreated:Put"]
    assert handled(app, key="in/a b+✓.jpg", event="s3:ObjectCreated:Copy") == [
        "photos",
        "in/a b+✓.jpg",
        "ObjectCreated:Copy",
    ]
    made = sample(trigger_of(app), occasion=NOW)
    extra = "Records.0.responseElements.x-amz-id-2"
    assert shape(without(made, extra)) == shape(lambda_events.s3_event())
    assert made["Records"][0]["eventTime"] == "2026-01-31T12:00:00.250Z"
    assert made["Records"][0]["awsRegion"] == "eu-west-1"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"key": "out/a.jpg"}, "begin with `in/` and end in `.jpg`"),
        ({"key": "in/a.png"}, "begin with `in/` and end in `.jpg`"),
        ({"event": "ObjectRemoved:Delete"}, "declared for s3:ObjectCreated:*"),
        ({"kye": "in/a.jpg"}, "did you mean `key`? the options are key, event, size, version"),
    ],
)
def test_what_the_bucket_would_not_send_is_an_error(
    app: Chalice, given: Mapping[str, str], said: str
) -> None:
    @app.on_s3_event(bucket="photos", prefix="in/", suffix=".jpg")
    def resize(event: Any) -> None:
        pass

    with pytest.raises(ToolError) as raised:
        sample(trigger_of(app), given)
    assert said in str(raised.value.hint)


def test_an_object_that_was_removed_has_no_size(app: Chalice) -> None:
    app.on_s3_event(bucket="photos", events=["s3:ObjectRemoved:*"])(lambda_handler)
    (record,) = sample(trigger_of(app))["Records"]
    assert record["eventName"] == "ObjectRemoved:Delete"
    assert record["s3"]["object"].keys() == {"key", "sequencer"}


def lambda_handler(event: Any) -> None:
    pass


def test_a_message_of_the_declared_topic(app: Chalice) -> None:
    @app.on_sns_message(topic="news")
    def read(event: Any) -> Any:
        return [event.message, event.subject, event.message_attributes]

    typed = {"a": {"Type": "String", "Value": "b"}, "n": {"Type": "Number", "Value": "1"}}
    assert handled(app) == ["sample", None, {}]
    assert handled(app, message="hi", subject="you", attributes='{"a": "b", "n": 1}') == [
        "hi",
        "you",
        typed,
    ]
    made = sample(trigger_of(app), {"subject": "s", "attributes": '{"a": "b"}'}, occasion=NOW)
    (record,) = made["Records"]
    assert record["Sns"]["TopicArn"] == "arn:aws:sns:eu-west-1:210987654321:news"
    certificate = "Records.0.Sns.SigningCertUrl"
    documented = lambda_events.sns_event()
    del documented["Records"][0]["Sns"]["SigningCertURL"]
    attributes = "Records.0.Sns.MessageAttributes"
    assert shape(without(made, certificate, attributes)) == shape(without(documented, attributes))


@pytest.mark.parametrize("queue", ["orders", "orders.fifo"])
def test_messages_of_the_declared_queue(app: Chalice, queue: str) -> None:
    @app.on_sqs_message(queue=queue, batch_size=3)
    def take(event: Any) -> Any:
        return [record.body for record in event]

    assert handled(app, count="2") == ['{"sample": 1}', '{"sample": 2}']
    assert handled(app, body="hi") == ["hi"]
    made = sample(trigger_of(app), occasion=NOW)
    assert shape(made) == shape(lambda_events.sqs_event("a", queue=queue))
    arn = f"arn:aws:sqs:eu-west-1:210987654321:{queue}"
    assert made["Records"][0]["eventSourceARN"] == arn
    grouped = sample(trigger_of(app), {"group": "g", "attributes": '{"n": 1}'})["Records"][0]
    assert grouped["attributes"]["MessageGroupId"] == "g"
    assert grouped["messageAttributes"]["n"]["stringValue"] == "1"
    with pytest.raises(ToolError, match="`count=4` is not 1 to 3"):
        sample(trigger_of(app), {"count": "4"})


def test_failed_messages_of_a_sample_can_be_told_apart(app: Chalice) -> None:
    @app.on_sqs_message(queue="orders", batch_size=5, each=True)
    def take(record: Any) -> Any:
        raise LookupError

    failed = handled(app, count="5")["batchItemFailures"]
    assert len({item["itemIdentifier"] for item in failed}) == 5


def test_records_of_the_declared_stream(app: Chalice) -> None:
    @app.on_kinesis_record(stream="clicks")
    def read(event: Any) -> Any:
        return [(record.data, record.partition_key) for record in event]

    assert handled(app, data="é", key="k", count="2") == [("é".encode(), "k")] * 2
    made = sample(trigger_of(app), occasion=NOW)
    assert shape(made) == shape(lambda_events.kinesis_event("YQ=="))
    arn = "arn:aws:kinesis:eu-west-1:210987654321:stream/clicks"
    assert made["Records"][0]["eventSourceARN"] == arn


def test_changes_of_the_declared_table(app: Chalice) -> None:
    @app.on_dynamodb_record(stream_arn=STREAM)
    def read(event: Any) -> Any:
        return [
            [record.table_name, record.event_name, record.keys, record.new_image, record.old_image]
            for record in event
        ]

    key = {"id": {"S": "7"}}
    new = {"id": {"S": "7"}, "tags": {"L": [{"S": "a"}, {"BOOL": True}, {"NULL": True}]}}
    given = {"keys": '{"id": "7"}', "new": '{"id": {"S": "7"}, "tags": ["a", true, null]}'}
    assert handled(app, **given) == [["Orders", "INSERT", key, new, None]]
    (removed,) = handled(app, event="REMOVE", keys='{"id": "7"}')
    assert removed == ["Orders", "REMOVE", key, None, {**key, "value": {"N": "0"}}]
    images = ("Records.0.dynamodb.Keys", "Records.0.dynamodb.NewImage")
    made = sample(trigger_of(app), occasion=NOW)
    documented = lambda_events.dynamodb_event()
    assert shape(without(made, *images)) == shape(without(documented, *images))
    numbers = [
        record["dynamodb"]["SequenceNumber"]
        for record in sample(trigger_of(app), {"count": "3"})["Records"]
    ]
    assert numbers == sorted(set(numbers))


def test_an_event_that_the_declared_pattern_lets_through(app: Chalice) -> None:
    pattern = {
        "source": ["aws.ec2"],
        "detail-type": [{"prefix": "EC2 "}],
        "resources": [{"wildcard": "arn:aws:ec2:*:instance/*"}],
        "detail": {"state": ["running", "stopped"], "cpu": [{"numeric": [">", 3, "<=", 8]}]},
    }

    @app.on_cw_event(pattern)
    def changed(event: Any) -> Any:
        return [event.source, event.detail_type, event.detail, event.resources]

    source, kind_, detail, resources = handled(app)
    assert (source, kind_, detail) == ("aws.ec2", "EC2 ", {"state": "running", "cpu": 8})
    assert resources == ["arn:aws:ec2:sample:instance/sample"]
    assert Pattern(pattern).matches(sample(trigger_of(app)))
    given = {"detail": '{"state": "up"}', "detail-type": "X", "resources": "a, b", "source": "s"}
    assert handled(app, **given) == ["s", "X", {"state": "up"}, ["a", "b"]]
    made = sample(trigger_of(app), {"detail": "{}"}, occasion=NOW)
    assert shape(made) == shape(lambda_events.scheduled_event())


def test_a_point_in_time(app: Chalice) -> None:
    @app.schedule("rate(1 hour)")
    def hourly(event: Any) -> Any:
        return [event.time, event.resources, event.detail_type]

    rule = "arn:aws:events:eu-west-1:210987654321:rule/shop-prod-hourly-event"
    assert handled(app) == ["2026-01-31T12:00:00Z", [rule], "Scheduled Event"]
    assert handled(app, time="2020-02-29T08:00:00Z")[0] == "2020-02-29T08:00:00Z"
    assert shape(sample(trigger_of(app))) == shape(lambda_events.scheduled_event())
    with pytest.raises(ToolError, match="`time=noon` is no time"):
        sample(trigger_of(app), {"time": "noon"})


def test_records_of_the_declared_topic_of_kafka(app: Chalice) -> None:
    @app.on_kafka(topic="clicks", cluster_arn=CLUSTER)
    def read(event: Any) -> Any:
        return [(record.key, record.value, record.headers, record.offset) for record in event]

    given = {"key": "k", "value": "v", "headers": '{"kind": "é"}', "count": "2", "offset": "9"}
    assert handled(app, **given) == [
        (b"k", b"v", [("kind", "é".encode())], 9),
        (b"k", b"v", [("kind", "é".encode())], 10),
    ]
    given = {"key": "k", "headers": '{"kind": "hi"}'}
    assert shape(sample(trigger_of(app), given)) == shape(lambda_events.kafka_event("YQ=="))


def test_a_kafka_cluster_of_ones_own_has_no_arn(app: Chalice) -> None:
    @app.on_kafka(topic="clicks", bootstrap_servers=["a:9092", "b:9092"])
    def read(event: Any) -> Any:
        return [record.key for record in event]

    made = sample(trigger_of(app))
    assert (made["eventSource"], made["bootstrapServers"]) == ("SelfManagedKafka", "a:9092,b:9092")
    assert "eventSourceArn" not in made
    assert handled(app) == [None]


def test_a_batch_fits_the_filters_of_its_handler(app: Chalice) -> None:
    body = {"body": {"kind": ["order"], "total": [{"numeric": [">=", 5]}]}}
    data = {"data": {"kind": [{"anything-but": ["sample"]}]}, "partitionKey": ["p"]}
    change = {
        "eventName": ["MODIFY"],
        "dynamodb": {"NewImage": {"state": {"S": [{"suffix": "ed"}]}}},
    }
    app.on_sqs_message(queue="orders", filters=[body], name="queue")(lambda_handler)
    app.on_kinesis_record(stream="clicks", filters=[data], name="stream")(lambda_handler)
    app.on_dynamodb_record(stream_arn=STREAM, filters=[change], name="table")(lambda_handler)
    for trigger, pattern in zip(app.event_sources, [body, data, change], strict=True):
        (record,) = sample(trigger)["Records"]
        filters = Filters({"Filters": [{"Pattern": json.dumps(pattern)}]})
        assert filters.let_through(record), record
    app.on_sns_message(topic="news", filter_policy={"kind": ["a", "b"]}, name="topic")(
        lambda_handler
    )
    attributes = sample(trigger_of(app))["Records"][0]["Sns"]["MessageAttributes"]
    assert attributes == {"kind": {"Type": "String", "Value": "a"}}
    app.on_sns_message(
        topic="news",
        filter_policy={"kind": [{"exists": True}]},
        filter_policy_scope="MessageBody",
        name="text",
    )(lambda_handler)
    assert json.loads(sample(trigger_of(app))["Records"][0]["Sns"]["Message"]) == {"kind": "sample"}


@pytest.mark.parametrize(
    "pattern",
    [
        {"a": ["x", "y"], "b": [True], "c": [None], "d": [1.5]},
        {"a": [{"prefix": "p"}], "b": [{"suffix": "s"}], "c": [{"equals-ignore-case": "E"}]},
        {"a": [{"prefix": {"equals-ignore-case": "P"}}]},
        {"a": [{"exists": True}], "b": [{"exists": False}]},
        {"a": [{"anything-but": ["sample", "x"]}], "b": [{"anything-but": [1, 7]}]},
        {"a": [{"anything-but": {"prefix": "sam"}}], "b": [{"anything-but": 3}]},
        {"a": [{"numeric": ["=", 3]}], "b": [{"numeric": [">", 3, "<", 4]}]},
        {"a": [{"numeric": [">", 3]}], "b": [{"numeric": ["<", 3]}]},
        {"a": [{"cidr": "10.0.0.0/8"}], "b": [{"wildcard": "a*b\\*c"}]},
        {"a": {"b": {"c": ["d"]}}, "$or": [{"e": ["f"]}, {"g": ["h"]}]},
    ],
)
def test_an_example_is_let_through_by_its_pattern(pattern: dict[str, Any]) -> None:
    assert Pattern(pattern).matches(example(pattern)), example(pattern)


def test_the_routes_of_a_websocket_api(app: Chalice) -> None:
    seen: list[Any] = []

    @app.on_ws_connect()
    def joined(event: Any) -> None:
        seen.append((event.connection_id, event.to_dict()["queryStringParameters"]))

    @app.on_ws_message()
    def said(event: Any) -> None:
        seen.append((event.connection_id, event.body))

    @app.on_ws_disconnect()
    def left(event: Any) -> None:
        seen.append((event.connection_id, event.to_dict()["requestContext"]["disconnectReason"]))

    given = [{"query": "room=7"}, {"body": "hi"}, {"reason": "tired"}]
    for record, more in zip(app.websocket_handlers.values(), given, strict=True):
        event = sample(record, {"connection": "c1", **more}, occasion=NOW)
        assert app.handler_map[record.name](event, None) == {"statusCode": 200}
        assert event["requestContext"]["requestTime"] == "31/Jan/2026:12:00:00 +0000"
    assert seen == [("c1", {"room": "7"}), ("c1", "hi"), ("c1", "tired")]
    message = sample(app.websocket_handlers["$default"])
    documented = lambda_events.websocket_event(body="hi")
    assert shape(without(message, "requestContext.identity.userAgent")) == shape(documented)


def test_an_authorizer_is_asked(app: Chalice) -> None:
    @app.authorizer()
    def gate(request: Any) -> Any:
        return AuthResponse([f"/{request.method_arn.rpartition('/')[2]}"], request.token)

    (record,) = app.builtin_auth_handlers
    event = sample(record, {"token": "t", "path": "/a", "method": "post"}, occasion=NOW)
    arn = "arn:aws:execute-api:eu-west-1:210987654321:sample123a/v1"
    assert event == {
        "type": "TOKEN",
        "authorizationToken": "t",
        "methodArn": f"{arn}/POST/a",
    }
    answer: Any = app.handler_map["gate"](event, None)
    assert answer["policyDocument"]["Statement"][0]["Resource"] == [f"{arn}/*/a"]
    with pytest.raises(ToolError, match="`path=a` is no path"):
        sample(record, {"path": "a"})


DOORS: list[Door] = ["rest", "http", "function_url"]


@pytest.mark.parametrize("door", DOORS)
def test_a_request_comes_through_each_door(app: Chalice, door: Door) -> None:
    @app.route("/orders/{number}", methods=["PUT"])
    def order(number: str) -> Any:
        request = app.current_request
        return [number, request.json_body, request.query_params, request.headers["x-key"]]

    given = {"number": "a b", "query": "x=1&x=2", "body": "[1]", "headers": '{"X-Key": "v"}'}
    entry = app.routes["/orders/{number}"]["PUT"]
    answer = app(sample(entry, given, occasion=NOW, door=door), None)
    assert answer["statusCode"] == 200, answer
    assert json.loads(answer["body"]) == ["a b", [1], {"x": "2"}, "v"]
    assert list(options(entry)) == ["query", "headers", "body", "number"]
    assert json.loads(app(sample(entry, {"headers": '{"X-Key": "v"}'}, door=door), None)["body"])


def test_a_request_of_an_http_api_has_the_documented_shape(app: Chalice) -> None:
    app.route("/my/{parameter1}")(lambda parameter1: {})
    made = sample(
        app.routes["/my/{parameter1}"]["GET"],
        {"query": "parameter1=value1&parameter1=value2&parameter2=value", "body": "x"},
        door="http",
    )
    documented = http_api_event()
    unlike = ("cookies", "stageVariables", "headers", "requestContext.authentication")
    documented = without(documented, *unlike, "requestContext.authorizer")
    assert shape(without(made, "headers")) == shape({**documented, "body": "x"})
    assert made["queryStringParameters"] == documented["queryStringParameters"]


@pytest.mark.parametrize("door", DOORS[:2])
def test_a_request_tells_what_the_authorizer_said(app: Chalice, door: Door) -> None:
    pool = CognitoUserPoolAuthorizer("pool", ["arn"], audience=["client"])

    @app.route("/me", authorizer=pool)
    def me() -> Any:
        return app.current_request.context["authorizer"]["claims"]["cognito:username"]

    entry = app.routes["/me"]["GET"]
    assert app(sample(entry, door=door), None)["body"] == "sample"
    given = {"authorizer": '{"claims": {"cognito:username": "ann"}}'}
    assert app(sample(entry, given, door=door), None)["body"] == "ann"


def test_a_plain_function_gets_an_empty_event(app: Chalice) -> None:
    app.lambda_function(name="job")(lambda event, context: event)
    (record,) = app.pure_lambda_functions
    assert sample(record) == {}
    assert options(record) == {}
    with pytest.raises(ToolError, match="a sample of kind `function` has no option `a`"):
        sample(record, {"a": "b"})


def test_every_kind_has_a_name_and_says_what_its_options_are(app: Chalice) -> None:
    app.on_s3_event(bucket="b", name="a1")(lambda_handler)
    app.on_sns_message(topic="t", name="a2")(lambda_handler)
    app.on_sqs_message(queue="q", name="a3")(lambda_handler)
    app.on_kinesis_record(stream="s", name="a4")(lambda_handler)
    app.on_dynamodb_record(stream_arn=STREAM, name="a5")(lambda_handler)
    app.on_cw_event({"source": ["s"]}, name="a6")(lambda_handler)
    app.schedule("rate(1 day)", name="a7")(lambda_handler)
    app.on_kafka(topic="t", cluster_arn=CLUSTER, name="a8")(lambda_handler)
    kinds = "s3 sns sqs kinesis dynamodb eventbridge schedule kafka"
    assert [kind(each) for each in app.event_sources] == kinds.split()
    for trigger in app.event_sources:
        assert all(options(trigger).values())
        first = sample(trigger, occasion=NOW)
        assert first == sample(trigger, occasion=NOW)
        assert json.loads(json.dumps(first)) == first


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"count": "two"}, "`count=two` is no number"),
        ({"attributes": "{"}, "`attributes` is no JSON"),
        ({"attributes": "[]"}, "is no JSON object"),
    ],
)
def test_an_option_that_cannot_be_read_is_an_error(
    app: Chalice, given: Mapping[str, str], said: str
) -> None:
    app.on_sqs_message(queue="q", name="take")(lambda_handler)
    with pytest.raises(ToolError, match=said):
        sample(trigger_of(app), given)


def test_data_of_a_record_is_base64(app: Chalice) -> None:
    app.on_kinesis_record(stream="s", name="take")(lambda_handler)
    (record,) = sample(trigger_of(app), {"data": "hi"})["Records"]
    assert base64.b64decode(record["kinesis"]["data"]) == b"hi"
