"""Apps that declare what those declared whose templates by AWS Chalice 1.33 are in ``golden/``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalice import (
    AuthResponse,
    Chalice,
    CognitoUserPoolAuthorizer,
    CORSConfig,
    Cron,
    CustomAuthorizer,
    IAMAuthorizer,
    Rate,
    Response,
)

ACCOUNT = "us-west-2:123456789012"
EVERYBODY = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "execute-api:Invoke",
    "Resource": ["execute-api:/*"],
}
FILES: Mapping[str, object] = {
    "apipol.json": {"Version": "2012-10-17", "Statement": [EVERYBODY]},
    "logs.json": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["logs:*"], "Resource": "*"}],
    },
}
"""Policy files of the apps, below ``.chalice``."""


def events() -> Chalice:
    app = Chalice("evt")

    @app.lambda_function()
    def plain(event: Any, context: Any) -> None: ...

    @app.lambda_function(name="custom-name")
    def renamed(event: Any, context: Any) -> None: ...

    @app.schedule(Rate(5, unit=Rate.MINUTES), description="every five")
    def tick(event: Any) -> None: ...

    @app.schedule(Cron(0, 18, "?", "*", "MON-FRI", "*"))
    def cronny(event: Any) -> None: ...

    @app.schedule("rate(1 hour)", name="str_sched")
    def string_sched(event: Any) -> None: ...

    @app.on_cw_event({"source": ["aws.codecommit"]})
    def on_commit(event: Any) -> None: ...

    @app.on_sns_message(topic="mytopic")
    def on_topic(event: Any) -> None: ...

    @app.on_sns_message(topic="arn:aws:sns:us-east-1:123456789012:other")
    def on_topic_arn(event: Any) -> None: ...

    @app.on_sqs_message(
        queue="myqueue",
        batch_size=5,
        maximum_batching_window_in_seconds=3,
        maximum_concurrency=10,
    )
    def on_queue(event: Any) -> None: ...

    @app.on_sqs_message(queue_arn=f"arn:aws:sqs:{ACCOUNT}:arnq")
    def on_queue_arn(event: Any) -> None: ...

    @app.on_kinesis_record(
        stream="mystream",
        batch_size=20,
        starting_position="TRIM_HORIZON",
        maximum_batching_window_in_seconds=2,
    )
    def on_stream(event: Any) -> None: ...

    @app.on_dynamodb_record(stream_arn=f"arn:aws:dynamodb:{ACCOUNT}:table/T/stream/2020")
    def on_table(event: Any) -> None: ...

    return app


def privapi() -> Chalice:
    app = Chalice("priv")
    app.route("/")(index)
    return app


def restfull() -> Chalice:
    app = Chalice("orders-api")
    app.api.binary_types.append("application/x-thing")
    pool = CognitoUserPoolAuthorizer(
        "MyPool",
        header="X-Auth",
        provider_arns=[f"arn:aws:cognito-idp:{ACCOUNT}:userpool/us-west-2_abc"],
    )
    outside = CustomAuthorizer(
        "ExtAuth",
        authorizer_uri="arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/"
        f"arn:aws:lambda:{ACCOUNT}:function:ext/invocations",
        ttl_seconds=60,
        header="X-Ext",
        invoke_role_arn="arn:aws:iam::123456789012:role/inv",
    )
    cors = CORSConfig(
        allow_origin="https://a.example",
        allow_headers=["X-Foo"],
        expose_headers=["X-Bar"],
        max_age=600,
        allow_credentials=True,
    )

    @app.authorizer(ttl_seconds=30, execution_role="arn:aws:iam::123456789012:role/x")
    def token_auth(request: Any) -> AuthResponse:
        return AuthResponse(routes=["*"], principal_id="u")

    @app.authorizer(name="second-auth")
    def other_auth(request: Any) -> AuthResponse:
        return AuthResponse(routes=["*"], principal_id="u")

    @app.route("/")
    def root() -> None:
        """Root summary.

        A longer
        description here.
        """

    @app.route("/orders", methods=["GET", "POST"], cors=True, api_key_required=True)
    def orders() -> None:
        """One line only."""

    one = "/orders/{order_id}"
    types = ["application/json", "text/plain"]
    app.route(one, methods=["PUT"], cors=cors, content_types=types)(order)
    app.route(one, methods=["DELETE"], cors=cors, authorizer=IAMAuthorizer())(order)
    app.route("/pool", authorizer=pool.with_scopes(["email", "profile"]))(index)
    app.route("/pool2", authorizer=pool)(index)
    app.route("/ext", authorizer=outside)(index)
    app.route("/tok", authorizer=token_auth, api_key_required=True)(index)
    app.route("/tok2", authorizer=other_auth)(index)

    @app.route("/up", methods=["POST"], content_types=["application/octet-stream", "image/png"])
    def up() -> Response:
        return Response(b"")

    @app.route("/a/{one}/b/{two}")
    def both(one: str, two: str) -> None: ...

    return app


def rich() -> Chalice:
    app = Chalice("rich")
    app.route("/")(index)

    @app.lambda_function()
    def worker(event: Any, context: Any) -> None: ...

    @app.on_sqs_message(queue="q1")
    def consumer(event: Any) -> None: ...

    return app


def wsapp() -> Chalice:
    app = Chalice("chatty")
    app.experimental_feature_flags.update(["WEBSOCKETS"])

    @app.on_ws_connect()
    def connected(event: Any) -> None: ...

    @app.on_ws_message()
    def message(event: Any) -> None: ...

    @app.on_ws_disconnect()
    def bye(event: Any) -> None: ...

    return app


def index() -> None: ...


def order(order_id: str) -> None: ...


_DOMAIN = {
    "domain_name": "api.example.com",
    "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/abc",
    "url_prefix": "v1",
    "tags": {"z": "1", "a": "2"},
}
_WORKER = {
    "subnet_ids": ["subnet-1"],
    "security_group_ids": ["sg-1"],
    "environment_variables": {"C": "worker"},
    "reserved_concurrency": 0,
    "tags": {"role": "worker"},
    "layers": [],
}
_CHAT = {
    "domain_name": "ws.example.com",
    "certificate_arn": f"arn:aws:acm:{ACCOUNT}:certificate/abc",
    "url_prefix": "chat",
    "tls_version": "TLS_1_2",
    "tags": {"k": "v"},
}
_PRIVATE = {"api_gateway_endpoint_type": "PRIVATE"}
CONFIGS: Mapping[str, Mapping[str, Any]] = {
    "events": {"app_name": "evt", "stages": {"dev": {}}},
    "privapi": {
        "app_name": "priv",
        "stages": {
            "dev": {**_PRIVATE, "api_gateway_endpoint_vpce": "vpce-1"},
            "two": {**_PRIVATE, "api_gateway_endpoint_vpce": ["vpce-1", "vpce-2"]},
            "file": {**_PRIVATE, "api_gateway_policy_file": "apipol.json"},
        },
    },
    "restfull": {
        "app_name": "orders-api",
        "minimum_compression_size": 512,
        "stages": {
            "dev": {"api_gateway_stage": "api"},
            "prod": {
                "api_gateway_stage": "v1",
                "api_gateway_endpoint_type": "REGIONAL",
                "xray": True,
            },
        },
    },
    "rich": {
        "app_name": "rich",
        "environment_variables": {"A": "top", "B": "top"},
        "tags": {"team": "core"},
        "lambda_functions": {"worker": {"lambda_timeout": 77}},
        "stages": {
            "dev": {
                "api_gateway_stage": "api",
                "environment_variables": {"B": "dev"},
                "lambda_memory_size": 256,
                "layers": [f"arn:aws:lambda:{ACCOUNT}:layer:base:1"],
                "reserved_concurrency": 5,
                "api_gateway_custom_domain": _DOMAIN,
                "lambda_functions": {
                    "api_handler": {"lambda_timeout": 29, "xray": True},
                    "worker": _WORKER,
                    "consumer": {
                        "manage_iam_role": False,
                        "iam_role_arn": "arn:aws:iam::123456789012:role/given",
                    },
                },
            },
            "layered": {"automatic_layer": True},
            "logs": {"log_retention_in_days": 14},
            "filepol": {"autogen_policy": False, "iam_policy_file": "logs.json"},
            "perfn": {
                "lambda_functions": {
                    "worker": {"autogen_policy": False, "iam_policy_file": "logs.json"}
                }
            },
        },
    },
    "wsapp": {
        "app_name": "chatty",
        "stages": {"dev": {"api_gateway_stage": "api", "websocket_api_custom_domain": _CHAT}},
    },
}
APPS: Mapping[str, Callable[[], Chalice]] = {
    "events": events,
    "privapi": privapi,
    "restfull": restfull,
    "rich": rich,
    "wsapp": wsapp,
}
