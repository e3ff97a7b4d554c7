"""Ours and AWS Chalice: one program runs on both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def build(routes: int) -> Callable[[dict[str, Any], Any], Any]:
    from chalice import Chalice, Response

    app = Chalice(app_name="bench")

    def view() -> dict[str, str]:
        return {"hello": "world"}

    for number in range(routes):
        app.route(f"/r{number}")(view)

    @app.route("/items/{id}")
    def item(id: str) -> dict[str, str]:
        return {"hello": id}

    @app.route("/cors", cors=True)
    def cors() -> dict[str, str]:
        return {"hello": "world"}

    @app.route("/response")
    def response() -> Response:
        return Response({"hello": "world"}, headers={"Content-Type": "application/json"})

    return app
