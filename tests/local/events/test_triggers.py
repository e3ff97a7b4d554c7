"""What the embedded cloud gets so that events reach the handlers in a process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from chalice import Chalice
from chalice.aws.session import Session
from chalice.cloud import CloudStatus
from chalice.config import Config
from chalice.errors import ToolError
from chalice.local.events.desired import desired, stand_in
from chalice.local.events.sources import Sources
from chalice.local.events.wording import lines, unread, waiting
from chalice.model.functions import Function
from chalice.model.resources import Resource, kind_of
from chalice.model.triggers import EventSourceMapping, TopicSubscription
from chalice.model.values import Place
from tests.cloud.aws import client, unique

HERE = Place("aws", "us-east-1", "123456789012")


def an_app() -> Chalice:
    app = Chalice("demo")

    @app.route("/")
    def index() -> None: ...

    @app.authorizer()
    def gate(request: Any) -> None: ...

    @app.route("/secret", authorizer=gate)
    def secret() -> None: ...

    @app.on_sqs_message(queue_arn="arn:aws-cn:sqs:cn-north-1:999999999999:work")
    def work(event: Any) -> None: ...

    @app.on_sns_message("arn:aws:sns:eu-west-1:999999999999:news")
    def news(event: Any) -> None: ...

    @app.on_kafka("logs", bootstrap_servers=["kafka:9092"])
    def logs(event: Any) -> None: ...

    @app.schedule("rate(1 hour)")
    def hourly(event: Any) -> None: ...

    @app.lambda_function()
    def job(event: Any, context: Any) -> None: ...

    return app


def resources(tmp_path: Path, app: Chalice | None = None, **settings: object) -> list[Resource]:
    app = app or an_app()
    config = Config(
        "dev",
        user_provided_params={"project_dir": str(tmp_path), "chalice_app": app},
        config_from_disk={"app_name": "demo", **settings},
    )
    return [*desired(app, config, stand_in(tmp_path / "attached.zip"), HERE)]


def test_functions_and_triggers_are_wanted_and_no_apis(tmp_path: Path) -> None:
    found = resources(tmp_path)
    names = {each.function_name for each in found if isinstance(each, Function)}
    assert names == {
        "demo-dev",
        *(f"demo-dev-{each}" for each in ("gate", "work", "news", "logs", "hourly", "job")),
    }
    assert {kind_of(each) for each in found} == {
        *("Role", "Function", "EventSourceMapping", "TopicSubscription", "Permission", "Rule")
    }


def test_arns_of_an_account_mean_what_has_the_name_here(tmp_path: Path) -> None:
    found = resources(tmp_path, dead_letter="arn:aws:sqs:eu-west-1:999999999999:lost")
    (mapping,) = [each for each in found if isinstance(each, EventSourceMapping)]
    (subscription,) = [each for each in found if isinstance(each, TopicSubscription)]
    assert mapping.source == "arn:aws:sqs:us-east-1:123456789012:work"
    assert subscription.topic == "arn:aws:sns:us-east-1:123456789012:news"
    lost = {each.dead_letter for each in found if isinstance(each, Function)}
    assert lost == {"arn:aws:sqs:us-east-1:123456789012:lost"}


def test_what_only_an_account_has_is_left_out(tmp_path: Path) -> None:
    found = resources(
        tmp_path,
        subnet_ids=["subnet-1"],
        security_group_ids=["sg-1"],
        layers=["arn:aws:lambda:us-east-1:999999999999:layer:a:1"],
        kms_key_arn="arn:aws:kms:us-east-1:999999999999:key/1",
        manage_iam_role=False,
        iam_role_arn="arn:aws:iam::999999999999:role/mine",
        autogen_policy=False,
        log_retention_in_days=7,
    )
    functions = [each for each in found if isinstance(each, Function)]
    for each in functions:
        assert (each.subnet_ids, each.layers, each.kms_key_arn, each.after) == ((), (), "", None)
    assert "LogGroup" not in {kind_of(each) for each in found}


def test_the_stand_in_is_the_same_every_time(tmp_path: Path) -> None:
    assert stand_in(tmp_path / "a.zip").sha256 == stand_in(tmp_path / "b.zip").sha256


def test_people_are_told_who_gets_what(tmp_path: Path) -> None:
    assert [*lines(resources(tmp_path))] == [
        "work gets the messages of queue `work`",
        "news gets the messages of topic `news`",
        "hourly runs at rate(1 hour)",
    ]
    assert [*unread(an_app())] == [
        "logs gets nothing: no Kafka is here (`chalice invoke --local` runs it)"
    ]


def test_people_are_told_who_waits() -> None:
    app = Chalice("demo")
    assert waiting(app) is None
    app.lambda_function(name="one")(print)
    assert str(waiting(app)).startswith("one waits for events: ")
    for number in range(5):
        app.lambda_function(name=f"job{number}")(print)
    assert str(waiting(app)).startswith("one, job0, job1, job2, job3 and 1 more wait for events: ")


class Provided:
    """Sources in the cloud of the tests, what they said and what they warned of."""

    def __init__(self, cloud: CloudStatus) -> None:
        self.said: list[str] = []
        self.warned: list[ToolError] = []
        session = Session(endpoint_url=cloud.endpoint_url, gateway_url=cloud.gateway_url)
        self._sources = Sources(session, self.said.append, self.warned.append)

    def __call__(self, tmp_path: Path, app: Chalice, **settings: object) -> Sequence[Resource]:
        return self._sources.provide(resources(tmp_path, app, **settings))


@pytest.fixture
def provide(cloud: CloudStatus) -> Provided:
    return Provided(cloud)


def of_queue(name: str) -> Chalice:
    app = Chalice("demo")
    app.on_sqs_message(name)(print)
    return app


def mappings(found: Sequence[Resource]) -> list[EventSourceMapping]:
    return [each for each in found if isinstance(each, EventSourceMapping)]


def test_a_queue_that_is_made_hides_messages_for_as_long_as_its_function_may_take(
    provide: Provided, tmp_path: Path, cloud: CloudStatus
) -> None:
    name = unique("work")
    provide(tmp_path, of_queue(name), lambda_timeout=77)
    sqs = client(cloud, "sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert asked["VisibilityTimeout"] == "77"
    assert provide.said == [f"created queue `{name}`"]
    provide(tmp_path, of_queue(name), lambda_timeout=77)
    assert len(provide.said) == 1


def test_a_queue_that_a_function_cannot_read_is_left_alone_and_told_of(
    provide: Provided, tmp_path: Path, cloud: CloudStatus
) -> None:
    name = unique("short")
    client(cloud, "sqs").create_queue(QueueName=name, Attributes={"VisibilityTimeout": "5"})
    assert mappings(provide(tmp_path, of_queue(name))) == []
    assert provide.warned[0].summary == (
        f"queue `{name}` is not read: its VisibilityTimeout, 5 seconds, is less than "
        "the 60 seconds that the function may take"
    )


def of_table(name: str) -> Chalice:
    app = Chalice("demo")
    app.on_dynamodb_record(f"arn:aws:dynamodb:eu-west-1:999999999999:table/{name}/stream/x")(print)
    return app


def test_a_mapping_gets_the_stream_that_the_table_really_has(
    provide: Provided, tmp_path: Path, cloud: CloudStatus
) -> None:
    name = unique("things")
    found = mappings(provide(tmp_path, of_table(name)))
    table = client(cloud, "dynamodb").describe_table(TableName=name)["Table"]
    assert [each.source for each in found] == [table["LatestStreamArn"]]
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert mappings(provide(tmp_path, of_table(name))) == found
    assert len(provide.said) == 1


def test_a_table_without_a_stream_is_left_alone_and_told_of(
    provide: Provided, tmp_path: Path, cloud: CloudStatus
) -> None:
    name = unique("quiet")
    client(cloud, "dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert mappings(provide(tmp_path, of_table(name))) == []
    assert provide.warned[0].summary.startswith(f"table `{name}` has no stream")


def test_what_hears_of_lost_events_is_made_too(provide: Provided, tmp_path: Path) -> None:
    app, stream = Chalice("demo"), unique("clicks")
    queue, topic = unique("lost"), unique("lost")
    app.on_kinesis_record(stream, on_failure=f"arn:aws:sns:us-east-1:999999999999:{topic}")(print)
    provide(tmp_path, app, dead_letter=f"arn:aws:sqs:us-east-1:999999999999:{queue}")
    assert provide.said == [
        f"created queue `{queue}`",
        f"created topic `{topic}`",
        f"created stream `{stream}` with one shard",
    ]
