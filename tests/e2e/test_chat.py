"""A WebSocket API: deployed by the real program, with clients of the websockets library."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from tests.cloud.waiting import wait_until
from tests.e2e.project import Project

APP = """
import boto3
from chalice import Chalice, WebsocketDisconnectedError

app = Chalice(app_name="chat")
app.experimental_feature_flags.update(["WEBSOCKETS"])
app.websocket_api.session = boto3.session.Session()


@app.on_ws_connect()
def join(event):
    query = event.to_dict().get("queryStringParameters") or {}
    if query.get("who") == "nobody":
        return {"statusCode": 403}


@app.on_ws_message()
def say(event):
    if event.body == "bye":
        app.websocket_api.close(event.connection_id)
        return
    if event.body.startswith("to "):
        _, who, text = event.body.split(" ", 2)
        try:
            app.websocket_api.send(who, text)
        except WebsocketDisconnectedError as gone:
            app.websocket_api.send(event.connection_id, f"gone {gone.connection_id}")
        return
    if event.body == "who":
        app.websocket_api.send(event.connection_id, event.connection_id)
        return
    app.websocket_api.send(event.connection_id, event.body.upper())
"""
LEAVING = """

@app.on_ws_disconnect()
def leave(event):
    print("LEFT " + event.connection_id)
"""


@pytest.fixture(scope="module")
def project(new_project: Callable[[str], Project]) -> Iterator[Project]:
    made = new_project("chat")
    made.write("app.py", APP)
    made.run("deploy", "--local")
    yield made
    made.run("delete", "--local", "-y")


@pytest.fixture
def url(project: Project) -> str:
    return project.run("url").stdout.strip()


def talk(client: Connection, text: str) -> str:
    client.send(text)
    answer = client.recv(timeout=20)
    assert isinstance(answer, str)
    return answer


def test_a_message_is_answered_through_the_api(url: str) -> None:
    assert url.startswith("ws://127.0.0.1:")
    with connect(url) as client:
        assert talk(client, "hello") == "HELLO"


def test_a_handler_may_refuse_a_connection(url: str) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(f"{url}?who=nobody"):
        pass
    assert refused.value.response.status_code == 403


def test_clients_reach_each_other_until_they_leave(url: str) -> None:
    with connect(url) as ann:
        with connect(url) as bob:
            id_ = talk(bob, "who")
            ann.send(f"to {id_} hi")
            assert bob.recv(timeout=20) == "hi"
        wait_until(lambda: talk(ann, f"to {id_} hi?") == f"gone {id_}")


def test_a_handler_may_end_a_connection(url: str) -> None:
    with connect(url) as client:
        client.send("bye")
        assert list(client) == []


def test_a_route_is_added_while_clients_stay_connected(project: Project, url: str) -> None:
    with connect(url) as client:
        assert talk(client, "before") == "BEFORE"
        project.write("app.py", APP + LEAVING)
        planned = project.run("plan", "--local").stdout
        assert "+ create lambda function: chat-dev-websocket_disconnect" in planned
        assert "~ update Websocket API: chat-dev-websocket-api" in planned
        project.run("deploy", "--local")
        assert project.run("url").stdout.strip() == url
        assert talk(client, "after") == "AFTER"
        id_ = talk(client, "who")

    def left() -> bool:
        return f"LEFT {id_}" in project.run("logs", "-n", "websocket_disconnect").stdout

    wait_until(left)
    project.write("app.py", APP)
    project.run("deploy", "--local")
    recorded = json.loads(project.run("deploy", "--local", "--json").stdout)["resources"]
    assert "websocket_disconnect" not in {each["name"] for each in recorded}
