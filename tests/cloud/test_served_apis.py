"""REST APIs that were deployed with AWS calls answer on the gateway's port."""

from __future__ import annotations

import json

import httpx
import pytest

from chalice.cloud import CloudStatus, report
from tests.cloud.aws import api_document, client, make_function, make_zip, unique

SOURCE = """
import json

def handler(event, context):
    body = {key: event[key] for key in ("resource", "path", "httpMethod", "pathParameters")}
    return {"statusCode": 200, "body": json.dumps(body)}
"""
HELLO = 'def handler(event, context): return {"statusCode": 200, "body": "%s"}'


@pytest.fixture(scope="module")
def function(cloud: CloudStatus) -> str:
    return make_function(cloud, unique("served"), SOURCE)


def permit(cloud: CloudStatus, function: str, api_id: str, path: str = "*") -> None:
    client(cloud, "lambda", function.split(":")[3]).add_permission(
        FunctionName=function,
        StatementId=unique("sid"),
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{function.split(':')[3]}:123456789012:{api_id}/{path}",
    )


def deploy(cloud: CloudStatus, function: str) -> str:
    gateway = client(cloud, "apigateway", function.split(":")[3])
    document = api_document(function)
    api_id: str = gateway.import_rest_api(body=json.dumps(document))["id"]
    gateway.create_deployment(restApiId=api_id, stageName="api")
    return api_id


def get(cloud: CloudStatus, api_id: str, path: str = "/") -> httpx.Response:
    return httpx.get(f"{cloud.gateway_url}/{api_id}/api{path}", timeout=30)


def test_an_imported_api_is_served(cloud: CloudStatus, function: str) -> None:
    api_id = deploy(cloud, function)
    permit(cloud, function, api_id)
    assert get(cloud, api_id).json()["httpMethod"] == "GET"
    answer = httpx.post(f"{cloud.gateway_url}/{api_id}/api/users/7", timeout=30)
    assert answer.json() == {
        "resource": "/users/{id}",
        "path": "/users/7",
        "httpMethod": "POST",
        "pathParameters": {"id": "7"},
    }


def test_an_unknown_path_api_or_stage_is_forbidden(cloud: CloudStatus, function: str) -> None:
    api_id = deploy(cloud, function)
    permit(cloud, function, api_id)
    missing = get(cloud, api_id, "/none")
    assert missing.status_code == 403
    assert missing.json() == {"message": "Missing Authentication Token"}
    assert httpx.get(f"{cloud.gateway_url}/{api_id}/nostage/").status_code == 403
    assert httpx.get(f"{cloud.gateway_url}/noapi/api/").status_code == 403


@pytest.mark.parametrize("path", ["*", "*/GET/", "api/*", "*/*/"])
def test_a_function_that_allows_the_api_is_run(
    cloud: CloudStatus, function: str, path: str
) -> None:
    api_id = deploy(cloud, function)
    permit(cloud, function, api_id, path)
    assert get(cloud, api_id).status_code == 200


@pytest.mark.parametrize("path", [None, "*/POST/*", "otherstage/*"])
def test_a_function_that_does_not_allow_the_api_is_not_run(
    cloud: CloudStatus, function: str, path: str | None
) -> None:
    api_id = deploy(cloud, function)
    permit(cloud, function, "another0id")
    if path is not None:
        permit(cloud, function, api_id, path)
    answer = get(cloud, api_id)
    assert answer.status_code == 500
    assert answer.json() == {"message": "Internal server error"}


def test_a_stage_serves_what_was_deployed_until_the_next_deployment(
    cloud: CloudStatus, function: str
) -> None:
    api_id = deploy(cloud, function)
    permit(cloud, function, api_id)
    gateway = client(cloud, "apigateway")
    document = api_document(function)
    document["paths"] = {"/new": document["paths"]["/"]}
    gateway.put_rest_api(restApiId=api_id, mode="overwrite", body=json.dumps(document))
    assert (get(cloud, api_id).status_code, get(cloud, api_id, "/new").status_code) == (200, 403)
    gateway.create_deployment(restApiId=api_id, stageName="api")
    assert (get(cloud, api_id).status_code, get(cloud, api_id, "/new").status_code) == (403, 200)


