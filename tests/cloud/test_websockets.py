"""WebSocket APIs that were deployed with AWS calls: clients, functions, ``@connections``."""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from typing import Any

import botocore.session
import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.connection import Connection

from chalice.cloud import CloudStatus, report
from tests.cloud.aws import client, error_of, make_function, unique
from tests.cloud.sockets import (
    create_api,
    create_route,
    deploy,
    join,
    make_app_function,
    make_chat,
    permit,
)

ECHO = """
import boto3, json, os

base = os.environ["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"]
clients = {}

def handler(event, context):
    said = event["requestContext"]
    where = f"{base}/{said['apiId']}/{said['stage']}"
    if where not in clients:
        clients[where] = boto3.client("apigatewaymanagementapi", endpoint_url=where)
    if said["eventType"] == "MESSAGE":
        body = said["connectionId"] if event["body"] == "who am I?" else event["body"]
        clients[where].post_to_connection(ConnectionId=said["connectionId"], Data=body)
    return {"statusCode": 200}
"""
AS_DOCUMENTED = """
import boto3

def handler(event, context):
    said = event["requestContext"]
    if said["eventType"] == "MESSAGE":
        url = f"https://{said['domainName']}/{said['stage']}"
        client = boto3.client("apigatewaymanagementapi", endpoint_url=url)
        client.post_to_connection(ConnectionId=said["connectionId"], Data=event["body"])
    return {"statusCode": 200}
"""
APP = """
import boto3
from chalice import Chalice

app = Chalice("chat")
app.experimental_feature_flags.update(["WEBSOCKETS"])
app.websocket_api.session = boto3.session.Session()

@app.on_ws_message()
def message(event):
    app.websocket_api.send(event.connection_id, event.body)
    found = app.websocket_api.info(event.connection_id)
    app.websocket_api.send(event.connection_id, found["Identity"]["SourceIp"])
    app.websocket_api.close(event.connection_id)
"""


@pytest.fixture(scope="module")
def chat(cloud: CloudStatus) -> str:
    """An API that sends back what it gets."""
    return make_chat(cloud, ECHO)


def manager(cloud: CloudStatus, endpoint_url: str, **config: Any) -> Any:
    session = botocore.session.Session()
    session.set_credentials("test", "test")
    return session.create_client(
        "apigatewaymanagementapi",
        region_name="us-east-1",
        endpoint_url=endpoint_url,
        config=Config(retries={"total_max_attempts": 1}, **config),
    )


def ask_id(socket: Connection) -> str:
    socket.send("who am I?")
    connection_id = socket.recv(timeout=30)
    assert isinstance(connection_id, str)
    return connection_id


def test_a_function_sends_to_the_client_that_called_it(cloud: CloudStatus, chat: str) -> None:
    with join(cloud, chat) as socket:
        socket.send("hello")
        assert socket.recv(timeout=30) == "hello"


def test_an_app_sends_through_its_websocket_api(cloud: CloudStatus) -> None:
    function = make_app_function(cloud, APP, "app.message")
    api_id = create_api(cloud)
    create_route(cloud, api_id, "$default", function)
    deploy(cloud, api_id)
    permit(cloud, function, api_id)
    with join(cloud, api_id) as socket:
        socket.send("hello")
        assert socket.recv(timeout=30) == "hello"
        assert socket.recv(timeout=30) == "127.0.0.1"
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=30)
        assert socket.protocol.close_code == 1000


def test_a_function_sends_as_the_documents_of_aws_tell_it(cloud: CloudStatus) -> None:
    api_id = make_chat(cloud, AS_DOCUMENTED)
    with join(cloud, api_id) as socket:
        for text in ("hello", "again"):
            socket.send(text)
            assert socket.recv(timeout=30) == text


def test_names_of_apis_that_are_elsewhere_are_not_taken(cloud: CloudStatus) -> None:
    source = """
import json, os, socket

def handler(event, context):
    here = os.environ["CHALICE_CLOUD_APIS"].split()[0]
    found = []
    for name in event["names"]:
        try:
            host, port = socket.getaddrinfo(name, 443, type=socket.SOCK_STREAM)[0][4][:2]
            found.append(f"{host}:{port}" == here)
        except OSError:
            found.append(False)
    return found
"""
    api_id = make_chat(cloud, AS_DOCUMENTED)
    name = make_function(cloud, unique("names"), source, Timeout=30)
    asked = [f"{each}.execute-api.us-east-1.amazonaws.com" for each in (api_id, "none12")]
    names = [*asked, "localhost", f"{api_id}.example.com"]
    answer = client(cloud, "lambda").invoke(FunctionName=name, Payload=json.dumps({"names": names}))
    assert json.load(answer["Payload"]) == [True, False, False, False]


