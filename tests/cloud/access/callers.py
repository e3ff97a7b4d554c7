"""Callers of an embedded cloud: functions that call AWS with boto3, and users with access keys."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.config import Config

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, make_function, unique

SOURCE = """
import boto3
from botocore.exceptions import ClientError

CLIENTS = {}


def handler(event, context):
    service = event["service"]
    if service not in CLIENTS:
        CLIENTS[service] = boto3.client(service)
    try:
        answer = getattr(CLIENTS[service], event["call"])(**event["parameters"])
    except ClientError as error:
        response = error.response
        status = response["ResponseMetadata"]["HTTPStatusCode"]
        return {"code": response["Error"]["Code"], "status": status,
                "message": response["Error"].get("Message", "")}
    if isinstance(answer, str):
        return {"text": answer}
    metadata = answer.pop("ResponseMetadata", {})
    if "Body" in answer:
        answer["Body"] = answer["Body"].read().decode()
    if "Payload" in answer:
        answer["Payload"] = answer["Payload"].read().decode()
    return {"status": metadata.get("HTTPStatusCode"), "answer": repr(answer)}
"""


@dataclass(frozen=True, slots=True)
class Function:
    """A deployed function that makes the calls it is told to."""

    cloud: CloudStatus
    name: str

    @property
    def role_arn(self) -> str:
        """The ARN of its role."""
        return f"arn:aws:iam::123456789012:role/{self.name}"

    @property
    def arn(self) -> str:
        """The ARN of its role's session: who it is."""
        return f"arn:aws:sts::123456789012:assumed-role/{self.name}/{self.name}"

    def permit(self, *statements: Mapping[str, Any]) -> None:
        """Give its role a policy in place of the one it had."""
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        client(self.cloud, "iam").put_role_policy(
            RoleName=self.name, PolicyName="own", PolicyDocument=json.dumps(document)
        )

    def call(self, service: str, call: str, **parameters: Any) -> dict[str, Any]:
        """Return what the call gave it: status, and answer, or code and message of the error."""
        event = {"service": service, "call": call, "parameters": parameters}
        reply = client(self.cloud, "lambda").invoke(
            FunctionName=self.name, Payload=json.dumps(event)
        )
        answer: dict[str, Any] = json.loads(reply["Payload"].read())
        assert "FunctionError" not in reply, answer
        return answer


def deploy(cloud: CloudStatus) -> Function:
    """Deploy such a function, whose role may only log."""
    name = unique("caller")
    make_function(cloud, name, SOURCE, Timeout=30)
    made = Function(cloud, name)
    made.permit(allow("logs:*"))
    return made


def allow(action: str | Sequence[str], resource: str | Sequence[str] = "*", **more: Any) -> Any:
    """Return a statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str | Sequence[str], resource: str | Sequence[str] = "*", **more: Any) -> Any:
    """Return a statement that denies."""
    return {**allow(action, resource, **more), "Effect": "Deny"}


def client_of(
    cloud: CloudStatus, credentials: Mapping[str, Any], service: str, region: str = "us-east-1"
) -> Any:
    """Return a client that signs with credentials as STS and IAM answer them."""
    session = botocore.session.Session()
    session.set_credentials(
        credentials["AccessKeyId"],
        credentials["SecretAccessKey"],
        credentials.get("SessionToken"),
    )
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    return session.create_client(
        service, region_name=region, endpoint_url=cloud.endpoint_url, config=config
    )


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user with an access key."""

    cloud: CloudStatus
    name: str
    key: Mapping[str, Any]

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:aws:iam::123456789012:user/{self.name}"

    def permit(self, *statements: Mapping[str, Any]) -> None:
        """Give it a policy in place of the one it had."""
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        client(self.cloud, "iam").put_user_policy(
            UserName=self.name, PolicyName="own", PolicyDocument=json.dumps(document)
        )

    def client(self, service: str) -> Any:
        """Return a client that signs with its key."""
        return client_of(self.cloud, self.key, service)


def make_user(cloud: CloudStatus) -> User:
    """Make a user who may do nothing."""
    iam, name = client(cloud, "iam"), unique("user")
    iam.create_user(UserName=name)
    return User(cloud, name, iam.create_access_key(UserName=name)["AccessKey"])
