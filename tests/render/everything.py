"""Stages that together have every kind of resource and every setting that a template can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chalice import AuthResponse, Chalice, CognitoUserPoolAuthorizer
from chalice.model.resources import Resource
from tests.render.stages import resources_of

PLACE = "us-east-1:123456789012"
QUEUE = f"arn:aws:sqs:{PLACE}:lost"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
SECRET = f"arn:aws:secretsmanager:{PLACE}:secret:kafka-AbCdEf"
_VPC: Mapping[str, Any] = {
    "subnet_ids": ["subnet-12345678"],
    "security_group_ids": ["sg-12345678"],
}
_EVERY_SETTING: Mapping[str, Any] = {
    **_VPC,
    "lambda_timeout": 20,
    "lambda_memory_size": 512,
    "lambda_architecture": "arm64",
    "ephemeral_storage": 1024,
    "dead_letter": QUEUE,
    "kms_key_arn": f"arn:aws:kms:{PLACE}:key/12345678-1234-1234-1234-123456789012",
    "reserved_concurrency": 3,
    "environment_variables": {"MODE": "test"},
    "tags": {"team": "core"},
    "layers": [f"arn:aws:lambda:{PLACE}:layer:base:1"],
    "permissions_boundary": "arn:aws:iam::123456789012:policy/bound",
    "xray": True,
    "lambda_config": {
        "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "INFO"},
        "Description": "Does the work",
        "VpcConfig": {"Ipv6AllowedForDualStack": True},
    },
}
_DOMAIN: Mapping[str, Any] = {
    "domain_name": "api.example.com",
    "certificate_arn": CERTIFICATE,
    "tags": {"of": "domain"},
}
_CHAT: Mapping[str, Any] = {"domain_name": "ws.example.com", "certificate_arn": CERTIFICATE}
_COMMON: Mapping[str, Any] = {
    "autogen_policy": "scoped",
    "iam_role_per_function": True,
    "lambda_functions": {"work": _EVERY_SETTING, "click": {"snap_start": True}},
}
CONFIGS: Mapping[str, Mapping[str, Any]] = {
    "rest": {
        **_COMMON,
        "api_gateway_custom_domain": {**_DOMAIN, "url_prefix": "v1"},
        "websocket_api_custom_domain": {**_CHAT, "url_prefix": "chat"},
        "minimum_compression_size": 100,
        "log_retention_in_days": 7,
        "xray": True,
        "api_usage_plans": {
            "free": {"rate_limit": 5, "burst_limit": 10, "api_keys": ["ann", "ben"]},
            "paid": {"quota_limit": 1000, "quota_period": "DAY", "api_keys": ["ann"]},
        },
    },
    "regional": {
        "api_gateway_endpoint_type": "REGIONAL",
        "api_gateway_custom_domain": _DOMAIN,
        "websocket_api_custom_domain": _CHAT,
        "automatic_layer": True,
        "snap_start": True,
        "lambda_config": {"LoggingConfig": {"LogFormat": "Text", "LogGroup": "/demo/all"}},
        "log_retention_in_days": 7,
    },
    "http": {
        **_COMMON,
        "api_gateway_type": "http",
        "api_gateway_custom_domain": {**_DOMAIN, "url_prefix": "v1/a"},
    },
    "http with a stage": {
        "api_gateway_type": "http",
        "api_gateway_stage": "v1",
        "snap_start": True,
        "api_gateway_custom_domain": _DOMAIN,
    },
    "url": {**_COMMON, "api_gateway_type": "function_url"},
    "published url": {"snap_start": True, "api_gateway_type": "function_url"},
}


def stage(name: str, directory: Path) -> Sequence[Resource]:
    """Return the resources of one of these stages."""
    return resources_of(everything(name), directory, CONFIGS[name])


def everything(door: str = "rest") -> Chalice:
    """Return an app with every trigger, and what its door can have."""
    app = Chalice("demo")
    app.experimental_feature_flags.update(["WEBSOCKETS"])
    _add_routes(app, door)
    _add_pushed(app)
    _add_read(app)
    _add_sockets(app)
    return app


def _add_routes(app: Chalice, door: str) -> None:
    @app.route("/", cors=True)
    def index() -> None:
        """Say ${hello}."""

    @app.route("/things/{thing+}", methods=["GET", "PUT"])
    def things(thing: str) -> None: ...

    if "url" in door:
        return

    @app.authorizer(ttl_seconds=30)
    def gate(request: Any) -> AuthResponse:
        return AuthResponse(routes=["*"], principal_id="u")

    pool = CognitoUserPoolAuthorizer(
        "pool",
        provider_arns=[f"arn:aws:cognito-idp:{PLACE}:userpool/us-east-1_abc"],
        audience=["client"],
    )
    app.route("/gate", authorizer=gate, api_key_required=door == "rest")(index)
    app.route("/pool", authorizer=pool)(index)


def _add_pushed(app: Chalice) -> None:
    @app.schedule("rate(5 minutes)", description="Every five minutes")
    def tick(event: Any) -> None: ...

    @app.on_cw_event({"source": ["shop"], "detail": {"price": [{"numeric": [">", 5]}]}})
    def sold(event: Any) -> None: ...

    @app.on_cw_event({"source": ["shop"]}, event_bus="shop")
    def sold_elsewhere(event: Any) -> None: ...

    @app.on_s3_event(bucket="photos", prefix="in/", suffix=".jpg")
    def photo(event: Any) -> None: ...

    @app.on_s3_event(bucket="photos", prefix="out/", events=["s3:ObjectRemoved:*"])
    def gone(event: Any) -> None: ...

    @app.on_s3_event(bucket="films")
    def film(event: Any) -> None: ...

    @app.on_sns_message(
        topic="news", filter_policy={"kind": ["good"]}, filter_policy_scope="MessageBody"
    )
    def news(event: Any) -> None: ...


def _add_read(app: Chalice) -> None:
    @app.on_sqs_message(
        queue="jobs",
        batch_size=20,
        maximum_batching_window_in_seconds=1,
        maximum_concurrency=4,
        filters=[{"body": {"kind": ["a"]}}],
        each=True,
    )
    def work(record: Any) -> None: ...

    @app.on_kinesis_record(
        stream="clicks",
        maximum_retry_attempts=3,
        maximum_record_age_in_seconds=600,
        bisect_batch_on_function_error=True,
        parallelization_factor=2,
        on_failure=QUEUE,
        each=True,
    )
    def click(record: Any) -> None: ...

    @app.on_dynamodb_record(
        stream_arn=f"arn:aws:dynamodb:{PLACE}:table/t/stream/2024-01-01T00:00:00.000",
        tumbling_window_in_seconds=10,
    )
    def change(event: Any) -> None: ...

    @app.on_kafka(
        topic="news",
        cluster_arn=f"arn:aws:kafka:{PLACE}:cluster/demo/12345678-1234-1234-1234-123456789012-1",
        consumer_group_id="readers",
        access={"SASL_SCRAM_512_AUTH": SECRET},
    )
    def letter(event: Any) -> None: ...

    @app.on_kafka(topic="news", bootstrap_servers=["kafka:9092", "broker:9092"])
    def own_letter(event: Any) -> None: ...


def _add_sockets(app: Chalice) -> None:
    @app.on_ws_connect()
    def connected(event: Any) -> None: ...

    @app.on_ws_message()
    def message(event: Any) -> None: ...
