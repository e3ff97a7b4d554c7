"""A private API."""

from __future__ import annotations

from typing import Any

from chalice import Chalice

app = Chalice(app_name="priv")


@app.route("/")
def index() -> Any:
    return {}
