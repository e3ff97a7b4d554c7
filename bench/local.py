"""`chalice local` against AWS Chalice's, and against a bare Starlette view on uvicorn as the limit.

Run ``python -m bench.local`` from the root of the tree. Each server is a process of its own that
writes its logs to nowhere; the clients, keep-alive connections that each wait for an answer before
they ask again, are another. Rates are requests a second; `start` is from the command to the first
answer, `saving` from the end of a save to the first new answer, with ten thousand files in a
virtual environment beside the app. All figures are medians.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.peers import PEERS, ROOT, Peer, prepare

CONNECTIONS = (1, 8, 64)
BODY = b'{"hello":"42"}'
REQUEST = (
    b"GET /users/42?verbose=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n"
    b"Accept-Encoding: gzip, deflate\r\nUser-Agent: bench\r\nConnection: keep-alive\r\n\r\n"
)
APP = """
from chalice import Chalice

app = Chalice(app_name="bench")

@app.route("/users/{name}")
def user(name):
    return {"hello": name}
"""
VIEW = """
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

def user(request):
    return JSONResponse({"hello": request.path_params["name"]})

app = Starlette(routes=[Route("/users/{name}", user)])
"""
STARLETTE = Peer("Starlette", "starlette", "", ("httptools", "starlette", "uvicorn"))
[AWS] = [peer for peer in PEERS if peer.name == "aws_chalice"]


@dataclass(frozen=True)
class Contender:
    """A server's name and command, to which the port is added, and what its Python imports."""

    title: str
    command: tuple[str, ...]
    path: str = ""


OURS = Contender("chalice local", (sys.executable, "-m", "chalice", "local", "--port"), str(ROOT))
CONTENDERS = (
    OURS,
    Contender("AWS Chalice", (str(AWS.environment / "bin" / "chalice"), "local", "--port")),
    Contender(
        "Starlette, sync view",
        (
            *(str(STARLETTE.environment / "bin" / "python"), "-m", "uvicorn", "view:app"),
            *("--no-access-log", "--log-level", "warning", "--port"),
        ),
    ),
)


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


@contextmanager
def serving(contender: Contender, project: Path) -> Iterator[tuple[int, float]]:
    """Run a server and yield its port, and the seconds that it took to the first answer."""
    port = free_port()
    environment = {**os.environ, "PYTHONPATH": contender.path, "PYTHONDONTWRITEBYTECODE": ""}
    began = time.perf_counter()
    with subprocess.Popen(
        [*contender.command, str(port)],
        cwd=project,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            while not answers(port):
                if process.poll() is not None or time.perf_counter() - began > 30:
                    raise SystemExit(f"{contender.title} does not start")
                time.sleep(0.005)
            yield port, time.perf_counter() - began
        finally:
            os.killpg(process.pid, 9)  # AWS Chalice has a process that watches files


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
            client.sendall(REQUEST)
            return client.recv(65536).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


async def ask_until(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, until: float
) -> list[float]:
    latencies = []
    while (started := time.perf_counter()) < until:
        writer.write(REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200") or body != BODY:
            raise SystemExit((head + body).decode())
        latencies.append(time.perf_counter() - started)
    writer.close()
    await writer.wait_closed()
    return latencies


async def load(port: int, connections: int, seconds: float) -> list[float]:
    """Return the latency of each request that so many clients could make, in seconds.

    They connect one after the other before the time runs: AWS Chalice resets some who come
    at once.
    """
    opened = []
    for _ in range(connections):
        opened.append(await asyncio.open_connection("127.0.0.1", port))
        await asyncio.sleep(0.005)
    until = time.perf_counter() + seconds
    runs = await asyncio.wait_for(
        asyncio.gather(*(ask_until(*each, until) for each in opened)), seconds + 30
    )
    return [latency for run in runs for latency in run]


def measure(
    contender: Contender, project: Path, seconds: float, rounds: int
) -> tuple[float, dict[int, tuple[float, float]]]:
    """Return the seconds to the first answer, and by number of connections the rate and the 99th
    percentile of latency in ms.
    """
    starts = []
    for _ in range(rounds):
        with serving(contender, project) as (_port, start):
            starts.append(start)
    results = {}
    with serving(contender, project) as (port, _start):
        asyncio.run(load(port, 8, seconds / 2))  # warm up
        for connections in CONNECTIONS:
            runs = [asyncio.run(load(port, connections, seconds)) for _ in range(rounds)]
            rate = statistics.median(len(run) / seconds for run in runs)
            p99 = statistics.median(statistics.quantiles(run, n=100)[98] for run in runs)
            results[connections] = (rate, p99 * 1000)
    return statistics.median(starts), results


def measure_saving(project: Path, times: int) -> list[float]:
    """Return the seconds that each of so many saves took."""
    packages = project / "environment" / "lib"
    for number in range(100):
        folder = packages / f"package{number}"
        folder.mkdir(parents=True)
        for each in range(100):
            (folder / f"module{each}.py").touch()
    (project / "environment" / "pyvenv.cfg").touch()
    seconds = []
    with (
        serving(OURS, project) as (port, _start),
        socket.create_connection(("127.0.0.1", port)) as client,
    ):
        time.sleep(1)  # files are watched a little after the first answer
        for number in range(times):
            (project / "app.py").write_text(APP.replace("hello", f"hello{number}"))
            saved = time.perf_counter()
            while True:
                client.sendall(REQUEST)
                if f"hello{number}".encode() in client.recv(65536):
                    break
                time.sleep(0.002)
            seconds.append(time.perf_counter() - saved)
    return seconds


def make_project(folder: Path) -> Path:
    (folder / ".chalice").mkdir()
    (folder / ".chalice" / "config.json").write_text('{"version": "2.0", "app_name": "bench"}')
    (folder / "app.py").write_text(APP)
    (folder / "view.py").write_text(VIEW)
    (folder / "requirements.txt").write_text("")
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each run takes")
    parser.add_argument("--rounds", type=int, default=5, help="runs, of which the median counts")
    parser.add_argument("--quick", action="store_true", help="one short run")
    parser.add_argument("--only", help="a part of the title of the only server to measure")
    options = parser.parse_args()
    seconds, rounds = (0.5, 1) if options.quick else (options.seconds, options.rounds)
    prepare(AWS, STARLETTE)
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder))
        results = {
            contender.title: measure(contender, project, seconds, rounds)
            for contender in CONTENDERS
            if not options.only or options.only in contender.title
        }
        saves = measure_saving(project, 5 * rounds)
    for title, (start, _) in results.items():
        print(f"{title:24} start {start * 1000:6.0f} ms")
    print(f"saving {statistics.median(saves) * 1000:.0f} ms, worst {max(saves) * 1000:.0f} ms")
    baseline = results.get(OURS.title)
    for connections in CONNECTIONS:
        print(f"{connections} connections")
        for title, (_, measured) in results.items():
            rate, p99 = measured[connections]
            ratio = "" if baseline is None else f"{baseline[1][connections][0] / rate:8.2f} x"
            print(f"  {title:24} {rate:8.0f} req/s  p99 {p99:8.2f} ms  {ratio}")


if __name__ == "__main__":
    main()
