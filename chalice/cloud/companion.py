"""An embedded cloud that lives and dies with this process, which runs functions for it."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Awaitable, Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Protocol

from chalice.cloud import frames
from chalice.cloud.client import not_started
from chalice.cloud.frames import Head
from chalice.cloud.home import Home
from chalice.cloud.ports import open_ports, url_of
from chalice.cloud.spawn import check_installed, spawn
from chalice.errors import ToolError
from chalice.gateway.invoker import InvocationResult

log = logging.getLogger(__name__)

_LOCK = "owner.lock"
_STOP_TIME = 15.0  # seconds that a cloud has to save its state
_MOST_RESTARTS, _WITHIN = 3, 60.0  # more of them in so many seconds are not made


class Owner(Protocol):
    """Who has the companion. All but ``run`` is called in whatever thread; it must not block."""

    def run(self, function: str, event: bytes, about: Head, /) -> Awaitable[InvocationResult]:
        """Run the function of that name on the event, which is JSON.

        ``about`` has its ``arn``, the id of the ``request``, and the client ``context``, JSON
        text or None. Called in the loop of the companion.
        """
        ...

    def ready(self) -> None:
        """A cloud takes AWS calls: the first, or one in the place of another that ended."""
        ...

    def restarts(self, reason: str) -> None:
        """The cloud has ended, for that reason, and another one is started."""
        ...

    def fails(self, problem: ToolError) -> None:
        """There is no cloud and there will be none."""
        ...


class Companion:
    """The cloud of ``home``, begun when it is made, with the same two ports until ``end``.

    AWS calls that come before it is ready wait for it. Functions with the variable ``ATTACHED``
    run in the process of the ``owner``, as far as it says with ``attach`` that it has them. A
    cloud that crashes is replaced. Raises ``ToolError``, also when ``home`` has another owner.
    """

    def __init__(self, home: Path, owner: Owner) -> None:
        self._home = Home(home)
        self._owner = owner
        self._environ = dict(os.environ)  # as it is now: the app's own variables may come later
        self._attached = self._held = b""
        self._writer: asyncio.StreamWriter | None = None
        self._is_ready = False
        self._ending = threading.Event()
        self._spawning = threading.Lock()
        self._restarts: deque[float] = deque(maxlen=_MOST_RESTARTS)
        check_installed()
        with ExitStack() as opened:
            self._lock = opened.enter_context(_own(self._home))
            with self._home.starting():
                _clear(self._home)
                self._aws, self._gateway = open_ports(self._home, 0)
            opened.pop_all()
        self._loop = asyncio.new_event_loop()
        self.endpoint_url, self.gateway_url = url_of(self._aws), url_of(self._gateway)
        self._spawn()
        self._thread = threading.Thread(target=self._work, name="cloud", daemon=True)
        self._thread.start()

    def attach(self, region: str, functions: Iterable[str]) -> None:
        """Have the events of these functions, by name, and of no others; from any thread."""
        self._attached = frames.encode({"attach": [*functions], "region": region})
        self._send_soon(self._attached)

    def hold(self, held: bool) -> None:
        """Let AWS calls wait, but for those of ``chalice.aws``, or let them wait no longer."""
        self._held = frames.encode({"hold": held})
        self._send_soon(self._held)

    def end(self) -> None:
        """Stop the cloud; its state is kept. Functions that run now may end meanwhile."""
        with self._spawning:
            self._ending.set()
        # Before it is ready there is nothing to save.
        self._process.send_signal(signal.SIGTERM if self._is_ready else signal.SIGKILL)
        try:
            self._process.wait(_STOP_TIME)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join()
        self._aws.close()
        self._gateway.close()
        self._home.remove_record()
        self._lock.close()

    def _spawn(self) -> None:
        own, others = socket.socketpair()
        with others:
            self._process = spawn(self._home, self._aws, self._gateway, self._environ, others)
        self._connection = own

    def _renew_home(self) -> None:
        """Begin with an empty home if somebody has deleted it, whatever was written to it since."""
        if not (self._home.path / _LOCK).exists():
            shutil.rmtree(self._home.path, ignore_errors=True)
            self._lock.close()
            self._lock = _own(self._home)

    def _work(self) -> None:
        try:
            self._loop.run_until_complete(self._keep())
        finally:
            self._loop.close()

    async def _keep(self) -> None:
        """Have a cloud until the end."""
        while True:
            await self._hear()
            was_ready, self._is_ready = self._is_ready, False
            code = await self._loop.run_in_executor(None, self._process.wait)
            if self._ending.is_set():
                return
            if not was_ready:
                self._give_up(not_started(self._home, code))
                return
            now = time.monotonic()
            if len(self._restarts) == _MOST_RESTARTS and now - self._restarts[0] < _WITHIN:
                self._give_up(
                    ToolError(
                        f"the embedded cloud ended again and again, the last time {_reason(code)}",
                        hint=f"its log is {self._home.log}; start `chalice local --aws` anew",
                    )
                )
                return
            self._restarts.append(now)
            self._owner.restarts(_reason(code))
            with self._spawning:
                if self._ending.is_set():
                    return
                try:
                    self._renew_home()
                    self._spawn()
                except (OSError, ToolError) as error:
                    self._give_up(ToolError(f"the embedded cloud cannot be started anew: {error}"))
                    return

    def _give_up(self, problem: ToolError) -> None:
        for each in (self._aws, self._gateway):  # calls fail now, where they would wait for ever
            each.close()
        self._owner.fails(problem)

    async def _hear(self) -> None:
        """Run what the cloud asks for, until it has ended."""
        reader, writer = await asyncio.open_connection(sock=self._connection)
        self._writer = writer
        self._send(self._attached + self._held)
        calls: set[asyncio.Task[None]] = set()
        while (frame := await frames.read(reader)) is not None:
            head, body = frame
            if "ready" in head:
                self._is_ready = True
                self._owner.ready()
                continue
            call = self._loop.create_task(self._answer(writer, head, body))
            calls.add(call)
            call.add_done_callback(calls.discard)
        self._writer = None
        writer.close()
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    async def _answer(self, writer: asyncio.StreamWriter, head: Head, event: bytes) -> None:
        try:
            result = await self._owner.run(head["function"], event, head)
        except Exception as error:
            log.exception("%s was not run", head["function"])
            said = {"errorType": "Runtime.Unknown", "errorMessage": repr(error)}
            result = InvocationResult(json.dumps(said).encode(), error="Unhandled")
        if not writer.is_closing():
            answer = {"answer": head["call"], "error": result.error}
            writer.write(frames.encode(answer, result.payload))

    def _send_soon(self, frame: bytes) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._send, frame)

    def _send(self, frame: bytes) -> None:
        if frame and self._writer is not None:
            self._writer.write(frame)


def _reason(code: int) -> str:
    return f"with exit code {code}" if code >= 0 else f"by signal {-code}"


def _own(home: Home) -> IO[str]:
    """Be the owner of a home for as long as the file that is returned is open.

    The lock is of a kind that a forked child does not inherit.
    """
    home.make()
    file = (home.path / _LOCK).open("a+", encoding="ascii")
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        owner = file.read().strip()
        file.close()
        raise ToolError(
            f"process {owner or '?'} has the embedded cloud of this stage already",
            where=str(home.path),
            hint="end that `chalice local --aws` first, or run this one with another `--stage`",
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _clear(home: Home) -> None:
    """Wait for the end of a cloud that an owner left behind, which was killed."""
    deadline = time.monotonic() + _STOP_TIME
    told: int | None = None
    while home.is_alive():
        record = home.read_record()
        if record is not None and record.pid != told:
            told = record.pid
            with suppress(ProcessLookupError):
                os.kill(told, signal.SIGTERM)
        if time.monotonic() > deadline:
            raise ToolError(
                f"a process holds {home.path} and does not end", hint=f"see {home.log}, and end it"
            )
        time.sleep(0.02)
