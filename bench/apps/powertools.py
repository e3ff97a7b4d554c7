"""The REST resolver of Powertools for AWS Lambda."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def build(routes: int) -> Callable[[dict[str, Any], Any], Any]:
    from aws_lambda_powertools.event_handler import (
        APIGatewayRestResolver,
        CORSConfig,
        Response,
        content_types,
    )

    app = APIGatewayRestResolver(cors=CORSConfig())

    def view() -> dict[str, str]:
        return {"hello": "world"}

    for number in range(routes):
        app.get(f"/r{number}", cors=False)(view)

    @app.get("/items/<id>", cors=False)
    def item(id: str) -> dict[str, str]:
        return {"hello": id}

    @app.get("/cors", cors=True)
    def cors() -> dict[str, str]:
        return {"hello": "world"}

    @app.get("/response", cors=False)
    def response() -> Any:
        return Response(200, content_types.APPLICATION_JSON, {"hello": "world"})

    return app.resolve
