"""How uvicorn serves a gateway: one configuration, wherever the gateway runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias

import uvicorn

from chalice.gateway.http_protocol import PATIENCE, HttpProtocol
from chalice.gateway.request import Receive, Scope, Send
from chalice.gateway.sockets.sockets import MAXIMUM_MESSAGE

App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_KEEP_ALIVE = 75  # seconds; longer than clients keep idle connections in their pools


def server_config(
    app: App, *, grace: int, patience: float = PATIENCE, keep_alive: int = _KEEP_ALIVE
) -> uvicorn.Config:
    """Return the loaded configuration. ``grace`` is how many seconds requests get to end when the
    server stops, ``patience`` after how many it is looked whether one comes fast enough,
    ``keep_alive`` how many a connection may be idle.

    The address of a client is what the connection says: no header changes it.
    """
    config = uvicorn.Config(
        app,
        interface="asgi3",
        http=partial(HttpProtocol, patience=patience),  # type: ignore[arg-type]  # as with `ws`
        ws=_socket_protocol,  # type: ignore[arg-type]  # it is called as the class is
        lifespan="off",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        ws_max_size=MAXIMUM_MESSAGE,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=keep_alive,
        timeout_graceful_shutdown=grace,
    )
    config.load()
    return config


def _socket_protocol(*args: Any, **kwargs: Any) -> asyncio.Protocol:
    """Make the protocol of a WebSocket; the first takes the time to import it."""
    from chalice.gateway.socket_protocol import SocketProtocol  # noqa: PLC0415

    return SocketProtocol(*args, **kwargs)
