"""What the gateway costs, against a bare ASGI view on the same uvicorn: requests a second, latency.

Run ``python -m bench.gateway`` from the root of the tree. Each server is a process of its own, the
clients another; the functions run in the server's process and do nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import socket
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import uvicorn

from chalice.gateway.deployment import Deployment
from chalice.gateway.gateway import Gateway
from chalice.gateway.invoker import InvocationResult
from chalice.gateway.mounts import RootMount

REQUEST = (
    b"GET /users/42?verbose=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n"
    b"Accept-Encoding: gzip, deflate\r\nUser-Agent: bench\r\nConnection: keep-alive\r\n\r\n"
)
BODY = b'{"hello":"world"}'
PAYLOAD = json.dumps(
    {"statusCode": 200, "headers": {}, "multiValueHeaders": {}, "body": BODY.decode()}
).encode()
CONNECTIONS = (1, 8, 64)

Message = dict[str, Any]


async def bare(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """The least that an ASGI application can do."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})


async def invoke(function: str, event: Mapping[str, object]) -> InvocationResult:
    """A function that costs nothing."""
    return InvocationResult(PAYLOAD)


async def invoke_with_json(function: str, event: Mapping[str, object]) -> InvocationResult:
    """A function that reads and writes JSON, as every invoker of another process must."""
    json.loads(json.dumps(event))
    return InvocationResult(PAYLOAD)


def served(invoker: Any) -> Gateway:
    integration = {
        "type": "aws_proxy",
        "uri": "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn/invocations",
    }
    deployment = Deployment(
        api_id="bench",
        stage="api",
        document={
            "paths": {
                path: {"get": {"x-amazon-apigateway-integration": integration}}
                for path in ("/", "/users", "/users/{id}", "/users/{id}/pets", "/{proxy+}")
            }
        },
        account="123456789012",
        region="eu-west-1",
    )
    return Gateway(RootMount(lambda: deployment), invoker, clock=time.time, new_id=uuid.uuid4)


APPS: dict[str, Callable[[], Any]] = {
    "bare ASGI view": lambda: bare,
    "gateway": lambda: served(invoke),
    "gateway, event as JSON": lambda: served(invoke_with_json),
}


def run_server(name: str, listener: socket.socket) -> None:
    config = uvicorn.Config(
        APPS[name](), http="httptools", ws="none", lifespan="off", access_log=False
    )
    uvicorn.Server(config).run([listener])


async def one_connection(port: int, until: float, latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (started := time.perf_counter()) < until:
        writer.write(REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
        await reader.readexactly(len(BODY))
        latencies.append(time.perf_counter() - started)
    writer.close()
    await writer.wait_closed()


async def load(port: int, connections: int, seconds: float) -> list[float]:
    """Return the latency of each request that so many clients could make, in seconds."""
    latencies: list[float] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(one_connection(port, until, latencies) for _ in range(connections)))
    return latencies


def measure(name: str, seconds: float, rounds: int) -> dict[int, tuple[float, float]]:
    """Return requests a second and the 99th percentile in ms, medians, by number of connections."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        port: int = listener.getsockname()[1]
        server = multiprocessing.get_context("fork").Process(
            target=run_server, args=(name, listener)
        )
        server.start()
    try:
        asyncio.run(load(port, 8, seconds / 2))  # warm up
        results = {}
        for connections in CONNECTIONS:
            runs = [asyncio.run(load(port, connections, seconds)) for _ in range(rounds)]
            rate = statistics.median(len(run) / seconds for run in runs)
            p99 = statistics.median(statistics.quantiles(run, n=100)[98] for run in runs)
            results[connections] = (rate, p99 * 1000)
        return results
    finally:
        server.terminate()
        server.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each run takes")
    parser.add_argument("--rounds", type=int, default=3, help="runs, of which the median counts")
    parser.add_argument("--quick", action="store_true", help="one short run")
    options = parser.parse_args()
    seconds, rounds = (0.2, 1) if options.quick else (options.seconds, options.rounds)
    results = {name: measure(name, seconds, rounds) for name in APPS}
    baseline = results["bare ASGI view"]
    for connections in CONNECTIONS:
        print(f"{connections} connections")
        for name, result in results.items():
            rate, p99 = result[connections]
            slower = baseline[connections][0] / rate
            print(f"  {name:24} {rate:8.0f} req/s  p99 {p99:7.2f} ms  {slower:5.2f} x")


if __name__ == "__main__":
    main()
