"""The context object that Lambda gives to a handler.

https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
"""

from __future__ import annotations

import time
from typing import Any, Protocol
from uuid import uuid4


class TimeSource(Protocol):
    """Tells the time. The module `time` is one."""

    def time(self) -> float:
        """Return seconds since the epoch."""
        ...


class Clock:
    """The time of this machine."""

    def time(self) -> float:
        """Return seconds since the epoch."""
        return time.time()


class LambdaContext:
    """An invocation of `function_name` that began now and may take `max_runtime_ms`.

    `memory_size` is in MiB, None where nobody configured it.
    """

    def __init__(
        self,
        function_name: str,
        memory_size: int | None,
        max_runtime_ms: int = 3000,
        time_source: TimeSource | None = None,
    ) -> None:
        self.function_name = function_name
        self.function_version = "$LATEST"
        self.invoked_function_arn = ""
        self.memory_limit_in_mb = memory_size
        self.aws_request_id = str(uuid4())
        self.log_group_name = ""
        self.log_stream_name = ""
        self.identity = None
        self.client_context: Any = None
        self._clock = time_source or Clock()
        self._max_runtime = max_runtime_ms
        self._started = self._clock.time()

    def get_remaining_time_in_millis(self) -> float:
        """Return the milliseconds left; less than zero when the time is over."""
        return self._max_runtime - (self._clock.time() - self._started) * 1000
