"""Programs that something else than a request starts: time, files, messages."""

from __future__ import annotations

from typing import Any

import pytest

from chalice import Chalice, Cron, Rate
from chalice.app import (
    CloudWatchEvent,
    S3Event,
    S3EventConfig,
    ScheduledEventConfig,
    SNSEvent,
    SNSEventConfig,
    SQSEvent,
    SQSEventConfig,
)
from chalice.test import Client
from tests.programs.doors import CONTEXT
from tests.runtime.lambda_events import s3_event, scheduled_event, sns_event, sqs_event


def test_a_task_runs_every_few_minutes_and_needs_no_event(app: Chalice, client: Client) -> None:
    @app.schedule(Rate(10, unit=Rate.MINUTES))
    def water_plants() -> Any:
        return {"watered": 4}

    event = client.events.generate_schedule_event()
    assert client.lambda_.invoke("water_plants", event).payload == {"watered": 4}
    assert water_plants(scheduled_event(), CONTEXT) == {"watered": 4}
    assert water_plants.__name__ == "water_plants"
    [config] = app.event_sources
    assert isinstance(config, ScheduledEventConfig)
    assert isinstance(config.schedule_expression, Rate)
    assert config.schedule_expression.to_string() == "rate(10 minutes)"


def test_tasks_run_at_points_in_time_and_get_the_event(app: Chalice, client: Client) -> None:
    ran: list[str] = []

    @app.schedule(Cron(30, 6, "*", "*", "?", "*"))
    def morning(event: CloudWatchEvent) -> Any:
        """Wakes everybody up."""
        app.log.info("Waking up")
        ran.append(event.detail_type)
        return {"status": "awake"}

    @app.schedule("rate(2 hours)")
    def now_and_then(event: CloudWatchEvent) -> Any:
        ran.append(event.source)
        return {"status": "looked"}

    event = client.events.generate_schedule_event()
    assert client.lambda_.invoke("morning", event).payload == {"status": "awake"}
    assert now_and_then(scheduled_event(), CONTEXT) == {"status": "looked"}
    assert ran == ["Scheduled Event", "aws.events"]
    daily, often = app.event_sources
    assert isinstance(daily, ScheduledEventConfig)
    assert isinstance(daily.schedule_expression, Cron)
    assert daily.schedule_expression.to_string() == "cron(30 6 * * ? *)"
    assert isinstance(often, ScheduledEventConfig)
    assert often.schedule_expression == "rate(2 hours)"


def test_middleware_sees_the_event_of_a_task_that_does_not(app: Chalice) -> None:
    seen: list[Any] = []

    @app.middleware("scheduled")
    def watch(event: Any, get_response: Any) -> Any:
        seen.append(event.source)
        return [get_response(event)]

    @app.schedule("rate(1 day)", name="daily")
    async def tidy(*, thorough: bool = True) -> Any:
        return thorough

    assert tidy(scheduled_event(), CONTEXT) == [True]
    assert seen == ["aws.events"]


def test_a_task_with_any_arguments_gets_the_event(app: Chalice) -> None:
    @app.schedule("rate(1 day)")
    def tidy(*arguments: Any) -> int:
        return len(arguments)

    assert tidy(scheduled_event(), CONTEXT) == 1


def test_a_file_that_arrives_starts_a_function(
    app: Chalice, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    @app.on_s3_event(bucket="scans")
    def note(event: S3Event) -> None:
        print("%s has %s" % (event.bucket, event.key))  # noqa: T201, UP031  # as older programs write it

    @app.on_s3_event(bucket="letters", events=["s3:ObjectCreated:*"])
    def sort(event: S3Event) -> Any:
        return {"sorted": f"{event.bucket}/{event.key}"}

    note(client.events.generate_s3_event("scans", "page 1.png"), CONTEXT)
    note(s3_event("page+2.png"), CONTEXT)
    assert capsys.readouterr().out == "scans has page 1.png\namzn-s3-demo-bucket has page 2.png\n"
    event = client.events.generate_s3_event("letters", "in/a.txt")
    assert client.lambda_.invoke("sort", event).payload == {"sorted": "letters/in/a.txt"}


def test_only_some_files_start_a_function(app: Chalice) -> None:
    @app.on_s3_event("photos", events=["s3:ObjectCreated:Put"], prefix="new/", suffix=".png")
    def shrink(event: S3Event) -> str:
        return event.key

    [config] = app.event_sources
    assert isinstance(config, S3EventConfig)
    assert (config.bucket, config.events) == ("photos", ["s3:ObjectCreated:Put"])
    assert (config.prefix, config.suffix) == ("new/", ".png")
    assert shrink(s3_event("new/a.png"), CONTEXT) == "new/a.png"


def test_a_published_message_starts_a_function(app: Chalice, client: Client) -> None:
    @app.on_sns_message(topic="alarms")
    def alarm(event: SNSEvent) -> Any:
        return {"subject": event.subject, "message": event.message}

    event = client.events.generate_sns_event("smoke", subject="kitchen")
    expected = {"subject": "kitchen", "message": "smoke"}
    assert client.lambda_.invoke("alarm", event).payload == expected
    assert alarm(sns_event("fire", "attic"), CONTEXT) == {"subject": "attic", "message": "fire"}
    [config] = app.event_sources
    assert isinstance(config, SNSEventConfig)
    assert config.topic == "alarms"


def test_queued_messages_come_in_batches(app: Chalice, client: Client) -> None:
    packed: list[str] = []

    @app.on_sqs_message(queue="parcels")
    def one(event: SQSEvent) -> None:
        for record in event:
            packed.append(record.body)

    @app.on_sqs_message(queue="crates", batch_size=10)
    def ten(event: SQSEvent) -> Any:
        return {"packed": [record.body for record in event]}

    one(sqs_event("a", "b"), CONTEXT)
    one(client.events.generate_sqs_event(["c"]), CONTEXT)
    assert packed == ["a", "b", "c"]
    event = client.events.generate_sqs_event(["d", "e"], queue_name="crates")
    assert client.lambda_.invoke("ten", event).payload == {"packed": ["d", "e"]}
    assert [
        (config.queue, config.batch_size)
        for config in app.event_sources
        if isinstance(config, SQSEventConfig)
    ] == [("parcels", 1), ("crates", 10)]
