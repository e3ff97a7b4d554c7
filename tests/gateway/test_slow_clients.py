"""Clients that take their time: what they may, and what others notice of them."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import uvicorn
from websockets.sync.client import connect

from chalice.gateway.request import Receive, Scope, Send, read_body
from chalice.gateway.server import server_config

PATIENCE = 0.4


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers the length of the body; after `/late` it begins to read a little later."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        return
    if scope["path"] == "/late":
        await asyncio.sleep(3 * PATIENCE)
    body = str(len(await read_body(receive, None))).encode()
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = uvicorn.Server(server_config(echo, grace=0, patience=PATIENCE, keep_alive=1))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(2048)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


def trickle(port: int, *parts: bytes, pause: float, limit: float = 10) -> tuple[bytes, float]:
    """Send parts with pauses, and return the answer and the seconds until the connection ended."""
    began = time.monotonic()
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=pause) as client:
        pending = list(parts)
        while time.monotonic() - began < limit:
            with suppress(OSError):
                if pending:
                    client.sendall(pending.pop(0))
            try:
                part = client.recv(65536)
            except TimeoutError:
                continue
            except ConnectionError:
                break
            if not part:
                break
            answer += part
            if answer.endswith(b"\r\n\r\n0"):
                break
    return answer, time.monotonic() - began


def test_a_head_that_trickles_ends_the_connection(port: int) -> None:
    head = [b"GET / HTTP/1.1\r\n", *(b"A: b\r\n" for _ in range(100))]
    answer, seconds = trickle(port, *head, pause=0.1)
    assert answer == b""
    assert PATIENCE <= seconds < 2


def test_a_body_that_trickles_ends_the_connection(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n"
    answer, seconds = trickle(port, head, *(b"a" for _ in range(100)), pause=0.1)
    assert answer == b""
    assert PATIENCE <= seconds < 2


def test_a_connection_that_says_nothing_ends_when_an_idle_one_does(port: int) -> None:
    _, seconds = trickle(port, pause=0.1)
    assert 1 <= seconds < 3
    answer, seconds = trickle(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", pause=0.1)
    assert answer.startswith(b"HTTP/1.1 200")


def test_a_body_that_comes_steadily_may_take_long(port: int) -> None:
    count = 12
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    answer, seconds = trickle(
        port, head % (count * 100), *(b"a" * 100 for _ in range(count)), pause=0.1
    )
    assert answer.endswith(b"1200")
    assert seconds > 2 * PATIENCE


def test_a_server_that_does_not_read_yet_blames_nobody(port: int) -> None:
    content = b"a" * 1_000_000
    head = b"POST /late HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000000\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(head + b"\r\n" + content)
        assert client.makefile("rb").read().endswith(b"1000000")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(head + b"Expect: 100-continue\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 100")
        client.sendall(content)
        assert client.makefile("rb").read().endswith(b"1000000")


def test_a_websocket_may_be_silent(port: int) -> None:
    with connect(f"ws://127.0.0.1:{port}", proxy=None) as client:
        with pytest.raises(TimeoutError):
            client.recv(timeout=3 * PATIENCE)
        client.ping().wait(5)


def test_slow_clients_keep_nobody_else_waiting(port: int) -> None:
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
    for each in slow:
        each.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na")
    began = time.monotonic()
    answer, _ = trickle(port, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", pause=1)
    assert answer.startswith(b"HTTP/1.1 200")
    assert time.monotonic() - began < 1
    for each in slow:
        each.settimeout(5)
        assert each.recv(1) == b""
        each.close()
