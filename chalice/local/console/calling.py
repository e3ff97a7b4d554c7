"""Requests and events that the console sends to the app."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from chalice.gateway.invoker import FunctionNotFoundError, Invoker
from chalice.gateway.request import Message, Scope
from chalice.gateway.server import App
from chalice.local.console.bodies import kept, shown
from chalice.local.console.journal import Journal
from chalice.local.served import Served

_METHOD = re.compile(r"[A-Z]{1,20}")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_TARGET = re.compile(r"/[\x21-\x7e]*")


class BadRequestError(Exception):
    """The page asked for something that cannot be done; the text says why."""


async def send(
    journal: Journal, app: App, asked: Mapping[str, Any], scope: Scope
) -> dict[str, object]:
    """Send a request to the app as if it came over the network, and return its exchange.

    ``asked`` is ``{"method": "GET", "target": "/users?x=1", "headers": [["accept", "*/*"]],
    "body": "…", "base64": False}``; ``scope`` is that of the console's own request.
    """
    body = _body(asked)
    request = _scope(asked, scope, body)
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        message: Message | None = next(messages, None)
        if message is None:
            await asyncio.Event().wait()  # the client stays until it has its answer
            raise AssertionError
        return message

    async def answer(message: Message) -> None:
        """Take what is sent: the journal has it."""

    exchange = journal.begin(request)
    exchange.sent = body
    try:
        await app(request, receive, answer)
    finally:
        journal.end(None, None)
    return exchange.detail()


async def invoke(
    journal: Journal, invoker: Invoker, served: Served | None, asked: Mapping[str, Any]
) -> dict[str, object]:
    """Run a handler on an event, ``{"handler": "ship", "event": {}}``, and return the exchange."""
    name, event = asked.get("handler"), asked.get("event")
    if not isinstance(event, dict):
        raise BadRequestError("An event is a JSON object.")
    functions = {} if served is None else served.functions
    arn = next((arn for arn, each in functions.items() if each.name == name), None)
    if arn is None:
        raise BadRequestError(f"The app has no handler {name}.")
    exchange = journal.begin(None)
    try:
        result = await invoker(arn, event)
    except FunctionNotFoundError:
        raise BadRequestError("The app was replaced just now: send it again.") from None
    if not exchange.invocations[0].result:  # it took too long, and goes on
        exchange.invocations[0].end(result)
    journal.end(None, None)
    return {
        **exchange.detail(),
        "error": result.error,
        "result": shown(kept(result.payload), len(result.payload)),
    }


def _body(asked: Mapping[str, Any]) -> bytes:
    body = asked.get("body", "")
    if not isinstance(body, str):
        raise BadRequestError("A body is text, or bytes as base64.")
    if not asked.get("base64"):
        return body.encode("utf-8", "replace")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise BadRequestError("The body is not base64.") from None


def _scope(asked: Mapping[str, Any], own: Scope, body: bytes) -> Scope:
    method, target = asked.get("method"), asked.get("target")
    if not isinstance(method, str) or _METHOD.fullmatch(method) is None:
        raise BadRequestError(f"{method!r} is no method.")
    if not isinstance(target, str) or _TARGET.fullmatch(target) is None:
        raise BadRequestError("A path begins with / and is percent-encoded.")
    path, _, query = target.partition("?")
    headers = list(_headers(asked))
    given = {name for name, _ in headers}
    if b"host" not in given:
        headers[:0] = [(b"host", value) for name, value in own["headers"] if name == b"host"]
    if body and b"content-length" not in given:
        headers.append((b"content-length", b"%d" % len(body)))
    return {
        "type": "http",
        "asgi": own["asgi"],
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": headers,
        "client": own["client"],
        "server": own["server"],
    }


def _headers(asked: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    headers = asked.get("headers", [])
    found = []
    if not isinstance(headers, list):
        raise BadRequestError("Headers are a list of pairs.")
    for pair in headers:
        match pair:
            case [str(name), str(value)] if _NAME.fullmatch(name) and _VALUE.fullmatch(value):
                found.append((name.lower().encode("ascii"), value.strip().encode("latin-1")))
            case _:
                raise BadRequestError(f"{pair!r} is no header.")
    return found