def test_clients_of_the_service_send_look_and_end(cloud: CloudStatus, chat: str) -> None:
    api = manager(cloud, f"{cloud.gateway_url}/{chat}/dev")
    with join(cloud, chat, user_agent_header="tests") as socket:
        connection_id = ask_id(socket)
        api.post_to_connection(ConnectionId=connection_id, Data=b"from outside")
        assert socket.recv(timeout=5) == "from outside"
        found = api.get_connection(ConnectionId=connection_id)
        assert found["Identity"] == {"SourceIp": "127.0.0.1", "UserAgent": "tests"}
        now = datetime.now(timezone.utc)
        assert found["ConnectedAt"] <= found["LastActiveAt"] <= now
        api.delete_connection(ConnectionId=connection_id)
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=5)
    for call in (api.get_connection, api.delete_connection):
        with pytest.raises(api.exceptions.GoneException):
            call(ConnectionId=connection_id)
    with pytest.raises(api.exceptions.GoneException) as gone:
        api.post_to_connection(ConnectionId=connection_id, Data=b"too late")
    assert error_of(gone.value) == (410, "GoneException")


def test_the_aws_port_sends_as_well(cloud: CloudStatus, chat: str) -> None:
    with join(cloud, chat) as socket:
        connection_id = ask_id(socket)
        for where in ("", f"/{chat}/dev"):
            api = manager(cloud, cloud.endpoint_url + where)
            api.post_to_connection(ConnectionId=connection_id, Data=b"by the other door")
            assert socket.recv(timeout=5) == "by the other door"
            assert api.get_connection(ConnectionId=connection_id)["Identity"]
    for where in ("", f"/{chat}/dev"):
        api = manager(cloud, cloud.endpoint_url + where)
        with pytest.raises(api.exceptions.GoneException):
            api.post_to_connection(ConnectionId=connection_id, Data=b"too late")


def test_what_is_not_signed_is_forbidden(cloud: CloudStatus, chat: str) -> None:
    api = manager(cloud, f"{cloud.gateway_url}/{chat}/dev", signature_version=UNSIGNED)
    with join(cloud, chat) as socket:
        connection_id = ask_id(socket)
        with pytest.raises(ClientError) as refused:
            api.post_to_connection(ConnectionId=connection_id, Data=b"anonymous")
        assert error_of(refused.value) == (403, "MissingAuthenticationTokenException")
        for url in (f"/{chat}/dev/@connections/{connection_id}", f"/@connections/{connection_id}"):
            assert httpx.delete(cloud.gateway_url + url).status_code == 403
        assert ask_id(socket) == connection_id


def test_a_message_has_at_most_128_kib(cloud: CloudStatus, chat: str) -> None:
    api = manager(cloud, f"{cloud.gateway_url}/{chat}/dev")
    with join(cloud, chat) as socket:
        connection_id = ask_id(socket)
        longest = "x" * 128 * 1024
        api.post_to_connection(ConnectionId=connection_id, Data=longest)
        assert socket.recv(timeout=5) == longest
        with pytest.raises(api.exceptions.PayloadTooLargeException):
            api.post_to_connection(ConnectionId=connection_id, Data=longest + "x")


@pytest.mark.parametrize("name", ["short", "x" * 16, "../../x", "L0SM9cOFvHcCIhw=="])
def test_what_is_no_connection_id_is_a_bad_request(
    cloud: CloudStatus, chat: str, name: str
) -> None:
    api = manager(cloud, f"{cloud.gateway_url}/{chat}/dev")
    with pytest.raises(ClientError) as refused:
        api.get_connection(ConnectionId=name)
    assert error_of(refused.value) == (400, "BadRequestException")


def test_connections_of_one_api_are_unknown_to_another(cloud: CloudStatus, chat: str) -> None:
    other = manager(cloud, f"{cloud.gateway_url}/{make_chat(cloud, ECHO)}/dev")
    with join(cloud, chat) as socket:
        with pytest.raises(other.exceptions.GoneException):
            other.get_connection(ConnectionId=ask_id(socket))
        nobody = manager(cloud, f"{cloud.gateway_url}/{chat}/nostage")
        with pytest.raises(nobody.exceptions.ForbiddenException):
            nobody.get_connection(ConnectionId=ask_id(socket))


