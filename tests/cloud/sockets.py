"""WebSocket APIs in an embedded cloud, and their clients."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

import chalice
from chalice.cloud import CloudStatus
from tests.cloud.aws import client, make_function, make_role, unique

ROUTES = ("$connect", "$default", "$disconnect")


def integration_uri(function: str) -> str:
    region = function.split(":")[3]
    return f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations"


def create_api(cloud: CloudStatus, region: str = "us-east-1", **more: Any) -> str:
    """Make a WebSocket API without routes, and return its id."""
    made = client(cloud, "apigatewayv2", region).create_api(
        Name=unique("chat"),
        ProtocolType="WEBSOCKET",
        RouteSelectionExpression="$request.body.action",
        **more,
    )
    api_id: str = made["ApiId"]
    return api_id


def create_route(
    cloud: CloudStatus, api_id: str, key: str, function: str, **more: Any
) -> dict[str, Any]:
    """Make a route that runs a function, and the integration for it."""
    gateway = client(cloud, "apigatewayv2", function.split(":")[3])
    integration = gateway.create_integration(
        ApiId=api_id,
        ConnectionType="INTERNET",
        ContentHandlingStrategy="CONVERT_TO_TEXT",
        IntegrationType="AWS_PROXY",
        IntegrationUri=integration_uri(function),
    )
    made: dict[str, Any] = gateway.create_route(
        ApiId=api_id, RouteKey=key, Target=f"integrations/{integration['IntegrationId']}", **more
    )
    return made


def deploy(cloud: CloudStatus, api_id: str, region: str = "us-east-1", **stage: Any) -> None:
    """Deploy an API to the new stage ``dev``."""
    gateway = client(cloud, "apigatewayv2", region)
    deployment = gateway.create_deployment(ApiId=api_id)["DeploymentId"]
    gateway.create_stage(ApiId=api_id, StageName="dev", DeploymentId=deployment, **stage)


def permit(cloud: CloudStatus, function: str, api_id: str, path: str = "*") -> None:
    """Let an API run a function."""
    region = function.split(":")[3]
    client(cloud, "lambda", region).add_permission(
        FunctionName=function,
        StatementId=unique("sid"),
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{region}:123456789012:{api_id}/{path}",
    )


def make_chat(cloud: CloudStatus, source: str, **settings: Any) -> str:
    """Make an API whose three routes run one function with that source, deployed to ``dev``."""
    function = make_function(cloud, unique("chat"), source, Timeout=30, **settings)
    region = function.split(":")[3]
    api_id = create_api(cloud, region)
    for key in ROUTES:
        create_route(cloud, api_id, key, function)
    deploy(cloud, api_id, region)
    permit(cloud, function, api_id)
    return api_id


def make_app_function(cloud: CloudStatus, source: str, handler: str) -> str:
    """Make a function that runs a handler (``app.message``) of an app, as the deployer does."""
    content = io.BytesIO()
    package = Path(chalice.__file__).parent
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", source)
        for path in [package / "__init__.py", package / "app.py", *package.glob("runtime/**/*.py")]:
            archive.write(path, str(path.relative_to(package.parent)))
    name = unique("app")
    made = client(cloud, "lambda").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=make_role(cloud, name),
        Handler=handler,
        Code={"ZipFile": content.getvalue()},
        Timeout=30,
    )
    arn: str = made["FunctionArn"]
    return arn


def join(cloud: CloudStatus, api_id: str, stage: str = "dev", **more: Any) -> ClientConnection:
    """Connect to a stage."""
    url = cloud.gateway_url.replace("http", "ws", 1)
    return connect(f"{url}/{api_id}/{stage}", proxy=None, **more)
