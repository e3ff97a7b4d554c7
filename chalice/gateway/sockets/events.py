"""The events that functions get from a WebSocket API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/
apigateway-websocket-api-mapping-template-reference.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

from chalice.gateway.deployment import Deployment
from chalice.gateway.event import request_time
from chalice.gateway.request import parse_query
from chalice.gateway.sockets.api import CONNECT, DISCONNECT, arn_of
from chalice.gateway.sockets.connections import Client

T = TypeVar("T")


def short_id(number: UUID) -> str:
    """Return an id of 16 characters as API Gateway makes them: ``L0SM9cOFvHcCIhw=``."""
    return base64.urlsafe_b64encode(number.bytes[:11]).decode("ascii")


def connect_event(client: Client, deployment: Deployment, request_id: str) -> dict[str, object]:
    """Return the event of a client that wants to connect."""
    more: dict[str, object] = {"routeKey": CONNECT, "eventType": "CONNECT"}
    context = _context(client, request_id, client.connected_at, more)
    queries = parse_query(client.request.query)
    event: dict[str, object] = {
        "headers": _usual_names(client.request.headers),
        "multiValueHeaders": _usual_names(client.request.multi_headers),
    }
    if queries:
        event["queryStringParameters"] = {name: values[-1] for name, values in queries.items()}
        event["multiValueQueryStringParameters"] = queries
    return _event(event, deployment, context)


def authorizer_event(client: Client, deployment: Deployment, request_id: str) -> dict[str, object]:
    """Return the event with which an authorizer is asked about a client."""
    event: dict[str, object] = {
        "type": "REQUEST",
        "methodArn": arn_of(deployment, CONNECT),
        "queryStringParameters": {},
        "multiValueQueryStringParameters": {},
        "stageVariables": {},
        **connect_event(client, deployment, request_id),
    }
    del event["isBase64Encoded"]
    return event


def message_event(
    client: Client,
    deployment: Deployment,
    route_key: str,
    body: str,
    request_id: str,
    message_id: str,
    now: float,
) -> dict[str, object]:
    """Return the event of a message."""
    more: dict[str, object] = {
        "routeKey": route_key,
        "messageId": message_id,
        "eventType": "MESSAGE",
    }
    context = _context(client, request_id, now, more)
    return {**_event({}, deployment, context), "body": body}


def disconnect_event(
    client: Client,
    deployment: Deployment,
    code: int,
    reason: str,
    request_id: str,
    now: float,
) -> dict[str, object]:
    """Return the event of a connection that has ended, whoever ended it."""
    more: dict[str, object] = {
        "routeKey": DISCONNECT,
        "disconnectStatusCode": code,
        "eventType": "DISCONNECT",
        "disconnectReason": reason,
    }
    context = _context(client, request_id, now, more)
    headers = {
        "Host": client.domain_name,
        "x-api-key": "",
        "X-Forwarded-For": "",
        "x-restapi": "",
    }
    event: dict[str, object] = {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
    }
    return _event(event, deployment, context)


def _usual_names(headers: Mapping[str, T]) -> dict[str, T]:
    """Return headers under the names that WebSocket clients write: ``Sec-WebSocket-Key``."""
    return {name.replace("-Websocket-", "-WebSocket-"): value for name, value in headers.items()}


def _event(
    event: dict[str, object], deployment: Deployment, context: Mapping[str, object]
) -> dict[str, object]:
    if deployment.variables:
        event["stageVariables"] = dict(deployment.variables)
    return {**event, "requestContext": context, "isBase64Encoded": False}


def _context(
    client: Client, request_id: str, now: float, more: Mapping[str, object]
) -> dict[str, object]:
    identity = {"sourceIp": client.request.source_ip}
    if client.user_agent is not None:
        identity["userAgent"] = client.user_agent
    context: dict[str, object] = {
        **more,
        "extendedRequestId": request_id,
        "requestTime": request_time(now),
        "messageDirection": "IN",
        "stage": client.stage,
        "connectedAt": int(client.connected_at * 1000),
        "requestTimeEpoch": int(now * 1000),
        "identity": identity,
        "requestId": request_id,
        "domainName": client.domain_name,
        "connectionId": client.connection_id,
        "apiId": client.api_id,
    }
    if client.authorizer is not None:
        context["authorizer"] = dict(client.authorizer)
    return context
