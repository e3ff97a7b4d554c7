"""How an invocation ends: the function's answer, or AWS's account of why there is none."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from typing import Literal, TypeAlias

MAX_RESPONSE = 6_291_556
"""The largest response of a synchronous invocation, in bytes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the runtime client posted; ``error`` tells an exception from a return value."""

    payload: bytes
    error: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the function gave no answer.

    ``message`` is AWS's sentence; with ``names_request``, AWS puts ``RequestId: <id> Error: ``
    before it. ``reported`` is the error object the runtime client posted itself, if it did.
    """

    error_type: str
    message: str
    status: Literal["error", "timeout"] = "error"
    names_request: bool = True
    reported: bytes | None = None

    def sentence(self, request_id: str) -> str:
        """The message as AWS words it for this request."""
        prefix = f"RequestId: {request_id} Error: " if self.names_request else ""
        return prefix + self.message

    def payload(self, request_id: str) -> bytes:
        """The error object that the caller of the function gets."""
        if self.reported is not None:
            return self.reported
        error = {"errorType": self.error_type, "errorMessage": self.sentence(request_id)}
        return json.dumps(error, separators=(",", ":")).encode()


Outcome: TypeAlias = Answer | Fault


class SandboxError(Exception):
    """The machine cannot run the function; ``fault`` says why and what to do.

    Lambda has no such errors, so their types are ours: ``Runtime.InterpreterNotFound`` (no Python
    of that version), ``Runtime.InstallFailed`` (no awslambdaric for it) and
    ``Runtime.InvalidCode`` (not a zip, or one that reaches out of its directory).
    """

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(error_type, message)


def timed_out(seconds: float) -> Fault:
    """The function ran past its timeout."""
    return Fault("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds", "timeout")


def out_of_memory() -> Fault:
    """The function used more memory than it was given."""
    return Fault("Runtime.OutOfMemory", "Runtime exited with error: signal: killed")


def response_too_large(size: int) -> Fault:
    """The function returned more than a synchronous response may hold; ``size`` in bytes."""
    message = (
        f"Response payload size ({size} bytes) exceeded maximum allowed payload size "
        f"({MAX_RESPONSE} bytes)."
    )
    return Fault("Function.ResponseSizeTooLarge", message, names_request=False)


def exited(returncode: int) -> Fault:
    """The runtime process ended. A negative ``returncode`` is the signal that ended it."""
    if returncode == 0:
        return Fault("Runtime.ExitError", "Runtime exited without providing a reason")
    if returncode > 0:
        reason = f"exit status {returncode}"
    else:
        name = signal.strsignal(-returncode) or str(-returncode)
        reason = f"signal: {name.partition(':')[0].lower()}"
    return Fault("Runtime.ExitError", f"Runtime exited with error: {reason}")


def init_failed(reported: bytes) -> Fault:
    """The runtime client could not load the handler, and posted this error object."""
    try:
        error_type = json.loads(reported)["errorType"]
    except (ValueError, KeyError, TypeError):
        error_type = "Runtime.Unknown"
    return Fault(str(error_type), "", reported=reported)
