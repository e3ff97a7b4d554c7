"""The events that functions get for requests to HTTP APIs and function URLs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html

``domainName`` is the host that the client asked, with its port, so that URLs made from it work.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from chalice.gateway.event import request_time
from chalice.gateway.request import Request, parse_query
from chalice.gateway.signatures import Principal

_TEXT = frozenset(
    [
        "application/json",
        "application/javascript",
        "application/xml",
        "application/graphql",
    ]
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request arrived. ``path`` is all of it that functions see, percent-encoded where it
    is shown so; ``route`` is the key of the route, ``resource`` its path. ``request_id`` is empty
    for the extended one.
    """

    api_id: str
    stage: str
    account: str
    region: str
    domain: str
    prefix: str
    path: str
    route: str
    resource: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class HttpCaller:
    """Who was let in, by one of: the claims of a token and its scopes (None where the route asks
    for none), what a function said, a signature.
    """

    claims: Mapping[str, str] | None = None
    scopes: list[str] | None = None
    said: Mapping[str, Any] | None = None
    has_said: bool = False
    principal: Principal | None = None


NOBODY = HttpCaller()


def event_v2(request: Request, place: Place, caller: HttpCaller, body: bytes) -> dict[str, Any]:
    """Return the event in format 2.0. What a request does not have is not in it."""
    text, encoded = encode_body(request, body)
    headers = {
        name.lower(): ",".join(values)
        for name, values in request.multi_headers.items()
        if name != "Cookie"
    }
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": place.route,
        "rawPath": place.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": _context_v2(request, place, caller),
        "isBase64Encoded": encoded,
    }
    cookies = request.multi_headers.get("Cookie")
    if cookies:
        each = (part.strip() for cookie in cookies for part in cookie.split(";"))
        event["cookies"] = [part for part in each if part]
    if request.query:
        queries = parse_query(request.query)
        event["queryStringParameters"] = {
            name: ",".join(values) for name, values in queries.items()
        }
    if place.parameters:
        event["pathParameters"] = dict(place.parameters)
    if place.variables:
        event["stageVariables"] = dict(place.variables)
    if body:
        event["body"] = text
    return event


def event_v1(request: Request, place: Place, caller: HttpCaller, body: bytes) -> dict[str, Any]:
    """Return the event in format 1.0, which is much like that of a REST API."""
    text, encoded = encode_body(request, body)
    queries = parse_query(request.query) if request.query else {}
    return {
        "version": "1.0",
        "resource": place.resource,
        "path": place.path,
        "httpMethod": request.method,
        "headers": request.headers,
        "multiValueHeaders": request.multi_headers,
        "queryStringParameters": {name: values[-1] for name, values in queries.items()} or None,
        "multiValueQueryStringParameters": queries or None,
        "requestContext": _context_v1(request, place, caller),
        "pathParameters": dict(place.parameters) or None,
        "stageVariables": dict(place.variables or {}) or None,
        "body": text if body else None,
        "isBase64Encoded": encoded,
    }


def encode_body(request: Request, body: bytes) -> tuple[str, bool]:
    """Return the body as text, and whether that is base64, as it is for all but some types."""
    if not body:
        return "", False
    kind = request.headers.get("Content-Type", "text/plain").partition(";")[0].strip().lower()
    is_text = kind.startswith("text/") or kind in _TEXT or kind.endswith(("+json", "+xml"))
    if is_text and "Content-Encoding" not in request.headers:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass  # it says it is text, and is not
    return base64.b64encode(body).decode("ascii"), True


def decoded(path: str) -> str:
    """Return a path as HTTP APIs show it."""
    return unquote(path) if "%" in path else path


def _context_v2(request: Request, place: Place, caller: HttpCaller) -> dict[str, Any]:
    context: dict[str, Any] = {
        "accountId": place.account,
        "apiId": place.api_id,
        "domainName": place.domain,
        "domainPrefix": place.prefix,
        "http": {
            "method": request.method,
            "path": place.path,
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": request.headers.get("User-Agent", ""),
        },
        "requestId": place.request_id or request.extended_id,
        "routeKey": place.route,
        "stage": place.stage,
        "time": request_time(request.now),
        "timeEpoch": int(request.now * 1000),
    }
    if caller.claims is not None:
        context["authorizer"] = {"jwt": {"claims": dict(caller.claims), "scopes": caller.scopes}}
    elif caller.has_said:
        context["authorizer"] = {"lambda": caller.said}
    elif caller.principal is not None:
        context["authorizer"] = {"iam": _iam_of(caller.principal)}
    return context


def _iam_of(principal: Principal) -> dict[str, Any]:
    return {
        "accessKey": principal.access_key,
        "accountId": principal.account,
        "callerId": principal.user_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": principal.arn,
        "userId": principal.user_id,
    }


def _context_v1(request: Request, place: Place, caller: HttpCaller) -> dict[str, Any]:
    principal = caller.principal
    authorizer: dict[str, Any] = {"claims": caller.claims, "scopes": caller.scopes}
    if caller.has_said:
        authorizer = dict(caller.said or {})
    return {
        "accountId": place.account,
        "apiId": place.api_id,
        "authorizer": authorizer,
        "domainName": place.domain,
        "domainPrefix": place.prefix,
        "extendedRequestId": request.extended_id,
        "httpMethod": request.method,
        "identity": {
            "accessKey": principal.access_key if principal else None,
            "accountId": principal.account if principal else None,
            "caller": principal.user_id if principal else None,
            "cognitoAuthenticationProvider": None,
            "cognitoAuthenticationType": None,
            "cognitoIdentityId": None,
            "cognitoIdentityPoolId": None,
            "principalOrgId": None,
            "sourceIp": request.source_ip,
            "user": principal.user_id if principal else None,
            "userAgent": request.headers.get("User-Agent"),
            "userArn": principal.arn if principal else None,
        },
        "path": place.path,
        "protocol": request.protocol,
        "requestId": request.extended_id,
        "requestTime": request_time(request.now),
        "requestTimeEpoch": int(request.now * 1000),
        "resourceId": None,
        "resourcePath": place.resource,
        "stage": place.stage,
    }
