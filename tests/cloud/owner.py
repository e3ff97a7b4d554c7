"""A process that runs functions for an embedded cloud beside it: this one."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chalice.cloud import CloudStatus, status
from chalice.cloud.companion import Companion
from chalice.constants import ATTACHED
from chalice.errors import ToolError
from chalice.gateway.invoker import InvocationResult
from tests.cloud.aws import make_function

SECONDS = 60
Handler = Callable[[Any, Mapping[str, Any]], object]


class Owner:
    """Runs handlers by the name of their function, each in a thread, and notes what it hears."""

    def __init__(self, home: Path) -> None:
        self.handlers: dict[str, Handler] = {}
        self.is_ready = threading.Event()
        self.has_failed = threading.Event()
        self.reasons: list[str] = []
        self.problems: list[ToolError] = []
        self.home = home
        self.companion = Companion(home, self)

    async def run(self, function: str, event: bytes, about: Mapping[str, Any]) -> InvocationResult:
        try:
            handler = self.handlers[function]
            result = await asyncio.to_thread(handler, json.loads(event), about)
        except ValueError as error:
            said = {"errorType": "ValueError", "errorMessage": str(error)}
            return InvocationResult(json.dumps(said).encode(), error="Unhandled")
        return InvocationResult(json.dumps(result).encode())

    def ready(self) -> None:
        self.is_ready.set()

    def restarts(self, reason: str) -> None:
        self.reasons.append(reason)

    def fails(self, problem: ToolError) -> None:
        self.problems.append(problem)
        self.has_failed.set()

    def cloud(self) -> CloudStatus:
        """Return the cloud, once it is ready."""
        assert self.is_ready.wait(SECONDS)
        found = status(self.home)
        assert found is not None
        return found

    def make(self, name: str, handler: Handler | None, **settings: Any) -> None:
        """Make an attached function, which runs here unless there is no handler."""
        environment = {"Variables": {ATTACHED: "true"}}
        make_function(self.cloud(), name, Environment=environment, **settings)
        if handler is not None:
            self.handlers[name] = handler
            self.companion.attach("us-east-1", self.handlers)


@contextmanager
def owning(home: Path) -> Iterator[Owner]:
    """Have a cloud beside this process until the block ends."""
    owner = Owner(home)
    try:
        yield owner
    finally:
        owner.companion.end()
