"""An app that leaves nothing behind in the process, and the ways into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import pytest

from chalice import Chalice
from chalice.test import Client
from tests.programs.doors import DOORS, Answer, Door

Ask: TypeAlias = Callable[..., Answer]


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chalice]:
    """An app as programs make it: it logs to stdout, and signs the process's environment."""
    monkeypatch.setenv("AWS_EXECUTION_ENV", "AWS_Lambda_python3.13")
    app = Chalice(app_name="program")
    yield app
    app.log.handlers.clear()


@pytest.fixture(params=DOORS, ids=lambda door: door.__name__)
def door(request: pytest.FixtureRequest) -> Door:
    """Each way into an app."""
    door: Door = request.param
    return door


@pytest.fixture
def ask(app: Chalice, door: Door) -> Ask:
    """Ask the app: `ask("PUT", "/things/7", headers={...}, body=b"...")`."""

    def ask(
        method: str, target: str, headers: Mapping[str, str] | None = None, body: Any = None
    ) -> Answer:
        return door(app, method, target, headers or {}, body)

    return ask


@pytest.fixture
def client(app: Chalice) -> Client:
    """The app's test client."""
    return Client(app)
