"""Stands in for awslambdaric's native module where that has no build: macOS, or a new Python.

The same functions with the same meaning, over one plain connection: the only server it ever
meets is ours, which answers each request with a Content-Length.
"""

from __future__ import annotations

import json
import os
import socket

_PREFIX = "/2018-06-01/runtime/"


class _Client:
    """One kept-alive connection."""

    def __init__(self) -> None:
        self.user_agent = "aws-lambda-python"
        self._socket: socket.socket | None = None
        self._buffer = b""

    def request(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the response."""
        address = os.environ["AWS_LAMBDA_RUNTIME_API"]
        if self._socket is None:
            host, _, port = address.rpartition(":")
            self._socket = socket.create_connection((host, int(port)))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = [f"{method} {_PREFIX}{path} HTTP/1.1", f"Host: {address}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"User-Agent: {self.user_agent}", f"Content-Length: {len(body)}", "", ""]
        self._socket.sendall("\r\n".join(lines).encode("utf-8") + body)
        head = self._read_until(b"\r\n\r\n").decode("utf-8").split("\r\n")
        received = dict(line.split(": ", 1) for line in head[1:])
        return int(head[0].split()[1]), received, self._read(int(received["Content-Length"]))

    def _read_until(self, end: bytes) -> bytes:
        while end not in self._buffer:
            self._receive()
        found, _, self._buffer = self._buffer.partition(end)
        return found

    def _read(self, size: int) -> bytes:
        chunks = [self._buffer[:size]]
        self._buffer = self._buffer[size:]
        missing = size - len(chunks[0])
        while missing:
            self._receive()
            chunks.append(self._buffer[:missing])
            self._buffer = self._buffer[missing:]
            missing -= len(chunks[-1])
        return b"".join(chunks)

    def _receive(self) -> None:
        assert self._socket is not None
        data = self._socket.recv(1 << 18)
        if not data:
            raise RuntimeError("the Runtime API closed the connection")
        self._buffer += data


_client = _Client()


def initialize_client(user_agent: str) -> None:
    """Called once, before anything else."""
    _client.user_agent = user_agent


def next() -> tuple[bytes, dict[str, str]]:
    """Wait for an event: its payload and the response headers."""
    status, headers, body = _client.request("GET", "invocation/next", {})
    if status != 200:
        raise RuntimeError(f"Failed to get next invocation. Http response code: {status}")
    return body, headers


def post_invocation_result(
    request_id: str,
    data: bytes,
    content_type: str = "application/json",
    invocation_id: str | None = None,
) -> None:
    """Give the handler's return value."""
    path = f"invocation/{request_id}/response"
    status, _, body = _client.request("POST", path, {"Content-Type": content_type}, data)
    if status != 202:
        raise RuntimeError(f"Failed to post the response. Http response code: {status}. {body!r}")


def post_error(
    request_id: str, error: str, xray_fault: str = "", invocation_id: str | None = None
) -> None:
    """Give the handler's exception, as the JSON text of an error object."""
    headers = {
        "Content-Type": "application/json",
        "Lambda-Runtime-Function-Error-Type": json.loads(error).get("errorType", "Unhandled"),
    }
    path = f"invocation/{request_id}/error"
    status, _, _ = _client.request("POST", path, headers, error.encode("utf-8"))
    if status != 202:
        raise RuntimeError(f"Failed to post the error. Http response code: {status}")
