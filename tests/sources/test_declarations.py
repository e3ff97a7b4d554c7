"""What is wrong with how a trigger is declared is found before anything is made, all at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalice import graph
from chalice.errors import ToolError
from tests.config.projects import untouched_process, write_project

PLAIN = """
from chalice import Chalice

app = Chalice(app_name="demo")


@app.route("/")
def index():
    return {}
"""


@pytest.fixture(autouse=True)
def process() -> Iterator[None]:
    with untouched_process():
        yield


def problems(project: Path, app: str) -> list[ToolError]:
    config = write_project(project, app)
    return list(graph.problems(config.chalice_app, config))


def summaries(project: Path, declarations: str) -> list[str]:
    return [problem.summary for problem in problems(project, PLAIN + declarations)]


def test_a_queue_is_given_by_its_name_or_its_arn(tmp_path: Path) -> None:
    app = (
        PLAIN
        + """

@app.on_sqs_message(queue="arn:aws:sqs:us-east-1:123456789012:orders")
def by_arn(event):
    pass


@app.on_sqs_message(queue="https://sqs.us-east-1.amazonaws.com/123456789012/orders")
def by_url(event):
    pass


@app.on_sqs_message(queue_arn="orders")
def by_name(event):
    pass


@app.on_sqs_message(queue="orders", name="good")
@app.on_sqs_message(queue_arn="arn:aws:sqs:us-east-1:123456789012:orders")
def fine(event):
    pass
"""
    )
    assert [(each.where, each.summary, each.hint) for each in problems(tmp_path, app)] == [
        (
            "app.py:12 in `by_arn`",
            "`queue` is an ARN: `arn:aws:sqs:us-east-1:123456789012:orders`",
            "pass it as `queue_arn=`, or use the bare name `orders`",
        ),
        (
            "app.py:17 in `by_url`",
            "`queue` is a URL: `https://sqs.us-east-1.amazonaws.com/123456789012/orders`",
            "use the bare name `orders`",
        ),
        (
            "app.py:22 in `by_name`",
            "`queue_arn` is no ARN: `orders`",
            "it begins with `arn:`; pass a bare name as `queue=`",
        ),
    ]


def test_the_numbers_of_a_queue_are_those_that_lambda_takes(tmp_path: Path) -> None:
    declarations = """

@app.on_sqs_message(queue="a", batch_size=0)
def none(event):
    pass


@app.on_sqs_message(queue="b.fifo", batch_size=11)
def ordered(event):
    pass


@app.on_sqs_message(queue="c", batch_size=11)
def at_once(event):
    pass


@app.on_sqs_message(queue="d", maximum_concurrency=1, maximum_batching_window_in_seconds=301)
def narrow(event):
    pass


@app.on_sqs_message(queue="e", batch_size=10000, maximum_batching_window_in_seconds=300)
def wide(event):
    pass
"""
    assert summaries(tmp_path, declarations) == [
        "`batch_size` is 0",
        "`batch_size` is 11",
        "`batch_size` is 11 and no batching window is set",
        "`maximum_batching_window_in_seconds` is 301",
        "`maximum_concurrency` is 1",
    ]


def test_what_a_kafka_cluster_is_told_must_be_what_lambda_knows(tmp_path: Path) -> None:
    declarations = """

@app.on_kafka("clicks", "arn:aws:sqs:us-east-1:1:queue", starting_position="FIRST")
def managed(event):
    pass


@app.on_kafka("clicks", bootstrap_servers=["kafka"], access={"PASSWORD": "x"})
def own(event):
    pass


@app.on_kafka("clicks", bootstrap_servers=["kafka:9092"], access={"VPC_SUBNET": ["subnet-1"]})
def fine(event):
    pass
"""
    assert summaries(tmp_path, declarations) == [
        "`cluster_arn` is no ARN of an MSK cluster: `arn:aws:sqs:us-east-1:1:queue`",
        "`starting_position` is `FIRST`",
        "`kafka` is no bootstrap server",
        "`PASSWORD` is no type of source access configuration",
    ]


def test_other_triggers_are_checked_as_well(tmp_path: Path) -> None:
    declarations = """

@app.on_s3_event(bucket="arn:aws:s3:::photos", events=["ObjectCreated:*"])
def photo(event):
    pass


@app.on_sns_message(topic="news.fifo", filter_policy_scope="Body")
def news(event):
    pass


@app.on_kinesis_record(stream="arn:aws:kinesis:us-east-1:1:stream/c", parallelization_factor=11)
def click(event):
    pass


@app.on_dynamodb_record(stream_arn="arn:aws:dynamodb:us-east-1:1:table/T", on_failure="lost")
def change(event):
    pass


@app.schedule("rate(1 hours)")
def hourly(event):
    pass


@app.schedule("cron(0 10 * * * *)")
def daily(event):
    pass


@app.schedule("every day")
def sometimes(event):
    pass


@app.on_cw_event({}, event_bus="arn:aws:events:us-east-1:1:rule/x")
def anything(event):
    pass
"""
    assert summaries(tmp_path, declarations) == [
        "`bucket` is no name of a bucket: `arn:aws:s3:::photos`",
        "`ObjectCreated:*` is no type of S3 event",
        "the FIFO topic `news.fifo` cannot trigger a function",
        "`filter_policy_scope` is `Body`",
        "`stream` is no name of a stream: `arn:aws:kinesis:us-east-1:1:stream/c`",
        "`parallelization_factor` is 11",
        "`stream_arn` is no ARN of a table's stream: `arn:aws:dynamodb:us-east-1:1:table/T`",
        "`on_failure` is no ARN: `lost`",
        "`rate(1 hours)` is no schedule",
        "`cron(0 10 * * * *)` is no schedule",
        "`every day` is no schedule",
        "`event_pattern` is no pattern: {}",
        "`event_bus` is no ARN of an event bus: `arn:aws:events:us-east-1:1:rule/x`",
    ]
