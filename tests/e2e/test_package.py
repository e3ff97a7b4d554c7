"""Templates make stacks of the embedded cloud that are, and do, what a deploy makes."""

from __future__ import annotations

import json
import re
import sys
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
SNAPSHOTS = sys.version_info >= (3, 12)
"""Whether functions of this Python can have SnapStart."""
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
GOODBYE = """

@app.on_ws_disconnect()
def disconnect(event):
    seen("goodbye")
"""
SMALL = """
import os

from chalice import Chalice

app = Chalice(app_name="small")
app.experimental_feature_flags.update(["WEBSOCKETS"])


@app.route("/", api_key_required=KEYS)
def index():
    return {"mode": os.environ["MODE"], "version": os.environ["AWS_LAMBDA_FUNCTION_VERSION"]}


@app.on_sqs_message(queue="small-work")
def work(event):
    print("SEEN " + '"work"')


@app.on_s3_event(bucket="small-photos", prefix="in/")
def photo(event):
    print("SEEN " + '"photo"')


@app.on_ws_message()
def message(event):
    pass
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


@pytest.fixture(scope="module")
def small(packaged: Packaged, new_project: Callable[[str], Project]) -> Packaged:
    project = new_project("small")
    project.write("requirements.txt", "")
    packaged.account("sqs").create_queue(
        QueueName="small-work", Attributes={"VisibilityTimeout": "60"}
    )
    packaged.account("s3").create_bucket(Bucket="small-photos")
    stack = Stack(packaged.account, "small-stack")
    return Packaged(project, packaged.account, packaged.gateway_url, stack)


def configure(small: Packaged, **settings: object) -> None:
    keys = str("api_usage_plans" in settings)
    small.project.write("app.py", SMALL.replace("KEYS", keys))
    config = {
        "version": "2.0",
        "app_name": "small",
        "environment_variables": {"MODE": "test"},
        **settings,
    }
    small.project.write(".chalice/config.json", json.dumps(config))
    small.deploy_stack()


def answer(mode: str, version: str) -> dict[str, str]:
    return {"mode": mode, "version": version if SNAPSHOTS else "$LATEST"}


@pytest.mark.slow
def test_a_stack_moves_from_door_to_door(small: Packaged) -> None:
    configure(small, api_gateway_type="http")
    url = f"{small.gateway_url}/{small.stack.outputs()['HttpAPIId']}/"
    hello = {"mode": "test", "version": "$LATEST"}
    assert httpx.get(url, trust_env=False).json() == hello
    configure(small, api_gateway_type="function_url")
    assert httpx.get(url, trust_env=False).status_code == 403  # nobody
    function = small.stack.outputs()["APIHandlerName"]
    found = small.account("lambda").get_function_url_config(FunctionName=function)
    assert httpx.get(found["FunctionUrl"], trust_env=False).json() == hello
    domain = {"domain_name": "api.small.example", "certificate_arn": CERTIFICATE}
    configure(small, api_gateway_type="http", api_gateway_custom_domain=domain)
    outputs = small.stack.outputs()
    assert outputs["AliasDomainName"]
    at_domain = httpx.get(small.gateway_url, headers={"Host": "api.small.example"}, trust_env=False)
    assert at_domain.json() == hello
    small.stack.delete()


@pytest.mark.slow
def test_what_is_published_is_used_and_logs_are_kept_as_long_as_wanted(small: Packaged) -> None:
    common = {"snap_start": SNAPSHOTS, "log_retention_in_days": 7, "automatic_layer": True}
    configure(small, **common)
    outputs = small.stack.outputs()
    url = f"{small.gateway_url}/{outputs['RestAPIId']}/api/"
    assert httpx.get(url, trust_env=False).json() == answer("test", "1")
    configure(small, **common, environment_variables={"MODE": "other"})
    assert httpx.get(url, trust_env=False).json() == answer("other", "2")
    work, photo = small.stack.resources(_LAMBDA)["Work"], small.stack.resources(_LAMBDA)["Photo"]
    queue = small.account("sqs").get_queue_url(QueueName="small-work")["QueueUrl"]
    small.account("sqs").send_message(QueueUrl=queue, MessageBody="do")
    small.account("s3").put_object(Bucket="small-photos", Key="in/cat.jpg", Body=b"")
    wait_until(lambda: small.seen(work) == ["work"])
    wait_until(lambda: small.seen(photo) == ["photo"])
    groups = small.account("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{work}")
    assert [each["retentionInDays"] for each in groups["logGroups"]] == [7]
    small.stack.delete()


@pytest.mark.slow
def test_usage_plans_and_merged_resources_are_in_the_stack(small: Packaged) -> None:
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        },
    }
    mode = {"Properties": {"Environment": {"Variables": {"MODE": {"Ref": "Table"}}}}}
    extra = {"Resources": {"Table": table, "APIHandler": mode}}
    small.project.write("extra.json", json.dumps(extra))
    plans = {"free": {"rate_limit": 100, "burst_limit": 100, "api_keys": ["ann"]}}
    configure(small, api_usage_plans=plans)
    url = f"{small.gateway_url}/{small.stack.outputs()['RestAPIId']}/api/"
    assert httpx.get(url, trust_env=False).status_code == 403
    keys = small.account("apigateway").get_api_keys(includeValues=True)["items"]
    (key,) = [each for each in keys if each["name"] == "small-stack-ann"]
    headers = {"X-Api-Key": key["value"]}
    assert httpx.get(url, headers=headers, trust_env=False).json()["mode"] == "test"
    small.deploy_stack("--merge-template", "extra.json")
    (made,) = small.stack.resources("AWS::DynamoDB::Table").values()
    assert httpx.get(url, headers=headers, trust_env=False).json()["mode"] == made
    small.stack.delete()
    assert small.account.inventory("small") == []
