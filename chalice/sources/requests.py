"""What the three doors of an API send to the function of its routes, and ask authorizers.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs, quote

from chalice.errors import ToolError
from chalice.runtime.auth import (
    Authorizer,
    ChaliceAuthorizer,
    CognitoUserPoolAuthorizer,
    CustomAuthorizer,
)
from chalice.runtime.routing import RouteEntry
from chalice.sources.given import Given
from chalice.sources.occasions import API_ID, Occasion, hexadecimal, unique_id

Door = Literal["rest", "http", "function_url"]
"""What stands before the function, as ``api_gateway_type`` says it."""

_CLIENT = "Mozilla/5.0 (sample)"
_WITH_BODY = ("POST", "PUT", "PATCH")
_PARAMETER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Sent:
    """A request to a route: ``path`` is percent-encoded, ``said`` what an authorizer says."""

    entry: RouteEntry
    path: str
    parameters: Mapping[str, str]
    query: str
    headers: Mapping[str, str]
    body: str
    said: Mapping[str, Any]


def options(entry: RouteEntry) -> Mapping[str, str]:
    """Return what can be said of a request to a route."""
    named = {
        "query": "the query string: a=1&b=2",
        "headers": 'headers of the client: {"Name": "text"}',
        "body": "the body, as text",
    }
    if entry.authorizer is not None:
        named["authorizer"] = "what the authorizer says of the caller, a JSON object"
    parameters = _parameters(entry.uri_pattern)
    return {**named, **{name: f"the part {{{name}}} of the path" for name in parameters}}


def sample(entry: RouteEntry, given: Given, occasion: Occasion, door: Door) -> dict[str, Any]:
    """Return a request to a route as that door sends it."""
    parameters = {name: given.text(name, "1") for name in _parameters(entry.uri_pattern)}
    headers = {
        "Accept": "*/*",
        "Host": occasion.domain,
        "User-Agent": _CLIENT,
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }
    body = ""
    if entry.method in _WITH_BODY and entry.content_types:
        kind = entry.content_types[0]
        headers["Content-Type"] = kind
        body = "{}" if kind == "application/json" else ""
    sent = Sent(
        entry,
        _path(entry.uri_pattern, parameters),
        parameters,
        given.text("query", ""),
        {**headers, **given.document("headers", {})},
        given.text("body", body),
        given.document("authorizer", _said_by(entry.authorizer)),
    )
    return _rest_event(sent, occasion) if door == "rest" else _http_event(sent, occasion, door)


def method_arn(method: str, path: str, occasion: Occasion) -> str:
    """Return the ARN of a request, which authorizers are asked about."""
    place = occasion.place
    return (
        f"arn:{place.partition}:execute-api:{place.region}:{place.account}:{API_ID}"
        f"/{occasion.api_stage}/{method}/{path.lstrip('/')}"
    )


AUTHORIZER_OPTIONS: Mapping[str, str] = {
    "token": "what the caller shows",
    "method": "the method of the request, GET by default",
    "path": "the path of the request, / by default",
}


def authorizer_sample(given: Given, occasion: Occasion) -> dict[str, Any]:
    """Return what an authorizer of the app is asked."""
    path = given.text("path", "/")
    if not path.startswith("/"):
        raise ToolError(f"`path={path}` is no path", hint=f"write `path=/{path}`")
    return {
        "type": "TOKEN",
        "authorizationToken": given.text("token", "sample"),
        "methodArn": method_arn(given.text("method", "GET").upper(), path, occasion),
    }


def _parameters(pattern: str) -> list[str]:
    return [name.rstrip("+") for name in _PARAMETER.findall(pattern)]


def _path(pattern: str, parameters: Mapping[str, str]) -> str:
    def filled(found: re.Match[str]) -> str:
        name = found[1]
        return quote(parameters[name.rstrip("+")], safe="/" if name.endswith("+") else "")

    return _PARAMETER.sub(filled, pattern)


def _said_by(authorizer: Authorizer | None) -> Mapping[str, Any]:
    match authorizer:
        case CognitoUserPoolAuthorizer():
            claims = {"sub": unique_id("sample"), "cognito:username": "sample"}
            return {"claims": claims}
        case ChaliceAuthorizer() | CustomAuthorizer():
            return {"principalId": "sample"}
        case _:
            return {}


def _rest_event(sent: Sent, occasion: Occasion) -> dict[str, Any]:
    queries = parse_qs(sent.query, keep_blank_values=True)
    entry = sent.entry
    return {
        "resource": entry.uri_pattern,
        "path": sent.path,
        "httpMethod": entry.method,
        "headers": dict(sent.headers),
        "multiValueHeaders": {name: [value] for name, value in sent.headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in queries.items()} or None,
        "multiValueQueryStringParameters": queries or None,
        "pathParameters": dict(sent.parameters) or None,
        "stageVariables": None,
        "requestContext": _rest_context(sent, occasion),
        "body": sent.body or None,
        "isBase64Encoded": False,
    }


def _rest_context(sent: Sent, occasion: Occasion) -> dict[str, Any]:
    entry = sent.entry
    of_nobody = (
        "cognitoIdentityPoolId accountId cognitoIdentityId caller principalOrgId accessKey "
        "cognitoAuthenticationType cognitoAuthenticationProvider userArn user"
    )
    is_keyed = bool(entry.api_key_required)
    identity = {
        **dict.fromkeys(of_nobody.split()),
        "sourceIp": "127.0.0.1",
        "userAgent": _CLIENT,
        "apiKey": "sample" if is_keyed else None,
        "apiKeyId": "sample" if is_keyed else None,
        "clientCert": None,
    }
    context = {
        "resourceId": hexadecimal(6, entry.uri_pattern).lower(),
        "resourcePath": entry.uri_pattern,
        "httpMethod": entry.method,
        "extendedRequestId": "L0SM9dr4PHcFmXw=",
        "requestTime": occasion.clock(),
        "path": f"/{occasion.api_stage}{sent.path}",
        "accountId": occasion.place.account,
        "protocol": "HTTP/1.1",
        "stage": occasion.api_stage,
        "domainPrefix": API_ID,
        "requestTimeEpoch": occasion.milliseconds,
        "requestId": unique_id(entry.method, sent.path),
        "identity": identity,
        "domainName": occasion.domain,
        "deploymentId": "sample",
        "apiId": API_ID,
    }
    return {**context, "authorizer": dict(sent.said)} if sent.said else context


def _http_event(sent: Sent, occasion: Occasion, door: Door) -> dict[str, Any]:
    entry = sent.entry
    is_url = door == "function_url"
    route = "$default" if is_url else f"{entry.method} {entry.uri_pattern}"
    context: dict[str, Any] = {
        "accountId": "anonymous" if is_url else occasion.place.account,
        "apiId": API_ID,
        "domainName": occasion.domain.replace("execute-api", "lambda-url")
        if is_url
        else occasion.domain,
        "domainPrefix": API_ID,
        "http": {
            "method": entry.method,
            "path": sent.path,
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": _CLIENT,
        },
        "requestId": unique_id(entry.method, sent.path),
        "routeKey": route,
        "stage": "$default",
        "time": occasion.clock(),
        "timeEpoch": occasion.milliseconds,
    }
    if sent.said and not is_url:
        context["authorizer"] = _http_authorizer(entry.authorizer, sent.said)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": sent.path,
        "rawQueryString": sent.query,
        "headers": {name.lower(): value for name, value in sent.headers.items()},
        "requestContext": context,
        "isBase64Encoded": False,
    }
    if sent.query:
        queries = parse_qs(sent.query, keep_blank_values=True)
        event["queryStringParameters"] = {
            name: ",".join(values) for name, values in queries.items()
        }
    if sent.parameters and not is_url:
        event["pathParameters"] = dict(sent.parameters)
    if sent.body:
        kind = event["headers"].get("content-type", "text/plain")
        is_text = kind.startswith(("text/", "application/json"))
        encoded = base64.b64encode(sent.body.encode()).decode("ascii")
        event |= {"body": sent.body if is_text else encoded, "isBase64Encoded": not is_text}
    return event


def _http_authorizer(authorizer: Authorizer | None, said: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(authorizer, CognitoUserPoolAuthorizer):
        return {"jwt": {"claims": said.get("claims", said), "scopes": None}}
    return {"lambda": dict(said)}
