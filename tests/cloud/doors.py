"""What tests of the cloud's front doors share: functions behind them, and callers of many kinds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, unique

ACCOUNT = "123456789012"
ECHO_EVENT = """
import json

def handler(event, context):
    return {"statusCode": 200, "headers": {"content-type": "application/json"},
            "body": json.dumps(event)}
"""
JUDGE = """
def handler(event, context):
    name = event["headers"].get("X-Who", event["headers"].get("x-who"))
    arn = event.get("methodArn", event.get("routeArn"))
    effect = "Allow" if name == "bob" else "Deny"
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": arn}
    return {"principalId": name, "policyDocument": {"Statement": [statement]},
            "context": {"name": name}}
"""


@dataclass(frozen=True)
class Person:
    """A user of IAM, who has an access key."""

    name: str
    credentials: Credentials

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{ACCOUNT}:user/{self.name}"


def make_person(cloud: CloudStatus, *statements: dict[str, Any]) -> Person:
    """Make a user who may do what the statements say."""
    iam, name = client(cloud, "iam"), unique("person")
    iam.create_user(UserName=name)
    if statements:
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Person(name, Credentials(key["AccessKeyId"], key["SecretAccessKey"]))


def ask_signed(
    credentials: Credentials,
    url: str,
    *,
    method: str = "GET",
    service: str = "execute-api",
    content: bytes = b"",
) -> httpx.Response:
    """Send a request with a signature."""
    request = AWSRequest(method, url, data=content)
    SigV4Auth(credentials, service, "us-east-1").add_auth(request)
    return httpx.request(method, url, headers=dict(request.headers), content=content, timeout=30)


@dataclass(frozen=True)
class Pool:
    """A user pool with a client and one user, who has signed in."""

    pool_id: str
    client_id: str
    tokens: dict[str, str]

    @property
    def arn(self) -> str:
        return f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/{self.pool_id}"

    @property
    def issuer(self) -> str:
        return f"https://cognito-idp.us-east-1.amazonaws.com/{self.pool_id}"


def make_pool(cloud: CloudStatus) -> Pool:
    """Make a user pool, and sign a user of it in."""
    cognito = client(cloud, "cognito-idp")
    pool_id = cognito.create_user_pool(PoolName=unique("pool"))["UserPool"]["Id"]
    made = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="web",
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )
    client_id = made["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool_id, Username="ann", TemporaryPassword="Secret-1!")
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username="ann", Password="Secret-1!", Permanent=True
    )
    signed_in = cognito.admin_initiate_auth(
        UserPoolId=pool_id,
        ClientId=client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ann", "PASSWORD": "Secret-1!"},
    )
    return Pool(pool_id, client_id, signed_in["AuthenticationResult"])


def permit(cloud: CloudStatus, function: str, api_id: str, path: str = "*") -> None:
    """Let API Gateway run a function for an API."""
    client(cloud, "lambda").add_permission(
        FunctionName=function,
        StatementId=unique("sid"),
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{api_id}/{path}",
    )
