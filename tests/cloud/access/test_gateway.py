"""APIs that take signed requests, asked by users of the embedded cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from chalice.cloud import CloudStatus
from tests.cloud.access.callers import User, allow, deny, make_user
from tests.cloud.aws import client, make_function, unique

WHO = "def handler(event, context):\n    " + (
    'return {"statusCode": 200, "body": event["requestContext"]["identity"]["userArn"]}\n'
)


@pytest.fixture(scope="module")
def api(cloud: CloudStatus) -> str:
    """The id of an API whose ``GET /`` takes only signed requests."""
    gateway = client(cloud, "apigateway")
    function = make_function(cloud, unique("who"), WHO)
    made = gateway.create_rest_api(name=unique("signed"))
    where = {"restApiId": made["id"], "resourceId": made["rootResourceId"], "httpMethod": "GET"}
    gateway.put_method(authorizationType="AWS_IAM", **where)
    gateway.put_integration(
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations",
        **where,
    )
    gateway.create_deployment(restApiId=made["id"], stageName="api")
    client(cloud, "lambda").add_permission(
        FunctionName=function,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    api_id: str = made["id"]
    return api_id


@pytest.fixture
def user(cloud: CloudStatus) -> User:
    return make_user(cloud)


def get(
    cloud: CloudStatus, api: str, key: Mapping[str, Any] | None, region: str = "us-east-1"
) -> httpx.Response:
    url = f"{cloud.gateway_url}/{api}/api/"
    request = AWSRequest("GET", url)
    if key is not None:
        credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
        SigV4Auth(credentials, "execute-api", region).add_auth(request)
    return httpx.get(url, headers=dict(request.headers), timeout=30)


def test_a_user_calls_an_api_that_a_policy_lets_them_call(
    cloud: CloudStatus, api: str, user: User
) -> None:
    arn = f"arn:aws:execute-api:us-east-1:123456789012:{api}/api/GET/"
    refused = get(cloud, api, user.key)
    assert refused.status_code == 403
    assert "is not authorized to perform: execute-api:Invoke" in refused.text
    user.permit(allow("execute-api:Invoke", arn))
    answer = get(cloud, api, user.key)
    assert (answer.status_code, answer.text) == (200, user.arn)
    user.permit(allow("*"), deny("execute-api:Invoke", arn))
    assert "with an explicit deny" in get(cloud, api, user.key).text


def test_signatures_that_do_not_hold_are_refused(cloud: CloudStatus, api: str, user: User) -> None:
    user.permit(allow("*"))
    assert get(cloud, api, None).status_code == 403
    assert get(cloud, api, {**user.key, "SecretAccessKey": "x"}).status_code == 403
    elsewhere = get(cloud, api, user.key, region="eu-west-1")
    assert (elsewhere.status_code, elsewhere.json()) == (
        403,
        {"message": "Credential should be scoped to a valid region, not 'eu-west-1'."},
    )


@pytest.mark.parametrize("word", ["local", "test"])
def test_the_root_has_keys_for_apis(cloud: CloudStatus, api: str, word: str) -> None:
    answer = get(cloud, api, {"AccessKeyId": word, "SecretAccessKey": word})
    assert (answer.status_code, answer.text) == (200, "arn:aws:iam::123456789012:root")
    forged = get(cloud, api, {"AccessKeyId": word, "SecretAccessKey": "x"})
    assert forged.status_code == 403
    assert "signature we calculated does not match" in forged.text


def test_strangers_may_not_call_an_api(cloud: CloudStatus, api: str) -> None:
    answer = get(cloud, api, {"AccessKeyId": "AKIASTRANGER", "SecretAccessKey": "x"})
    assert answer.status_code == 403
    assert answer.json() == {"message": "The security token included in the request is invalid."}
    assert answer.headers["x-amzn-errortype"] == "UnrecognizedClientException"
