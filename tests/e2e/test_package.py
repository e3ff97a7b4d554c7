"""Templates make stacks of the embedded cloud that are, and do, what a deploy makes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from chalice.render.ids import logical_id
from tests.cloud.waiting import wait_until
from tests.e2e.every_source import send_to_each, write_project
from tests.e2e.inventory import Account
from tests.e2e.live import Names, described
from tests.e2e.project import Project
from tests.e2e.stacks import Stack

FUNCTIONS = (
    "api_handler",
    "gate",
    "tick",
    "ordered",
    "photo",
    "news",
    "work",
    "click",
    "change",
    "websocket_connect",
    "websocket_message",
    "job",
)
GOODBYE = """

@app.on_ws_disconnect()
def disconnect(event):
    seen("goodbye")
"""
_LAMBDA = "AWS::Lambda::Function"


@dataclass
class Packaged:
    project: Project
    account: Account
    gateway_url: str
    stack: Stack

    def deploy_stack(self, *options: str) -> None:
        self.project.run("package", "dist", *options)
        self.stack.deploy(self.project.directory / "dist")

    def of_stack(self) -> Names:
        """Return what the parts of the stack are called."""
        functions, outputs = self.stack.resources(_LAMBDA), self.stack.outputs()
        return Names(
            {name: functions[logical_id(name)] for name in FUNCTIONS},
            {"rest_api": outputs["RestAPIId"], "websocket_api": outputs["WebsocketAPIId"]},
        )

    def socket_url(self) -> str:
        """Return where the embedded cloud serves the WebSocket API of the stack."""
        gateway = self.gateway_url.replace("http", "ws", 1)
        return f"{gateway}/{self.stack.outputs()['WebsocketAPIId']}/api/"

    def notifications(self) -> Mapping[str, Any]:
        """Return what the bucket of the app tells."""
        name = f"{self.project.directory.name}-photos"
        found = self.account("s3").get_bucket_notification_configuration(Bucket=name)
        return {key: found[key] for key in found if key != "ResponseMetadata"}

    def seen(self, function: str) -> list[object]:
        """Return what a function has seen, oldest first."""
        logs = self.account("logs")
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        messages = [event["message"] for event in events]
        return [json.loads(m.partition("SEEN ")[2]) for m in messages if "SEEN " in m]


@pytest.fixture(scope="module")
def packaged(new_project: Callable[[str], Project]) -> Packaged:
    project = new_project("packed")
    project.run("cloud", "start")
    status = json.loads(project.run("cloud", "status", "--json").stdout)
    account = Account(status["endpoint_url"])
    settings = {
        "autogen_policy": "scoped",
        "iam_role_per_function": True,
        "environment_variables": {"MODE": "test"},
        "tags": {"team": "core"},
    }
    write_project(project, account, **settings)
    project.write("requirements.txt", "")
    return Packaged(project, account, status["gateway_url"], Stack(account, "packed-stack"))


@pytest.mark.slow
def test_a_stack_is_what_a_deploy_makes(packaged: Packaged) -> None:
    deployed = json.loads(packaged.project.run("deploy", "--local", "--json").stdout)["resources"]
    outputs = {each["name"]: each for each in deployed}
    names = Names(
        {name: outputs[name]["lambda_arn"].rpartition(":")[2] for name in FUNCTIONS},
        {
            "rest_api": outputs["rest_api"]["rest_api_id"],
            "websocket_api": outputs["websocket_api"]["websocket_api_id"],
        },
    )
    expected = described(packaged.account, names)
    packaged.project.run("delete", "--local", "-y")
    packaged.deploy_stack()
    assert described(packaged.account, packaged.of_stack()) == expected


@pytest.mark.slow
def test_everything_in_a_stack_works(packaged: Packaged) -> None:
    outputs, functions = packaged.stack.outputs(), packaged.of_stack().functions
    assert outputs["APIHandlerName"] == functions["api_handler"]
    hosts = httpx.URL(outputs["EndpointURL"]), httpx.URL(outputs["WebsocketConnectEndpointURL"])
    assert [host.host for host in hosts] == [
        f"{outputs[name]}.execute-api.us-east-1.amazonaws.com"
        for name in ("RestAPIId", "WebsocketAPIId")
    ]
    url = f"{packaged.gateway_url}/{outputs['RestAPIId']}{hosts[0].path}"
    assert httpx.get(url, trust_env=False).json() == {"hello": "world"}
    domain = {"Host": "api.packed.example"}
    for authorization, status in (("yes", 200), ("no", 403)):
        headers = {**domain, "Authorization": authorization}
        secret = f"{packaged.gateway_url}/v1/secret"
        assert httpx.get(secret, headers=headers, trust_env=False).status_code == status
    for function, expected in send_to_each(packaged.account, "packed").items():
        name = functions[function]
        wait_until(lambda name=name, expected=expected: packaged.seen(name) == expected)  # type: ignore[misc]
    with connect(packaged.socket_url(), proxy=None) as client:
        client.send("hello")
        wait_until(lambda: packaged.seen(functions["websocket_message"]) == ["hello"])


@pytest.mark.slow
def test_a_stack_follows_the_app(packaged: Packaged) -> None:
    before = packaged.of_stack()
    app = (packaged.project.directory / "app.py").read_text()
    parts = re.split(r"(?m)^(?=@app\.)", app)
    doomed = r"@app\.(on_s3|on_sns|on_sqs|schedule|on_ws_message)"
    kept = "".join(part for part in parts if not re.match(doomed, part))
    packaged.project.write("app.py", kept.replace('"world"', '"there"') + GOODBYE)
    packaged.deploy_stack()
    outputs = packaged.stack.outputs()
    assert outputs["RestAPIId"] == before.apis["rest_api"]
    url = f"{packaged.gateway_url}/{outputs['RestAPIId']}/api/"
    assert httpx.get(url, trust_env=False).json() == {"hello": "there"}
    functions = packaged.stack.resources(_LAMBDA)
    assert not {"Photo", "News", "Work", "Tick", "WebsocketMessage"} & functions.keys()
    assert functions["APIHandler"] == before.functions["api_handler"]
    with connect(packaged.socket_url(), proxy=None) as client:
        client.send("nobody takes it")
        assert "Forbidden" in str(client.recv())
    wait_until(lambda: packaged.seen(functions["WebsocketDisconnect"]) == ["goodbye"])
    assert packaged.notifications() == {}


@pytest.mark.slow
def test_nothing_is_left_of_a_stack(packaged: Packaged) -> None:
    packaged.stack.delete()
    assert packaged.account.inventory("packed") == []
