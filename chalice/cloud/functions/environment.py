"""An execution environment: the process that runs one function, one event after another.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import asyncio
import math
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from chalice.cloud.functions import report
from chalice.cloud.functions.code import remove_tree
from chalice.cloud.functions.function import FunctionConfig, Invocation
from chalice.cloud.functions.logs import LogStream
from chalice.cloud.functions.outcomes import (
    Fault,
    Outcome,
    SandboxError,
    exited,
    out_of_memory,
    timed_out,
)
from chalice.cloud.functions.process import Process
from chalice.cloud.functions.runtime_api import Event, RuntimeApi

_MIB = 1024 * 1024
_WATCH = 0.05  # seconds between two looks at the memory of a running function
_GRACE = 0.1  # seconds that the last words of a process which exited may take to arrive


@dataclass(frozen=True, slots=True)
class Call:
    """One request to invoke. ``client_context`` is a JSON document, or None."""

    request_id: str
    payload: bytes
    client_context: str | None


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What the process is started with."""

    python: Path
    root: Path
    variables: Mapping[str, str]


class Environment:
    """Starts its process at the first invocation, and keeps it for the next.

    ``scratch`` will be its directory for temporary files. ``furnish`` gets the address of the
    Runtime API and gives the sandbox; it may take its time and may raise SandboxError or OSError.
    An environment whose invocation ended in a fault is no longer ``alive``. Whoever made it
    awaits ``stop``.
    """

    def __init__(
        self,
        function: FunctionConfig,
        log: LogStream,
        scratch: Path,
        furnish: Callable[[str], Awaitable[Sandbox]],
        init_timeout: float,
    ) -> None:
        self.function = function
        self.log = log
        self.idle_since = 0.0
        self._scratch = scratch
        self._furnish = furnish
        self._init_timeout = init_timeout
        self._loop = asyncio.get_running_loop()
        self._api = RuntimeApi(self)
        self._sandbox: Sandbox | None = None
        self._process: Process | None = None
        self._returncode: int | None = None
        self._gone = False
        self._aborted = False
        self._request_id: str | None = None
        self._pending: asyncio.Future[Outcome | None] | None = None
        self._watch: asyncio.TimerHandle | None = None

    @property
    def alive(self) -> bool:
        """Whether another event can be given to the process."""
        if self._process is None or self._request_id is not None:
            return False
        return not self._process.has_ended()

    async def invoke(self, call: Call) -> Invocation | None:
        """Run the function once. None: the process had ended by itself, and nothing was run."""
        self.log.begin()
        outcome: Outcome | None = None
        init_ms: float | None = None
        if self._process is None:
            outcome, init_ms = await self._initialise(self._init_timeout)
            if isinstance(outcome, Fault):
                self.log.write(report.init_report(outcome, init_ms))
        elif await self._await_ready(self.function.timeout) is not None:
            await self._kill()
            return None
        began = self._loop.time()
        self.log.write(report.start(call.request_id, self.function.version))
        if isinstance(outcome, Fault) and outcome.status == "timeout":
            # Lambda starts over then, within the time of the invocation.
            await self._kill()
            init_ms = None
            outcome, _ = await self._initialise(self.function.timeout)
        if outcome is None:
            outcome = await self._handle(call, began + self.function.timeout)
        return await self._conclude(call, outcome, began, init_ms)

    async def stop(self) -> None:
        """End the process and its children; deliver the rest of the log."""
        await self._kill()
        self._api.close()
        self.log.deliver()
        await asyncio.to_thread(remove_tree, self._scratch)

    def abort(self) -> None:
        """Make the process end, without waiting for it."""
        self._aborted = True
        if self._process is not None:
            self._process.signal_group()

    # The Runtime API calls these.

    def asks_next(self) -> bool:
        """The runtime client waits for an event."""
        if self._request_id is not None:
            return False
        self._settle(None)
        return True

    def answers(self, request_id: str, outcome: Outcome) -> bool:
        """The runtime client ends that invocation."""
        if request_id != self._request_id or self._pending is None or self._pending.done():
            return False
        self._request_id = None
        self._settle(outcome)
        return True

    def fails_to_initialise(self, outcome: Outcome) -> None:
        """The runtime client could not load the handler."""
        self._settle(outcome)

    def disconnects(self) -> None:
        """A connection is closed."""
        if self._returncode is not None and not self._api.connections:
            self._vanish()

    # The process calls these.

    def _exits(self, returncode: int) -> None:
        self._returncode = returncode
        # What it posted just before may still be on its way to us; a child may keep the
        # connection open for ever.
        if self._api.connections:
            self._loop.call_later(_GRACE, self._vanish)
        else:
            self._vanish()

    def _vanish(self) -> None:
        if self._returncode is not None:
            self._gone = True
            self._settle(exited(self._returncode))

    # The steps of an invocation.

    async def _initialise(self, limit: float) -> tuple[Outcome | None, float]:
        """Start the process; what went wrong, if anything, and milliseconds taken."""
        began = self._loop.time()
        try:
            if self._sandbox is None:
                self._scratch.mkdir()
                await self._api.open()
                self._sandbox = await self._furnish(self._api.address)
                began = self._loop.time()
            self._returncode, self._gone = None, False
            self._process = await Process.spawn(
                self._sandbox.python,
                self.function.handler,
                # Address space, not memory: threads reserve more of it than they use. It only
                # keeps an allocation too quick for the watch from taking the machine.
                data_limit=(2 * self.function.memory_size + 512) * _MIB,
                cwd=self._sandbox.root,
                environ=self._sandbox.variables,
                on_output=self.log.feed,
                on_exit=self._exits,
            )
            if self._aborted:
                self.abort()
            outcome = await self._await_ready(limit)
        except SandboxError as error:
            outcome = error.fault
        except (OSError, ValueError) as error:  # ValueError: a variable that no process can have
            outcome = Fault("Runtime.StartFailed", f"cannot start the function: {error}")
        return outcome, (self._loop.time() - began) * 1000

    async def _await_ready(self, limit: float) -> Outcome | None:
        if self._api.waiting is not None and self._returncode is None:
            return None
        return await self._settled(self._loop.time() + limit, limit)

    async def _handle(self, call: Call, deadline: float) -> Outcome:
        remaining = deadline - self._loop.time()
        self._request_id = call.request_id
        self._api.send(
            Event(
                request_id=call.request_id,
                payload=call.payload,
                arn=self.function.arn,
                deadline_ms=int((time.time() + remaining) * 1000),
                trace_id=_trace_id(),
                client_context=call.client_context,
            )
        )
        outcome = await self._settled(deadline, self.function.timeout)
        assert outcome is not None
        return outcome

    async def _conclude(
        self, call: Call, outcome: Outcome, began: float, init_ms: float | None
    ) -> Invocation:
        """Write the end of the log and make the result; a fault ends the process too."""
        duration_ms = (self._loop.time() - began) * 1000
        if self._process is not None:
            self._process.drain()
        peak = self._peak()
        if not isinstance(outcome, Fault) and peak > self.function.memory_size * _MIB:
            outcome = out_of_memory()  # too quick for the watch; Lambda would not have let it
        if isinstance(outcome, Fault):
            await self._kill()
            self.log.write(report.account(outcome, call.request_id))
            payload, error = outcome.payload(call.request_id), True
        else:
            payload, error = outcome.payload, outcome.error
        used = min(math.ceil(peak / _MIB), self.function.memory_size)
        self.log.write(report.end(call.request_id))
        self.log.write(
            report.report(
                call.request_id,
                outcome,
                duration_ms=duration_ms,
                init_ms=init_ms,
                memory_size=self.function.memory_size,
                memory_used=used,
            )
        )
        self.log.deliver()
        return Invocation(
            payload=payload,
            error="Unhandled" if error else None,
            log=self.log.tail(),
            request_id=call.request_id,
            duration_ms=duration_ms,
            init_ms=init_ms,
            max_memory_used=used,
        )

    async def _kill(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            await process.kill()
            self.log.end_line()

    # Waiting.

    async def _settled(self, deadline: float, limit: float) -> Outcome | None:
        """Wait for what the client does next; at ``deadline``, a fault that names ``limit``."""
        if self._gone:
            assert self._returncode is not None
            return exited(self._returncode)
        self._pending = self._loop.create_future()
        timer = self._loop.call_at(deadline, self._settle, timed_out(limit))
        self._watch = self._loop.call_later(_WATCH, self._look)
        try:
            return await self._pending
        finally:
            self._pending = None
            timer.cancel()
            self._watch.cancel()

    def _look(self) -> None:
        if self._peak() > self.function.memory_size * _MIB:
            self._settle(out_of_memory())
        self._watch = self._loop.call_later(_WATCH, self._look)

    def _peak(self) -> int:
        """The most memory the process has held, in bytes."""
        return self._process.peak_memory() if self._process is not None else 0

    def _settle(self, outcome: Outcome | None) -> None:
        if self._pending is not None and not self._pending.done():
            self._pending.set_result(outcome)


def _trace_id() -> str:
    root, parent = uuid.uuid4().hex[:24], uuid.uuid4().hex[:16]
    return f"Root=1-{int(time.time()):08x}-{root};Parent={parent};Sampled=0"
