"""apigatewayv2's control plane for WebSocket APIs: deployments, stages, pages, tags, errors."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, unique

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:any"
URI = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"


@pytest.fixture
def gateway(cloud: CloudStatus) -> Any:
    return client(cloud, "apigatewayv2")


def create_api(gateway: Any, **more: Any) -> str:
    made = gateway.create_api(
        Name=unique("chat"),
        ProtocolType="WEBSOCKET",
        RouteSelectionExpression="$request.body.action",
        **more,
    )
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    api_id: str = made["ApiId"]
    return api_id


def create_route(gateway: Any, api_id: str, key: str = "$default", **more: Any) -> dict[str, Any]:
    integration = gateway.create_integration(
        ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=URI
    )
    made: dict[str, Any] = gateway.create_route(
        ApiId=api_id, RouteKey=key, Target=f"integrations/{integration['IntegrationId']}", **more
    )
    return made


def test_a_stage_serves_a_deployment_until_it_is_given_another(gateway: Any) -> None:
    api_id = create_api(gateway)
    create_route(gateway, api_id)
    first = gateway.create_deployment(ApiId=api_id, Description="digest-1")
    assert first["DeploymentStatus"] == "DEPLOYED"
    assert first["AutoDeployed"] is False
    stage = {"ApiId": api_id, "StageName": "api"}
    made = gateway.create_stage(
        DeploymentId=first["DeploymentId"], StageVariables={"level": "high"}, **stage
    )
    assert made["DeploymentId"] == first["DeploymentId"]
    second = gateway.create_deployment(ApiId=api_id, Description="digest-2")
    gateway.update_stage(DeploymentId=second["DeploymentId"], **stage)
    shown = gateway.get_stage(**stage)
    assert shown["DeploymentId"] == second["DeploymentId"]
    assert shown["StageVariables"] == {"level": "high"}
    described = gateway.get_deployment(ApiId=api_id, DeploymentId=shown["DeploymentId"])
    assert described["Description"] == "digest-2"


def test_lists_have_pages(gateway: Any) -> None:
    api_id = create_api(gateway)
    for number in range(30):
        create_route(gateway, api_id, f"route{number}")
    first = gateway.get_routes(ApiId=api_id)
    assert len(first["Items"]) == 25
    rest = gateway.get_routes(ApiId=api_id, NextToken=first["NextToken"])
    assert len(rest["Items"]) == 5
    assert "NextToken" not in rest
    pages = gateway.get_paginator("get_integrations").paginate(ApiId=api_id)
    assert sum(len(page["Items"]) for page in pages) == 30
    assert len(gateway.get_routes(ApiId=api_id, MaxResults="500")["Items"]) == 30
    for wrong in ({"MaxResults": "0"}, {"MaxResults": "x"}, {"NextToken": "?"}):
        with pytest.raises(ClientError) as refused:
            gateway.get_routes(ApiId=api_id, **wrong)
        assert error_of(refused.value) == (400, "BadRequestException")
