"""One sandboxed operating system process: starting it, hearing it, and ending it for good."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from chalice.cloud.functions.sandbox import bootstrap

_CHUNK = 65_536  # bytes; also what a pipe holds, so one full drain sees all that was written before
_CHUNKS_AT_ONCE = 16
_PEAK = re.compile(rb"VmHWM:\s+(\d+) kB")


class Process(asyncio.SubprocessProtocol):
    """A process that leads a session of its own, so that its children end with it.

    ``on_output`` gets the bytes of stdout, stderr and the runtime client's log frames, in the
    order written; ``on_exit`` gets the return code (minus the signal that ended it), once, after
    the last of them. Whoever spawned it awaits ``kill``, which also frees the pipes of a process
    that has exited by itself.
    """

    def __init__(self, on_output: Callable[[bytes], None], on_exit: Callable[[int], None]) -> None:
        self._on_output = on_output
        self._on_exit = on_exit
        self._loop = asyncio.get_running_loop()
        self._exited: asyncio.Future[None] = self._loop.create_future()
        self._log, self._log_writer = os.pipe()
        self._lifeline_reader, self._lifeline = os.pipe()
        self._status: int | None = None
        self._peak = 0
        os.set_blocking(self._log, False)

    @classmethod
    async def spawn(
        cls,
        python: Path,
        handler: str,
        *,
        data_limit: int,
        cwd: Path,
        environ: Mapping[str, str],
        on_output: Callable[[bytes], None],
        on_exit: Callable[[int], None],
    ) -> Process:
        """Start the runtime for ``handler``. ``data_limit`` is in bytes. Raises OSError."""
        process = cls(on_output, on_exit)
        try:
            await process._start(python, handler, data_limit, cwd, environ)
        except BaseException:
            process._close_pipes()
            raise
        finally:
            os.close(process._log_writer)
            os.close(process._lifeline_reader)
        return process

    async def _start(
        self, python: Path, handler: str, data_limit: int, cwd: Path, environ: Mapping[str, str]
    ) -> None:
        await self._loop.subprocess_exec(
            lambda: self,
            python,
            *("-s", "-S", bootstrap.__file__),
            *(str(self._lifeline_reader), str(data_limit), handler),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self._log_writer,
            stderr=self._log_writer,
            pass_fds=(self._log_writer, self._lifeline_reader),
            start_new_session=True,
            cwd=cwd,
            env={**environ, "_LAMBDA_TELEMETRY_LOG_FD": str(self._log_writer)},
        )
        with contextlib.suppress(OSError):  # no /proc outside Linux
            self._status = os.open(f"/proc/{self._pid}/status", os.O_RDONLY | os.O_CLOEXEC)
        self._loop.add_reader(self._log, self.drain)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio when the process has started."""
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport
        self._pid = transport.get_pid()

    def process_exited(self) -> None:
        """Called by asyncio when the process has ended."""
        returncode = self._transport.get_returncode()
        assert returncode is not None
        self.drain()
        self._exited.set_result(None)
        self._on_exit(returncode)

    def has_ended(self) -> bool:
        """Whether it has ended, be it so recently that ``on_exit`` was not called yet."""
        if self._exited.done():
            return True
        if sys.platform == "darwin":
            return False
        try:
            return os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:  # asyncio's watcher took its return code
            return True

    def drain(self) -> None:
        """Pass on what the process has written so far."""
        for _ in range(_CHUNKS_AT_ONCE):
            try:
                data = os.read(self._log, _CHUNK)
            except BlockingIOError:
                return
            if not data:
                self._loop.remove_reader(self._log)
                return
            self._on_output(data)

    def peak_memory(self) -> int:
        """The most memory the process has held, in bytes; 0 where the system does not tell."""
        if self._status is not None:
            with contextlib.suppress(OSError):
                found = _PEAK.search(os.pread(self._status, 4096, 0))
                if found is not None:
                    self._peak = int(found[1]) * 1024
        return self._peak

    def signal_group(self) -> None:
        """Kill the process and its children now, without waiting for them."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, signal.SIGKILL)

    async def kill(self) -> None:
        """Kill it and its children, and wait until it is gone."""
        self.signal_group()
        await asyncio.shield(self._exited)
        self._close_pipes()
        self._transport.close()

    def _close_pipes(self) -> None:
        self._loop.remove_reader(self._log)
        for end in (self._log, self._lifeline, self._status):
            if end is not None:
                os.close(end)
        self._log = self._lifeline = -1
        self._status = None
