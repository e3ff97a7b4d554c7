"""The event that a function gets for a request: REST API, proxy integration, payload version 1.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html

``path`` and ``pathParameters`` are percent-decoded, ``requestContext.path`` is as the client sent
it and has the stage in front (unless the API is mounted without). ``domainName`` is the host that
the client asked, with its port, so that URLs made from it work.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from chalice.gateway.api import Resource
from chalice.gateway.media import MediaTypes
from chalice.gateway.mounts import Target
from chalice.gateway.request import Request, parse_query
from chalice.gateway.signatures import Principal

_NOTHING_BINARY = MediaTypes(())
_MAPPINGS = (
    "queryStringParameters",
    "multiValueQueryStringParameters",
    "pathParameters",
    "stageVariables",
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(slots=True)
class Caller:
    """Who was let in: the API key, what the authorizer said of them, who signed."""

    api_key: str | None = None
    api_key_id: str | None = None
    authorizer: Mapping[str, object] | None = None
    principal: Principal | None = None


@dataclass(slots=True)
class Call:
    """A request with what the path captured. Who calls, and the body, come later."""

    request: Request
    target: Target
    resource: Resource
    parameters: dict[str, str]
    caller: Caller
    body: bytes

    @property
    def method_key(self) -> str:
        """The method as limits name it: ``/users/{id}/GET``, of the root ``/GET``."""
        return f"{self.resource.path.rstrip('/')}/{self.request.method}"

    def __str__(self) -> str:
        return f"{self.request.method} {self.resource.path}"


def proxy_event(call: Call, binary: MediaTypes) -> dict[str, object]:
    """Return the event, ready for JSON. It shares the headers and captures of the call."""
    request = call.request
    body = call.body
    path = call.target.base_path + call.target.path
    variables = call.target.deployment.variables
    queries = parse_query(request.query) if request.query else None
    # Without a content type API Gateway takes a body for JSON.
    encoded = bool(body) and binary.match(request.headers.get("Content-Type", "application/json"))
    text = base64.b64encode(body).decode("ascii") if encoded else body.decode("utf-8", "replace")
    return {
        "resource": call.resource.path,
        "path": unquote(path) if "%" in path else path,
        "httpMethod": request.method,
        "headers": request.headers,
        "multiValueHeaders": request.multi_headers,
        "queryStringParameters": {name: values[-1] for name, values in queries.items()}
        if queries
        else None,
        "multiValueQueryStringParameters": queries or None,
        "pathParameters": call.parameters or None,
        "stageVariables": dict(variables) if variables else None,
        "requestContext": _context(call),
        "body": text if body else None,
        "isBase64Encoded": encoded,
    }


def authorizer_event(call: Call, method_arn: str) -> dict[str, object]:
    """Return the event for a function that is to say whether that call may be made."""
    event = proxy_event(call, _NOTHING_BINARY)
    for name in ("body", "isBase64Encoded"):
        del event[name]
    for name in _MAPPINGS:
        event[name] = event[name] or {}
    return {"type": "REQUEST", "methodArn": method_arn, **event}


def _context(call: Call) -> dict[str, object]:
    request, resource, caller = call.request, call.resource, call.caller
    target = call.target
    deployment = target.deployment
    identity: dict[str, object] = {
        "cognitoIdentityPoolId": None,
        "accountId": None,
        "cognitoIdentityId": None,
        "caller": None,
        "sourceIp": request.source_ip,
        "principalOrgId": None,
        "accessKey": None,
        "cognitoAuthenticationType": None,
        "cognitoAuthenticationProvider": None,
        "userArn": None,
        "userAgent": request.headers.get("User-Agent"),
        "user": None,
        "apiKey": caller.api_key,
        "apiKeyId": caller.api_key_id,
        "clientCert": None,
    }
    context: dict[str, object] = {
        "resourceId": resource.id,
        "resourcePath": resource.path,
        "httpMethod": request.method,
        "extendedRequestId": request.extended_id,
        "requestTime": request_time(request.now),
        "path": target.prefix + target.path,
        "accountId": deployment.account,
        "protocol": request.protocol,
        "stage": deployment.stage,
        "domainPrefix": target.domain.partition(".")[0] or deployment.api_id,
        "requestTimeEpoch": int(request.now * 1000),
        "requestId": request.id,
        "identity": identity,
        "domainName": request.host
        or f"{deployment.api_id}.execute-api.{deployment.region}.amazonaws.com",
        "deploymentId": deployment.deployment_id,
        "apiId": deployment.api_id,
    }
    if caller.authorizer is not None:
        context["authorizer"] = dict(caller.authorizer)
    if caller.principal is not None:
        context["identity"] = {**identity, **_identity_of(caller.principal)}
    return context


def _identity_of(principal: Principal) -> dict[str, object]:
    return {
        "accountId": principal.account,
        "caller": principal.user_id,
        "userArn": principal.arn,
        "user": principal.user_id,
        "accessKey": principal.access_key,
    }


def request_time(now: float) -> str:
    """Return a time in seconds since the epoch as ``09/Apr/2015:12:34:56 +0000``."""
    return _second(int(now))


@lru_cache(maxsize=4)
def _second(now: int) -> str:
    at = time.gmtime(now)
    return (
        f"{at.tm_mday:02}/{_MONTHS[at.tm_mon - 1]}/{at.tm_year}"
        f":{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02} +0000"
    )
