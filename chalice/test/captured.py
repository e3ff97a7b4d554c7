"""A WebSocket API whose messages stay in this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from chalice.app import WebsocketAPI


class Receiver(Protocol):
    """What gets what an app sends. Each method raises WebsocketDisconnectedError for a connection
    that is not there.
    """

    def send(self, connection_id: str, message: str | bytes) -> None:
        """Take a message for a client."""
        ...

    def close(self, connection_id: str) -> None:
        """End a connection."""
        ...

    def info(self, connection_id: str) -> dict[str, Any]:
        """Return what GetConnection answers."""
        ...


def capture(api: WebsocketAPI, receiver: Receiver) -> None:
    """Let everything that is sent through ``api`` go to the receiver, whoever holds the object.

    It then needs neither a session nor a region.
    """
    vars(api).update(_methods(receiver))


def release(api: WebsocketAPI, receiver: Receiver) -> None:
    """Let it send to AWS again, unless another receiver has it by now."""
    held = vars(api)
    if held.get("send") == receiver.send:
        for name in _methods(receiver):
            held.pop(name, None)


def _methods(receiver: Receiver) -> Mapping[str, Any]:
    return {
        "send": receiver.send,
        "close": receiver.close,
        "info": receiver.info,
        "configure": _configured,
        "configure_from_api_id": _configured,
    }


def _configured(*_: object) -> None:
    """Nothing needs to be configured."""
