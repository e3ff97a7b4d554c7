"""apigatewayv2's control plane for WebSocket APIs: deployments, stages, pages, tags, errors."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, unique
from tests.cloud.sockets import integration_uri

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:any"
URI = integration_uri(FUNCTION)


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


def test_an_api_is_made_changed_and_deleted(gateway: Any) -> None:
    api_id = create_api(gateway, Description="before", Tags={"team": "blue"})
    shown = gateway.get_api(ApiId=api_id)
    assert shown["ApiEndpoint"] == f"wss://{api_id}.execute-api.us-east-1.amazonaws.com"
    assert (shown["ProtocolType"], shown["Description"]) == ("WEBSOCKET", "before")
    assert shown["Tags"] == {"team": "blue"}
    changed = gateway.update_api(ApiId=api_id, Name="other", Description="after")
    assert (changed["Name"], changed["Description"]) == ("other", "after")
    assert changed["RouteSelectionExpression"] == "$request.body.action"
    found = [api for page in gateway.get_paginator("get_apis").paginate() for api in page["Items"]]
    assert [api["Name"] for api in found if api["ApiId"] == api_id] == ["other"]
    assert gateway.delete_api(ApiId=api_id)["ResponseMetadata"]["HTTPStatusCode"] == 204
    for call in (gateway.get_api, gateway.delete_api, gateway.get_routes):
        with pytest.raises(gateway.exceptions.NotFoundException):
            call(ApiId=api_id)


def test_apis_and_stages_have_tags(gateway: Any) -> None:
    api_id = create_api(gateway, Tags={"team": "blue"})
    gateway.create_stage(ApiId=api_id, StageName="dev", Tags={"level": "high"})
    arn = f"arn:aws:apigateway:us-east-1::/apis/{api_id}"
    for each, tags in ((arn, {"team": "blue"}), (f"{arn}/stages/dev", {"level": "high"})):
        gateway.tag_resource(ResourceArn=each, Tags={"more": "1"})
        assert gateway.get_tags(ResourceArn=each)["Tags"] == tags | {"more": "1"}
        gateway.untag_resource(ResourceArn=each, TagKeys=list(tags))
        assert gateway.get_tags(ResourceArn=each)["Tags"] == {"more": "1"}
    assert gateway.get_api(ApiId=api_id)["Tags"] == {"more": "1"}
    for wrong in (arn[:-8] + "none", f"{arn}/stages/none"):
        with pytest.raises(gateway.exceptions.NotFoundException):
            gateway.get_tags(ResourceArn=wrong)


def test_integrations_and_routes_are_changed_and_deleted(gateway: Any) -> None:
    api_id = create_api(gateway)
    route = create_route(gateway, api_id, "$connect", RouteResponseSelectionExpression="$default")
    ids = {"ApiId": api_id, "IntegrationId": route["Target"].partition("/")[2]}
    changed = gateway.update_integration(Description="new", TimeoutInMillis=1000, **ids)
    assert (changed["Description"], changed["TimeoutInMillis"]) == ("new", 1000)
    assert gateway.get_integration(**ids)["IntegrationUri"] == URI
    with pytest.raises(gateway.exceptions.ConflictException):
        gateway.delete_integration(**ids)
    response = gateway.create_route_response(
        ApiId=api_id, RouteId=route["RouteId"], RouteResponseKey="$default"
    )
    shown = gateway.get_route_responses(ApiId=api_id, RouteId=route["RouteId"])["Items"]
    assert [each["RouteResponseId"] for each in shown] == [response["RouteResponseId"]]
    answer = gateway.create_integration_response(IntegrationResponseKey="$default", **ids)
    shown = gateway.get_integration_responses(**ids)["Items"]
    assert [each["IntegrationResponseId"] for each in shown] == [answer["IntegrationResponseId"]]
    gateway.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    gateway.delete_integration(**ids)
    assert gateway.get_routes(ApiId=api_id)["Items"] == []
    assert gateway.get_integrations(ApiId=api_id)["Items"] == []


def test_a_stage_that_deploys_by_itself_follows_every_change(gateway: Any) -> None:
    api_id = create_api(gateway)
    stage = {"ApiId": api_id, "StageName": "auto"}
    gateway.create_stage(AutoDeploy=True, **stage)
    create_route(gateway, api_id)
    first = gateway.get_stage(**stage)
    assert first["LastDeploymentStatusMessage"].startswith("Successfully deployed")
    create_route(gateway, api_id, "more")
    second = gateway.get_stage(**stage)
    assert second["DeploymentId"] != first["DeploymentId"]
    deployments = gateway.get_deployments(ApiId=api_id)["Items"]
    assert [(each["DeploymentId"], each["AutoDeployed"]) for each in deployments] == [
        (second["DeploymentId"], True)
    ]
    with pytest.raises(gateway.exceptions.BadRequestException):
        gateway.update_stage(DeploymentId=second["DeploymentId"], **stage)


def test_a_stage_keeps_its_settings(gateway: Any) -> None:
    api_id = create_api(gateway)
    stage = {"ApiId": api_id, "StageName": "dev"}
    gateway.create_stage(
        DefaultRouteSettings={"ThrottlingBurstLimit": 5, "ThrottlingRateLimit": 2.0}, **stage
    )
    gateway.update_stage(Description="mine", StageVariables={"a": "b"}, **stage)
    shown = gateway.get_stage(**stage)
    assert shown["DefaultRouteSettings"] == {
        "ThrottlingBurstLimit": 5,
        "ThrottlingRateLimit": 2.0,
    }
    assert (shown["Description"], shown["StageVariables"]) == ("mine", {"a": "b"})
    assert [each["StageName"] for each in gateway.get_stages(ApiId=api_id)["Items"]] == ["dev"]
    gateway.delete_stage(**stage)
    with pytest.raises(gateway.exceptions.NotFoundException):
        gateway.get_stage(**stage)


def test_a_deployment_that_a_stage_serves_cannot_be_deleted(gateway: Any) -> None:
    api_id = create_api(gateway)
    create_route(gateway, api_id)
    made = gateway.create_deployment(ApiId=api_id)["DeploymentId"]
    gateway.create_stage(ApiId=api_id, StageName="dev", DeploymentId=made)
    with pytest.raises(gateway.exceptions.BadRequestException):
        gateway.delete_deployment(ApiId=api_id, DeploymentId=made)
    gateway.delete_stage(ApiId=api_id, StageName="dev")
    gateway.delete_deployment(ApiId=api_id, DeploymentId=made)
    assert gateway.get_deployments(ApiId=api_id)["Items"] == []


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        ("get_route", {"RouteId": "none"}),
        ("update_route", {"RouteId": "none", "RouteKey": "x"}),
        ("delete_route", {"RouteId": "none"}),
        ("get_integration", {"IntegrationId": "none"}),
        ("update_integration", {"IntegrationId": "none"}),
        ("delete_integration", {"IntegrationId": "none"}),
        ("get_authorizer", {"AuthorizerId": "none"}),
        ("update_authorizer", {"AuthorizerId": "none"}),
        ("delete_authorizer", {"AuthorizerId": "none"}),
        ("get_deployment", {"DeploymentId": "none"}),
        ("delete_deployment", {"DeploymentId": "none"}),
        ("create_deployment", {"StageName": "none"}),
        ("get_stage", {"StageName": "none"}),
        ("update_stage", {"StageName": "none"}),
        ("delete_stage", {"StageName": "none"}),
        ("create_stage", {"StageName": "new", "DeploymentId": "none"}),
        ("delete_route_response", {"RouteId": "none", "RouteResponseId": "none"}),
    ],
)
def test_what_an_api_does_not_have_is_not_found(
    gateway: Any, call: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as missing:
        getattr(gateway, call)(ApiId=create_api(gateway), **parameters)
    assert error_of(missing.value) == (404, "NotFoundException")


@pytest.mark.parametrize(
    ("call", "parameters", "error"),
    [
        ("create_deployment", {}, (400, "BadRequestException")),
        ("create_stage", {"StageName": "$default"}, (400, "BadRequestException")),
        ("create_stage", {"StageName": "a b"}, (400, "BadRequestException")),
        ("create_stage", {"StageName": "taken"}, (409, "ConflictException")),
        ("create_route", {"RouteKey": "x", "Target": "no"}, (400, "BadRequestException")),
        (
            "create_route",
            {"RouteKey": "x", "AuthorizationType": "CUSTOM"},
            (400, "BadRequestException"),
        ),
        (
            "create_route",
            {"RouteKey": "$connect", "AuthorizationType": "JWT"},
            (400, "BadRequestException"),
        ),
        (
            "create_route",
            {"RouteKey": "$connect", "AuthorizationType": "CUSTOM", "AuthorizerId": "none"},
            (400, "BadRequestException"),
        ),
        ("create_integration", {"IntegrationType": "AWS_PROXY"}, (400, "BadRequestException")),
        (
            "create_integration",
            {"IntegrationType": "MOCK", "TimeoutInMillis": 29_001},
            (400, "BadRequestException"),
        ),
        (
            "create_authorizer",
            {"AuthorizerType": "JWT", "Name": "a", "IdentitySource": []},
            (400, "BadRequestException"),
        ),
    ],
)
def test_what_cannot_be_is_refused(
    gateway: Any, call: str, parameters: dict[str, Any], error: tuple[int, str]
) -> None:
    api_id = create_api(gateway)
    gateway.create_stage(ApiId=api_id, StageName="taken")
    with pytest.raises(ClientError) as refused:
        getattr(gateway, call)(ApiId=api_id, **parameters)
    assert error_of(refused.value) == error


def test_a_route_key_is_there_once(gateway: Any) -> None:
    api_id = create_api(gateway)
    create_route(gateway, api_id, "join")
    other = create_route(gateway, api_id, "leave")
    with pytest.raises(gateway.exceptions.ConflictException):
        gateway.create_route(ApiId=api_id, RouteKey="join")
    with pytest.raises(gateway.exceptions.ConflictException):
        gateway.update_route(ApiId=api_id, RouteId=other["RouteId"], RouteKey="join")
    gateway.update_route(ApiId=api_id, RouteId=other["RouteId"], RouteKey="go")
    assert gateway.get_route(ApiId=api_id, RouteId=other["RouteId"])["RouteKey"] == "go"


def test_an_api_needs_a_name_and_a_selection(gateway: Any) -> None:
    for wrong in ({"Name": "", "RouteSelectionExpression": "$x"}, {"Name": "x"}):
        with pytest.raises(gateway.exceptions.BadRequestException):
            gateway.create_api(ProtocolType="WEBSOCKET", **wrong)
