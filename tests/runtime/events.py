"""API Gateway REST events as the runtime reads them, and the answers of an app to them."""

from __future__ import annotations

from typing import Any

from chalice import Chalice

DEFAULT_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": (
        "Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key"
    ),
}


def rest_event(
    method: str = "GET",
    path: str = "/",
    *,
    headers: dict[str, str] | None = None,
    uri: dict[str, str] | None = None,
    query: dict[str, list[str]] | None = None,
    body: str | bytes | None = None,
) -> dict[str, Any]:
    return {
        "requestContext": {"httpMethod": method, "resourcePath": path},
        "headers": headers or {},
        "pathParameters": uri,
        "multiValueQueryStringParameters": query,
        "body": body,
        "stageVariables": {},
    }


def new_app(*, debug: bool = False) -> Chalice:
    return Chalice("tested", debug=debug, configure_logs=False, env={})


def answer_to(value: Any, **event: Any) -> dict[str, Any]:
    """What an app answers whose only view, at `/`, returns `value`."""
    app = new_app()
    app.route("/")(lambda: value)
    return app(rest_event(**event), None)


def http_api_event(method: str = "POST", path: str = "/my/path", **rest: Any) -> dict[str, Any]:
    """Payload 2.0 as the documentation of HTTP APIs has it."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
        "cookies": ["cookie1=one", "cookie2=two"],
        "headers": {"header1": "value1", "Header2": "value1,value2", "user-agent": "agent"},
        "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api-id",
            "authentication": {
                "clientCert": {
                    "clientCertPem": "CERT_CONTENT",
                    "subjectDN": "www.example.com",
                    "issuerDN": "Example issuer",
                    "serialNumber": "a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1",
                    "validity": {
                        "notBefore": "May 28 12:30:02 2019 GMT",
                        "notAfter": "Aug  5 09:36:04 2021 GMT",
                    },
                }
            },
            "authorizer": {"jwt": {"claims": {"claim1": "value1"}, "scopes": ["scope1", "scope2"]}},
            "domainName": "id.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "id",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "agent",
            },
            "requestId": "id",
            "routeKey": "$default",
            "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1583348638390,
        },
        "pathParameters": {"parameter1": "value1"},
        "body": None,
        "isBase64Encoded": False,
        "stageVariables": {"stageVariable1": "value1", "stageVariable2": "value2"},
        **rest,
    }


def function_url_event(method: str = "POST", path: str = "/my/path", **rest: Any) -> dict[str, Any]:
    """Payload 2.0 as the documentation of function URLs has it."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
        "cookies": ["cookie1=one", "cookie2=two"],
        "headers": {"header1": "value1", "header2": "value1,value2", "user-agent": "agent"},
        "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "<urlid>",
            "authentication": None,
            "authorizer": {
                "iam": {
                    "accessKey": "AKIA...",
                    "accountId": "111122223333",
                    "callerId": "AIDA...",
                    "cognitoIdentity": None,
                    "principalOrgId": None,
                    "userArn": "arn:aws:iam::111122223333:user/example-user",
                    "userId": "AIDA...",
                }
            },
            "domainName": "<url-id>.lambda-url.us-west-2.on.aws",
            "domainPrefix": "<url-id>",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "agent",
            },
            "requestId": "id",
            "routeKey": "$default",
            "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1583348638390,
        },
        "body": None,
        "pathParameters": None,
        "isBase64Encoded": False,
        "stageVariables": None,
        **rest,
    }


_BALANCER_HEADERS = {
    "accept": "text/html,application/xhtml+xml",
    "accept-language": "en-US,en;q=0.8",
    "cookie": "cookie1=one; cookie2=two",
    "header1": "value1",
    "host": "lambda-846800462-us-east-2.elb.amazonaws.com",
    "user-agent": "agent",
    "x-amzn-trace-id": "Root=1-5bdb40ca-556d8b0c50dc66f0511bf520",
    "x-forwarded-for": "72.21.198.66, 192.0.2.1",
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https",
}


def balancer_event(
    method: str = "POST", path: str = "/my/path", *, multi_value: bool = False, **rest: Any
) -> dict[str, Any]:
    """A load balancer's event as its documentation has it."""
    query = {"parameter1": ["value1", "value2"], "parameter2": ["value"]}
    return {
        "requestContext": {
            "elb": {
                "targetGroupArn": (
                    "arn:aws:elasticloadbalancing:us-east-2:123456789012:"
                    "targetgroup/my-target-group/6d0ecf831eec9f09"
                )
            }
        },
        "httpMethod": method,
        "path": path,
        **(
            {
                "multiValueQueryStringParameters": query,
                "multiValueHeaders": {
                    **{name: [value] for name, value in _BALANCER_HEADERS.items()},
                    "cookie": ["cookie1=one", "cookie2=two"],
                },
            }
            if multi_value
            else {
                "queryStringParameters": {name: values[-1] for name, values in query.items()},
                "headers": dict(_BALANCER_HEADERS),
            }
        ),
        "body": "",
        "isBase64Encoded": False,
        **rest,
    }
