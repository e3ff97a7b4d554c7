"""Samples of requests and of WebSocket events are what the gateway really sends."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from chalice import Chalice
from chalice.config import Config
from chalice.local import LocalDevServer, create_local_server
from chalice.sources.requests import Door
from chalice.sources.samples import sample
from tests.sources.shapes import shape

DOORS: list[Door] = ["rest", "http", "function_url"]
OF_THE_CLIENT = ("headers", "multiValueHeaders")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Chalice:
    for name in ("AWS_REGION", "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"):
        monkeypatch.setenv(name, "eu-west-1")  # which the server sets
    return Chalice("served", configure_logs=False)


@contextmanager
def serving(app: Chalice, **settings: str) -> Iterator[LocalDevServer]:
    config = Config.create(app_name="served", **settings)
    server = create_local_server(app, config, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join(10)


def comparable(event: Mapping[str, Any]) -> object:
    """The shape of an event without what depends on the client."""
    return shape({name: value for name, value in event.items() if name not in OF_THE_CLIENT})


@pytest.mark.parametrize("door", DOORS)
def test_a_request_has_the_shape_that_the_gateway_sends(app: Chalice, door: Door) -> None:
    seen: SimpleQueue[Any] = SimpleQueue()

    @app.route("/orders/{number}", methods=["POST", "GET"])
    def order(number: str) -> Any:
        seen.put(app.current_request.to_original_event())
        return {}

    with serving(app, api_gateway_type=door) as server:
        url = f"http://127.0.0.1:{server.server.server_port}/orders/7"
        with httpx.Client(trust_env=False, timeout=10) as client:
            client.post(f"{url}?a=1&a=2", json={})
            client.get(url)
    entries = app.routes["/orders/{number}"]
    asked = {"number": "7", "query": "a=1&a=2"}
    for given, method in ((asked, "POST"), ({"number": "7"}, "GET")):
        sent = seen.get(timeout=1)
        made = sample(entries[method], given, door=door)
        assert comparable(made) == comparable(sent)
        for name in ("path", "rawPath", "pathParameters", "routeKey", "body", "rawQueryString"):
            assert made.get(name) == sent.get(name)


def test_events_of_a_websocket_have_the_shape_that_the_gateway_sends(app: Chalice) -> None:
    seen: SimpleQueue[Any] = SimpleQueue()

    def keep(event: Any) -> None:
        seen.put(event.to_dict())

    app.on_ws_connect(name="connect")(keep)
    app.on_ws_message(name="message")(keep)
    app.on_ws_disconnect(name="disconnect")(keep)
    with serving(app) as server:
        url = f"ws://127.0.0.1:{server.server.server_port}/?a=1"
        with connect(url, proxy=None, open_timeout=10) as client:
            client.send("hi")
            sent = [seen.get(timeout=10), seen.get(timeout=10)]
        sent.append(seen.get(timeout=10))
    given: list[Mapping[str, str]] = [{"query": "a=1"}, {"body": "hi"}, {}]
    for record, options, event in zip(app.websocket_handlers.values(), given, sent, strict=True):
        assert comparable(sample(record, options)) == comparable(event)
