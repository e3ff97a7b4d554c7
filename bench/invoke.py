"""Cold start, warm latency and throughput of the embedded cloud's Lambda executor.

Run it with the Python to measure: ``python -m bench.invoke``.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import io
import statistics
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from chalice.cloud.functions import Executor, FunctionConfig

ECHO = "def handler(event, context): return event\n"
BOTO = "import boto3\ndef handler(event, context): return event\n"
EVENT = b'{"hello": "world"}'
CONCURRENCY = (1, 4, 16)


def function(name: str, source: str) -> FunctionConfig:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", source)
    code = content.getvalue()
    return FunctionConfig(
        arn=f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        name=name,
        runtime=f"python{sys.version_info.major}.{sys.version_info.minor}",
        handler="app.handler",
        memory_size=512,
        timeout=60,
        code=code,
        code_sha256=base64.b64encode(hashlib.sha256(code).digest()).decode(),
    )


async def milliseconds(executor: Executor, asked: FunctionConfig) -> float:
    began = time.perf_counter()
    invocation = await executor.invoke(asked, EVENT)
    assert invocation.error is None, invocation.payload
    return (time.perf_counter() - began) * 1000


async def cold(home: Path, source: str, starts: int, *, native_client: bool) -> float:
    """The median cold start, bytecode compiled; the code stays unzipped as between restarts."""
    executor = Executor(home, log_sink=lambda batch: None, native_client=native_client)
    await milliseconds(executor, function("first", source))
    times = [
        await milliseconds(executor, function(f"cold{number}", source)) for number in range(starts)
    ]
    await executor.close()
    return statistics.median(times)


async def warm(home: Path, calls: int, *, native_client: bool) -> list[float]:
    executor = Executor(home, log_sink=lambda batch: None, native_client=native_client)
    echo = function("echo", ECHO)
    await milliseconds(executor, echo)
    times = sorted([await milliseconds(executor, echo) for _ in range(calls)])
    await executor.close()
    return times


async def throughput(home: Path, calls: int, concurrency: int) -> float:
    """Invocations a second, the median of five rounds."""
    executor = Executor(home, log_sink=lambda batch: None)
    echo = function("echo", ECHO)

    async def ask(count: int) -> None:
        for _ in range(count):
            await executor.invoke(echo, EVENT)

    await asyncio.gather(*(ask(1) for _ in range(concurrency)))
    rates = []
    for _ in range(5):
        began = time.perf_counter()
        await asyncio.gather(*(ask(calls // 4 // concurrency) for _ in range(concurrency)))
        rates.append(calls // 4 / (time.perf_counter() - began))
    await executor.close()
    return statistics.median(rates)


async def main(starts: int, calls: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        print(f"Python {sys.version.split()[0]}")
        for native in (True, False):
            client = "native client" if native else "pure client"
            for what, source in (("echo", ECHO), ("boto3", BOTO)):
                took = await cold(home, source, starts, native_client=native)
                print(f"cold start, {what:5}, {client:13} median {took:8.1f} ms")
            times = await warm(home, calls, native_client=native)
            p50, p99 = statistics.median(times), times[len(times) * 99 // 100]
            print(f"warm,       echo , {client:13} p50    {p50:8.2f} ms   p99 {p99:.2f} ms")
        for concurrency in CONCURRENCY:
            rate = await throughput(home, calls, concurrency)
            print(f"throughput, {concurrency:2} at once {rate:23.0f} invocations/s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer calls, rougher numbers")
    options = parser.parse_args()
    asyncio.run(main(3, 200) if options.quick else main(10, 2000))
