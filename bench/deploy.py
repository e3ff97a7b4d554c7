"""Seconds and AWS calls of a first deploy, an unchanged redeploy and a delete.

Both tools deploy the project that their own `new-project` makes to one embedded cloud, with the
same credentials and endpoint, in turn. The calls are counted in a run of their own, by a proxy.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from bench.peers import PEERS, ROOT, prepare

AWS_CHALICE = next(peer for peer in PEERS if peer.name == "aws_chalice")
STEPS: Mapping[str, Sequence[str]] = {
    "first deploy": ("deploy",),
    "unchanged redeploy": ("deploy",),
    "delete": ("delete",),
}
Tool = tuple[str, Sequence[str]]
OURS: Tool = ("chalice (this project)", [sys.executable, "-m", "chalice"])


class Counter(ThreadingHTTPServer):
    """Forwards AWS calls to `target` and counts them."""

    daemon_threads = True

    def __init__(self, target: str) -> None:
        self.calls = 0
        self.lock = threading.Lock()
        self.target = urlsplit(target)
        super().__init__(("127.0.0.1", 0), Forward)


class Forward(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Counter

    def forward(self) -> None:
        with self.server.lock:
            self.server.calls += 1
        target = self.server.target
        upstream = http.client.HTTPConnection(target.hostname or "", target.port)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        upstream.request(self.command, self.path, body, dict(self.headers))
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def cloud(folder: Path) -> Iterator[str]:
    """The AWS endpoint of an embedded cloud of our own."""
    environment = {**os.environ, "CHALICE_CLOUD_HOME": str(folder)}
    chalice = [sys.executable, "-m", "chalice", "cloud"]
    subprocess.run([*chalice, "start"], env=environment, check=True, capture_output=True, cwd=ROOT)
    try:
        status = subprocess.run(
            [*chalice, "status", "--json"],
            env=environment,
            check=True,
            capture_output=True,
            cwd=ROOT,
        )
        yield json.loads(status.stdout)["endpoint_url"]
    finally:
        stop = [*chalice, "stop"]
        subprocess.run(stop, env=environment, check=False, capture_output=True, cwd=ROOT)


def life(tool: Tool, endpoint: str) -> Iterator[tuple[str, float]]:
    """Each step in the life of one fresh project as it ends, and its seconds."""
    _, command = tool
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
    }
    if tool is OURS:
        environment["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        make = [*command, "new-project", "benchapp"]
        subprocess.run(make, cwd=folder, env=environment, check=True, capture_output=True)
        for step, arguments in STEPS.items():
            began = time.perf_counter()
            subprocess.run(
                [*command, *arguments],
                cwd=Path(folder) / "benchapp",
                env=environment,
                check=True,
                capture_output=True,
                stdin=subprocess.DEVNULL,
            )
            yield step, time.perf_counter() - began


def calls(tool: Tool, endpoint: str) -> dict[str, int]:
    """How many AWS calls each step sends."""
    counts = {}
    with Counter(endpoint) as counter:
        threading.Thread(target=counter.serve_forever, daemon=True).start()
        for step, _ in life(tool, f"http://127.0.0.1:{counter.server_port}"):
            counts[step] = counter.calls - sum(counts.values())
        counter.shutdown()
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="three runs")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    runs = 3 if options.quick else options.runs
    prepare(AWS_CHALICE)
    theirs: Tool = (AWS_CHALICE.title, [str(AWS_CHALICE.environment / "bin" / "chalice")])
    seconds: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as home, cloud(Path(home)) as endpoint:
        for _ in range(runs):
            for tool in (OURS, theirs):
                for step, took in life(tool, endpoint):
                    seconds.setdefault((tool[0], step), []).append(took)
        counts = {tool[0]: calls(tool, endpoint) for tool in (OURS, theirs)}
    rows = [
        {
            "step": step,
            "ours_s": median(seconds[OURS[0], step]),
            "aws_chalice_s": median(seconds[theirs[0], step]),
            "ours_calls": counts[OURS[0]][step],
            "aws_chalice_calls": counts[theirs[0]][step],
        }
        for step in STEPS
    ]
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    print(f"deploying to the embedded cloud, median of {runs}; ratio = AWS Chalice / this project")
    print(
        f"{'':20} {'ours s':>8} {'theirs s':>9} {'ratio':>6} {'our calls':>10} {'their calls':>12}"
    )
    for row in rows:
        ours, other = float(row["ours_s"]), float(row["aws_chalice_s"])
        print(
            f"{row['step']:20} {ours:8.2f} {other:9.2f} {other / ours:6.1f} "
            f"{row['ours_calls']:10} {row['aws_chalice_calls']:12}"
        )


if __name__ == "__main__":
    main()
