"""WebSocket APIs and custom domains outlive the cloud; connections do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from chalice.cloud import CloudStatus, ensure_running, stop
from tests.cloud.aws import client, make_function
from tests.cloud.sockets import create_api, create_route, deploy, join, permit
from tests.cloud.waiting import quiet

ECHO = 'def handler(event, context): return {"statusCode": 200, "body": event.get("body")}'
DOMAIN = "chat.example.com"


def populate(cloud: CloudStatus) -> str:
    function = make_function(cloud, "echo", ECHO)
    api_id = create_api(cloud, Tags={"team": "blue"})
    more = {"RouteResponseSelectionExpression": "$default"}
    create_route(cloud, api_id, "$default", function, **more)
    deploy(cloud, api_id, StageVariables={"level": "high"})
    permit(cloud, function, api_id)
    gateway = client(cloud, "apigatewayv2")
    gateway.create_domain_name(DomainName=DOMAIN)
    gateway.create_api_mapping(DomainName=DOMAIN, ApiId=api_id, Stage="dev")
    return api_id


def test_what_was_deployed_is_served_after_a_restart(home: Path) -> None:
    cloud = ensure_running(home, quiet)
    api_id = populate(cloud)
    gateway = client(cloud, "apigatewayv2")
    stage = gateway.get_stage(ApiId=api_id, StageName="dev")
    with join(cloud, api_id) as socket:
        socket.send("before")
        assert socket.recv(timeout=30) == "before"
        stop(home)
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=30)
        assert socket.protocol.close_code == 1012
    cloud = ensure_running(home, quiet)
    gateway = client(cloud, "apigatewayv2")
    found = gateway.get_stage(ApiId=api_id, StageName="dev")
    assert (found["DeploymentId"], found["StageVariables"]) == (
        stage["DeploymentId"],
        {"level": "high"},
    )
    assert gateway.get_api(ApiId=api_id)["Tags"] == {"team": "blue"}
    with join(cloud, api_id) as socket:
        socket.send("after")
        assert socket.recv(timeout=30) == "after"
    url = cloud.gateway_url.replace("http", "ws", 1)
    with connect(url, proxy=None, additional_headers={"Host": DOMAIN}) as socket:
        socket.send("by name")
        assert socket.recv(timeout=30) == "by name"
