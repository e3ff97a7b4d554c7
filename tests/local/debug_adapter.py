"""An editor's side of a debugger: it speaks the Debug Adapter Protocol.

https://microsoft.github.io/debug-adapter-protocol/specification
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SECONDS = 30


class Editor:
    """An editor that has attached to the debugger at a port of this machine."""

    def __init__(self, port: int) -> None:
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        self._stream = self._socket.makefile("rb")
        self._count = 0
        self._seen: list[dict[str, Any]] = []

    def attach(self, file: Path, line: int) -> None:
        """Set a breakpoint and let the program run."""
        self.ask("initialize", adapterID="tests", pathFormat="path", linesStartAt1=True)
        attach = self._send("attach", justMyCode=True)
        self.wait_for(lambda said: said.get("event") == "initialized")
        source, lines = {"path": str(file)}, [{"line": line}]
        self.ask("setBreakpoints", source=source, breakpoints=lines)
        self.ask("configurationDone")
        self._answer(attach)

    def wait_until_stopped(self) -> int:
        """Return the thread that has come to a breakpoint."""
        said = self.wait_for(lambda said: said.get("event") == "stopped")
        assert said["body"]["reason"] == "breakpoint"
        thread: int = said["body"]["threadId"]
        return thread

    def evaluate(self, thread: int, expression: str) -> str:
        """Return what an expression is where the thread has stopped."""
        frames = self.ask("stackTrace", threadId=thread)["stackFrames"]
        result: str = self.ask("evaluate", expression=expression, frameId=frames[0]["id"])["result"]
        return result

    def go_on(self, thread: int) -> None:
        self.ask("continue", threadId=thread)

    def close(self) -> None:
        self._stream.close()
        self._socket.close()

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        return self._answer(self._send(command, **arguments))

    def _send(self, command: str, **arguments: Any) -> int:
        self._count += 1
        message = {"type": "request", "seq": self._count, "command": command}
        content = json.dumps({**message, "arguments": arguments}).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        return self._count

    def _answer(self, number: int) -> dict[str, Any]:
        said = self.wait_for(lambda said: said.get("request_seq") == number)
        assert said["success"], said
        body: dict[str, Any] = said.get("body") or {}
        return body

    def wait_for(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first message that fits, of those not returned yet."""
        while True:
            for said in self._seen:
                if fits(said):
                    self._seen.remove(said)
                    return said
            self._seen.append(self._read())

    def _read(self) -> dict[str, Any]:
        length = 0
        while (line := self._stream.readline().strip()) or not length:
            assert line, "the debugger has gone"
            name, _, value = line.partition(b":")
            if name == b"Content-Length":
                length = int(value)
        said: dict[str, Any] = json.loads(self._stream.read(length))
        return said
