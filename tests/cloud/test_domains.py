"""Custom domains: both versions of API Gateway have the same ones, and requests follow them."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from websockets.sync.client import connect

from chalice.cloud import CloudStatus
from tests.cloud.aws import api_document, client, error_of, make_function, unique
from tests.cloud.sockets import create_api, create_route, deploy, permit

CERTIFICATE = "arn:aws:acm:us-west-2:123456789012:certificate/abc"
SHOW = """
import json

def handler(event, context):
    said = event["requestContext"]
    shown = {"path": event.get("path"), "shown": said.get("path"), "domain": said["domainName"]}
    return {"statusCode": 200, "body": json.dumps(shown)}
"""


@pytest.fixture
def v1(cloud: CloudStatus) -> Any:
    return client(cloud, "apigateway", "us-west-2")


@pytest.fixture
def v2(cloud: CloudStatus) -> Any:
    return client(cloud, "apigatewayv2", "us-west-2")


def unique_domain() -> str:
    return f"{unique('api')}.example.com"


def regional(v1: Any, name: str, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = v1.create_domain_name(
        domainName=name,
        regionalCertificateArn=CERTIFICATE,
        endpointConfiguration={"types": ["REGIONAL"]},
        securityPolicy="TLS_1_2",
        **more,
    )
    return made


def configured(v2: Any, name: str, **more: Any) -> dict[str, Any]:
    configuration = {
        "ApiGatewayDomainName": name,
        "CertificateArn": CERTIFICATE,
        "EndpointType": "REGIONAL",
        "SecurityPolicy": "TLS_1_2",
        "DomainNameStatus": "AVAILABLE",
    }
    made: dict[str, Any] = v2.create_domain_name(
        DomainName=name, DomainNameConfigurations=[configuration], **more
    )
    return made


@pytest.fixture
def rest_api(v1: Any) -> str:
    """A REST API with the stage ``api``, in which nothing runs."""
    function = "arn:aws:lambda:us-west-2:123456789012:function:any"
    api_id: str = v1.import_rest_api(body=json.dumps(api_document(function)))["id"]
    v1.create_deployment(restApiId=api_id, stageName="api")
    return api_id


def test_a_regional_domain_of_version_1_is_one_of_version_2(v1: Any, v2: Any) -> None:
    name = unique_domain()
    made = regional(v1, name, tags={"team": "blue"})
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert made["regionalDomainName"].startswith("d-")
    assert made["regionalDomainName"].endswith(".execute-api.us-west-2.amazonaws.com")
    assert made["regionalHostedZoneId"] == "Z2OJLYMUO9EFXC"
    assert made["regionalCertificateArn"] == CERTIFICATE
    assert (made["securityPolicy"], made["domainNameStatus"]) == ("TLS_1_2", "AVAILABLE")
    assert "distributionDomainName" not in made
    shown = v2.get_domain_name(DomainName=name)
    (configuration,) = shown["DomainNameConfigurations"]
    assert configuration["ApiGatewayDomainName"] == made["regionalDomainName"]
    assert configuration["HostedZoneId"] == made["regionalHostedZoneId"]
    assert configuration["CertificateArn"] == CERTIFICATE
    assert configuration["EndpointType"] == "REGIONAL"
    assert configuration["CertificateUploadDate"] == made["certificateUploadDate"]
    assert shown["Tags"] == {"team": "blue"}
    assert shown["ApiMappingSelectionExpression"] == "$request.basepath"


def test_a_domain_of_version_2_is_one_of_version_1(v1: Any, v2: Any) -> None:
    name = unique_domain()
    made = configured(v2, name, Tags={"team": "blue"})
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    (configuration,) = made["DomainNameConfigurations"]
    assert configuration["DomainNameStatus"] == "AVAILABLE"
    shown = v1.get_domain_name(domainName=name)
    assert shown["regionalDomainName"] == configuration["ApiGatewayDomainName"]
    assert shown["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert shown["tags"] == {"team": "blue"}
    assert name in {each["DomainName"] for each in v2.get_domain_names(MaxResults="500")["Items"]}
    assert name in {each["domainName"] for each in v1.get_domain_names(limit=500)["items"]}


def test_an_edge_domain_has_a_distribution(v1: Any, v2: Any) -> None:
    name = unique_domain()
    made = v1.create_domain_name(domainName=name, certificateArn=CERTIFICATE)
    assert made["endpointConfiguration"]["types"] == ["EDGE"]
    assert made["distributionDomainName"].endswith(".cloudfront.net")
    assert made["distributionHostedZoneId"] == "Z2FDTNDATAQYW2"
    assert made["certificateArn"] == CERTIFICATE
    assert "regionalDomainName" not in made
    (configuration,) = v2.get_domain_name(DomainName=name)["DomainNameConfigurations"]
    assert configuration["EndpointType"] == "EDGE"


def test_patch_operations_change_a_domain(v1: Any) -> None:
    name = unique_domain()
    regional(v1, name)

    def patch(path: str, value: str) -> Any:
        operation = {"op": "replace", "path": path, "value": value}
        return v1.update_domain_name(domainName=name, patchOperations=[operation])

    assert patch("/securityPolicy", "TLS_1_0")["securityPolicy"] == "TLS_1_0"
    other = CERTIFICATE.replace("abc", "def")
    assert patch("/regionalCertificateArn", other)["regionalCertificateArn"] == other
    edge = patch("/endpointConfiguration/types/REGIONAL", "EDGE")
    assert edge["distributionDomainName"].endswith(".cloudfront.net")
    for path, value in (("/nonsense", "1"), ("/endpointConfiguration/types/EDGE", "NEAR")):
        with pytest.raises(ClientError) as refused:
            patch(path, value)
        assert error_of(refused.value) == (400, "BadRequestException")


def test_a_domain_moves_to_another_type_of_endpoint(v1: Any) -> None:
    name, types = unique_domain(), "/endpointConfiguration/types"
    v1.create_domain_name(domainName=name, certificateArn=CERTIFICATE)
    operations = [
        {"op": "add", "path": types, "value": "REGIONAL"},
        {"op": "add", "path": "/regionalCertificateArn", "value": CERTIFICATE},
    ]
    v1.update_domain_name(domainName=name, patchOperations=operations)
    removal = [{"op": "remove", "path": types, "value": "EDGE"}]
    moved = v1.update_domain_name(domainName=name, patchOperations=removal)
    assert moved["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert moved["regionalCertificateArn"] == CERTIFICATE
    last = [{"op": "remove", "path": types, "value": "REGIONAL"}]
    with pytest.raises(ClientError) as refused:
        v1.update_domain_name(domainName=name, patchOperations=last)
    assert error_of(refused.value) == (400, "BadRequestException")


def test_version_2_changes_a_domain(v2: Any) -> None:
    name = unique_domain()
    configured(v2, name)
    other = CERTIFICATE.replace("abc", "def")
    changed = v2.update_domain_name(
        DomainName=name, DomainNameConfigurations=[{"CertificateArn": other}]
    )
    (configuration,) = changed["DomainNameConfigurations"]
    assert (configuration["CertificateArn"], configuration["SecurityPolicy"]) == (other, "TLS_1_2")


def test_a_domain_has_tags_in_both_versions(v1: Any, v2: Any) -> None:
    name = unique_domain()
    configured(v2, name, Tags={"team": "blue"})
    arn = f"arn:aws:apigateway:us-west-2::/domainnames/{name}"
    v2.tag_resource(ResourceArn=arn, Tags={"colour": "red"})
    assert v1.get_tags(resourceArn=arn)["tags"] == {"team": "blue", "colour": "red"}
    v1.tag_resource(resourceArn=arn, tags={"size": "big"})
    v2.untag_resource(ResourceArn=arn, TagKeys=["team", "colour"])
    assert v2.get_tags(ResourceArn=arn)["Tags"] == {"size": "big"}
    assert v2.get_domain_name(DomainName=name)["Tags"] == {"size": "big"}
    v1.untag_resource(resourceArn=arn, tagKeys=["size"])
    assert v2.get_tags(ResourceArn=arn)["Tags"] == {}


def test_a_deleted_domain_is_gone_from_both_versions(v1: Any, v2: Any, rest_api: str) -> None:
    first, second = unique_domain(), unique_domain()
    regional(v1, first)
    configured(v2, second)
    v1.create_base_path_mapping(domainName=first, restApiId=rest_api, stage="api")
    v2.delete_domain_name(DomainName=first)
    v1.delete_domain_name(domainName=second)
    for name in (first, second):
        old: dict[str, Any] = {"domainName": name}
        new: dict[str, Any] = {"DomainName": name}
        for call, wanted in (
            (v1.get_domain_name, old),
            (v1.delete_domain_name, old),
            (v1.get_base_path_mappings, old),
            (v2.get_domain_name, new),
            (v2.delete_domain_name, new),
            (v2.get_api_mappings, new),
        ):
            with pytest.raises(ClientError) as missing:
                call(**wanted)
            assert error_of(missing.value) == (404, "NotFoundException")


def test_a_domain_is_there_once(v1: Any, v2: Any) -> None:
    name = unique_domain()
    regional(v1, name)
    with pytest.raises(v2.exceptions.ConflictException):
        configured(v2, name)
    with pytest.raises(v1.exceptions.BadRequestException):
        regional(v1, name)
    for wrong in ("x", "no_domain.b", "a..b", "-a.b"):
        with pytest.raises(v1.exceptions.BadRequestException):
            v1.create_domain_name(domainName=wrong)


def test_base_paths_are_mapped_by_both_versions(v1: Any, v2: Any, rest_api: str) -> None:
    name = unique_domain()
    regional(v1, name)
    root = v1.create_base_path_mapping(domainName=name, restApiId=rest_api, stage="api")
    assert root["basePath"] == "(none)"
    v2.create_api_mapping(DomainName=name, ApiId=rest_api, Stage="api", ApiMappingKey="orders")
    found = v1.get_base_path_mappings(domainName=name)["items"]
    assert [(each["basePath"], each["restApiId"], each["stage"]) for each in found] == [
        ("(none)", rest_api, "api"),
        ("orders", rest_api, "api"),
    ]
    shown = v2.get_api_mappings(DomainName=name)["Items"]
    assert [each["ApiMappingKey"] for each in shown] == ["", "orders"]
    operation = {"op": "replace", "path": "/basePath", "value": "sales"}
    moved = v1.update_base_path_mapping(
        domainName=name, basePath="orders", patchOperations=[operation]
    )
    assert moved["basePath"] == "sales"
    wanted = {"DomainName": name, "ApiMappingId": shown[1]["ApiMappingId"]}
    assert v2.get_api_mapping(**wanted)["ApiMappingKey"] == "sales"
    changed = v2.update_api_mapping(ApiId=rest_api, ApiMappingKey="sales/v1", **wanted)
    assert (changed["ApiMappingKey"], changed["Stage"]) == ("sales/v1", "api")
    v1.delete_base_path_mapping(domainName=name, basePath="(none)")
    v2.delete_api_mapping(**wanted)
    assert v2.get_api_mappings(DomainName=name)["Items"] == []


def test_the_empty_base_path_may_be_spelled_as_version_1_does(
    v1: Any, v2: Any, rest_api: str
) -> None:
    name = unique_domain()
    configured(v2, name)
    made = v2.create_api_mapping(
        DomainName=name, ApiId=rest_api, Stage="api", ApiMappingKey="(none)"
    )
    assert made["ApiMappingKey"] == ""
    assert v1.get_base_path_mapping(domainName=name, basePath="(none)")["restApiId"] == rest_api


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"basePath": "taken"}, (409, "ConflictException")),
        ({"basePath": "two/parts"}, (400, "BadRequestException")),
        ({"basePath": "a b"}, (400, "BadRequestException")),
        ({"restApiId": "none"}, (400, "BadRequestException")),
        ({"stage": "none"}, (400, "BadRequestException")),
        ({"domainName": "none.example.com"}, (404, "NotFoundException")),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_by_version_1(
    v1: Any, rest_api: str, parameters: dict[str, str], error: tuple[int, str]
) -> None:
    name = unique_domain()
    regional(v1, name)
    usual = {"domainName": name, "restApiId": rest_api, "stage": "api", "basePath": "taken"}
    v1.create_base_path_mapping(**usual)
    with pytest.raises(ClientError) as refused:
        v1.create_base_path_mapping(**{**usual, "basePath": "free", **parameters})
    assert error_of(refused.value) == error


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"ApiMappingKey": "taken"}, (409, "ConflictException")),
        ({"ApiMappingKey": "/a"}, (400, "BadRequestException")),
        ({"ApiMappingKey": "a/"}, (400, "BadRequestException")),
        ({"ApiMappingKey": "a//b"}, (400, "BadRequestException")),
        ({"ApiId": "none"}, (404, "NotFoundException")),
        ({"Stage": "none"}, (404, "NotFoundException")),
        ({"DomainName": "none.example.com"}, (404, "NotFoundException")),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_by_version_2(
    v2: Any, rest_api: str, parameters: dict[str, str], error: tuple[int, str]
) -> None:
    name = unique_domain()
    configured(v2, name)
    usual = {"DomainName": name, "ApiId": rest_api, "Stage": "api", "ApiMappingKey": "taken"}
    v2.create_api_mapping(**usual)
    with pytest.raises(ClientError) as refused:
        v2.create_api_mapping(**{**usual, "ApiMappingKey": "free", **parameters})
    assert error_of(refused.value) == error


def test_what_is_not_mapped_is_not_found(v1: Any, v2: Any) -> None:
    name = unique_domain()
    regional(v1, name)
    for call in (v1.get_base_path_mapping, v1.delete_base_path_mapping):
        with pytest.raises(v1.exceptions.NotFoundException):
            call(domainName=name, basePath="none")
    for call in (v2.get_api_mapping, v2.delete_api_mapping):
        with pytest.raises(v2.exceptions.NotFoundException):
            call(DomainName=name, ApiMappingId="none")


def test_lists_of_version_1_have_pages(v1: Any, rest_api: str) -> None:
    name = unique_domain()
    regional(v1, name)
    for number in range(5):
        v1.create_base_path_mapping(
            domainName=name, restApiId=rest_api, stage="api", basePath=f"p{number}"
        )
    pages = v1.get_paginator("get_base_path_mappings").paginate(
        domainName=name, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["items"]) for page in pages] == [2, 2, 1]


def test_requests_to_a_domain_reach_the_mapped_stage(cloud: CloudStatus, v1: Any) -> None:
    function = make_function(cloud, unique("domain"), SHOW, region="us-west-2")
    document = api_document(function)
    document["paths"]["/users"] = {"get": document["paths"]["/"]["get"]}
    api_id = v1.import_rest_api(body=json.dumps(document))["id"]
    v1.create_deployment(restApiId=api_id, stageName="api")
    permit(cloud, function, api_id)
    name = unique_domain()
    regional(v1, name)
    v1.create_base_path_mapping(domainName=name, restApiId=api_id, stage="api", basePath="shop")
    v1.create_base_path_mapping(domainName=name, restApiId=api_id, basePath="any")

    def get(path: str, host: str = name) -> httpx.Response:
        return httpx.get(cloud.gateway_url + path, headers={"Host": host}, timeout=30)

    assert get("/shop/users").json() == {
        "path": "/shop/users",
        "shown": "/shop/users",
        "domain": name,
    }
    assert get("/shop", f"{name.upper()}:8443").json()["path"] == "/shop/"
    assert get("/any/api/users").status_code == 200
    assert get("/shopping").status_code == 403
    assert get("/any/other/users").status_code == 403
    assert get("/shop/users", "other.example.com").status_code == 403


def test_a_wildcard_domain_serves_its_names(cloud: CloudStatus, v2: Any) -> None:
    function = make_function(cloud, unique("wild"), SHOW, region="us-west-2")
    api_id = create_api(cloud, "us-west-2")
    more = {"RouteResponseSelectionExpression": "$default"}
    create_route(cloud, api_id, "$default", function, **more)
    deploy(cloud, api_id, "us-west-2")
    permit(cloud, function, api_id)
    base = unique_domain()
    configured(v2, f"*.{base}")
    v2.create_api_mapping(DomainName=f"*.{base}", ApiId=api_id, Stage="dev", ApiMappingKey="chat")
    url = cloud.gateway_url.replace("http", "ws", 1)
    host = {"Host": f"ws.{base}"}
    with connect(f"{url}/chat", proxy=None, additional_headers=host) as socket:
        socket.send("hello")
        assert json.loads(socket.recv(timeout=30))["domain"] == f"ws.{base}"
