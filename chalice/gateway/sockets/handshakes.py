"""How a WebSocket begins: the request for it, and the answers that refuse it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from chalice.gateway.answers import Answer, GatewayResponse
from chalice.gateway.request import Request, Scope, Send


def read_handshake(scope: Scope, request_id: UUID, now: float) -> Request:
    """Return the request that asks for a WebSocket."""
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    return Request({**scope, "method": "GET", "scheme": scheme}, request_id, now)


def sentence_of(response: GatewayResponse, connection_id: str, request_id: str) -> str:
    """Return what a client is told in a message."""
    said: Mapping[str, object] = json.loads(response.body)
    return json.dumps({**said, "connectionId": connection_id, "requestId": request_id})


def answer_of(response: GatewayResponse, connection_id: str, request: Request) -> Answer:
    """Return what a client is told whose handshake is refused."""
    answer = response.answer()
    body = sentence_of(response, connection_id, request.extended_id)
    return Answer(answer.status, answer.headers, body.encode())


async def refuse(send: Send, scope: Scope, answer: Answer) -> None:
    """Answer a handshake with an ordinary response."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [*answer.headers, (b"content-length", b"%d" % len(answer.body))]
    start = {"type": "websocket.http.response.start", "status": answer.status}
    with suppress(OSError):
        await send({**start, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": answer.body})
