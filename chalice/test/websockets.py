"""Clients of the WebSocket API of an app, in this process."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from itertools import count
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from chalice.app import Chalice, WebsocketDisconnectedError
from chalice.constants import websocket_function
from chalice.local import LambdaContext
from chalice.sources import websocket
from chalice.sources.occasions import Occasion
from chalice.test.captured import capture, release
from chalice.test.environment import BaseClient
from chalice.test.functions import FunctionNotFoundError

if TYPE_CHECKING:
    from chalice.config import Config

_CONNECT, _MESSAGE, _DISCONNECT = "$connect", "$default", "$disconnect"
_HEADERS = {"Sec-WebSocket-Version": "13", "User-Agent": "chalice.test"}
_CLOSED_BY_APP = 1000, "Connection Closed Normally"


class WebsocketRefusedError(Exception):
    """The handler of new connections answered `status_code`, 300 or more."""

    def __init__(self, status_code: int) -> None:
        super().__init__(f"the app refused the connection with status {status_code}")
        self.status_code = status_code


class NoMessageError(Exception):
    """The app has sent nothing that was not received yet."""


class TestConnection:
    """One client that is connected. `is_open` is false once either side has ended it."""

    __test__ = False  # pytest shall not collect it

    def __init__(self, client: TestWebsocketClient, connection_id: str, occasion: Occasion) -> None:
        self.connection_id = connection_id
        self.is_open = False
        self._occasion = occasion
        self._inbox: SimpleQueue[str] = SimpleQueue()
        self._client = client

    def __enter__(self) -> TestConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, message: str) -> Any:
        """Send a message, and return what its handler returned.

        A `body` in that is a message to this client. What the handler raises is raised. Raises
        WebsocketDisconnectedError after the end.
        """
        return self._client.deliver(self, message)

    def send_json(self, message: Any) -> Any:
        """Send a value as JSON."""
        return self.send(json.dumps(message))

    def receive(self, timeout: float = 0) -> str:
        """Return the oldest message that the app has sent and nobody has received.

        Waits up to `timeout` seconds for one from another thread. Raises NoMessageError.
        """
        try:
            return self._inbox.get(timeout=timeout) if timeout else self._inbox.get_nowait()
        except Empty:
            raise NoMessageError(f"nothing came for connection {self.connection_id}") from None

    def receive_json(self, timeout: float = 0) -> Any:
        """Return the oldest message, parsed."""
        return json.loads(self.receive(timeout))

    def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection, which the app hears of. Nothing happens if it has ended."""
        self._client.end(self, code, reason)


class TestWebsocketClient(BaseClient):
    """Connects to the app. What the app sends by `app.websocket_api` stays in this process, from
    the first use of the client on until the app's `Client` is left.
    """

    __test__ = False  # pytest shall not collect it

    def __init__(self, app: Chalice, config: Config) -> None:
        super().__init__(app, config)
        self._hub = _Hub(self)
        self._numbers = count(1)
        capture(app.websocket_api, self._hub)

    def connect(
        self,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        connection_id: str | None = None,
    ) -> TestConnection:
        """Return a connection that the app accepted; the app hears of it if it has a handler.

        `query` is the query string. Raises WebsocketRefusedError, and what the handler
        raises.
        """
        name = connection_id or f"connection-{next(self._numbers)}"
        connection = TestConnection(self, name, Occasion())
        event = websocket.connect_event(
            name, {**_HEADERS, **(headers or {})}, connection._occasion, query=query
        )
        if _CONNECT in self._app.websocket_handlers:
            answer = self._run(_CONNECT, event, connection)
            if int(answer["statusCode"]) >= 300:
                raise WebsocketRefusedError(int(answer["statusCode"]))
        connection.is_open = True
        self._hub.connections[name] = connection
        return connection

    def deliver(self, connection: TestConnection, message: str) -> Any:
        """Run the handler of messages."""
        if not connection.is_open:
            raise WebsocketDisconnectedError(connection.connection_id)
        if _MESSAGE not in self._app.websocket_handlers:
            raise FunctionNotFoundError(websocket_function(_MESSAGE))
        occasion = replace(connection._occasion, now=Occasion().now)
        event = websocket.message_event(connection.connection_id, _MESSAGE, message, occasion)
        answer = self._run(_MESSAGE, event, connection)
        if connection.is_open and answer.get("body"):
            connection._inbox.put(answer["body"])
        return answer

    def end(self, connection: TestConnection, code: int, reason: str) -> None:
        """End a connection and run the handler of ended ones."""
        if not connection.is_open:
            return
        connection.is_open = False
        self._hub.connections.pop(connection.connection_id, None)
        if _DISCONNECT in self._app.websocket_handlers:
            occasion = replace(connection._occasion, now=Occasion().now)
            event = websocket.disconnect_event(connection.connection_id, code, reason, occasion)
            self._run(_DISCONNECT, event, connection)

    def close(self) -> None:
        """Let the app send to AWS again."""
        release(self._app.websocket_api, self._hub)

    def _run(self, route: str, event: dict[str, Any], connection: TestConnection) -> Any:
        event["requestContext"]["connectedAt"] = connection._occasion.milliseconds
        handler = self._app.handler_map[self._app.websocket_handlers[route].name]
        function = websocket_function(route)
        with self._hub, self._environment(function) as config:
            context = LambdaContext(
                function, config.lambda_memory_size, config.lambda_timeout * 1000
            )
            return handler(event, context)


class _Hub:
    """Where an app's messages go: to those connected. A connection that the app ends during a
    call is ended when the call is over, as API Gateway tells the app of it later too.
    """

    def __init__(self, client: TestWebsocketClient) -> None:
        self.connections: dict[str, TestConnection] = {}
        self._client = client
        self._calls = 0
        self._to_end: deque[TestConnection] = deque()

    def send(self, connection_id: str, message: str | bytes) -> None:
        text = message if isinstance(message, str) else message.decode()
        self._find(connection_id)._inbox.put(text)

    def close(self, connection_id: str) -> None:
        self._to_end.append(self._find(connection_id))
        del self.connections[connection_id]
        if not self._calls:
            self._end()

    def info(self, connection_id: str) -> dict[str, Any]:
        at = datetime.fromtimestamp(self._find(connection_id)._occasion.now, timezone.utc)
        identity = {"SourceIp": "127.0.0.1", "UserAgent": _HEADERS["User-Agent"]}
        return {"ConnectedAt": at, "Identity": identity, "LastActiveAt": at}

    def __enter__(self) -> None:
        self._calls += 1

    def __exit__(self, *_: object) -> None:
        self._calls -= 1
        if not self._calls:
            self._end()

    def _end(self) -> None:
        while self._to_end:
            self._client.end(self._to_end.popleft(), *_CLOSED_BY_APP)

    def _find(self, connection_id: str) -> TestConnection:
        try:
            return self.connections[connection_id]
        except KeyError:
            raise WebsocketDisconnectedError(connection_id) from None
