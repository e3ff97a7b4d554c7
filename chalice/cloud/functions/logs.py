r"""The log of one execution environment: what the process writes becomes CloudWatch log events.

stdout, stderr and the runtime client's framed log records arrive through one pipe, so their
order is kept. Plain text is one event a line. A framed record is one event however many lines
it has; its frame is what awslambdaric writes to ``_LAMBDA_TELEMETRY_LOG_FD``: type
(``a5 5a 00`` and a byte for format and level), length (4 bytes), microseconds since the epoch
(8 bytes), all big-endian, then the message.
"""

from __future__ import annotations

import asyncio
import logging
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

LOGGER = logging.getLogger(__name__)

_FRAME = struct.Struct(">IIQ")
_MAGIC = b"\xa5\x5a\x00"
_MAX_EVENT = 256 * 1024  # bytes of one CloudWatch event; a longer line or record is split
# Past these it is no frame but somebody's binary output.
_MAX_TIMESTAMP = 1 << 52  # microseconds since the epoch
_MAX_RECORD = 16 * 1024 * 1024  # bytes
_TAIL = 4096
_DELIVERY_DELAY = 1.0  # seconds between a line outside, or in a long, invocation and its delivery


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One log event; ``timestamp`` is in milliseconds since the epoch."""

    timestamp: int
    message: str


@dataclass(frozen=True, slots=True)
class LogBatch:
    """Events for one log stream, oldest first."""

    function_name: str
    group: str
    stream: str
    region: str
    account: str
    events: tuple[LogEvent, ...]


LogSink: TypeAlias = Callable[[LogBatch], None]


class LogStream:
    """The log of one execution environment. ``name`` is ``YYYY/MM/DD/[version]<32 hex digits>``.

    Events go to the sink when an invocation ends (``deliver``), and about a second after they
    were written when none does. A sink that raises loses its batch, never the invocation.
    """

    def __init__(
        self,
        sink: LogSink,
        *,
        function_name: str,
        group: str,
        name: str,
        region: str,
        account: str,
    ) -> None:
        self.group = group
        self.name = name
        self._function_name = function_name
        self._region = region
        self._account = account
        self._sink = sink
        self._unparsed = b""
        self._line = b""
        self._events: list[LogEvent] = []
        self._latest = 0
        self._tail = bytearray()
        self._delivery: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Forget the tail: a new invocation starts."""
        self._tail.clear()

    def tail(self) -> bytes:
        """The last 4 KiB written since ``begin``."""
        return bytes(self._tail[-_TAIL:])

    def write(self, message: str) -> None:
        """Add an event of the platform's own; an unfinished line of the function's ends first."""
        self.end_line()
        if message:
            self._add(int(time.time() * 1000), message.encode())

    def feed(self, data: bytes) -> None:
        """Take bytes that the process wrote."""
        self._unparsed += data
        while self._unparsed:
            start = self._unparsed.find(_MAGIC)
            if start < 0:
                held = _partial_magic(self._unparsed)
                text, self._unparsed = self._split(len(self._unparsed) - held)
                self._text(text)
                return
            if start:
                text, self._unparsed = self._split(start)
                self._text(text)
            if len(self._unparsed) < _FRAME.size:
                return
            _, length, microseconds = _FRAME.unpack_from(self._unparsed)
            if microseconds > _MAX_TIMESTAMP or length > _MAX_RECORD:
                text, self._unparsed = self._split(len(_MAGIC))
                self._text(text)
                continue
            if len(self._unparsed) < _FRAME.size + length:
                return
            frame, self._unparsed = self._split(_FRAME.size + length)
            self._add(microseconds // 1000, frame[_FRAME.size :])

    def end_line(self) -> None:
        """Make an event of a line, or of a frame, that was left unfinished."""
        line, self._line = self._line + self._unparsed, b""
        self._unparsed = b""
        if line:
            self._add(int(time.time() * 1000), line)

    def deliver(self) -> None:
        """Hand what was collected to the sink."""
        if self._delivery is not None:
            self._delivery.cancel()
            self._delivery = None
        if not self._events:
            return
        events, self._events = tuple(self._events), []
        batch = LogBatch(
            self._function_name, self.group, self.name, self._region, self._account, events
        )
        try:
            self._sink(batch)
        except Exception:
            LOGGER.exception("lost %d log events of %s", len(events), self.name)

    def _split(self, size: int) -> tuple[bytes, bytes]:
        return self._unparsed[:size], self._unparsed[size:]

    def _text(self, text: bytes) -> None:
        *lines, self._line = (self._line + text).split(b"\n")
        now = int(time.time() * 1000)
        for line in lines:
            self._add(now, line + b"\n")
        while len(self._line) > _MAX_EVENT:
            size = _event_size(self._line)
            part, self._line = self._line[:size], self._line[size:]
            self._add(now, part)

    def _add(self, timestamp: int, message: bytes) -> None:
        # CloudWatch wants the events of a batch in order, and order is what the pipe kept.
        self._latest = max(self._latest, timestamp)
        self._tail += message[-_TAIL:]
        if not message.endswith(b"\n"):
            self._tail += b"\n"
        if len(self._tail) > 16 * _TAIL:
            del self._tail[:-_TAIL]
        rest = message
        while rest:
            size = _event_size(rest)
            self._events.append(LogEvent(self._latest, rest[:size].decode("utf-8", "replace")))
            rest = rest[size:]
        if self._delivery is None:
            loop = asyncio.get_running_loop()
            self._delivery = loop.call_later(_DELIVERY_DELAY, self.deliver)


def _event_size(message: bytes) -> int:
    """How much of it goes into one event: all, or as many whole characters as fit."""
    if len(message) <= _MAX_EVENT:
        return len(message)
    sizes = range(_MAX_EVENT, _MAX_EVENT - 4, -1)
    return next((size for size in sizes if message[size] & 0xC0 != 0x80), _MAX_EVENT)


def _partial_magic(data: bytes) -> int:
    """How many bytes at the end of ``data`` may be the beginning of a frame."""
    return next((size for size in (2, 1) if data.endswith(_MAGIC[:size])), 0)
