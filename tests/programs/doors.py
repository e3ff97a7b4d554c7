"""The ways into an app: Lambda's `app(event, context)`, the test client, the local gateway.

Programs must answer the same whichever way a request comes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from chalice import Chalice
from chalice.local import LocalGateway, RouteMatcher
from chalice.test import Client

JSON = {"Content-Type": "application/json"}
REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
CONTEXT = object()


@dataclass(frozen=True)
class Answer:
    """A header that was sent several times has a list."""

    status: int
    body: bytes
    headers: Mapping[str, Any]

    @property
    def data(self) -> Any:
        """The body, which is JSON."""
        return json.loads(self.body)


Door: TypeAlias = Callable[[Chalice, str, str, Mapping[str, str], bytes | None], Answer]


def rest_api_event(
    app: Chalice, method: str, target: str, headers: Mapping[str, str], body: bytes | None
) -> dict[str, Any]:
    """A whole event as the documentation of REST APIs has it, after a trip through JSON.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    path = urlsplit(target).path
    query = parse_qs(urlsplit(target).query)
    route = RouteMatcher(app.routes).match_route(path)
    sent = {"Host": "70ixmpl4fl.execute-api.us-east-2.amazonaws.com", **headers}
    content_type = {name.lower(): value for name, value in sent.items()}.get("content-type", "")
    is_binary = content_type in app.api.binary_types
    encoded = base64.b64encode(body) if body and is_binary else body
    event = {
        "resource": route.route,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": route.captured or None,
        "stageVariables": None,
        "requestContext": {
            "resourceId": "2gxmpl",
            "resourcePath": route.route,
            "httpMethod": method,
            "extendedRequestId": "JJbxmplHYosFVYQ=",
            "requestTime": "10/Mar/2020:00:03:59 +0000",
            "path": f"/api{path}",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "api",
            "domainPrefix": "70ixmpl4fl",
            "requestTimeEpoch": 1583798639428,
            "requestId": REQUEST_ID,
            "identity": {
                "cognitoIdentityPoolId": None,
                "accountId": None,
                "cognitoIdentityId": None,
                "caller": None,
                "sourceIp": "192.0.2.1",
                "principalOrgId": None,
                "accessKey": None,
                "cognitoAuthenticationType": None,
                "cognitoAuthenticationProvider": None,
                "userArn": None,
                "userAgent": "agent",
                "user": None,
                "apiKey": None,
            },
            "domainName": sent["Host"],
            "apiId": "70ixmpl4fl",
        },
        "body": None if encoded is None else encoded.decode(),
        "isBase64Encoded": is_binary,
    }
    shipped: dict[str, Any] = json.loads(json.dumps(event))
    return shipped


def through_lambda(
    app: Chalice, method: str, target: str, headers: Mapping[str, str], body: bytes | None
) -> Answer:
    """What API Gateway makes of what the function returns."""
    return _answer(app(rest_api_event(app, method, target, headers, body), CONTEXT))


def through_client(
    app: Chalice, method: str, target: str, headers: Mapping[str, str], body: bytes | None
) -> Answer:
    """`chalice.test`."""
    with Client(app) as client:
        response = client.http.request(method, target, headers=headers, body=body or b"")
    return Answer(response.status_code, response.body, response.headers)


def through_gateway(
    app: Chalice, method: str, target: str, headers: Mapping[str, str], body: bytes | None
) -> Answer:
    """`chalice.local`."""
    return _answer(LocalGateway(app).handle_request(method, target, headers, body))


DOORS: tuple[Door, ...] = (through_lambda, through_client, through_gateway)


def _answer(returned: dict[str, Any]) -> Answer:
    returned = json.loads(json.dumps(returned))
    body = (returned["body"] or "").encode()
    if returned.get("isBase64Encoded"):
        body = base64.b64decode(body)
    headers = {**returned["headers"], **returned["multiValueHeaders"]}
    return Answer(returned["statusCode"], body, headers)
