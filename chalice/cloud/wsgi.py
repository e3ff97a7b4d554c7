"""One HTTP request, received by an ASGI server, answered by a WSGI application in a thread.

The request is read in full before the application sees it, so a slow client costs a buffer and
no thread.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import Executor
from typing import IO, Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
WsgiApp: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_IN_MEMORY = 4 * 1024 * 1024
"""Bytes of a request body above which it is buffered on disk."""
_PRESERVED = "moto.preserved_header_names"
_METADATA = "x-amz-meta-"


class ClientGoneError(Exception):
    """The client left before its request was complete."""


async def read_body(receive: Receive) -> IO[bytes]:
    """Return the request body, positioned at its start; the caller closes it."""
    body = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    try:
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            body.write(message.get("body", b""))
            more = message.get("more_body", False)
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body


async def call(
    app: WsgiApp, scope: Scope, body: IO[bytes], threads: Executor
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return status, headers and body of what ``app`` answers. Raises what ``app`` raises."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(threads, _call, app, environ(scope, body))


def environ(scope: Scope, body: IO[bytes]) -> dict[str, Any]:
    """Return the WSGI environment of a request.

    ``RAW_URI`` keeps the path percent-encoded. Names of S3 metadata keep their underscores the
    way moto expects them: in a table beside the WSGI names.
    """
    size = body.seek(0, 2)
    body.seek(0)
    query = scope["query_string"].decode("latin-1")
    raw = scope["raw_path"].decode("latin-1")
    server = scope.get("server") or ("127.0.0.1", 80)
    env: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": f"{raw}?{query}" if query else raw,
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("127.0.0.1", 0))[0],
        "CONTENT_LENGTH": str(size),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    preserved: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        key = "HTTP_" + name.upper().replace("-", "_")
        if "_" in name:
            if not name.startswith(_METADATA):
                continue
            preserved[key] = name
        if name == "content-type":
            env["CONTENT_TYPE"] = value
        elif name not in ("content-length", "transfer-encoding", "expect"):
            env[key] = f"{env[key]},{value}" if key in env else value
    env[_PRESERVED] = preserved
    return env


def _call(app: WsgiApp, env: dict[str, Any]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> object:
        started[:] = [(status, headers)]
        return lambda _: None

    chunks = app(env, start_response)
    try:
        content = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = started[0]
    encoded = [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in headers
    ]
    return int(status.split(" ", 1)[0]), encoded, content
