"""HTTP APIs that were made with AWS calls answer on the gateway's port."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus, report
from tests.cloud.aws import client, error_of, make_function, unique
from tests.cloud.doors import (
    ACCOUNT,
    ECHO_EVENT,
    JUDGE,
    ask_signed,
    make_person,
    make_pool,
    permit,
)


@pytest.fixture(scope="module")
def function(cloud: CloudStatus) -> str:
    return make_function(cloud, unique("echo"), ECHO_EVENT)


@pytest.fixture(scope="module")
def gateway(cloud: CloudStatus) -> Any:
    return client(cloud, "apigatewayv2")


def get(cloud: CloudStatus, api_id: str, path: str = "/", **headers: str) -> httpx.Response:
    return httpx.get(f"{cloud.gateway_url}/{api_id}{path}", headers=headers, timeout=30)


def uri(function: str) -> str:
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"


def build(gateway: Any, function: str, *routes: str, version: str = "2.0", **settings: Any) -> str:
    """Make an API call by call, with a stage that deploys by itself."""
    made = gateway.create_api(Name=unique("http"), ProtocolType="HTTP", **settings)
    api_id: str = made["ApiId"]
    integration = gateway.create_integration(
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=function,
        PayloadFormatVersion=version,
    )
    for key in routes:
        gateway.create_route(
            ApiId=api_id, RouteKey=key, Target=f"integrations/{integration['IntegrationId']}"
        )
    gateway.create_stage(ApiId=api_id, StageName="$default", AutoDeploy=True)
    return api_id


def test_an_api_built_call_by_call_is_served(
    cloud: CloudStatus, gateway: Any, function: str
) -> None:
    api_id = build(gateway, function, "GET /a/{b}", "ANY /x/{proxy+}", "$default")
    permit(cloud, function, api_id)
    answer = get(cloud, api_id, "/a/1?q=2")
    event = answer.json()
    assert (event["version"], event["routeKey"]) == ("2.0", "GET /a/{b}")
    assert (event["rawPath"], event["pathParameters"]) == ("/a/1", {"b": "1"})
    assert event["requestContext"]["stage"] == "$default"
    assert get(cloud, api_id, "/x/y/z").json()["routeKey"] == "ANY /x/{proxy+}"
    assert get(cloud, api_id, "/other").json()["routeKey"] == "$default"
    endpoint = gateway.get_api(ApiId=api_id)["ApiEndpoint"]
    assert httpx.get(f"{endpoint}/a/7", timeout=30).json()["pathParameters"] == {"b": "7"}
    found = report(cloud.home)
    assert found is not None
    assert [api["url"] for api in found.apis if api["id"] == api_id] == [f"{endpoint}/"]


@pytest.mark.parametrize(
    ("key", "path", "permitted", "status"),
    [
        ("GET /a/{b}", "/a/1", "*/*/a/{b}", 200),
        ("GET /a/{b}", "/a/1", "$default/GET/a/{b}", 200),
        ("GET /a/{b}", "/a/1", "*/POST/*", 500),
        ("$default", "/any", "*/$default", 200),
        ("$default", "/any", "*/GET/*", 500),
    ],
)
def test_a_function_is_run_for_the_routes_that_its_policy_names(
    cloud: CloudStatus,
    gateway: Any,
    function: str,
    key: str,
    path: str,
    permitted: str,
    status: int,
) -> None:
    for version in ("1.0", "2.0"):
        api_id = build(gateway, function, key, version=version)
        permit(cloud, function, api_id, permitted)
        answer = get(cloud, api_id, path)
        assert answer.status_code == status
        if status == 500:
            assert answer.json() == {"message": "Internal Server Error"}


def test_a_target_is_an_api(cloud: CloudStatus, gateway: Any, function: str) -> None:
    made = gateway.create_api(
        Name=unique("quick"), ProtocolType="HTTP", Target=function, RouteKey="GET /quick"
    )
    permit(cloud, function, made["ApiId"])
    assert get(cloud, made["ApiId"], "/quick").json()["version"] == "2.0"
    assert get(cloud, made["ApiId"], "/slow").json() == {"message": "Not Found"}


def document(function: str, **more: Any) -> dict[str, Any]:
    integration = {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": uri(function),
        "payloadFormatVersion": "2.0",
    }
    operation = {"x-amazon-apigateway-integration": integration}
    return {
        "openapi": "3.0.1",
        "info": {"title": unique("imported"), "version": "7"},
        "paths": {
            "/a/{b}": {"get": operation},
            "/$default": {"x-amazon-apigateway-any-method": {**operation, "isDefaultRoute": True}},
        },
        "x-amazon-apigateway-cors": {"allowOrigins": ["https://shop.example"]},
        **more,
    }


def test_an_imported_api_is_served_and_reimported(
    cloud: CloudStatus, gateway: Any, function: str
) -> None:
    wanted = document(function, tags=[{"name": "team", "x-amazon-apigateway-tag-value": "blue"}])
    made = gateway.import_api(Body=json.dumps(wanted))
    api_id = made["ApiId"]
    assert (made["Name"], made["Version"]) == (wanted["info"]["title"], "7")
    assert made["Tags"] == {"team": "blue"}
    gateway.create_stage(ApiId=api_id, StageName="$default", AutoDeploy=True)
    permit(cloud, function, api_id)
    keys = {route["RouteKey"] for route in gateway.get_routes(ApiId=api_id)["Items"]}
    assert keys == {"GET /a/{b}", "$default"}
    answer = get(cloud, api_id, "/a/1", Origin="https://shop.example")
    assert answer.json()["routeKey"] == "GET /a/{b}"
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    wanted["paths"] = {"/new": wanted["paths"]["/a/{b}"]}
    del wanted["x-amazon-apigateway-cors"]
    gateway.reimport_api(ApiId=api_id, Body=json.dumps(wanted))
    assert get(cloud, api_id, "/a/1").status_code == 404
    assert get(cloud, api_id, "/new").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[1]",
        "swagger: '2.0'",
        json.dumps({"openapi": "3.0.1", "info": {}, "paths": {}}),
        json.dumps({"openapi": "3.0.1", "info": {"title": "a"}, "paths": {"a": {}}}),
    ],
)
def test_a_document_that_is_none_makes_no_api(gateway: Any, body: str) -> None:
    before = len(gateway.get_apis(MaxResults="500")["Items"])
    with pytest.raises(ClientError) as caught:
        gateway.import_api(Body=body)
    assert error_of(caught.value) == (400, "BadRequestException")
    assert len(gateway.get_apis(MaxResults="500")["Items"]) == before


def test_parts_that_cannot_be_are_refused(gateway: Any, function: str) -> None:
    api_id = gateway.create_api(Name=unique("http"), ProtocolType="HTTP")["ApiId"]
    jwt = {"AuthorizerType": "JWT", "IdentitySource": ["$request.header.Authorization"]}
    for call, settings in (
        (gateway.create_route, {"RouteKey": "nonsense"}),
        (gateway.create_route, {"RouteKey": "GET a"}),
        (gateway.create_integration, {"IntegrationType": "MOCK"}),
        (gateway.create_integration, {"IntegrationType": "AWS_PROXY", "IntegrationUri": function}),
        (gateway.create_authorizer, {"Name": "a", **jwt}),
        (
            gateway.create_authorizer,
            {
                "Name": "a",
                **jwt,
                "JwtConfiguration": {"Issuer": "https://x"},
                "AuthorizerResultTtlInSeconds": 3601,
            },
        ),
    ):
        with pytest.raises(ClientError) as caught:
            call(ApiId=api_id, **settings)
        assert error_of(caught.value) == (400, "BadRequestException"), settings


def test_a_stage_serves_its_deployment_until_the_next(
    cloud: CloudStatus, gateway: Any, function: str
) -> None:
    api_id = build(gateway, function, "GET /a")
    permit(cloud, function, api_id)
    gateway.create_stage(ApiId=api_id, StageName="dev", StageVariables={"color": "red"})
    assert get(cloud, api_id, "/dev/a").json() == {"message": "Not Found"}
    gateway.create_deployment(ApiId=api_id, StageName="dev")
    event = get(cloud, api_id, "/dev/a").json()
    assert (event["rawPath"], event["stageVariables"]) == ("/dev/a", {"color": "red"})
    route = gateway.get_routes(ApiId=api_id)["Items"][0]
    gateway.update_route(ApiId=api_id, RouteId=route["RouteId"], RouteKey="GET /b")
    assert get(cloud, api_id, "/dev/a").status_code == 200
    assert get(cloud, api_id, "/a").status_code == 404
    assert get(cloud, api_id, "/b").status_code == 200
    gateway.create_deployment(ApiId=api_id, StageName="dev")
    assert get(cloud, api_id, "/dev/a").status_code == 404
    gateway.delete_stage(ApiId=api_id, StageName="$default")
    assert get(cloud, api_id, "/b").json() == {"message": "Not Found"}
    gateway.delete_api(ApiId=api_id)
    assert get(cloud, api_id, "/b").status_code == 403


def test_routes_and_stages_limit_and_cors_is_configured(
    cloud: CloudStatus, gateway: Any, function: str
) -> None:
    api_id = build(gateway, function, "GET /a", "GET /b", CorsConfiguration={"AllowOrigins": ["*"]})
    permit(cloud, function, api_id)
    gateway.update_stage(
        ApiId=api_id,
        StageName="$default",
        DefaultRouteSettings={"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 0.01},
        RouteSettings={"GET /b": {"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 0.01}},
    )
    statuses = [get(cloud, api_id, path).status_code for path in ("/a", "/a", "/b", "/b", "/b")]
    assert statuses == [200, 429, 200, 200, 429]
    preflight = httpx.options(
        f"{cloud.gateway_url}/{api_id}/a",
        headers={"Origin": "https://a", "Access-Control-Request-Method": "GET"},
        timeout=30,
    )
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, "*")
    gateway.delete_cors_configuration(ApiId=api_id)
    assert "access-control-allow-origin" not in get(cloud, api_id, "/a", Origin="https://a").headers


def guard(gateway: Any, api_id: str, **settings: Any) -> None:
    """Guard the only route of an API."""
    route = gateway.get_routes(ApiId=api_id)["Items"][0]
    gateway.update_route(ApiId=api_id, RouteId=route["RouteId"], **settings)


def test_a_user_of_a_pool_calls_with_a_token(
    cloud: CloudStatus, gateway: Any, function: str
) -> None:
    pool = make_pool(cloud)
    api_id = build(gateway, function, "GET /")
    permit(cloud, function, api_id)
    authorizer = gateway.create_authorizer(
        ApiId=api_id,
        Name="pool",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": pool.issuer, "Audience": [pool.client_id]},
    )
    guard(gateway, api_id, AuthorizationType="JWT", AuthorizerId=authorizer["AuthorizerId"])
    for name in ("IdToken", "AccessToken"):
        answer = get(cloud, api_id, Authorization=f"Bearer {pool.tokens[name]}")
        claims = answer.json()["requestContext"]["authorizer"]["jwt"]["claims"]
        assert claims["iss"] == pool.issuer
    assert get(cloud, api_id).json() == {"message": "Unauthorized"}
    guard(gateway, api_id, AuthorizationScopes=["shop/read"])
    refused = get(cloud, api_id, Authorization=f"Bearer {pool.tokens['AccessToken']}")
    assert (refused.status_code, refused.json()) == (403, {"message": "Forbidden"})


def test_a_function_judges_requests(cloud: CloudStatus, gateway: Any, function: str) -> None:
    judge = make_function(cloud, unique("judge"), JUDGE)
    api_id = build(gateway, function, "GET /")
    permit(cloud, function, api_id)
    authorizer = gateway.create_authorizer(
        ApiId=api_id,
        Name="judge",
        AuthorizerType="REQUEST",
        AuthorizerUri=uri(judge),
        IdentitySource=["$request.header.X-Who"],
        AuthorizerPayloadFormatVersion="2.0",
    )
    guard(gateway, api_id, AuthorizationType="CUSTOM", AuthorizerId=authorizer["AuthorizerId"])
    assert get(cloud, api_id, **{"X-Who": "bob"}).status_code == 500  # it may not be asked
    permit(cloud, judge, api_id, f"authorizers/{authorizer['AuthorizerId']}")
    context = get(cloud, api_id, **{"X-Who": "bob"}).json()["requestContext"]
    assert context["authorizer"] == {"lambda": {"name": "bob"}}
    assert get(cloud, api_id, **{"X-Who": "eve"}).json() == {"message": "Forbidden"}
    assert get(cloud, api_id).json() == {"message": "Unauthorized"}


def test_a_user_of_iam_signs(cloud: CloudStatus, gateway: Any, function: str) -> None:
    api_id = build(gateway, function, "POST /orders")
    permit(cloud, function, api_id)
    guard(gateway, api_id, AuthorizationType="AWS_IAM")
    resource = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{api_id}/$default/POST/orders"
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}
    allowed, stranger = make_person(cloud, statement), make_person(cloud)
    url = f"{cloud.gateway_url}/{api_id}/orders"
    answer = ask_signed(allowed.credentials, url, method="POST", content=b"{}")
    assert answer.json()["requestContext"]["authorizer"]["iam"]["userArn"] == allowed.arn
    refused = ask_signed(stranger.credentials, url, method="POST", content=b"{}")
    assert (refused.status_code, refused.json()) == (403, {"message": "Forbidden"})


def test_a_default_endpoint_can_be_disabled_and_tags_are_kept(
    cloud: CloudStatus, gateway: Any, function: str
) -> None:
    api_id = build(gateway, function, "GET /", Tags={"team": "blue"})
    permit(cloud, function, api_id)
    assert gateway.get_api(ApiId=api_id)["Tags"] == {"team": "blue"}
    gateway.tag_resource(
        ResourceArn=f"arn:aws:apigateway:us-east-1::/apis/{api_id}", Tags={"cost": "1"}
    )
    assert gateway.get_api(ApiId=api_id)["Tags"] == {"team": "blue", "cost": "1"}
    gateway.update_api(ApiId=api_id, DisableExecuteApiEndpoint=True)
    assert get(cloud, api_id).status_code == 403


def test_a_custom_domain_leads_to_a_stage(cloud: CloudStatus, gateway: Any, function: str) -> None:
    api_id = build(gateway, function, "GET /a/{b}")
    permit(cloud, function, api_id)
    gateway.update_api(ApiId=api_id, DisableExecuteApiEndpoint=True)
    name = f"{unique('shop')}.example.com"
    gateway.create_domain_name(DomainName=name)
    gateway.create_api_mapping(
        DomainName=name, ApiId=api_id, Stage="$default", ApiMappingKey="orders/v1"
    )
    answer = httpx.get(f"{cloud.gateway_url}/orders/v1/a/7", headers={"Host": name}, timeout=30)
    event = answer.json()
    assert (event["rawPath"], event["pathParameters"]) == ("/orders/v1/a/7", {"b": "7"})
    assert event["requestContext"]["domainName"] == name
