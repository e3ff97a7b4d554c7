"""Who may call a REST API in the cloud: users of pools, of IAM, of keys; whom functions let in."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import api_document, client, error_of, make_function, unique
from tests.cloud.doors import (
    ACCOUNT,
    ECHO_EVENT,
    JUDGE,
    Pool,
    ask_signed,
    make_person,
    make_pool,
    permit,
)


@pytest.fixture(scope="module")
def function(cloud: CloudStatus) -> str:
    return make_function(cloud, unique("echo"), ECHO_EVENT)


@pytest.fixture(scope="module")
def judge(cloud: CloudStatus) -> str:
    return make_function(cloud, unique("judge"), JUDGE)


@pytest.fixture(scope="module")
def pool(cloud: CloudStatus) -> Pool:
    return make_pool(cloud)


def scheme(kind: str, **details: Any) -> dict[str, Any]:
    return {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "x-amazon-apigateway-authtype": kind,
        **({"x-amazon-apigateway-authorizer": details} if details else {}),
    }


def deploy(
    cloud: CloudStatus,
    function: str,
    definition: dict[str, Any] | None = None,
    scopes: tuple[str, ...] = (),
    **more: Any,
) -> str:
    """Deploy an API whose ``GET /`` is guarded, and return its id."""
    gateway, document = client(cloud, "apigateway"), api_document(function)
    if definition is not None:
        document["securityDefinitions"] = {"auth": definition}
        document["paths"]["/"]["get"]["security"] = [{"auth": list(scopes)}]
    document |= {
        f"x-amazon-apigateway-{key.replace('_', '-')}": value for key, value in more.items()
    }
    api_id: str = gateway.import_rest_api(body=json.dumps(document))["id"]
    gateway.create_deployment(restApiId=api_id, stageName="api")
    permit(cloud, function, api_id)
    return api_id


def url_of(cloud: CloudStatus, api_id: str) -> str:
    return f"{cloud.gateway_url}/{api_id}/api/"


def get(cloud: CloudStatus, api_id: str, **headers: str) -> httpx.Response:
    return httpx.get(url_of(cloud, api_id), headers=headers, timeout=30)


def test_a_user_of_a_pool_calls_with_an_identity_token(
    cloud: CloudStatus, function: str, pool: Pool
) -> None:
    definition = scheme("cognito_user_pools", type="cognito_user_pools", providerARNs=[pool.arn])
    api_id = deploy(cloud, function, definition)
    answer = get(cloud, api_id, Authorization=f"Bearer {pool.tokens['IdToken']}")
    claims = answer.json()["requestContext"]["authorizer"]["claims"]
    assert (claims["cognito:username"], claims["aud"]) == ("ann", pool.client_id)
    assert claims["iss"] == pool.issuer
    for wrong in ({}, {"Authorization": pool.tokens["AccessToken"]}, {"Authorization": "x"}):
        refused = get(cloud, api_id, **wrong)
        assert (refused.status_code, refused.json()) == (401, {"message": "Unauthorized"})


def test_a_user_of_another_pool_may_not_call(cloud: CloudStatus, function: str, pool: Pool) -> None:
    other = make_pool(cloud)
    definition = scheme("cognito_user_pools", type="cognito_user_pools", providerARNs=[other.arn])
    api_id = deploy(cloud, function, definition)
    assert get(cloud, api_id, Authorization=pool.tokens["IdToken"]).status_code == 401
    client(cloud, "cognito-idp").delete_user_pool(UserPoolId=other.pool_id)
    assert get(cloud, api_id, Authorization=other.tokens["IdToken"]).status_code == 401


def test_scopes_want_an_access_token_that_has_one(
    cloud: CloudStatus, function: str, pool: Pool
) -> None:
    definition = scheme("cognito_user_pools", type="cognito_user_pools", providerARNs=[pool.arn])
    own = "aws.cognito.signin.user.admin"
    for scopes, status in (((own,), 200), (("shop/read",), 401)):
        api_id = deploy(cloud, function, definition, scopes)
        answer = get(cloud, api_id, Authorization=pool.tokens["AccessToken"])
        assert answer.status_code == status


def test_a_guard_may_be_built_call_by_call(cloud: CloudStatus, function: str, pool: Pool) -> None:
    gateway = client(cloud, "apigateway")
    api = gateway.create_rest_api(name=unique("piecewise"))
    ids = {"restApiId": api["id"]}
    authorizer = gateway.create_authorizer(
        name="pool",
        type="COGNITO_USER_POOLS",
        providerARNs=[pool.arn],
        identitySource="method.request.header.X-Token",
        **ids,
    )
    ids |= {"resourceId": api["rootResourceId"], "httpMethod": "GET"}
    gateway.put_method(authorizationType="COGNITO_USER_POOLS", authorizerId=authorizer["id"], **ids)
    gateway.put_integration(
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations",
        **ids,
    )
    gateway.create_deployment(restApiId=api["id"], stageName="api")
    permit(cloud, function, api["id"])
    assert get(cloud, api["id"]).status_code == 401
    assert get(cloud, api["id"], **{"X-Token": pool.tokens["IdToken"]}).status_code == 200


def test_an_authorizers_answer_holds_for_an_hour_at_most(
    cloud: CloudStatus, function: str, judge: str
) -> None:
    gateway = client(cloud, "apigateway")
    api_id = deploy(cloud, function)
    with pytest.raises(ClientError) as caught:
        gateway.create_authorizer(
            restApiId=api_id, name="a", type="TOKEN", authorizerResultTtlInSeconds=3601
        )
    assert error_of(caught.value) == (400, "BadRequestException")


def test_a_function_judges_requests(cloud: CloudStatus, function: str, judge: str) -> None:
    definition = scheme(
        "custom",
        type="request",
        identitySource="method.request.header.X-Who",
        authorizerUri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{judge}"
        "/invocations",
    )
    api_id = deploy(cloud, function, definition)
    permit(cloud, judge, api_id, "authorizers/*")
    assert get(cloud, api_id).status_code == 401
    answer = get(cloud, api_id, **{"X-Who": "bob"})
    assert answer.json()["requestContext"]["authorizer"]["name"] == "bob"
    assert get(cloud, api_id, **{"X-Who": "eve"}).status_code == 403


def test_a_user_of_iam_signs(cloud: CloudStatus, function: str) -> None:
    api_id = deploy(cloud, function, scheme("awsSigv4"))
    resource = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{api_id}/api/GET/"
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}
    allowed, stranger = make_person(cloud, statement), make_person(cloud)
    url = url_of(cloud, api_id)
    identity = ask_signed(allowed.credentials, url).json()["requestContext"]["identity"]
    assert (identity["userArn"], identity["accountId"]) == (allowed.arn, ACCOUNT)
    assert identity["accessKey"] == allowed.credentials.access_key
    assert identity["caller"] == identity["user"]
    refused = ask_signed(stranger.credentials, url)
    assert refused.status_code == 403
    assert refused.json()["Message"].startswith(f"User: {stranger.arn} is not authorized to")
    forger = Credentials(allowed.credentials.access_key, "wrong")
    forged = ask_signed(forger, url)
    assert (forged.status_code, forged.headers["x-amzn-errortype"]) == (
        403,
        "InvalidSignatureException",
    )
    unsigned = httpx.get(url, timeout=30)
    assert unsigned.json() == {"message": "Missing Authentication Token"}
    confused = get(cloud, api_id, Authorization="Bearer x")
    assert confused.status_code == 403
    assert confused.json()["message"].startswith("Authorization header requires 'Credential'")


def test_the_root_may_call_and_who_holds_made_up_keys_may_not(
    cloud: CloudStatus, function: str
) -> None:
    api_id = deploy(cloud, function, scheme("awsSigv4"))
    refused = ask_signed(Credentials("anything", "at all"), url_of(cloud, api_id))
    assert refused.headers["x-amzn-errortype"] == "UnrecognizedClientException"
    answer = ask_signed(Credentials("local", "local", "local"), url_of(cloud, api_id))
    assert answer.json()["requestContext"]["identity"]["userArn"] == f"arn:aws:iam::{ACCOUNT}:root"


def test_a_resource_policy_and_answers_of_its_own_come_with_a_deployment(
    cloud: CloudStatus, function: str
) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "execute-api:Invoke",
                "Resource": "execute-api:/*",
                "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            }
        ],
    }
    own = {
        "ACCESS_DENIED": {
            "statusCode": 404,
            "responseParameters": {"gatewayresponse.header.X-Own": "'1'"},
        }
    }
    api_id = deploy(cloud, function, policy=policy, gateway_responses=own)
    answer = get(cloud, api_id)
    assert (answer.status_code, answer.headers["x-own"]) == (404, "1")
    gateway = client(cloud, "apigateway")
    gateway.put_gateway_response(
        restApiId=api_id, responseType="ACCESS_DENIED", responseTemplates={"application/json": "{}"}
    )
    assert get(cloud, api_id).status_code == 404
    gateway.create_deployment(restApiId=api_id, stageName="api")
    assert (get(cloud, api_id).status_code, get(cloud, api_id).json()) == (403, {})
    gateway.update_rest_api(
        restApiId=api_id, patchOperations=[{"op": "replace", "path": "/policy", "value": ""}]
    )
    gateway.create_deployment(restApiId=api_id, stageName="api")
    assert get(cloud, api_id).status_code == 200


def test_a_private_api_answers_whom_its_policy_names(cloud: CloudStatus, function: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
        "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
    }
    gateway, document = client(cloud, "apigateway"), api_document(function)
    document["x-amazon-apigateway-policy"] = {"Version": "2012-10-17", "Statement": [statement]}
    made = gateway.create_rest_api(
        name=unique("private"),
        endpointConfiguration={"types": ["PRIVATE"], "vpcEndpointIds": ["vpce-1"]},
    )
    api_id = made["id"]
    gateway.put_rest_api(restApiId=api_id, mode="overwrite", body=json.dumps(document))
    gateway.create_deployment(restApiId=api_id, stageName="api")
    permit(cloud, function, api_id)
    assert get(cloud, api_id).status_code == 200
    host = {"Host": f"{api_id}-vpce-2.execute-api.us-east-1.localhost"}
    other = httpx.get(f"{cloud.gateway_url}/api/", headers=host, timeout=30)
    assert other.status_code == 403


KEYED = {"type": "apiKey", "name": "x-api-key", "in": "header"}


def make_key(cloud: CloudStatus, plan_id: str) -> dict[str, Any]:
    gateway = client(cloud, "apigateway")
    key: dict[str, Any] = gateway.create_api_key(name=unique("key"), enabled=True)
    gateway.create_usage_plan_key(usagePlanId=plan_id, keyId=key["id"], keyType="API_KEY")
    return key


def test_a_usage_plan_limits_its_keys(cloud: CloudStatus, function: str) -> None:
    gateway = client(cloud, "apigateway")
    api_id = deploy(cloud, function, KEYED)
    plan = gateway.create_usage_plan(
        name=unique("plan"),
        apiStages=[{"apiId": api_id, "stage": "api"}],
        quota={"limit": 3, "period": "MONTH"},
    )
    key = make_key(cloud, plan["id"])
    answers = [get(cloud, api_id, **{"x-api-key": key["value"]}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json() == {"message": "Limit Exceeded"}
    today = datetime.now(timezone.utc).date().isoformat()
    usage = gateway.get_usage(usagePlanId=plan["id"], startDate=today, endDate=today)
    assert usage["items"] == {key["id"]: [[3, 0]]}
    gateway.update_usage(
        usagePlanId=plan["id"],
        keyId=key["id"],
        patchOperations=[{"op": "replace", "path": "/remaining", "value": "1"}],
    )
    again = [get(cloud, api_id, **{"x-api-key": key["value"]}).status_code for _ in range(2)]
    assert again == [200, 429]
    gateway.update_usage_plan(
        usagePlanId=plan["id"],
        patchOperations=[
            {"op": "remove", "path": "/quota"},
            {"op": "add", "path": f"/apiStages/{api_id}:api/throttle//GET/rateLimit", "value": "1"},
            {
                "op": "add",
                "path": f"/apiStages/{api_id}:api/throttle//GET/burstLimit",
                "value": "1",
            },
        ],
    )
    many = [get(cloud, api_id, **{"x-api-key": key["value"]}) for _ in range(2)]
    assert [answer.status_code for answer in many] == [200, 429]
    assert many[-1].json() == {"message": "Too Many Requests"}


def test_a_usage_plan_changes_by_patches(cloud: CloudStatus, function: str) -> None:
    gateway = client(cloud, "apigateway")
    api_id = deploy(cloud, function, KEYED)
    plan = gateway.create_usage_plan(
        name=unique("plan"), throttle={"rateLimit": 5, "burstLimit": 6}
    )

    def patch(op: str, path: str, value: str | None = None) -> Any:
        operation = {"op": op, "path": path, **({"value": value} if value is not None else {})}
        return gateway.update_usage_plan(usagePlanId=plan["id"], patchOperations=[operation])

    assert patch("replace", "/throttle/rateLimit", "2.5")["throttle"] == {
        "rateLimit": 2.5,
        "burstLimit": 6,
    }
    assert "throttle" not in patch("remove", "/throttle")
    patch("add", "/quota/limit", "10")
    assert patch("add", "/quota/period", "WEEK")["quota"] == {
        "limit": 10,
        "period": "WEEK",
        "offset": 0,
    }
    assert "quota" not in patch("remove", "/quota")
    assert patch("replace", "/name", "new")["name"] == "new"
    stage = f"{api_id}:api"
    assert patch("add", "/apiStages", stage)["apiStages"] == [{"apiId": api_id, "stage": "api"}]
    limited = patch("add", f"/apiStages/{stage}/throttle/~1a~1{{b}}~1GET/burstLimit", "3")
    assert limited["apiStages"][0]["throttle"] == {"/a/{b}/GET": {"burstLimit": 3}}
    assert "throttle" not in patch("remove", f"/apiStages/{stage}/throttle")["apiStages"][0]
    for op, path, value in (
        ("add", "/apiStages", f"{api_id}:none"),
        ("add", "/apiStages", "none"),
        ("replace", "/nothing", "1"),
        ("replace", "/throttle/rateLimit", "many"),
        ("remove", "/apiStages", "none:api"),
    ):
        with pytest.raises(ClientError) as caught:
            patch(op, path, value)
        assert error_of(caught.value)[0] in (400, 404), path
    with pytest.raises(ClientError) as caught:
        gateway.delete_usage_plan(usagePlanId=plan["id"])
    assert error_of(caught.value) == (400, "BadRequestException")
    assert patch("remove", "/apiStages", stage)["apiStages"] == []
    gateway.delete_usage_plan(usagePlanId=plan["id"])


def test_keys_and_plans_have_tags(cloud: CloudStatus) -> None:
    gateway = client(cloud, "apigateway")
    plan = gateway.create_usage_plan(name=unique("plan"), tags={"team": "blue"})["id"]
    key = gateway.create_api_key(name=unique("key"))["id"]
    for kind, name in (("usageplans", plan), ("apikeys", key)):
        arn = f"arn:aws:apigateway:us-east-1::/{kind}/{name}"
        gateway.tag_resource(resourceArn=arn, tags={"cost": "1"})
        assert gateway.get_tags(resourceArn=arn)["tags"]["cost"] == "1"
        gateway.untag_resource(resourceArn=arn, tagKeys=["cost"])
        assert "cost" not in gateway.get_tags(resourceArn=arn)["tags"]
    assert gateway.get_usage_plan(usagePlanId=plan)["tags"] == {"team": "blue"}


def test_usage_plans_that_cannot_be_are_refused(cloud: CloudStatus) -> None:
    gateway = client(cloud, "apigateway")
    for settings in (
        {"quota": {"limit": 0, "period": "DAY"}},
        {"quota": {"limit": 1, "period": "DAY", "offset": 2}},
        {"quota": {"limit": 1}},
        {"throttle": {"rateLimit": -1.0}},
        {"apiStages": [{"apiId": "none", "stage": "api"}]},
    ):
        with pytest.raises(ClientError) as caught:
            gateway.create_usage_plan(name=unique("plan"), **settings)
        assert error_of(caught.value)[0] in (400, 404), settings
    plan = gateway.create_usage_plan(name=unique("plan"))["id"]
    key = make_key(cloud, plan)["id"]
    with pytest.raises(ClientError) as caught:
        gateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    assert error_of(caught.value) == (409, "ConflictException")
    gateway.delete_usage_plan_key(usagePlanId=plan, keyId=key)
    with pytest.raises(ClientError) as caught:
        gateway.delete_usage_plan_key(usagePlanId=plan, keyId=key)
    assert error_of(caught.value) == (404, "NotFoundException")


def test_a_stage_limits_its_methods(cloud: CloudStatus, function: str) -> None:
    api_id = deploy(cloud, function)
    client(cloud, "apigateway").update_stage(
        restApiId=api_id,
        stageName="api",
        patchOperations=[
            {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "0.01"},
            {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "1"},
        ],
    )
    answers = [get(cloud, api_id) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
