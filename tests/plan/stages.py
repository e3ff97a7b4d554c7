"""Stages to plan: what an app with one API asks for, with knobs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chalice.model.apis import RestApi
from chalice.model.functions import Code, Function, LogGroup, Permission, Role
from chalice.model.resources import Resource
from chalice.model.values import Arn, Document, Place, Ref

PLACE = Place("aws", "us-east-1", "1")


def api_stage(
    app: str = "demo",
    *,
    code: str = "aaaa",
    timeout: int = 60,
    policy: Document = "logs",
    paths: Document = "v1",
    tags: Mapping[str, str] | None = None,
    retention: int | None = None,
) -> tuple[Resource, ...]:
    """Return the resources of ``app`` in stage dev."""
    function = Ref("api_handler", "lambda_arn")
    group = LogGroup(
        name="api_handler-log-group",
        log_group_name=f"/aws/lambda/{app}-dev",
        retention_in_days=retention or 0,
    )
    return (
        Role(
            name="default-role",
            role_name=f"{app}-dev",
            trust_policy={"Principal": "lambda"},
            policy={"Statement": policy},
        ),
        *([group] if retention else []),
        Function(
            name="api_handler",
            function_name=f"{app}-dev",
            runtime="python3.12",
            handler="app.app",
            role=Ref("default-role", "role_arn"),
            code=Code(code, Path("deployment.zip")),
            timeout=timeout,
            memory_size=128,
            tags={"aws-chalice": "ours"} if tags is None else tags,
            after=Ref(group.name, "log_group_name") if retention else None,
        ),
        RestApi(
            name="rest_api",
            title=app,
            stage_key=f"{app}/dev",
            document={"paths": paths, "uri": Arn("apigateway", (function,))},
            stage_name="api",
        ),
        Permission(
            name="api_handler-rest_api-permission",
            function=function,
            principal="apigateway.amazonaws.com",
            source_arn=Arn("execute-api", (Ref("rest_api", "rest_api_id"), "/*")),
        ),
    )
