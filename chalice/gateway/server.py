"""How uvicorn serves a gateway: one configuration, wherever the gateway runs."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import uvicorn

from chalice.gateway.request import Receive, Scope, Send
from chalice.gateway.sockets.sockets import MAXIMUM_MESSAGE

App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_KEEP_ALIVE = 75  # seconds; longer than clients keep idle connections in their pools


def server_config(app: App, *, grace: int, sockets: bool = True) -> uvicorn.Config:
    """Return the loaded configuration. ``grace`` is how many seconds requests get to end when the
    server stops; without ``sockets`` no WebSocket is accepted.

    The address of a client is what the connection says: no header changes it.
    """
    ws: Any = "none"
    if sockets:
        from chalice.gateway.socket_protocol import SocketProtocol  # noqa: PLC0415  # takes 30 ms

        ws = SocketProtocol
    config = uvicorn.Config(
        app,
        interface="asgi3",
        http="httptools",
        ws=ws,
        lifespan="off",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        ws_max_size=MAXIMUM_MESSAGE,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=grace,
    )
    config.load()
    return config
