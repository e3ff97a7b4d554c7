"""An app whose functions and stages are all configured in ways of their own."""

from __future__ import annotations

from typing import Any

from chalice import Chalice

app = Chalice(app_name="rich")


@app.route("/")
def index() -> Any:
    return {"hello": "world"}


@app.lambda_function()
def worker(event: Any, context: Any) -> Any:
    return {}


@app.on_sqs_message(queue="q1")
def consumer(event: Any) -> None: ...
