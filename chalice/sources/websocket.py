"""What a WebSocket API sends to the handlers of its three routes.

https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from chalice.runtime.websocket import WebsocketConnectConfig, WebsocketDisconnectConfig
from chalice.sources.given import Given
from chalice.sources.occasions import API_ID, Occasion

_CONNECTION = "L0SM9cOFvHcCIhw="
_REQUEST = "L0SM9dr4PHcFmXw="
_CLIENT = "Mozilla/5.0 (sample)"


def options(route_key: str) -> Mapping[str, str]:
    """Return what can be said of a connection or a message."""
    connection = {"connection": "the id of the connection"}
    match route_key:
        case WebsocketConnectConfig.CONNECT_ROUTE:
            return {
                **connection,
                "query": "the query string: a=1&b=2",
                "headers": 'headers of the client: {"Name": "text"}',
            }
        case WebsocketDisconnectConfig.DISCONNECT_ROUTE:
            return {**connection, "code": "the status code", "reason": "why it ended"}
        case _:
            return {**connection, "body": "the message"}


def sample(route_key: str, given: Given, occasion: Occasion) -> dict[str, Any]:
    """Return the event of a route."""
    connection = given.text("connection", _CONNECTION)
    match route_key:
        case WebsocketConnectConfig.CONNECT_ROUTE:
            headers = {**_usual_headers(occasion), **given.document("headers", {})}
            return connect_event(connection, headers, occasion, query=given.text("query", ""))
        case WebsocketDisconnectConfig.DISCONNECT_ROUTE:
            code = given.number("code", 1000, 1000, 4999)
            return disconnect_event(connection, code, given.text("reason", ""), occasion)
        case _:
            body = given.text("body", '{"action": "sample"}')
            return message_event(connection, route_key, body, occasion)


def connect_event(
    connection: str, headers: Mapping[str, str], occasion: Occasion, *, query: str = ""
) -> dict[str, Any]:
    """Return the event of a client that wants to connect with these headers."""
    event: dict[str, Any] = {
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
    }
    if query:
        queries = parse_qs(query, keep_blank_values=True)
        event["queryStringParameters"] = {name: values[-1] for name, values in queries.items()}
        event["multiValueQueryStringParameters"] = queries
    more = {"routeKey": WebsocketConnectConfig.CONNECT_ROUTE, "eventType": "CONNECT"}
    return _event(event, connection, more, occasion)


def message_event(connection: str, route_key: str, body: str, occasion: Occasion) -> dict[str, Any]:
    """Return the event of a message."""
    more = {"routeKey": route_key, "messageId": "L0SM-cOFvHcCIhw=", "eventType": "MESSAGE"}
    return {**_event({}, connection, more, occasion), "body": body}


def disconnect_event(connection: str, code: int, reason: str, occasion: Occasion) -> dict[str, Any]:
    """Return the event of a connection that has ended."""
    headers = {"Host": occasion.domain, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
    event = {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
    }
    more = {
        "routeKey": WebsocketDisconnectConfig.DISCONNECT_ROUTE,
        "disconnectStatusCode": code,
        "eventType": "DISCONNECT",
        "disconnectReason": reason,
    }
    return _event(event, connection, more, occasion)


def _event(
    event: Mapping[str, Any], connection: str, more: Mapping[str, Any], occasion: Occasion
) -> dict[str, Any]:
    context = {
        **more,
        "extendedRequestId": _REQUEST,
        "requestTime": occasion.clock(),
        "messageDirection": "IN",
        "stage": occasion.api_stage,
        "connectedAt": occasion.milliseconds,
        "requestTimeEpoch": occasion.milliseconds,
        "identity": {"userAgent": _CLIENT, "sourceIp": "127.0.0.1"},
        "requestId": _REQUEST,
        "domainName": occasion.domain,
        "connectionId": connection,
        "apiId": API_ID,
    }
    return {**event, "requestContext": context, "isBase64Encoded": False}


def _usual_headers(occasion: Occasion) -> dict[str, str]:
    return {
        "Host": occasion.domain,
        "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
        "Sec-WebSocket-Key": "c2FtcGxlIHNhbXBsZSBzYQ==",
        "Sec-WebSocket-Version": "13",
        "User-Agent": _CLIENT,
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }
