"""A chat with WebSockets and a domain of its own: deployed, used, changed, deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.e2e.project import Project

APP = """
    import boto3
    from chalice import Chalice, Response, WebsocketDisconnectedError

    app = Chalice(app_name="chat")
    app.experimental_feature_flags.update(["WEBSOCKETS"])
    app.websocket_api.session = boto3.session.Session()

    @app.route("/")
    def index():
        return {"hello": "chat"}

    @app.on_ws_connect()
    def connected(event):
        if "token" not in event.to_dict().get("queryStringParameters", {}):
            return Response({}, status_code=401)

    @app.on_ws_message()
    def message(event):
        said = event.json_body
        try:
            app.websocket_api.send(said.get("to", event.connection_id), said["text"] + "MARK")
        except WebsocketDisconnectedError as error:
            app.websocket_api.send(event.connection_id, f"{error.connection_id} is gone")
"""


@pytest.fixture(scope="module")
def chat(new_project: Callable[[str], Project]) -> Project:
    project = new_project("chat")
    project.write("app.py", APP.replace("MARK", "!"))
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/abc"
    config = json.loads((project.directory / ".chalice/config.json").read_text())
    config["websocket_api_custom_domain"] = {
        "domain_name": "chat.example.com",
        "certificate_arn": certificate,
        "url_prefix": "talk",
    }
    project.write(".chalice/config.json", json.dumps(config))
    return project


def deploy(project: Project) -> dict[str, Any]:
    """Deploy, and return the recorded resources by name."""
    project.run("deploy", "--local")
    recorded = json.loads((project.directory / ".chalice/deployed/local/dev.json").read_text())
    return {each["name"]: each for each in recorded["resources"]}


def test_clients_talk_to_each_other_across_deploys(chat: Project) -> None:
    resources = deploy(chat)
    url = resources["websocket_api"]["websocket_api_url"]
    assert url.startswith("ws://127.0.0.1:")
    with pytest.raises(InvalidStatus) as refused:
        connect(url, proxy=None)
    assert refused.value.response.status_code == 401
    base = "/".join(url.split("/")[:3])
    host = {"Host": "chat.example.com"}
    domain = connect(f"{base}/talk?token=b", proxy=None, additional_headers=host)
    with connect(f"{url}?token=a", proxy=None) as one, domain as other:
        for client in (one, other):
            client.send('{"text": "hello"}')
            assert client.recv(timeout=30) == "hello!"
        chat.write("app.py", APP.replace("MARK", "?"))
        assert deploy(chat)["websocket_api"]["websocket_api_url"] == url
        other.send('{"text": "hello"}')
        assert other.recv(timeout=30) == "hello?"
        one.send('{"text": "hi", "to": "L0SM9cOFvHcCIhw="}')
        assert one.recv(timeout=30) == "L0SM9cOFvHcCIhw= is gone"
    chat.run("delete", "--local")
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{url}?token=a", proxy=None)
    assert refused.value.response.status_code == 403
    answer = httpx.get(f"{base.replace('ws', 'http')}/talk", headers=host)
    assert answer.status_code == 403
