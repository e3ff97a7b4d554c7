"""An app with every trigger but buckets."""

from __future__ import annotations

from typing import Any

from chalice import Chalice, Cron, Rate

app = Chalice(app_name="evt")


@app.lambda_function()
def plain(event: Any, context: Any) -> Any:
    return {"plain": event}


@app.lambda_function(name="custom-name")
def renamed(event: Any, context: Any) -> None: ...


@app.schedule(Rate(5, unit=Rate.MINUTES), description="every five")
def tick(event: Any) -> None: ...


@app.schedule(Cron(0, 18, "?", "*", "MON-FRI", "*"))
def cronny(event: Any) -> None: ...


@app.schedule("rate(1 hour)", name="str_sched")
def string_sched(event: Any) -> None: ...


@app.on_cw_event({"source": ["aws.codecommit"]})
def on_commit(event: Any) -> None: ...


@app.on_sns_message(topic="mytopic")
def on_topic(event: Any) -> None: ...


@app.on_sns_message(topic="arn:aws:sns:us-east-1:123456789012:other")
def on_topic_arn(event: Any) -> None: ...


@app.on_sqs_message(
    queue="myqueue",
    batch_size=5,
    maximum_batching_window_in_seconds=3,
    maximum_concurrency=10,
)
def on_queue(event: Any) -> None: ...


@app.on_sqs_message(queue_arn="arn:aws:sqs:us-west-2:123456789012:arnq")
def on_queue_arn(event: Any) -> None: ...


@app.on_kinesis_record(
    stream="mystream",
    batch_size=20,
    starting_position="TRIM_HORIZON",
    maximum_batching_window_in_seconds=2,
)
def on_stream(event: Any) -> None: ...


@app.on_dynamodb_record(stream_arn="arn:aws:dynamodb:us-west-2:123456789012:table/T/stream/2020")
def on_table(event: Any) -> None: ...
