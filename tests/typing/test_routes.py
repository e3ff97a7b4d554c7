"""What a type checker knows of decorated functions; mypy checks this file, pytest runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typing_extensions import assert_type

from chalice import Blueprint, Response
from chalice.app import AuthRequest, ChaliceAuthorizer, Request
from tests.runtime.events import new_app


def test_decorators_keep_the_type_of_the_function() -> None:
    app, blueprint = new_app(), Blueprint("part")

    def view(id: int) -> list[int]:
        return [id]

    def middleware(event: Request, get_response: Callable[[Request], Response]) -> Response:
        return get_response(event)

    def on_error(error: ValueError) -> str:
        return str(error)

    def gate(request: AuthRequest) -> dict[str, Any]:
        return {}

    assert_type(app.route("/{id}", methods=["GET"])(view)(1), list[int])
    assert_type(blueprint.route("/{id}")(view)(1), list[int])
    assert_type(app.post("/{id}", cors=True)(view)(1), list[int])
    assert_type(app.error(ValueError)(on_error)(ValueError()), str)
    assert_type(app.authorizer()(gate), ChaliceAuthorizer)
    assert_type(app.current_request, Request | Any)
    assert app.middleware("http")(middleware) is middleware
