"""API Gateway's control plane: documents, deployments, patches, tags, errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import api_document, client, error_of, unique

ARN = "arn:aws:lambda:us-east-1:123456789012:function:any"
BINARY = "x-amazon-apigateway-binary-media-types"


@pytest.fixture
def gateway(cloud: CloudStatus) -> Any:
    return client(cloud, "apigateway")


def import_api(gateway: Any, document: dict[str, Any], **parameters: Any) -> str:
    made = gateway.import_rest_api(body=json.dumps(document), **parameters)
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    api_id: str = made["id"]
    return api_id


def paths(gateway: Any, api_id: str) -> dict[str, set[str]]:
    resources = gateway.get_resources(restApiId=api_id, limit=500)["items"]
    return {each["path"]: set(each.get("resourceMethods", {})) for each in resources}


def test_a_swagger_document_becomes_an_api(gateway: Any) -> None:
    api_id = import_api(gateway, api_document(ARN, "from swagger") | {BINARY: ["image/png"]})
    api = gateway.get_rest_api(restApiId=api_id)
    assert api["name"] == "from swagger"
    assert api["binaryMediaTypes"] == ["image/png"]
    assert paths(gateway, api_id) == {"/": {"GET"}, "/users": set(), "/users/{id}": {"POST"}}


def test_an_integration_of_a_document_is_what_get_integration_shows(gateway: Any) -> None:
    api_id = import_api(gateway, api_document(ARN))
    root = gateway.get_rest_api(restApiId=api_id)["rootResourceId"]
    shown = gateway.get_integration(restApiId=api_id, resourceId=root, httpMethod="GET")
    assert (shown["type"], shown["httpMethod"]) == ("AWS_PROXY", "POST")
    assert shown["uri"].endswith(f"/functions/{ARN}/invocations")
    assert shown["integrationResponses"]["200"]["statusCode"] == "200"


def test_resources_tell_of_their_methods_when_asked_to(gateway: Any) -> None:
    document = api_document(ARN)
    headers = {"X-Page": {"type": "string"}}
    document["paths"]["/"]["get"]["responses"] = {"200": {"description": "", "headers": headers}}
    api_id = import_api(gateway, document)

    def root(**parameters: Any) -> Any:
        resources = gateway.get_resources(restApiId=api_id, **parameters)["items"]
        return next(each for each in resources if each["path"] == "/")

    assert root()["resourceMethods"] == {"GET": {}}
    method = root(embed=["methods"])["resourceMethods"]["GET"]
    shown = method["methodResponses"]["200"]["responseParameters"]
    assert shown == {"method.response.header.X-Page": False}


def test_the_policy_of_an_api_is_shown_with_its_quotes_escaped(gateway: Any) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    made = gateway.create_rest_api(name="with a policy", policy=policy)
    shown = gateway.get_rest_api(restApiId=made["id"])["policy"]
    assert '\\"Version\\"' in shown
    assert json.loads(f'"{shown}"') == policy


def test_an_openapi_3_document_in_yaml_becomes_an_api(gateway: Any) -> None:
    body = 'openapi: 3.0.1\ninfo: {title: y, version: "1"}\npaths: {/a/b: {get: {}, put: {}}}\n'
    api_id = gateway.import_rest_api(body=body)["id"]
    assert paths(gateway, api_id) == {"/": set(), "/a": set(), "/a/b": {"GET", "PUT"}}


def test_the_endpoint_type_of_an_import_is_kept(gateway: Any) -> None:
    parameters = {"endpointConfigurationTypes": "REGIONAL"}
    api_id = import_api(gateway, api_document(ARN), parameters=parameters)
    shown = gateway.get_rest_api(restApiId=api_id)["endpointConfiguration"]["types"]
    assert shown == ["REGIONAL"]


def test_authorizers_and_api_keys_of_a_document_are_on_its_methods(gateway: Any) -> None:
    document = api_document(ARN)
    document["securityDefinitions"] = {
        "mine": {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": ARN},
        },
        "api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
    }
    document["paths"]["/"]["get"]["security"] = [{"mine": []}, {"api_key": []}]
    api_id = import_api(gateway, document)
    authorizers = gateway.get_authorizers(restApiId=api_id)["items"]
    assert [(each["name"], each["type"]) for each in authorizers] == [("mine", "TOKEN")]
    root = gateway.get_rest_api(restApiId=api_id)["rootResourceId"]
    method = gateway.get_method(restApiId=api_id, resourceId=root, httpMethod="GET")
    assert method["authorizationType"] == "CUSTOM"
    assert method["authorizerId"] == authorizers[0]["id"]
    assert method["apiKeyRequired"] is True


def test_overwrite_replaces_what_the_api_was(gateway: Any) -> None:
    api_id = import_api(gateway, api_document(ARN) | {BINARY: ["image/png"]})
    document = {"swagger": "2.0", "info": {"title": "new"}, "paths": {"/only": {"get": {}}}}
    gateway.put_rest_api(restApiId=api_id, mode="overwrite", body=json.dumps(document))
    assert paths(gateway, api_id) == {"/": set(), "/only": {"GET"}}
    shown = gateway.get_rest_api(restApiId=api_id)
    assert (shown["name"], shown["binaryMediaTypes"]) == ("new", [])


def test_an_import_keeps_the_root_of_the_api(gateway: Any) -> None:
    api_id = import_api(gateway, api_document(ARN))
    root = gateway.get_rest_api(restApiId=api_id)["rootResourceId"]
    gateway.put_rest_api(restApiId=api_id, mode="overwrite", body=json.dumps(api_document(ARN)))
    assert gateway.get_rest_api(restApiId=api_id)["rootResourceId"] == root
    assert gateway.get_resource(restApiId=api_id, resourceId=root)["path"] == "/"


def test_merge_adds_to_what_the_api_was(gateway: Any) -> None:
    api_id = import_api(gateway, api_document(ARN))
    document = {"swagger": "2.0", "paths": {"/": {"put": {}}, "/more": {"get": {}}}}
    gateway.put_rest_api(restApiId=api_id, mode="merge", body=json.dumps(document))
    assert paths(gateway, api_id) == {
        "/": {"GET", "PUT"},
        "/users": set(),
        "/users/{id}": {"POST"},
        "/more": {"GET"},
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"a: [",
        b'{"info": {"title": "neither"}}',
        b'{"swagger": "2.0", "paths": {}}',
        b'{"swagger": "2.0", "info": {"title": "t"}, "paths": {"/": {"get": 1}}}',
        b'{"swagger": "2.0", "info": {"title": "t"}, "paths": []}',
    ],
)
def test_what_is_no_api_document_is_a_bad_request_and_makes_no_api(
    gateway: Any, body: bytes
) -> None:
    before = {api["id"] for api in gateway.get_rest_apis()["items"]}
    with pytest.raises(ClientError) as refused:
        gateway.import_rest_api(body=body)
    assert error_of(refused.value) == (400, "BadRequestException")
    assert {api["id"] for api in gateway.get_rest_apis()["items"]} == before


def test_patch_operations_follow_their_json_pointers(gateway: Any) -> None:
    api_id = import_api(gateway, api_document(ARN))

    def patch(op: str, path: str, value: str | None = None) -> Any:
        operation = {"op": op, "path": path} | ({} if value is None else {"value": value})
        return gateway.update_rest_api(restApiId=api_id, patchOperations=[operation])

    assert patch("replace", "/minimumCompressionSize", "1024")["minimumCompressionSize"] == 1024
    assert "minimumCompressionSize" not in patch("remove", "/minimumCompressionSize")
    types = patch("replace", "/endpointConfiguration/types/EDGE", "REGIONAL")
    assert types["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert patch("add", "/binaryMediaTypes/image~1png")["binaryMediaTypes"] == ["image/png"]
    assert patch("remove", "/binaryMediaTypes/image~1png")["binaryMediaTypes"] == []
    assert patch("replace", "/name", "renamed")["name"] == "renamed"
    with pytest.raises(ClientError) as refused:
        patch("replace", "/nonsense", "1")
    assert error_of(refused.value) == (400, "BadRequestException")


def test_a_deployment_keeps_its_description_and_the_stage_its_settings(gateway: Any) -> None:
    api_id = import_api(gateway, api_document(ARN))
    first = gateway.create_deployment(
        restApiId=api_id, stageName="api", description="digest-1", tracingEnabled=True
    )
    gateway.update_stage(
        restApiId=api_id,
        stageName="api",
        patchOperations=[{"op": "replace", "path": "/variables/level", "value": "high"}],
    )
    second = gateway.create_deployment(
        restApiId=api_id, stageName="api", description="digest-2", variables={"colour": "red"}
    )
    stage = gateway.get_stage(restApiId=api_id, stageName="api")
    assert stage["deploymentId"] == second["id"] != first["id"]
    assert stage["tracingEnabled"] is True
    assert stage["variables"] == {"level": "high", "colour": "red"}
    shown = gateway.get_deployment(restApiId=api_id, deploymentId=second["id"])
    assert shown["description"] == "digest-2"


def test_the_description_of_a_deployment_can_change_and_nothing_else(gateway: Any) -> None:
    api_id = import_api(gateway, api_document(ARN))
    made = gateway.create_deployment(restApiId=api_id, description="one")
    named = {"restApiId": api_id, "deploymentId": made["id"]}
    patch = {"op": "replace", "path": "/description", "value": "two"}
    gateway.update_deployment(**named, patchOperations=[patch])
    assert gateway.get_deployment(**named)["description"] == "two"
    with pytest.raises(ClientError) as refused:
        gateway.update_deployment(**named, patchOperations=[{**patch, "path": "/stageName"}])
    assert error_of(refused.value) == (400, "BadRequestException")


def test_a_deployment_that_a_stage_serves_cannot_be_deleted(gateway: Any) -> None:
    api_id = import_api(gateway, api_document(ARN))
    first = gateway.create_deployment(restApiId=api_id, stageName="api")["id"]
    second = gateway.create_deployment(restApiId=api_id, stageName="api")["id"]
    gateway.delete_deployment(restApiId=api_id, deploymentId=first)
    with pytest.raises(ClientError) as refused:
        gateway.delete_deployment(restApiId=api_id, deploymentId=second)
    assert error_of(refused.value) == (400, "BadRequestException")


def test_apis_have_tags(gateway: Any) -> None:
    name = unique("tagged")
    api_id = gateway.create_rest_api(name=name, tags={"aws-chalice": "app/dev"})["id"]
    arn = f"arn:aws:apigateway:us-east-1::/restapis/{api_id}"
    gateway.tag_resource(resourceArn=arn, tags={"team": "blue"})
    found = [api for api in gateway.get_rest_apis()["items"] if api["id"] == api_id]
    assert found[0]["tags"] == {"aws-chalice": "app/dev", "team": "blue"}
    gateway.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert gateway.get_tags(resourceArn=arn)["tags"] == {"aws-chalice": "app/dev"}


def test_a_deleted_api_is_gone(gateway: Any) -> None:
    api_id = import_api(gateway, api_document(ARN))
    assert gateway.delete_rest_api(restApiId=api_id)["ResponseMetadata"]["HTTPStatusCode"] == 202
    for call in (gateway.get_rest_api, gateway.delete_rest_api, gateway.get_resources):
        with pytest.raises(ClientError) as missing:
            call(restApiId=api_id)
        assert error_of(missing.value) == (404, "NotFoundException")


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        ("get_stage", {"stageName": "none"}),
        ("delete_stage", {"stageName": "none"}),
        ("update_stage", {"stageName": "none", "patchOperations": []}),
        ("get_deployment", {"deploymentId": "none"}),
        ("delete_deployment", {"deploymentId": "none"}),
        ("create_stage", {"stageName": "new", "deploymentId": "none"}),
        ("get_resource", {"resourceId": "none"}),
        ("delete_resource", {"resourceId": "none"}),
        ("get_authorizer", {"authorizerId": "none"}),
        ("delete_authorizer", {"authorizerId": "none"}),
    ],
)
def test_what_an_api_does_not_have_is_not_found(
    gateway: Any, call: str, parameters: dict[str, Any]
) -> None:
    api_id = import_api(gateway, api_document(ARN))
    with pytest.raises(ClientError) as missing:
        getattr(gateway, call)(restApiId=api_id, **parameters)
    assert error_of(missing.value) == (404, "NotFoundException")


def test_regions_are_apart(cloud: CloudStatus, gateway: Any) -> None:
    api_id = import_api(gateway, api_document(ARN))
    elsewhere = client(cloud, "apigateway", "eu-west-1")
    with pytest.raises(ClientError) as missing:
        elsewhere.get_rest_api(restApiId=api_id)
    assert error_of(missing.value) == (404, "NotFoundException")
