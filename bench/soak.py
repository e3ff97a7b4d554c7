"""What 100,000 requests to a deployed API leave in the memory of the embedded cloud.

The clients keep eight connections; the resident memory is read while they run.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from pathlib import Path
from urllib.parse import urlsplit

from bench.deployed import deployed

APP = """
from chalice import Chalice

app = Chalice(app_name="soak")


@app.route("/")
def index():
    return {"hello": "world"}
"""
CONNECTIONS = 8


def resident(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("this system does not tell how much memory a process has")


async def ask(url: str, count: int, latencies: list[float]) -> None:
    """Make ``count`` requests on one connection."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    for _ in range(count):
        began = time.perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200"):
            raise SystemExit(head.decode())
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        latencies.append(time.perf_counter() - began)
    writer.close()
    await writer.wait_closed()


async def round_of(url: str, count: int) -> list[float]:
    latencies: list[float] = []
    await asyncio.gather(*(ask(url, count // CONNECTIONS, latencies) for _ in range(CONNECTIONS)))
    return latencies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the requests")
    rounds, size = 10, 1_000 if parser.parse_args().quick else 10_000
    with deployed("soak", APP, lambda client: "") as cloud:
        asyncio.run(round_of(cloud.url, 200))
        print(f"{0:8} requests  {resident(cloud.pid):7.1f} MiB")
        for number in range(1, rounds + 1):
            began = time.perf_counter()
            latencies = asyncio.run(round_of(cloud.url, size))
            seconds = time.perf_counter() - began
            p99 = statistics.quantiles(latencies, n=100)[98] * 1000
            print(
                f"{number * size:8} requests  {resident(cloud.pid):7.1f} MiB"
                f"   {len(latencies) / seconds:6.0f} req/s   p99 {p99:6.1f} ms"
            )


if __name__ == "__main__":
    main()
