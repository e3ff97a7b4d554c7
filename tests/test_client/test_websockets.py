"""Clients of an app's WebSocket API: what they send, and what the app sends them."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from chalice import Chalice, Response, WebsocketDisconnectedError
from chalice.test import (
    Client,
    FunctionNotFoundError,
    NoMessageError,
    TestWebsocketClient,
    WebsocketRefusedError,
)

SEEN: list[Any] = []


@pytest.fixture
def app() -> Chalice:
    app = Chalice("chat", configure_logs=False)
    SEEN.clear()
    api = app.websocket_api  # kept, as programs do
    members: list[str] = []

    @app.on_ws_connect()
    def joined(event: Any) -> Any:
        request = event.to_dict()
        if "ban" in (request.get("queryStringParameters") or {}):
            return Response("", status_code=403)
        members.append(event.connection_id)
        SEEN.append(("joined", event.connection_id, request["headers"].get("X-Name")))
        return None

    @app.on_ws_message()
    def said(event: Any) -> Any:
        match event.body:
            case "leave":
                api.close(event.connection_id)
                SEEN.append("asked to leave")
            case "echo":
                return {"body": "echo"}
            case "fail":
                raise LookupError("failed")
            case "info":
                return {"body": api.info(event.connection_id)["Identity"]["SourceIp"]}
            case text:
                for member in members:
                    api.send(member, json.dumps({"said": text}))
        return None

    @app.on_ws_disconnect()
    def left(event: Any) -> None:
        members.remove(event.connection_id)
        context = event.to_dict()["requestContext"]
        reason = context["disconnectStatusCode"], context["disconnectReason"]
        SEEN.append(("left", event.connection_id, reason))

    @app.route("/shout", methods=["POST"])
    def shout() -> Any:
        for member in members:
            app.websocket_api.send(member, "SHOUT")
        return {}

    return app


def test_a_message_reaches_everybody(app: Chalice) -> None:
    with Client(app) as client:
        ann = client.ws.connect(headers={"X-Name": "Ann"})
        bob = client.ws.connect()
        assert ann.send("hi") == {"statusCode": 200}
        assert ann.receive_json() == bob.receive_json() == {"said": "hi"}
        with pytest.raises(NoMessageError):
            bob.receive()
        ann.close(4000, "tired")
        bob.send_json([1])
        assert bob.receive_json() == {"said": "[1]"}
    assert SEEN == [
        ("joined", "connection-1", "Ann"),
        ("joined", "connection-2", None),
        ("left", "connection-1", (4000, "tired")),
    ]


def test_a_body_that_is_returned_is_a_message(app: Chalice) -> None:
    with Client(app) as client, client.ws.connect() as connection:
        assert connection.send("echo") == {"statusCode": 200, "body": "echo"}
        assert connection.receive() == "echo"
        connection.send("info")
        assert connection.receive() == "127.0.0.1"
    assert not connection.is_open


def test_the_app_ends_a_connection_and_then_hears_that_it_is_over(app: Chalice) -> None:
    with Client(app) as client:
        connection = client.ws.connect(connection_id="ann")
        connection.send("leave")
        assert not connection.is_open
        assert SEEN[1:] == [
            "asked to leave",
            ("left", "ann", (1000, "Connection Closed Normally")),
        ]
        with pytest.raises(WebsocketDisconnectedError):
            connection.send("hi")
        with pytest.raises(WebsocketDisconnectedError):
            app.websocket_api.send("ann", "gone")


def test_the_app_refuses_a_connection(app: Chalice) -> None:
    with Client(app) as client:
        with pytest.raises(WebsocketRefusedError) as raised:
            client.ws.connect(query="ban=1")
        assert raised.value.status_code == 403
    assert SEEN == []


def test_what_a_handler_raises_is_raised(app: Chalice) -> None:
    with Client(app) as client, client.ws.connect() as connection:
        with pytest.raises(LookupError, match="failed"):
            connection.send("fail")
        connection.send("echo")
        assert connection.receive() == "echo"


def test_a_view_sends_to_clients_as_well(app: Chalice) -> None:
    with Client(app) as client:
        connection = client.ws.connect()
        assert client.http.post("/shout").status_code == 200
        assert connection.receive() == "SHOUT"


def test_a_message_of_another_thread_is_waited_for(app: Chalice) -> None:
    with Client(app) as client:
        connection = client.ws.connect(connection_id="ann")
        send = threading.Timer(0.02, app.websocket_api.send, ["ann", b"later"])
        send.start()
        assert connection.receive(timeout=5) == "later"
        send.join()


def test_outside_of_the_client_the_app_sends_to_aws(app: Chalice) -> None:
    with Client(app) as client:
        first = client.ws
        second = Client(app)
        assert isinstance(second.ws, TestWebsocketClient)
        first.close()  # the second one has the app now
        connection = second.ws.connect()
        connection.send("hi")
        assert connection.receive_json() == {"said": "hi"}
        second.ws.close()
    with pytest.raises(ValueError, match=r"app\.websocket_api\.session"):
        app.websocket_api.send("ann", "hi")


def test_an_app_without_a_handler_of_messages_has_none() -> None:
    app = Chalice("silent", configure_logs=False)
    with Client(app) as client:
        connection = client.ws.connect()
        with pytest.raises(FunctionNotFoundError, match="websocket_message"):
            connection.send("hi")
        connection.close()


def test_handlers_have_the_environment_of_their_functions(app: Chalice, tmp_path: Path) -> None:
    quiet = Chalice("quiet", configure_logs=False)
    quiet.on_ws_message(name="m")(lambda event: {"body": os.environ["CHALICE_WHERE"]})
    quiet.on_ws_connect(name="c")(lambda event: SEEN.append(os.environ["CHALICE_WHERE"]))
    functions = {
        name: {"environment_variables": {"CHALICE_WHERE": name}}
        for name in ("websocket_message", "websocket_connect")
    }
    (tmp_path / ".chalice").mkdir()
    config = {"version": "2.0", "app_name": "quiet", "lambda_functions": functions}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    with Client(quiet, project_dir=tmp_path) as client, client.ws.connect() as connection:
        connection.send("")
        assert connection.receive() == "websocket_message"
    assert SEEN == ["websocket_connect"]
