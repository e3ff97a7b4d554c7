"""The clients of the app's WebSocket API, and the frames that go between them and it."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Mapping
from contextvars import ContextVar

from chalice.gateway.request import Message, Receive, Scope, Send
from chalice.gateway.server import App
from chalice.local.console.bodies import kept, shown
from chalice.local.console.stream import Stream

_MOST_FRAMES = 200
_MOST_CLOSED = 20


class Client:
    """A WebSocket. ``connection_id`` is what functions call it, empty until one was told."""

    def __init__(self, id: int, scope: Scope, send: Send) -> None:
        self.id = id
        self.opened_at = time.time()
        self.connection_id = ""
        self.state = "connecting"
        self.frames: deque[dict[str, object]] = deque(maxlen=_MOST_FRAMES)
        self.count = 0
        self.send = send
        headers = dict(scope["headers"])
        self._agent = headers.get(b"user-agent", b"").decode("latin-1")
        self._path: str = scope["path"]
        self._address = "{}:{}".format(*(scope.get("client") or ("", "")))

    def note(self, direction: str, content: str | bytes) -> dict[str, object]:
        """Note a frame that came ``in`` or went ``out``, or an ``event``; returns it."""
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
        self.count += 1
        frame = {
            "id": self.count,
            "client": self.id,
            "at": time.time(),
            "direction": direction,
            "body": shown(kept(raw), len(raw)),
        }
        self.frames.append(frame)
        return frame

    def data(self) -> dict[str, object]:
        """Return it as JSON has it, without its frames."""
        return {
            "id": self.id,
            "connection_id": self.connection_id,
            "state": self.state,
            "opened_at": self.opened_at,
            "address": self._address,
            "agent": self._agent,
            "path": self._path,
            "frames": self.count,
        }


current: ContextVar[Client | None] = ContextVar("client", default=None)
"""The WebSocket that this task serves."""


class Clients:
    """All that are connected, and those that were last."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._ids = itertools.count(1)
        self._known: dict[int, Client] = {}

    def all(self) -> list[Client]:
        """Return the clients in the order in which they came."""
        return list(self._known.values())

    def find(self, id: int) -> Client | None:
        """Return one of them."""
        return self._known.get(id)

    def last_open(self) -> str:
        """Return the id of the connection that was opened last, nothing if none is open."""
        opened = [each.connection_id for each in self._known.values() if each.state == "open"]
        return opened[-1] if opened else ""

    def identify(self, event: Mapping[str, object]) -> None:
        """Learn from an event what functions call the client of this task."""
        client = current.get()
        context = event.get("requestContext")
        if client is None or client.connection_id or not isinstance(context, Mapping):
            return
        client.connection_id = str(context.get("connectionId", ""))
        self._tell(client)

    async def serve(self, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a WebSocket, and note what is said."""

        async def noted_send(message: Message) -> None:
            await send(message)
            self._sent(client, message)

        async def noted_receive() -> Message:
            message = await receive()
            self._received(client, message)
            return message

        client = Client(next(self._ids), scope, noted_send)
        self._known[client.id] = client
        current.set(client)
        self._tell(client)
        try:
            await app(scope, noted_receive, noted_send)
        finally:
            if client.state != "refused":
                client.state = "closed"
            self._tell(client)
            self._forget()

    def _sent(self, client: Client, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                client.state = "open"
                self._tell(client)
            case "websocket.send":
                text = message.get("text")
                self._note(client, "out", message.get("bytes", b"") if text is None else text)
            case "websocket.close":
                client.state = "closed" if client.state == "open" else "refused"
                self._note(client, "event", _closing("Closed by the app", message))
            case "websocket.http.response.start":
                client.state = "refused"
                self._note(client, "event", f"Refused with status {message['status']}")

    def _received(self, client: Client, message: Message) -> None:
        match message["type"]:
            case "websocket.receive":
                text = message.get("text")
                self._note(client, "in", message.get("bytes", b"") if text is None else text)
            case "websocket.disconnect":
                self._note(client, "event", _closing("Closed by the client", message))

    def _note(self, client: Client, direction: str, content: str | bytes) -> None:
        frame = client.note(direction, content)
        self._stream.tell("frame", (client.id, frame["id"]), lambda: frame)
        self._tell(client)

    def _tell(self, client: Client) -> None:
        self._stream.tell("client", client.id, client.data)

    def _forget(self) -> None:
        closed = [id for id, each in self._known.items() if each.state in ("closed", "refused")]
        for id in closed[:-_MOST_CLOSED]:
            del self._known[id]


def _closing(said: str, message: Message) -> str:
    reason = message.get("reason")
    return f"{said}: {message.get('code', 1005)}{f' {reason}' if reason else ''}"
