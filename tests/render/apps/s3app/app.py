"""An app that two buckets tell of objects."""

from __future__ import annotations

from typing import Any

from chalice import Chalice

app = Chalice(app_name="s3app")


@app.on_s3_event(
    bucket="bkt-one",
    prefix="in/",
    suffix=".csv",
    events=["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
)
def one(event: Any) -> None: ...


@app.on_s3_event(bucket="bkt-one", prefix="other/")
def two(event: Any) -> None: ...


@app.on_s3_event(bucket="bkt-two")
def three(event: Any) -> None: ...
