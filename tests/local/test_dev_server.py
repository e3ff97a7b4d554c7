"""A server that a program starts itself, over real sockets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from chalice import AuthResponse, Chalice
from chalice.config import Config
from chalice.errors import ToolError
from chalice.local import LocalDevServer, create_local_server


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Chalice:
    for name in ("AWS_REGION", "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"):
        monkeypatch.setenv(name, "eu-west-1")  # which it sets, and gets back at the end
    app = Chalice("served", configure_logs=False)

    @app.authorizer()
    def gate(request: Any) -> AuthResponse:
        return AuthResponse(["*"] if request.token == "yes" else [], "ann")

    @app.route("/", methods=["GET", "POST"])
    def index() -> Any:
        request = app.current_request
        return {"method": request.method, "body": request.json_body}

    @app.route("/own", authorizer=gate)
    def own() -> Any:
        return app.current_request.context["authorizer"]["principalId"]

    return app


@contextmanager
def serving(server: LocalDevServer) -> Iterator[httpx.Client]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with client_of(server) as client:
            yield client
    finally:
        server.shutdown()
        thread.join(10)
    assert not thread.is_alive()


def client_of(server: LocalDevServer) -> httpx.Client:
    url = f"http://127.0.0.1:{server.server.server_port}"
    return httpx.Client(base_url=url, trust_env=False, timeout=10)


@pytest.mark.parametrize("config", [None, Config.create(app_name="served")])
def test_it_serves_until_it_is_shut_down(app: Chalice, config: Config | None) -> None:
    server = create_local_server(app, config, "127.0.0.1", 0)
    assert (server.app_object, server.host, server.port) == (app, "127.0.0.1", 0)
    assert server.server.server_address == ("127.0.0.1", server.server.server_port)
    with serving(server) as client:
        assert client.post("/", json=[1]).json() == {"method": "POST", "body": [1]}
        assert client.get("/own", headers={"Authorization": "yes"}).text == "ann"
        assert client.get("/own", headers={"Authorization": "no"}).status_code == 403
        assert client.get("/nothing").status_code == 403
    with client_of(server) as client, pytest.raises(httpx.ConnectError):
        client.get("/")


def test_single_requests_are_answered_one_by_one(app: Chalice) -> None:
    server = LocalDevServer(app, None, "127.0.0.1", 0)
    answers = []

    def ask() -> None:
        with client_of(server) as client:
            answers.append(client.get("/").json()["method"])

    for _ in range(2):
        asking = threading.Thread(target=ask)
        asking.start()
        server.handle_single_request()
        asking.join(10)
    server.shutdown()
    assert answers == ["GET", "GET"]


def test_two_servers_of_one_app_serve_side_by_side(app: Chalice) -> None:
    one, two = (create_local_server(app, None, "127.0.0.1", 0) for _ in range(2))
    with serving(one) as first, serving(two) as second:
        assert first.get("/").status_code == second.get("/").status_code == 200
    assert type(app) is Chalice


def test_it_serves_websockets(app: Chalice) -> None:
    app.on_ws_message()(lambda event: {"body": event.body.upper()})
    server = create_local_server(app, None, "127.0.0.1", 0)
    with serving(server):
        url = f"ws://127.0.0.1:{server.server.server_port}"
        with connect(url, proxy=None, open_timeout=10) as client:
            client.send("hi")
            assert client.recv(timeout=10) == "HI"


def test_a_port_that_is_in_use_is_an_error(app: Chalice) -> None:
    server = create_local_server(app, None, "127.0.0.1", 0)
    with pytest.raises(ToolError, match="is in use"):
        create_local_server(app, None, "127.0.0.1", server.server.server_port)
    server.shutdown()


def test_one_that_was_shut_down_before_does_not_serve(app: Chalice) -> None:
    server = create_local_server(app, None, "127.0.0.1", 0)
    server.shutdown()
    server.serve_forever()
