"""A stage with every kind of resource, before and after a change of some of each.

Of each kind that can be changed in place there is one that changes. Of each kind there is one
that is replaced, because its name or what it belongs to is another, and one that goes or comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chalice.model.apis import (
    ApiKey,
    ApiMapping,
    DomainName,
    FunctionUrl,
    HttpApi,
    RestApi,
    UsagePlan,
    WebsocketApi,
)
from chalice.model.functions import Alias, Code, Function, Layer, LogGroup, Permission, Role
from chalice.model.resources import Resource
from chalice.model.triggers import BucketNotification, EventSourceMapping, Rule, TopicSubscription
from chalice.model.values import Arn, Ref

DOMAIN = "api.example.com"


def whole_stage(*, changed: bool = False) -> tuple[Resource, ...]:
    """Return the stage, after the change or before it."""
    return (
        *_functions("new" if changed else "old", changed=changed),
        *_apis(changed=changed),
        *_domains("new" if changed else "old", changed=changed),
        *_plans("new" if changed else "old", changed=changed),
        *_mappings(changed=changed),
        *_pushes("new" if changed else "old", changed=changed),
    )


def _functions(version: str, *, changed: bool) -> Iterator[Resource]:
    """``api`` changes, ``work`` is renamed, the third is another."""
    names = {"api": "api", "work": f"work-{version}", version: version}
    yield Layer(
        name="managed-layer",
        layer_name="demo-managed-layer",
        content=version,
        runtime="python3.12",
        code=Code(version, Path("layer.zip")),
    )
    for name, function_name in names.items():
        yield Role(
            name=f"{name}_role",
            role_name=f"demo-{function_name}",
            trust_policy={},
            policy={"version": version},
        )
        yield LogGroup(
            name=f"{name}-log-group",
            log_group_name=f"/aws/lambda/demo-{function_name}",
            retention_in_days=7 if changed else 3,
        )
        yield Function(
            name=name,
            function_name=f"demo-{function_name}",
            runtime="python3.12",
            handler="app.app",
            role=Ref(f"{name}_role", "role_arn"),
            code=Code(version, Path("deployment.zip")),
            timeout=60,
            memory_size=128,
            layers=(Ref("managed-layer", "layer_version_arn"),),
            after=Ref(f"{name}-log-group", "log_group_name"),
        )
        yield Alias(
            name=f"{name}-live",
            function=Ref(name, "lambda_arn"),
            alias_name="live",
            content={"code": version},
        )


def _apis(*, changed: bool) -> Iterator[Resource]:
    """The REST API changes and an HTTP API takes the place of another; so do function URLs."""
    api, work = Ref("api", "lambda_arn"), Ref("work", "lambda_arn")
    yield RestApi(
        name="rest_api",
        title="demo",
        stage_key="demo/dev",
        document={"uri": api, "changed": changed},
        stage_name="api",
    )
    yield Permission(
        name="api-rest_api-permission",
        function=api,
        principal="apigateway.amazonaws.com",
        source_arn=Arn("execute-api", (Ref("rest_api", "rest_api_id"), "/*")),
    )
    number = 2 if changed else 1
    yield HttpApi(
        name=f"http_api{number}",
        title="demo",
        stage_key=f"demo{number}/dev",
        document={"uri": work},
        stage_name="$default",
    )
    yield WebsocketApi(
        name="websocket_api",
        title="demo",
        stage_key="demo/dev",
        routes={"$connect": work, **({"$default": api} if changed else {})},
        stage_name="api",
    )
    for function, name in ((api, "api"), (work, "work")):
        auth_type = "AWS_IAM" if changed else "NONE"
        yield FunctionUrl(name=f"{name}-url", function=function, auth_type=auth_type)
    yield Permission(
        name="url-permission",
        function=api,
        principal="*",
        source_arn="",
        action="lambda:InvokeFunctionUrl",
        url_auth_type="AWS_IAM" if changed else "NONE",
    )


def _domains(version: str, *, changed: bool) -> Iterator[Resource]:
    for name, domain in {"first": DOMAIN, "second": f"{version}.example.com"}.items():
        yield DomainName(
            name=name,
            domain_name=domain,
            certificate_arn=f"arn:aws:acm:us-east-1:1:certificate/{version}",
            endpoint_type="REGIONAL",
            security_policy="TLS_1_2",
            tags={version: "1"},
        )
    http = "http_api2" if changed else "http_api1"
    places = {
        "pointed elsewhere": (Ref("first", "domain_name"), "a", not changed),
        "of a replaced domain": (Ref("second", "domain_name"), "", True),
        "of another path": (Ref("first", "domain_name"), version, False),
        version: (Ref("first", "domain_name"), f"only-{version}", True),
    }
    for name, (where, key, is_rest) in places.items():
        yield ApiMapping(
            name=f"mapping {name}",
            domain_name=where,
            key=key,
            is_rest=is_rest,
            api_id=Ref("rest_api", "rest_api_id") if is_rest else Ref(http, "http_api_id"),
            stage_name="api" if is_rest else "$default",
        )


def _plans(version: str, *, changed: bool) -> Iterator[Resource]:
    for name, key in {"key": "ann", "key of another name": version}.items():
        yield ApiKey(name=name, key_name=key, stage_key="demo/dev")
    for name, title in {"plan": "free", "plan of another name": version}.items():
        yield UsagePlan(
            name=name,
            plan_name=title,
            stage_key="demo/dev",
            api_id=Ref("rest_api", "rest_api_id"),
            stage_name="api",
            quota_limit=200 if changed else 100,
            quota_period="DAY",
            api_keys=(Ref("key", "api_key_id"), Ref("key of another name", "api_key_id")),
        )


def _mappings(*, changed: bool) -> Iterator[Resource]:
    """Queues change; streams and topics are read from elsewhere, which only a new mapping can."""
    for function in ("api", "work"):
        yield EventSourceMapping(
            name=f"{function}-sqs-event-source",
            function=Ref(function, "lambda_arn"),
            source=Arn("sqs", ("jobs",)),
            batch_size=20 if changed else 10,
        )
        yield EventSourceMapping(
            name=f"{function}-kinesis-event-source",
            function=Ref(function, "lambda_arn"),
            source=Arn("kinesis", ("stream/clicks",)),
            batch_size=100,
            starting_position="TRIM_HORIZON" if changed else "LATEST",
        )
    yield EventSourceMapping(
        name="kafka",
        function=Ref("api", "lambda_arn"),
        source="",
        topic="news",
        bootstrap_servers=("kafka:9092",),
        consumer_group_id="new" if changed else "old",
        batch_size=100,
    )
    table = "things" if changed else "orders"
    yield EventSourceMapping(
        name="dynamodb",
        function=Ref("api", "lambda_arn"),
        source=Arn("dynamodb", (f"table/{table}/stream/1",)),
        batch_size=100,
        starting_position="LATEST",
    )


def _pushes(version: str, *, changed: bool) -> Iterator[Resource]:
    api, work = Ref("api", "lambda_arn"), Ref("work", "lambda_arn")
    for name, title in {"rule": "tick", "rule of another name": version}.items():
        yield Rule(
            name=name,
            rule_name=f"demo-{title}",
            schedule_expression=f"rate({2 if changed else 5} minutes)",
            function=work,
        )
    yield Rule(
        name="rule of another bus",
        rule_name="demo-rule",
        event_bus=f"bus-{version}",
        event_pattern={"source": ["shop"]},
        function=api,
    )
    for name, bucket in {"photos": "photos", "other": version}.items():
        permission = Permission(
            name=f"{name}-s3event-permission",
            function=api,
            principal="s3.amazonaws.com",
            source_arn=Arn("s3", (bucket,), region="", account=""),
            of_this_account=changed,
        )
        yield permission
        yield BucketNotification(
            name=f"{name}-s3event",
            bucket=bucket,
            function=api,
            events=("s3:ObjectCreated:*",),
            prefix=version,
            after=Ref(permission.name, "statement_id"),
        )
    for function in (work, Ref(version, "lambda_arn")):
        yield BucketNotification(
            name=f"{function.resource}-s3event",
            bucket="films",
            function=function,
            events=("s3:ObjectCreated:*",),
            prefix=f"{function.resource}/".replace(version, "third"),
        )
    for function in (api, work):
        yield TopicSubscription(
            name=f"{function.resource}-sns-subscription",
            topic=Arn("sns", ("news",)),
            function=function,
            filter_policy={"kind": [version]},
        )
    yield TopicSubscription(
        name="sns-subscription of another topic", topic=Arn("sns", (version,)), function=api
    )
