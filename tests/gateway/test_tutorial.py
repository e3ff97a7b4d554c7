from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from chalice import AuthResponse, Chalice
from chalice.app import AuthRequest
from chalice.gateway.deployment import Deployment
from chalice.gateway.invoker import FunctionNotFoundError, InvocationResult
from chalice.model.values import Place, Ref, resolve_document
from chalice.openapi import document, invocation_uri
from tests.gateway.serving import Counter, gateway
from tests.gateway.tutorial import EXCHANGES, tutorial_app

PLACE = Place("aws", "eu-west-1", "123456789012")


class InProcess:
    """An invoker that calls the handlers of an app, each a function of its name."""

    def __init__(self, app: Chalice) -> None:
        self._handlers: dict[str, Callable[[Any, Any], Any]] = {
            **app.handler_map,
            "api_handler": app,
        }

    async def __call__(self, function: str, event: Mapping[str, object]) -> InvocationResult:
        handler = self._handlers.get(function.rpartition(":")[2])
        if handler is None:
            raise FunctionNotFoundError(function)
        answer = handler(json.loads(json.dumps(event)), None)
        return InvocationResult(json.dumps(answer).encode())


def deployed(app: Chalice) -> Deployment:
    """Deploy an app: what the planner and the control plane do, in three lines."""
    names = ["api_handler", *app.handler_map]
    known = {
        name: {"lambda_arn": f"arn:aws:lambda:eu-west-1:123456789012:function:{name}"}
        for name in names
    }
    made = document(
        app,
        uri=invocation_uri(Ref("api_handler", "lambda_arn")),
        authorizer_uri=lambda name: invocation_uri(Ref(name, "lambda_arn")),
    )
    resolved = json.loads(json.dumps(resolve_document(made, PLACE, known)))
    return Deployment(
        api_id="abc123",
        stage="api",
        document=resolved,
        account=PLACE.account,
        region=PLACE.region,
    )


def test_the_tutorial_answers_as_it_says() -> None:
    app = tutorial_app()
    served = gateway(deployed(app), InProcess(app))
    with Counter().open() as counter:
        for exchange in EXCHANGES:
            answer = counter.ask(
                served,
                method=exchange.method,
                target="/abc123/api" + exchange.target,
                headers=list(exchange.sent),
                content=exchange.content,
            )
            headers = tuple((name, answer.headers.get(name)) for name, _ in exchange.headers)
            assert (answer.status_code, headers, answer.content) == (
                exchange.status,
                exchange.headers,
                exchange.body,
            ), exchange


@pytest.mark.parametrize(
    ("token", "target", "status", "seen"),
    [
        ("allow", "/users/bob", 200, {"principalId": "bob", "admin": "true"}),
        ("allow", "/", 403, None),
        ("deny", "/users/bob", 403, None),
        ("nobody", "/users/bob", 500, None),
        (None, "/users/bob", 401, None),
    ],
)
def test_an_authorizer_of_the_app_guards_its_routes(
    token: str | None, target: str, status: int, seen: dict[str, str] | None
) -> None:
    app = Chalice("guarded", configure_logs=False, env={})

    @app.authorizer(name="by_token")
    def by_token(request: AuthRequest) -> AuthResponse | None:
        if request.token == "nobody":
            return None
        routes = ["/users/*"] if request.token == "allow" else []
        return AuthResponse(routes=routes, principal_id="bob", context={"admin": True})

    @app.route("/", authorizer=by_token)
    def index() -> Any:
        return {}

    @app.route("/users/{name}", authorizer=by_token)
    def user(name: str) -> Any:
        authorizer = dict(app.current_request.context["authorizer"])
        del authorizer["integrationLatency"]
        return authorizer

    with Counter().open() as counter:
        answer = counter.ask(
            gateway(deployed(app), InProcess(app)),
            target="/abc123/api" + target,
            headers={"Authorization": token} if token else {},
        )
    assert answer.status_code == status
    if seen is not None:
        assert answer.json() == seen
