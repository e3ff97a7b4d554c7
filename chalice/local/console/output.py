"""What the app prints and logs, noted as it is written to the terminal."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

from chalice.local.console.journal import Journal

_LONGEST = 16 * 1024
_EMIT = logging.StreamHandler.emit.__code__


class _Unfinished(threading.local):
    """What a thread has written of a line that has not ended yet."""

    def __init__(self) -> None:
        self.text = ""


@contextmanager
def watched(journal: Journal) -> Iterator[None]:
    """Note in the block what is written to stdout, and to stderr in a handler."""
    taps = [_tap(sys.stdout, journal, lambda: True), _tap(sys.stderr, journal, journal.is_handling)]
    try:
        yield
    finally:
        for undo in taps:
            undo()


def _tap(stream: TextIO, journal: Journal, counts: Callable[[], bool]) -> Callable[[], None]:
    """Have a stream tell the journal what is written to it; returns what ends that.

    The stream stays the same object: debuggers and handlers of logs hold on to it.
    """
    write = stream.write
    unfinished = _Unfinished()

    def tapped(text: str, /) -> int:
        count = write(text)
        if counts():
            _note(text, sys._getframe(1), unfinished, journal)
        return count

    stream.write = tapped  # type: ignore[method-assign]

    def undo() -> None:
        stream.write = write  # type: ignore[method-assign]

    return undo


def _note(text: str, caller: FrameType, unfinished: _Unfinished, journal: Journal) -> None:
    record = caller.f_locals.get("record") if caller.f_code is _EMIT else None
    if isinstance(record, logging.LogRecord):
        error = record.exc_info[1] if record.exc_info else None
        said = text if record.exc_text is None else text.replace(record.exc_text, "")
        journal.write(_cut(said.rstrip("\n")), record.levelname, record.name, error)
        return
    whole = unfinished.text + text
    *lines, rest = whole.split("\n")
    unfinished.text = _cut(rest)
    for line in lines:
        journal.write(_cut(line))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
