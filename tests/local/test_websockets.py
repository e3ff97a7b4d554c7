from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from tests.local.program import Program, make_project, running, write

APP = """
import boto3
from chalice import Chalice, Response, WebsocketDisconnectedError

app = Chalice(app_name="chat")
app.experimental_feature_flags.update(["WEBSOCKETS"])
app.websocket_api.session = boto3.session.Session()
seen = []

@app.route("/")
def index():
    return seen

@app.route("/tell/{client}", methods=["POST"])
def tell(client):
    try:
        app.websocket_api.send(client, "from a view")
        return app.websocket_api.info(client)["Identity"]
    except WebsocketDisconnectedError as error:
        return {"gone": error.connection_id}

@app.on_ws_connect()
def connected(event):
    if "token" not in event.to_dict().get("queryStringParameters", {}):
        return Response({}, status_code=401)
    seen.append(["connect", event.connection_id])

@app.on_ws_message()
def message(event):
    said = event.json_body
    if said.get("leave"):
        app.websocket_api.close(event.connection_id)
        return
    app.websocket_api.send(event.connection_id, said["text"] + "MARK" + event.connection_id)

@app.on_ws_disconnect()
def left(event):
    seen.append(["disconnect", event.connection_id])
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("chat"), APP.replace("MARK", "!"))


@pytest.fixture(scope="module")
def program(project: Path) -> Iterator[Program]:
    with running(project, HOME=str(project), AWS_EC2_METADATA_DISABLED="true") as program:
        yield program


def join(program: Program, path: str = "/?token=a", **more: Any) -> Connection:
    return connect(program.url.replace("http", "ws") + path, proxy=None, **more)


def say(client: Connection, text: str = "hi") -> tuple[str, str]:
    """Say something and return the answer and the id of the connection."""
    client.send(f'{{"text": "{text}"}}')
    answer = str(client.recv(timeout=30))
    return answer[: len(text) + 1], answer[len(text) + 1 :]


def test_the_terminal_shows_where_to_connect(program: Program) -> None:
    assert program.out.wait_for("WebSockets on") == f"WebSockets on ws://127.0.0.1:{program.port}"


def test_a_handler_answers_without_an_account(program: Program) -> None:
    with join(program) as one, join(program, "/api?token=b") as other:
        said, first = say(one)
        assert said == "hi!"
        assert say(other, "ho")[0] == "ho!"
        assert say(one)[1] == first


def test_a_handler_refuses_a_client(program: Program) -> None:
    with pytest.raises(InvalidStatus) as refused:
        join(program, "/")
    assert refused.value.response.status_code == 401
    with pytest.raises(InvalidStatus) as refused:
        join(program, "/elsewhere?token=a")
    assert refused.value.response.status_code == 403


def test_a_view_sends_to_a_client_until_it_has_left(program: Program) -> None:
    with join(program) as client:
        _, name = say(client)
        told = program.client.post(f"/tell/{name}")
        assert told.json()["SourceIp"] == "127.0.0.1"
        assert client.recv(timeout=30) == "from a view"
        client.send('{"leave": true}')
        with pytest.raises(Exception, match="1000"):
            client.recv(timeout=30)
    while ["disconnect", name] not in program.get().json():
        pass
    assert program.client.post(f"/tell/{name}").json() == {"gone": name}


def test_connections_outlive_the_code(program: Program, project: Path) -> None:
    with join(program) as client:
        _, name = say(client)
        write(project, "app.py", APP.replace("MARK", "?"))
        program.out.wait_for("Serving what app.py says now")
        assert say(client) == ("hi?", name)
    program.wait_until([["disconnect", name]])


def test_only_those_who_sign_reach_the_connections(program: Program) -> None:
    with join(program) as client:
        _, name = say(client)
        path = f"/localsockets/api/@connections/{name}"
        assert program.client.post(path, content=b"hello").status_code == 403
        signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=c, Signature=d"}
        assert program.client.post(path, content=b"hello", headers=signed).status_code == 200
        assert client.recv(timeout=30) == "hello"
        url = f"{program.url}{path.replace(name[:3], 'AAA')}"
        assert httpx.delete(url, headers=signed, trust_env=False).status_code == 410
