from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalice import (
    AuthResponse,
    Blueprint,
    Chalice,
    CognitoUserPoolAuthorizer,
    CORSConfig,
    CustomAuthorizer,
    IAMAuthorizer,
)
from chalice.app import AuthRequest
from chalice.errors import ToolError
from chalice.model.values import Document, Place, Ref, resolve_document
from chalice.openapi import document, invocation_uri

CASES = Path(__file__).parent / "cases"


def new_app() -> Chalice:
    return Chalice("orders-api", configure_logs=False, env={})


def made(app: Chalice, **more: Any) -> Any:
    return document(app, uri="uri of api_handler", authorizer_uri="uri of {}".format, **more)


def allow(request: AuthRequest) -> AuthResponse:
    return AuthResponse(routes=["*"], principal_id="u")


def view(**arguments: str) -> dict[str, str]:
    return arguments


def orders_app() -> Chalice:
    """An app with every kind of authorizer, CORS of both kinds, keys, content types, docstrings."""
    app = new_app()
    app.api.binary_types.append("application/x-thing")
    pool = CognitoUserPoolAuthorizer(
        "MyPool",
        header="X-Auth",
        provider_arns=["arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abc"],
    )
    elsewhere = CustomAuthorizer(
        "ExtAuth",
        authorizer_uri="arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/"
        "arn:aws:lambda:us-west-2:123456789012:function:ext/invocations",
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
    token_auth = app.authorizer(
        name="token_auth", ttl_seconds=30, execution_role="arn:aws:iam::123456789012:role/x"
    )(allow)
    second = app.authorizer(name="second-auth")(allow)

    @app.route("/")
    def index() -> None:
        """Root summary.

        A longer
        description here.
        """

    @app.route("/orders", methods=["GET", "POST"], cors=True, api_key_required=True)
    def orders() -> None:
        """One line only."""

    types = ["application/json", "text/plain"]
    app.route("/orders/{order_id}", methods=["PUT"], cors=cors, content_types=types)(view)
    app.route("/orders/{order_id}", methods=["DELETE"], cors=cors, authorizer=IAMAuthorizer())(view)
    app.route("/pool", authorizer=pool.with_scopes(["email", "profile"]))(view)
    app.route("/pool2", authorizer=pool)(view)
    app.route("/ext", authorizer=elsewhere)(view)
    app.route("/tok", authorizer=token_auth, api_key_required=True)(view)
    app.route("/tok2", authorizer=second)(view)
    app.route("/up", methods=["POST"], content_types=["application/octet-stream", "image/png"])(
        view
    )
    app.route("/a/{one}/b/{two}")(view)
    return app


def test_the_document_of_an_app_with_everything() -> None:
    expected = json.loads((CASES / "openapi_orders.json").read_text(encoding="utf-8"))
    # Compared as text: the order of keys is part of what people keep under version control.
    assert json.dumps(made(orders_app()), indent=2) == json.dumps(expected, indent=2)


def test_the_document_of_an_app_without_routes() -> None:
    app = new_app()
    app.api.binary_types = []
    assert made(app) == {
        "swagger": "2.0",
        "info": {"version": "1.0", "title": "orders-api"},
        "schemes": ["https"],
        "paths": {},
        "definitions": {"Empty": {"type": "object", "title": "Empty Schema"}},
        "x-amazon-apigateway-binary-media-types": [],
    }


def test_a_greedy_parameter_is_declared_by_its_name() -> None:
    app = new_app()
    app.route("/files/{bucket}/{proxy+}")(view)
    parameters = made(app)["paths"]["/files/{bucket}/{proxy+}"]["get"]["parameters"]
    assert parameters == [
        {"name": "bucket", "in": "path", "required": True, "type": "string"},
        {"name": "proxy", "in": "path", "required": True, "type": "string"},
    ]


def test_a_preflight_allows_only_the_methods_that_have_cors() -> None:
    app = new_app()
    app.route("/", methods=["GET"])(view)
    app.route("/", methods=["PUT", "POST"], cors=True, name="write")(view)
    operations = made(app)["paths"]["/"]
    assert list(operations) == ["get", "put", "post", "options"]
    integration = operations["options"]["x-amazon-apigateway-integration"]
    headers = integration["responses"]["default"]["responseParameters"]
    assert headers["method.response.header.Access-Control-Allow-Methods"] == "'PUT,POST,OPTIONS'"


def test_a_path_without_cors_has_no_preflight() -> None:
    app = new_app()
    app.api.cors = True
    app.route("/", cors=False)(view)
    assert list(made(app)["paths"]["/"]) == ["get"]


def test_a_policy_and_vpc_endpoints_are_passed_on() -> None:
    policy: Document = {"Version": "2012-10-17", "Statement": []}
    result = made(new_app(), policy=policy, vpc_endpoint_ids=["vpce-1", "vpce-2"])
    assert list(result)[-2:] == [
        "x-amazon-apigateway-policy",
        "x-amazon-apigateway-endpoint-configuration",
    ]
    assert result["x-amazon-apigateway-policy"] == policy
    assert result["x-amazon-apigateway-endpoint-configuration"] == {
        "vpcEndpointIds": ["vpce-1", "vpce-2"]
    }


def test_a_uri_may_be_an_object_of_a_template_language() -> None:
    app = new_app()
    app.route("/", authorizer=app.authorizer(name="auth")(allow))(view)
    result: Any = document(
        app, uri={"Fn::Sub": "handler"}, authorizer_uri=lambda name: {"Fn::Sub": name}
    )
    integration = result["paths"]["/"]["get"]["x-amazon-apigateway-integration"]
    authorizer = result["securityDefinitions"]["auth"]["x-amazon-apigateway-authorizer"]
    assert integration["uri"] == {"Fn::Sub": "handler"}
    assert authorizer["authorizerUri"] == {"Fn::Sub": "auth"}


def test_an_invocation_uri_is_known_once_its_function_is() -> None:
    uri = invocation_uri(Ref("api_handler", "lambda_arn"))
    place = Place("aws-cn", "cn-north-1", "123456789012")
    arn = "arn:aws-cn:lambda:cn-north-1:123456789012:function:orders"
    assert resolve_document(uri, place, {}) == uri
    assert resolve_document(uri, place, {"api_handler": {"lambda_arn": arn}}) == (
        f"arn:aws-cn:apigateway:cn-north-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    )


def test_an_authorizer_of_a_blueprint_is_asked_under_the_name_it_is_deployed_with() -> None:
    blueprint = Blueprint("bp")
    auth = blueprint.authorizer(name="auth")(allow)
    blueprint.route("/", authorizer=auth)(view)
    app = new_app()
    app.register_blueprint(blueprint, name_prefix="bp_")
    document = made(app)
    ((name, definition),) = document["securityDefinitions"].items()
    assert document["paths"]["/"]["get"]["security"] == [{name: []}] == [{"bp_auth": []}]
    assert definition["x-amazon-apigateway-authorizer"]["authorizerUri"] == "uri of bp_auth"


def with_same_names(app: Chalice) -> None:
    app.route("/a", authorizer=CustomAuthorizer("auth", "uri 1"))(view)
    app.route("/b", authorizer=CustomAuthorizer("auth", "uri 2"))(view)


def with_stray_authorizer(app: Chalice) -> None:
    app.route("/", authorizer=Blueprint("bp").authorizer(name="auth")(allow))(view)


@pytest.mark.parametrize(
    ("build", "summary"),
    [
        (with_same_names, "two different authorizers are named `auth`"),
        (with_stray_authorizer, "authorizer `auth` belongs to a blueprint that is not registered"),
    ],
)
def test_authorizers_that_cannot_be_told_apart_or_found_are_errors(
    build: Callable[[Chalice], None], summary: str
) -> None:
    app = new_app()
    build(app)
    with pytest.raises(ToolError) as caught:
        made(app)
    assert caught.value.summary == summary
    assert caught.value.hint
