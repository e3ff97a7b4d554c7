"""AWS clients for an embedded cloud, and small things to make with them."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
EVERYTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
)
ECHO = "def handler(event, context):\n    return event\n"


def client(cloud: CloudStatus, service: str, region: str = "us-east-1") -> Any:
    """Return a botocore client that asks once and waits long."""
    return _client(cloud.endpoint_url, service, region)


@cache
def _client(endpoint_url: str, service: str, region: str) -> Any:
    session = botocore.session.Session()
    session.set_credentials("test", "test")
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    return session.create_client(
        service, region_name=region, endpoint_url=endpoint_url, config=config
    )


def unique(prefix: str) -> str:
    """Return a name that nothing else in the cloud has."""
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def make_zip(source: str, **more: str) -> bytes:
    """Return a deployment package: ``app.py`` with ``source``, and other files by name."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", source)
        for name, text in more.items():
            archive.writestr(name, text)
    return content.getvalue()


def make_role(cloud: CloudStatus, name: str) -> str:
    """Make a role that Lambda may assume and that may do everything, and return its ARN."""
    iam = client(cloud, "iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=EVERYTHING)
    arn: str = made["Role"]["Arn"]
    return arn


def make_function(cloud: CloudStatus, name: str, source: str = ECHO, **settings: Any) -> str:
    """Make a function, and its role, and return its ARN."""
    region = settings.pop("region", "us-east-1")
    made = client(cloud, "lambda", region).create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=make_role(cloud, name),
        Handler="app.handler",
        Code={"ZipFile": make_zip(source)},
        **settings,
    )
    arn: str = made["FunctionArn"]
    return arn


def api_document(function_arn: str, title: str = "api") -> dict[str, Any]:
    """Return a Swagger document: ``GET /`` and ``POST /users/{id}`` run the function."""
    region = function_arn.split(":")[3]
    operation = {
        "responses": {"200": {"description": "200 response"}},
        "x-amazon-apigateway-integration": {
            "responses": {"default": {"statusCode": "200"}},
            "uri": f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/"
            f"{function_arn}/invocations",
            "passthroughBehavior": "when_no_match",
            "httpMethod": "POST",
            "contentHandling": "CONVERT_TO_TEXT",
            "type": "aws_proxy",
        },
    }
    return {
        "swagger": "2.0",
        "info": {"version": "1.0", "title": title},
        "schemes": ["https"],
        "paths": {"/": {"get": operation}, "/users/{id}": {"post": operation}},
    }


def error_of(error: ClientError) -> tuple[int, str]:
    """Return the HTTP status and the code of an AWS error."""
    response: Mapping[str, Any] = error.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]