def test_an_api_built_call_by_call_is_served(cloud: CloudStatus, function: str) -> None:
    gateway = client(cloud, "apigateway")
    api = gateway.create_rest_api(name=unique("piecewise"))
    ids = {"restApiId": api["id"]}
    users = gateway.create_resource(parentId=api["rootResourceId"], pathPart="users", **ids)
    one = gateway.create_resource(parentId=users["id"], pathPart="{id}", **ids)
    ids |= {"resourceId": one["id"], "httpMethod": "GET"}
    gateway.put_method(authorizationType="NONE", **ids)
    gateway.put_integration(
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations",
        **ids,
    )
    gateway.create_deployment(restApiId=api["id"], stageName="api")
    permit(cloud, function, api["id"])
    assert get(cloud, api["id"], "/users/9").json()["pathParameters"] == {"id": "9"}


def test_methods_edited_after_an_import_are_served(cloud: CloudStatus, function: str) -> None:
    api_id = deploy(cloud, function)
    permit(cloud, function, api_id)
    gateway = client(cloud, "apigateway")
    root = gateway.get_rest_api(restApiId=api_id)["rootResourceId"]
    gateway.delete_method(restApiId=api_id, resourceId=root, httpMethod="GET")
    gateway.create_deployment(restApiId=api_id, stageName="api")
    assert get(cloud, api_id).status_code == 403
    assert httpx.post(f"{cloud.gateway_url}/{api_id}/api/users/1", timeout=30).status_code == 200


def test_a_deleted_api_or_function_serves_no_more(cloud: CloudStatus) -> None:
    function = make_function(cloud, unique("brief"), SOURCE)
    api_id = deploy(cloud, function)
    permit(cloud, function, api_id)
    assert get(cloud, api_id).status_code == 200
    client(cloud, "lambda").delete_function(FunctionName=function)
    assert get(cloud, api_id).status_code == 500
    client(cloud, "apigateway").delete_rest_api(restApiId=api_id)
    assert get(cloud, api_id).status_code == 403


def test_an_api_in_another_region_runs_functions_there(cloud: CloudStatus) -> None:
    function = make_function(cloud, unique("far"), HELLO % "far", region="eu-west-1")
    api_id = deploy(cloud, function)
    permit(cloud, function, api_id)
    assert get(cloud, api_id).text == "far"


def test_the_report_names_functions_and_urls(cloud: CloudStatus) -> None:
    function = make_function(cloud, unique("reported"), HELLO % "reported")
    api_id = deploy(cloud, function)
    permit(cloud, function, api_id)
    found = report(cloud.home)
    assert found is not None
    name = function.rpartition(":")[2]
    assert {"name": name, "region": "us-east-1"} in found.functions
    (api,) = [api for api in found.apis if api["id"] == api_id]
    assert httpx.get(api["url"], timeout=30).text == "reported"


def test_new_code_is_served_at_once(cloud: CloudStatus) -> None:
    function = make_function(cloud, unique("fresh"), HELLO % "old")
    api_id = deploy(cloud, function)
    permit(cloud, function, api_id)
    assert get(cloud, api_id).text == "old"
    client(cloud, "lambda").update_function_code(
        FunctionName=function, ZipFile=make_zip(HELLO % "new")
    )
    assert get(cloud, api_id).text == "new"


def test_a_method_may_need_an_api_key_of_a_usage_plan(cloud: CloudStatus, function: str) -> None:
    gateway = client(cloud, "apigateway")
    document = api_document(function)
    document["securityDefinitions"] = {
        "api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}
    }
    document["paths"]["/"]["get"]["security"] = [{"api_key": []}]
    api_id = gateway.import_rest_api(body=json.dumps(document))["id"]
    gateway.create_deployment(restApiId=api_id, stageName="api")
    permit(cloud, function, api_id)
    key = gateway.create_api_key(name=unique("key"), enabled=True)
    plan = gateway.create_usage_plan(
        name=unique("plan"), apiStages=[{"apiId": api_id, "stage": "api"}]
    )

    def ask(**headers: str) -> int:
        url = f"{cloud.gateway_url}/{api_id}/api/"
        return httpx.get(url, headers=headers, timeout=30).status_code

    assert ask() == 403
    assert ask(**{"x-api-key": key["value"]}) == 403
    gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    assert ask(**{"x-api-key": key["value"]}) == 200
    assert ask(**{"x-api-key": "x" * 30}) == 403
