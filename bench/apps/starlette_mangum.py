"""Starlette behind Mangum; its CORS is middleware, here of one route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def build(routes: int) -> Callable[[dict[str, Any], Any], Any]:
    from mangum import Mangum
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.cors import CORSMiddleware
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def view(request: Request) -> JSONResponse:
        return JSONResponse({"hello": "world"})

    async def item(request: Request) -> JSONResponse:
        return JSONResponse({"hello": request.path_params["id"]})

    cors = [Middleware(CORSMiddleware, allow_origins=["*"])]
    app = Starlette(
        routes=[
            *(Route(f"/r{number}", view) for number in range(routes)),
            Route("/items/{id}", item),
            Route("/response", view),
            Route("/cors", view, middleware=cors),
        ]
    )
    return Mangum(app, lifespan="off")
