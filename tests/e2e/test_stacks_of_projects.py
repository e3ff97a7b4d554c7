"""The projects whose templates are compared with those of AWS Chalice, as stacks that work."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from chalice.config.python_version import lambda_runtime
from tests.cloud.aws import TRUST, make_zip
from tests.cloud.waiting import wait_until
from tests.e2e.inventory import Account
from tests.e2e.project import Project
from tests.e2e.stacks import Stack
from tests.render.stages import PROJECTS

ACCOUNT = "123456789012"
LAYER = f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:base:1"
GOLDEN = PROJECTS.parent / "golden"
LASTING = (
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Deployment",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::SNS::Subscription",
)
STREAM = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/T/stream/2020"


@dataclass
class World:
    """A cloud that holds what the projects refer to, and the names that it gave."""

    account: Account
    gateway_url: str
    environment: Mapping[str, str]
    names: Mapping[str, str]

    def stack_of(self, name: str, stage: str, folder: Path) -> Stack:
        """Package a stage of a project as it is here, and make a stack of it."""
        shutil.copytree(PROJECTS / name, folder / name, ignore=shutil.ignore_patterns("__*"))
        for path in (folder / name / "app.py", *(folder / name / ".chalice").iterdir()):
            text = path.read_text()
            for old, new in self.names.items():
                text = text.replace(old, new)
            path.write_text(text)
        Project(folder / name, self.environment).run("package", "dist", "--stage", stage)
        stack = Stack(self.account, f"{name}-{stage}")
        stack.deploy(folder / name / "dist")
        return stack

    def get(self, stack: Stack, path: str = "", method: str = "GET", **headers: str) -> Any:
        """Ask the REST API of a stack as its output says."""
        url = httpx.URL(stack.outputs()["EndpointURL"])
        id_, _, _ = url.host.partition(".")
        address = f"{self.gateway_url}/{id_}{url.path}{path}"
        return httpx.request(method, address, headers=headers, trust_env=False)

    def echo(self, stack: Stack, message: str) -> object:
        """Send a message to the WebSocket API of a stack, and return the answer."""
        api = stack.outputs()["WebsocketAPIId"]
        address = f"{self.gateway_url.replace('http', 'ws', 1)}/{api}/api/"
        with connect(address, proxy=None) as client:
            client.send(message)
            return client.recv()


@pytest.fixture(scope="module")
def world(user: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> World:
    cloud = Project(tmp_path_factory.mktemp("world"), user)
    cloud.run("cloud", "start")
    status = json.loads(cloud.run("cloud", "status", "--json").stdout)
    account = Account(status["endpoint_url"])
    for topic in ("mytopic", "other"):
        account("sns").create_topic(Name=topic)
    for queue in ("myqueue", "arnq", "q1"):
        account("sqs").create_queue(QueueName=queue, Attributes={"VisibilityTimeout": "60"})
    for bucket in ("bkt-one", "bkt-two"):
        account("s3").create_bucket(Bucket=bucket)
    account("kinesis").create_stream(StreamName="mystream", ShardCount=1)
    table = account("dynamodb").create_table(
        TableName="T",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    account("iam").create_role(RoleName="given", AssumeRolePolicyDocument=TRUST)
    account("iam").put_role_policy(
        RoleName="given",
        PolicyName="queue",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": ["sqs:*"], "Resource": "*"}],
            }
        ),
    )
    account("lambda").publish_layer_version(LayerName="base", Content={"ZipFile": make_zip("")})
    names = {
        "us-west-2": "us-east-1",
        STREAM: table["TableDescription"]["LatestStreamArn"],
        **{f'"{name}":': f'"{name}{name}":' for name in "ABC"},  # AWS takes no shorter names
        '"logs:*"': '"logs:*", "sqs:*"',  # nor triggers whose queue the function cannot read
    }
    return World(account, status["gateway_url"], user, names)


@pytest.mark.slow
def test_events(world: World, tmp_path: Path) -> None:
    stack = world.stack_of("events", "dev", tmp_path)
    functions = stack.resources("AWS::Lambda::Function")
    assert len(functions) == 12
    invoked = world.account("lambda").invoke(FunctionName=functions["Plain"], Payload=b"[1]")
    assert json.load(invoked["Payload"]) == {"plain": [1]}
    mappings = world.account("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert len([each for each in mappings if each["State"] == "Enabled"]) == 4
    stack.delete()


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_restfull(stage: str, world: World, tmp_path: Path) -> None:
    stack = world.stack_of("restfull", stage, tmp_path)
    assert world.get(stack).json() == {"hello": "world"}
    assert world.get(stack, "a/1/b/2").json() == {"one": "1", "two": "2"}
    assert world.get(stack, "tok2", Authorization="yes").json() == {"let": "in"}
    assert world.get(stack, "tok2", Authorization="no").status_code == 403
    assert world.get(stack, "orders").status_code == 403  # without a key
    assert world.get(stack, "orders/1", "DELETE").status_code == 403  # unsigned
    preflight = world.get(stack, "orders/1", "OPTIONS", Origin="https://a.example")
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://a.example"
    stack.delete()


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["dev", "layered", "logs", "filepol", "perfn"])
def test_rich(stage: str, world: World, tmp_path: Path) -> None:
    stack = world.stack_of("rich", stage, tmp_path)
    assert world.get(stack).json() == {"hello": "world"}
    if stage == "logs":
        handler = stack.outputs()["APIHandlerName"]
        groups = world.account("logs").describe_log_groups(
            logGroupNamePrefix=f"/aws/lambda/{handler}"
        )
        assert [each["retentionInDays"] for each in groups["logGroups"]] == [14]
    stack.delete()


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["dev", "two", "file"])
def test_privapi(stage: str, world: World, tmp_path: Path) -> None:
    stack = world.stack_of("privapi", stage, tmp_path)
    assert world.get(stack).json() == {}  # as if through the endpoint
    api_id = stack.outputs()["RestAPIId"]
    api = world.account("apigateway").get_rest_api(restApiId=api_id)
    assert api["endpointConfiguration"]["types"] == ["PRIVATE"]
    stack.delete()


@pytest.mark.slow
def test_s3app(world: World, tmp_path: Path) -> None:
    stack = world.stack_of("s3app", "dev", tmp_path)
    functions = stack.resources("AWS::Lambda::Function")
    world.account("s3").put_object(Bucket="bkt-one", Key="in/a.csv", Body=b"")
    logs = world.account("logs")

    def is_told() -> bool:
        name = f"/aws/lambda/{functions['One']}"
        return bool(logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"])

    wait_until(is_told)
    stack.delete()
    for bucket in ("bkt-one", "bkt-two"):
        left = world.account("s3").get_bucket_notification_configuration(Bucket=bucket)
        assert left.keys() == {"ResponseMetadata"}


@pytest.mark.slow
def test_wsapp(world: World, tmp_path: Path) -> None:
    stack = world.stack_of("wsapp", "dev", tmp_path)
    assert world.echo(stack, "hello") == "hello"
    domain = "ws.example.com"
    (mapping,) = world.account("apigatewayv2").get_api_mappings(DomainName=domain)["Items"]
    assert mapping["ApiId"] == stack.outputs()["WebsocketAPIId"]
    assert mapping["ApiMappingKey"] == "chat"
    stack.delete()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["events", "restfull", "rich", "wsapp"])
def test_a_stack_of_aws_chalice_is_updated_in_place(
    name: str, world: World, tmp_path: Path
) -> None:
    stack = world.stack_of(name, "dev", tmp_path)
    stack.delete()
    folder = tmp_path / name / "dist"
    ours = (folder / "sam.json").read_text()
    theirs = (GOLDEN / f"{name}-dev.json").read_text().replace("<SID>", "Sid")
    for old, new in {**world.names, "python3.11": lambda_runtime()}.items():
        theirs = theirs.replace(old, new)
    (folder / "sam.json").write_text(theirs)
    stack.deploy(folder)
    before = {kind: stack.resources(kind) for kind in LASTING}
    (folder / "sam.json").write_text(ours)
    stack.deploy(folder)
    assert {kind: stack.resources(kind) for kind in LASTING} == before
    outputs = stack.outputs()
    if "RestAPIId" in outputs:
        assert world.get(stack).json() == {"hello": "world"}
    if "WebsocketAPIId" in outputs:
        assert world.echo(stack, "hello") == "hello"
    stack.delete()
