"""The port through which the gateway runs functions."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class InvocationResult:
    """What one synchronous invocation gave.

    ``payload`` is the JSON the function returned, or AWS's error object
    (``{"errorType": …, "errorMessage": …}``) when ``error`` is set. ``error`` is the value of
    the ``X-Amz-Function-Error`` header: ``"Unhandled"`` or None. ``throttled`` means the
    function did not run, its reserved concurrency being used up.
    """

    payload: bytes
    error: str | None = None
    throttled: bool = False


class FunctionNotFoundError(Exception):
    """No function has that ARN."""


class Invoker(Protocol):
    """Runs the function with that ARN on that event; any number at once."""

    def __call__(
        self, function: str, event: Mapping[str, object], /
    ) -> Awaitable[InvocationResult]:
        """Return what is awaited for the result; a future costs less than a coroutine.

        Awaiting it raises FunctionNotFoundError for an ARN nobody has.
        """
        ...
