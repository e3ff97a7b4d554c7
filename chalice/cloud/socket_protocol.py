"""WebSockets on the cloud's ports, with API Gateway's limit of frames.

https://docs.aws.amazon.com/apigateway/latest/developerguide/
apigateway-execution-service-websocket-limits-table.html
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from chalice.gateway.sockets.sockets import MAXIMUM_FRAME


class SocketProtocol(WebSocketsSansIOProtocol):
    """One connection. uvicorn closes it with 1009 for what is too large."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn.max_fragment_size = MAXIMUM_FRAME
