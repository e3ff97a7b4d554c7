"""Functions that are not run here but by another process, which is attached to the cloud."""

from __future__ import annotations

import asyncio
import itertools
import socket
import time
from collections.abc import Callable
from typing import Any

from chalice.cloud import frames
from chalice.cloud.functions.environment import Call
from chalice.cloud.functions.function import FunctionConfig, Invocation
from chalice.cloud.functions.outcomes import MAX_RESPONSE, Fault, response_too_large
from chalice.constants import ATTACHED


class Attachment:
    """The process at the other end of ``connection``. Belongs to one event loop.

    ``changed`` is called in the loop when it begins or ends to run a function. How long an
    invocation may take is its affair: a debugger may have stopped it.
    """

    def __init__(self, connection: socket.socket, changed: Callable[[], None]) -> None:
        self._connection = connection
        self._changed = changed
        self._numbers = itertools.count()
        self._writer: asyncio.StreamWriter | None = None
        self._region = ""
        self._names: frozenset[str] = frozenset()
        self._calls: dict[int, asyncio.Future[tuple[bytes, str | None]]] = {}
        self._waiting: dict[asyncio.Future[None], FunctionConfig] = {}
        self._open = asyncio.Event()
        self._open.set()

    async def serve(self) -> None:
        """Hear what the process says, until it has gone."""
        reader, self._writer = await asyncio.open_connection(sock=self._connection)
        while (frame := await frames.read(reader)) is not None:
            head, body = frame
            if "attach" in head:
                self._attach(head["region"], head["attach"])
            elif "hold" in head:
                self._hold(head["hold"])
            else:
                call = self._calls.pop(head["answer"], None)
                if call is not None and not call.done():
                    call.set_result((body, head["error"]))
        self._names = frozenset()
        self._open.set()

    def say_ready(self) -> None:
        """Tell the process that the cloud takes AWS calls."""
        self._send(frames.encode({"ready": True}))

    async def until_open(self) -> None:
        """Wait while the process is making what the calls of others are about."""
        await self._open.wait()

    def concerns(self, function: FunctionConfig) -> bool:
        """Whether the function is one that only such a process runs."""
        return ATTACHED in function.environment

    def runs(self, function: FunctionConfig) -> bool:
        """Whether the process runs the function now."""
        return function.region == self._region and function.name in self._names

    async def invoke(self, function: FunctionConfig, call: Call) -> Invocation:
        """Have the process run the function, once it does that at all."""
        began = time.perf_counter()
        try:
            await self._until_it_runs(function)
            payload, error = await self._ask(function, call)
        except _GoneError:
            return _failed(_GONE, call)
        if len(payload) > MAX_RESPONSE:
            return _failed(response_too_large(len(payload)), call)
        took = (time.perf_counter() - began) * 1000
        return Invocation(
            payload=payload, error=error, request_id=call.request_id, duration_ms=took
        )

    async def _until_it_runs(self, function: FunctionConfig) -> None:
        while not self.runs(function):
            waiting = asyncio.get_running_loop().create_future()
            self._waiting[waiting] = function
            try:
                await waiting
            finally:
                self._waiting.pop(waiting)

    async def _ask(self, function: FunctionConfig, call: Call) -> tuple[bytes, str | None]:
        number = next(self._numbers)
        head = {
            "call": number,
            "function": function.name,
            "arn": function.arn,
            "request": call.request_id,
            "context": call.client_context,
        }
        answer: asyncio.Future[tuple[bytes, str | None]]
        answer = self._calls[number] = asyncio.get_running_loop().create_future()
        self._send(frames.encode(head, call.payload))
        return await answer

    def forget(self, arn: str) -> None:
        """The function was deleted: nobody waits for it any more."""
        for waiting, function in list(self._waiting.items()):
            if f"{function.arn}:".startswith(f"{arn}:"):
                _end(waiting)

    def close(self) -> None:
        """Have the process run nothing any more; what it has not answered ends in a fault."""
        self._names = frozenset()
        for call in self._calls.values():
            _end(call)
        for waiting in self._waiting:
            _end(waiting)
        self._calls.clear()
        if self._writer is not None:
            self._writer.close()

    def _attach(self, region: str, names: list[str]) -> None:
        self._region, self._names = region, frozenset(names)
        for waiting, function in list(self._waiting.items()):
            if self.runs(function) and not waiting.done():
                waiting.set_result(None)
        self._changed()

    def _hold(self, held: bool) -> None:
        if held:
            self._open.clear()
        else:
            self._open.set()

    def _send(self, frame: bytes) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(frame)


class _GoneError(Exception):
    """There is nobody any more who would run the function."""


_GONE = Fault("Runtime.ExitError", "the process that ran the function has ended")


def _end(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_exception(_GoneError())


def _failed(fault: Fault, call: Call) -> Invocation:
    return Invocation(
        payload=fault.payload(call.request_id), error="Unhandled", request_id=call.request_id
    )