@pytest.mark.parametrize(
    ("chunks", "survives"),
    [([32 * 1024] * 4, True), ([32 * 1024 + 1], False), ([32 * 1024] * 4 + [1], False)],
)
def test_frames_and_messages_have_limits(
    cloud: CloudStatus, chat: str, chunks: list[int], *, survives: bool
) -> None:
    with join(cloud, chat) as socket:
        try:
            socket.send("x" * size for size in chunks)
            answer = socket.recv(timeout=30)
        except ConnectionClosed:
            assert not survives
            assert socket.protocol.close_code == 1009
        else:
            assert survives
            assert len(answer) == sum(chunks)


@pytest.mark.parametrize("path", [None, "dev/$default", "other/*"])
def test_a_function_that_does_not_allow_the_api_is_not_run(
    cloud: CloudStatus, path: str | None
) -> None:
    function = make_function(cloud, unique("closed"), "def handler(event, context): return {}")
    api_id = create_api(cloud)
    create_route(cloud, api_id, "$connect", function)
    deploy(cloud, api_id)
    if path is not None:
        permit(cloud, function, api_id, path)
    with pytest.raises(InvalidStatus) as refused:
        join(cloud, api_id)
    assert refused.value.response.status_code == 500


def test_an_authorizer_lets_clients_in_and_tells_who_they_are(cloud: CloudStatus) -> None:
    source = """
def handler(event, context):
    effect = "Allow" if event["queryStringParameters"]["token"] == "good" else "Deny"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "bob", "policyDocument": policy, "context": {"level": 7}}
"""
    show = """
import json

def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"]["authorizer"])}
"""
    guard = make_function(cloud, unique("guard"), source)
    function = make_function(cloud, unique("guarded"), show)
    api_id = create_api(cloud)
    gateway = client(cloud, "apigatewayv2")
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{guard}/invocations"
    authorizer = gateway.create_authorizer(
        ApiId=api_id,
        Name="guard",
        AuthorizerType="REQUEST",
        AuthorizerUri=uri,
        IdentitySource=["route.request.querystring.token"],
    )["AuthorizerId"]
    more = {"AuthorizationType": "CUSTOM", "AuthorizerId": authorizer}
    create_route(cloud, api_id, "$connect", function, **more)
    create_route(cloud, api_id, "$default", function, RouteResponseSelectionExpression="$default")
    deploy(cloud, api_id)
    permit(cloud, function, api_id)
    permit(cloud, guard, api_id, f"authorizers/{authorizer}")
    for query, status in (("", 401), ("?token=bad", 403)):
        with pytest.raises(InvalidStatus) as refused:
            join(cloud, api_id, f"dev{query}")
        assert refused.value.response.status_code == status
    with join(cloud, api_id, "dev?token=good") as socket:
        socket.send("who am I?")
        said = json.loads(socket.recv(timeout=30))
    assert (said["principalId"], said["level"]) == ("bob", "7")


def test_a_stage_serves_what_was_deployed_until_the_next_deployment(cloud: CloudStatus) -> None:
    source = """
def handler(event, context):
    return {"statusCode": 200, "body": event["requestContext"]["routeKey"]}
"""
    function = make_function(cloud, unique("routes"), source)
    api_id = create_api(cloud)
    gateway = client(cloud, "apigatewayv2")
    responds = {"RouteResponseSelectionExpression": "$default"}
    create_route(cloud, api_id, "$default", function, **responds)
    deploy(cloud, api_id)
    permit(cloud, function, api_id)
    with join(cloud, api_id) as socket:
        create_route(cloud, api_id, "new", function, **responds)
        socket.send('{"action": "new"}')
        assert socket.recv(timeout=30) == "$default"
        deployment = gateway.create_deployment(ApiId=api_id, StageName="dev")
        socket.send('{"action": "new"}')
        assert socket.recv(timeout=30) == "new"
        assert (
            gateway.get_stage(ApiId=api_id, StageName="dev")["DeploymentId"]
            == (deployment["DeploymentId"])
        )


def test_the_report_has_the_url_to_connect_to(cloud: CloudStatus, chat: str) -> None:
    found = report(cloud.home)
    assert found is not None
    (api,) = [api for api in found.apis if api["id"] == chat]
    assert api["url"] == f"{cloud.gateway_url.replace('http', 'ws', 1)}/{chat}/dev/"


def test_an_api_elsewhere_runs_functions_there(cloud: CloudStatus) -> None:
    api_id = make_chat(cloud, ECHO, region="eu-west-1")
    with join(cloud, api_id) as socket:
        assert ask_id(socket)


def test_an_echo_takes_milliseconds(cloud: CloudStatus, chat: str) -> None:
    took = []
    with join(cloud, chat) as socket:
        ask_id(socket)
        for number in range(100):
            began = time.perf_counter()
            socket.send(str(number))
            assert socket.recv(timeout=30) == str(number)
            took.append(time.perf_counter() - began)
    assert sorted(took)[50] < 0.25
