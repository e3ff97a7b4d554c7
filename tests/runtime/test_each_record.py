"""`each=True`: one record at a time, and a report of those that failed."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from chalice import Blueprint, Response
from chalice.app import DynamoDBRecord, KinesisRecord, SQSEvent, SQSRecord
from tests.runtime.events import new_app
from tests.runtime.lambda_events import CONTEXT, dynamodb_event, kinesis_event, sqs_event


def failed(*identifiers: str) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


def fail(record: object) -> None:
    raise ValueError


def test_messages_that_failed_are_reported_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    app = new_app()
    seen: list[str] = []

    @app.on_sqs_message("q", batch_size=10, each=True)
    def handle(record: SQSRecord) -> str:
        seen.append(record.body)
        assert record.context is CONTEXT
        if record.body == "bad":
            raise ValueError("no good")
        return "what it returns does not matter"

    assert handle(sqs_event("a", "bad", "b", "bad", "c"), CONTEXT) == failed("id-1", "id-3")
    assert seen == ["a", "bad", "b", "bad", "c"]
    first, second = caplog.records
    assert (first.name, first.levelno) == ("tested", logging.ERROR)
    assert first.getMessage() == "Caught exception for record id-1"
    assert "ValueError: no good" in caplog.text
    assert second.getMessage() == "Caught exception for record id-3"
    assert handle(sqs_event("a"), CONTEXT) == failed()
    assert handle({"Records": []}, CONTEXT) == failed()


@pytest.mark.parametrize(
    ("declared", "sent"), [("orders.fifo", "orders.fifo"), ("orders", "orders.fifo")]
)
def test_a_fifo_queue_stops_at_the_first_failure(declared: str, sent: str) -> None:
    app = new_app()
    seen: list[str] = []

    @app.on_sqs_message(declared, each=True)
    def handle(record: SQSRecord) -> None:
        seen.append(record.body)
        if record.body == "bad":
            raise ValueError

    event = sqs_event("a", "bad", "b", "bad", "c", queue=sent)
    assert handle(event, CONTEXT) == failed("id-1", "id-2", "id-3", "id-4")
    assert seen == ["a", "bad"]


def test_a_queue_given_by_arn_is_fifo_by_that() -> None:
    handle = new_app().on_sqs_message(queue_arn="arn:aws:sqs:us-east-1:1:o.fifo", each=True)(fail)
    assert handle(sqs_event("a", "b"), CONTEXT) == failed("id-0", "id-1")


def test_a_standard_queue_with_message_groups_goes_on() -> None:
    seen: list[str] = []

    @new_app().on_sqs_message("fair", each=True)
    def handle(record: SQSRecord) -> None:
        seen.append(record.body)
        raise ValueError

    event = sqs_event("a", "b")
    for record in event["Records"]:
        record["attributes"]["MessageGroupId"] = "tenant"
    handle(event, CONTEXT)
    assert seen == ["a", "b"]


def test_without_an_arn_message_groups_tell_a_fifo_queue() -> None:
    seen: list[str] = []

    @new_app().on_sqs_message("orders", each=True)
    def handle(record: SQSRecord) -> None:
        seen.append(record.body)
        raise ValueError

    event = sqs_event("a", "b", queue="orders.fifo")
    for record in event["Records"]:
        del record["eventSourceARN"]
    assert handle(event, CONTEXT) == failed("id-0", "id-1")
    assert seen == ["a"]
    for record in event["Records"]:
        del record["attributes"]
    handle(event, CONTEXT)
    assert seen == ["a", "a", "b"]


def test_a_stream_stops_at_the_first_failure_and_reports_that_one() -> None:
    app = new_app()
    seen: list[bytes] = []

    @app.on_kinesis_record("s", each=True)
    def handle(record: KinesisRecord) -> None:
        seen.append(record.data)
        if record.data == b"b":
            raise ValueError

    assert handle(kinesis_event("YQ==", "Yg==", "Yw=="), CONTEXT) == failed("number-1")
    assert seen == [b"a", b"b"]


def test_a_table_stops_at_the_first_failure_and_reports_that_one() -> None:
    app = new_app()
    seen: list[str] = []

    @app.on_dynamodb_record("arn", each=True)
    def handle(record: DynamoDBRecord) -> None:
        seen.append(record.event_name)
        if record.event_name == "INSERT":
            raise ValueError

    assert handle(dynamodb_event(), CONTEXT) == failed("111")
    assert seen == ["INSERT"]


def test_a_record_that_cannot_be_read_has_failed() -> None:
    app = new_app()
    handle = app.on_kinesis_record("s", each=True)(lambda record: None)
    event = kinesis_event("YQ==", "YQ==")
    del event["Records"][1]["kinesis"]["data"]
    assert handle(event, CONTEXT) == failed("number-1")


def test_a_failure_that_cannot_be_reported_fails_the_whole_batch() -> None:
    app = new_app()
    handle = app.on_sqs_message("q", each=True)(fail)
    event = sqs_event("a")
    del event["Records"][0]["messageId"]
    with pytest.raises(KeyError, match="messageId"):
        handle(event, CONTEXT)


def test_the_end_of_the_process_is_no_failure_of_a_record() -> None:
    app = new_app()

    @app.on_sqs_message("q", each=True)
    def handle(record: SQSRecord) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        handle(sqs_event("a"), CONTEXT)


def test_error_handlers_count_for_each_record() -> None:
    app = new_app()
    app.error(KeyError)(lambda error: "handled")
    app.error(ValueError)(lambda error: Response("for browsers", status_code=500))

    @app.on_sqs_message("q", each=True)
    def handle(record: SQSRecord) -> None:
        raise {"key": KeyError, "value": ValueError, "type": TypeError}[record.body]

    assert handle(sqs_event("key", "value", "type"), CONTEXT) == failed("id-1", "id-2")


def test_middleware_sees_the_whole_batch_and_the_report() -> None:
    app = new_app()
    seen: list[Any] = []

    @app.middleware("sqs")
    def watch(event: SQSEvent, get_response: Any) -> Any:
        seen.append(len([*event]))
        report = get_response(event)
        seen.append(report)
        return report

    handle = app.on_sqs_message("q", each=True)(fail)
    assert handle(sqs_event("a", "b"), CONTEXT) == failed("id-0", "id-1")
    assert seen == [2, failed("id-0", "id-1")]


def test_a_blueprint_reports_before_and_after_it_is_registered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app, blueprint = new_app(), Blueprint("part")

    @blueprint.on_sqs_message("q", each=True)
    def handle(record: SQSRecord) -> None:
        raise ValueError

    assert handle(sqs_event("a"), CONTEXT) == failed("id-0")
    app.register_blueprint(blueprint)
    assert handle(sqs_event("a"), CONTEXT) == failed("id-0")
    assert app.handler_map["handle"](sqs_event("a"), CONTEXT) == failed("id-0")
    assert [record.name for record in caplog.records] == [__name__, "tested", "tested"]


def test_many_failures_take_no_more_than_their_number() -> None:
    handle = new_app().on_sqs_message("q", each=True)(fail)
    report = handle(sqs_event(*["bad"] * 2000), CONTEXT)
    assert len(report["batchItemFailures"]) == 2000
