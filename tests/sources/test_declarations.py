"""What is wrong with how a trigger is declared is found before anything is made, all at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalice.errors import ToolError
from chalice.graph import trigger_problems
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
    return list(trigger_problems(config.chalice_app, config))


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
