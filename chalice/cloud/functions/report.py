"""The lines that Lambda itself writes to a function's log, as it words them.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
"""

from __future__ import annotations

import math
import time

from chalice.cloud.functions.outcomes import Fault, Outcome


def init_report(fault: Fault, init_ms: float) -> str:
    """The function could not be loaded, after that many milliseconds."""
    fields = (f"INIT_REPORT Init Duration: {init_ms:.2f} ms", "Phase: init", *_status(fault))
    return "\t".join(fields) + "\t\n"


def start(request_id: str, version: str) -> str:
    """The function gets its event."""
    return f"START RequestId: {request_id} Version: {version}\n"


def account(fault: Fault, request_id: str) -> str:
    """What went wrong; empty when the runtime client has written it."""
    if fault.reported is not None:
        return ""
    if fault.status == "timeout":
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        return f"{now}.000Z {request_id} {fault.message}\n\n"
    return f"{fault.sentence(request_id)}\n{fault.error_type}\n"


def end(request_id: str) -> str:
    """The invocation is over."""
    return f"END RequestId: {request_id}\n"


def report(
    request_id: str,
    outcome: Outcome,
    *,
    duration_ms: float,
    init_ms: float | None,
    memory_size: int,
    memory_used: int,
) -> str:
    """The summary; memory is in MiB. Lambda bills the time of a cold start too."""
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {duration_ms:.2f} ms",
        f"Billed Duration: {math.ceil(duration_ms + (init_ms or 0))} ms",
        f"Memory Size: {memory_size} MB",
        f"Max Memory Used: {memory_used} MB",
    ]
    if init_ms is not None:
        fields.append(f"Init Duration: {init_ms:.2f} ms")
    if isinstance(outcome, Fault):
        fields += _status(outcome)
    return "\t".join(fields) + "\t\n"


def _status(fault: Fault) -> list[str]:
    if fault.status == "timeout":
        return ["Status: timeout"]
    return ["Status: error", f"Error Type: {fault.error_type}"]
