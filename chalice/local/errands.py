"""Calls that wait for somebody else, in threads that hold up neither requests nor the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from chalice.local.threads import Threads

T = TypeVar("T")

_AT_ONCE = 32


class Errands:
    """Runs such calls; used in the thread of one event loop alone."""

    def __init__(self) -> None:
        self._threads: Threads[Any] | None = None

    async def run(self, call: Callable[[], T], seconds: float) -> T:
        """Return what the call gives or raises. Raises TimeoutError after so many seconds; the
        call then goes on, and what it gives is lost.
        """
        if self._threads is None:  # the first call is the first time that a loop runs
            self._threads = Threads(_AT_ONCE, first=1)
        try:
            result: T = await asyncio.wait_for(self._threads.run(call), seconds)
        except asyncio.TimeoutError as error:  # which Python 3.10 has beside the built-in one
            raise TimeoutError(f"no answer within {seconds:g} seconds") from error
        return result
