"""A REST API with every kind of authorizer, CORS, API keys and binary types."""

from __future__ import annotations

from typing import Any

from chalice import (
    AuthResponse,
    Chalice,
    CognitoUserPoolAuthorizer,
    CORSConfig,
    CustomAuthorizer,
    IAMAuthorizer,
    Response,
)

app = Chalice(app_name="orders-api")
app.api.binary_types.append("application/x-thing")
pool = CognitoUserPoolAuthorizer(
    "MyPool",
    header="X-Auth",
    provider_arns=["arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abc"],
)
outside = CustomAuthorizer(
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


@app.authorizer(ttl_seconds=30, execution_role="arn:aws:iam::123456789012:role/x")
def token_auth(request: Any) -> AuthResponse:
    return AuthResponse(routes=["*"], principal_id="u")


@app.authorizer(name="second-auth")
def other_auth(request: Any) -> AuthResponse:
    return AuthResponse(routes=["*"] if request.token == "yes" else [], principal_id="u")


@app.route("/")
def index() -> Any:
    """Root summary.

    A longer
    description here.
    """
    return {"hello": "world"}


@app.route("/orders", methods=["GET", "POST"], cors=True, api_key_required=True)
def orders() -> Any:
    """One line only."""
    return []


@app.route(
    "/orders/{order_id}",
    methods=["PUT"],
    cors=cors,
    content_types=["application/json", "text/plain"],
)
def put_order(order_id: str) -> Any:
    return {"put": order_id}


@app.route("/orders/{order_id}", methods=["DELETE"], cors=cors, authorizer=IAMAuthorizer())
def delete_order(order_id: str) -> Any:
    return {"deleted": order_id}


@app.route("/pool", authorizer=pool.with_scopes(["email", "profile"]))
def pooled() -> Any:
    return {}


@app.route("/pool2", authorizer=pool)
def pooled_too() -> Any:
    return {}


@app.route("/ext", authorizer=outside)
def external() -> Any:
    return {}


@app.route("/tok", authorizer=token_auth, api_key_required=True)
def token() -> Any:
    return {}


@app.route("/tok2", authorizer=other_auth)
def other_token() -> Any:
    return {"let": "in"}


@app.route("/up", methods=["POST"], content_types=["application/octet-stream", "image/png"])
def upload() -> Response:
    return Response(b"", headers={"Content-Type": "image/png"})


@app.route("/a/{one}/b/{two}")
def both(one: str, two: str) -> Any:
    return {"one": one, "two": two}
