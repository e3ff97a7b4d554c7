"""An executor in a thread of its own, asked from outside as the control plane's threads ask it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import sys
import threading
import time
import zipfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from chalice.cloud.functions import Executor, FunctionConfig, Invocation, LogBatch

T = TypeVar("T")
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"


def package(files: Mapping[str, str | bytes]) -> bytes:
    """A zip of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def function(
    source: str | bytes | Mapping[str, str | bytes], name: str = "f", **config: Any
) -> FunctionConfig:
    """A function whose handler is ``app.handler``; ``source`` is app.py, files, or a zip."""
    if isinstance(source, bytes):
        code = source
    else:
        code = package({"app.py": source} if isinstance(source, str) else source)
    defaults: dict[str, Any] = {
        "arn": f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        "name": name,
        "runtime": RUNTIME,
        "handler": "app.handler",
        "code": code,
        "code_sha256": base64.b64encode(hashlib.sha256(code).digest()).decode(),
    }
    return FunctionConfig(**{**defaults, **config})


class Lab:
    """Owns the loop's thread; ``close`` ends both. ``batches`` is what the log sink got."""

    def __init__(self, home: Path, **options: Any) -> None:
        self.home = home
        self.batches: list[LogBatch] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.executor = self.call(self._make, options)

    async def _make(self, options: dict[str, Any]) -> Executor:
        return Executor(self.home, **{"log_sink": self.batches.append, **options})

    def submit(self, function: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> Future[T]:
        """Start a coroutine function in the loop."""

        async def run() -> T:
            return await function(*args, **kwargs)

        return asyncio.run_coroutine_threadsafe(run(), self._loop)

    def call(self, function: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        """Run a coroutine function in the loop and wait for its result."""
        return self.submit(function, *args, **kwargs).result(60)

    def start(self, function: FunctionConfig, event: object = None) -> Future[Invocation]:
        return self.submit(self.executor.invoke, function, json.dumps(event).encode())

    def invoke(self, function: FunctionConfig, event: object = None) -> Invocation:
        return self.start(function, event).result(60)

    def answer(self, function: FunctionConfig, event: object = None) -> Any:
        """What the function returns; it must not fail."""
        invocation = self.invoke(function, event)
        assert invocation.error is None, invocation.payload
        return json.loads(invocation.payload)

    def failure(
        self, function: FunctionConfig, event: object = None
    ) -> tuple[str, str, Invocation]:
        """Type and message of the error the function ends in, and the invocation."""
        invocation = self.invoke(function, event)
        assert invocation.error == "Unhandled", invocation.payload
        error = json.loads(invocation.payload)
        return error["errorType"], error["errorMessage"], invocation

    def messages(self, name: str) -> list[str]:
        """All that function's log events so far."""
        return [
            event.message
            for batch in self.batches
            if batch.function_name == name
            for event in batch.events
        ]

    def close(self) -> None:
        if self._loop.is_closed():
            return
        try:
            self.call(self.executor.close)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()


def eventually(claim: Callable[[], T], seconds: float = 10) -> T:
    """Wait until it is true, and give it."""
    end = time.monotonic() + seconds
    while not (value := claim()):
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)
    return value


def alive(pid: int) -> bool:
    """Whether that process runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def descendants(pid: int) -> Iterator[int]:
    """Its child processes and theirs."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from descendants(child)
