"""API Gateway REST events as the runtime reads them, and the answers of an app to them."""

from __future__ import annotations

from typing import Any

from chalice import Chalice

DEFAULT_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": (
        "Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key"
    ),
}


def rest_event(
    method: str = "GET",
    path: str = "/",
    *,
    headers: dict[str, str] | None = None,
    uri: dict[str, str] | None = None,
    query: dict[str, list[str]] | None = None,
    body: str | bytes | None = None,
) -> dict[str, Any]:
    return {
        "requestContext": {"httpMethod": method, "resourcePath": path},
        "headers": headers or {},
        "pathParameters": uri,
        "multiValueQueryStringParameters": query,
        "body": body,
        "stageVariables": {},
    }


def new_app(*, debug: bool = False) -> Chalice:
    return Chalice("tested", debug=debug, configure_logs=False, env={})


def answer_to(value: Any, **event: Any) -> dict[str, Any]:
    """What an app answers whose only view, at `/`, returns `value`."""
    app = new_app()
    app.route("/")(lambda: value)
    return app(rest_event(**event), None)
