"""One invocation of a function, and its failure in words.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from chalice.aws.arns import FunctionArn
from chalice.aws.calls import code_of, doing, hint_for
from chalice.aws.session import Session
from chalice.errors import ToolError

GRACE = 15.0
"""Seconds that Lambda gets besides the function's own, to load it and to report its time-out."""
_TOO_LARGE = "a payload may have 6 MB, that of an asynchronous invocation 1 MB"
_HINTS = {
    "ResourceNotFoundException": "it is recorded but not there: deploy the stage again",
    "TooManyRequestsException": "everything that may run at once is running: try again later",
    "RequestTooLargeException": _TOO_LARGE,
    "RequestEntityTooLargeException": _TOO_LARGE,
}


@dataclass(frozen=True, slots=True)
class Invoked:
    """What came of an invocation.

    ``payload`` is JSON: what the function returned or, with ``error`` (``Unhandled``,
    ``Handled``), what it failed with; empty for an event. ``log`` is the end of its log, at most
    4 KiB, if that was asked for.
    """

    payload: bytes
    error: str | None
    log: str | None


def invoke(
    session: Session,
    arn: str,
    payload: bytes,
    *,
    timeout: int,
    is_event: bool = False,
    wants_log: bool = False,
    grace: float = GRACE,
) -> Invoked:
    """Invoke a function once: it may not stand being run twice. Raises ``ToolError``.

    ``payload`` is JSON; empty, the function gets ``{}``. ``timeout`` is that of the function, in
    seconds. With ``is_event`` nothing is waited for but that Lambda takes the event.
    """
    function = FunctionArn.parse(arn)
    name = function.name
    client = session.client_that_asks_once("lambda", function.region, timeout + grace)
    asked: dict[str, Any] = {"FunctionName": arn}
    if payload:
        asked["Payload"] = payload
    if is_event:
        asked["InvocationType"] = "Event"
    if wants_log:
        asked["LogType"] = "Tail"
    with doing(f"invoking {name}"):
        try:
            answer = client.invoke(**asked)
            content = answer["Payload"].read()
        except ClientError as error:
            code = code_of(error)
            message = error.response.get("Error", {}).get("Message", "")
            hint = _HINTS.get(code) or hint_for(error)
            raise ToolError(
                f"got '{code}' exception back from Lambda\n{message}", hint=hint
            ) from error
        except ReadTimeoutError as error:
            hint = "the function may be running still; its log shows what it does"
            raise ToolError(f"invoking {name} failed: {error}", hint=hint) from error
    log = answer.get("LogResult")
    return Invoked(
        payload=content,
        error=answer.get("FunctionError"),
        log=None if log is None else base64.b64decode(log).decode("utf-8", "replace"),
    )


def describe_failure(payload: bytes) -> str:
    """Return the payload of a failed invocation as Python prints an exception.

    A payload that describes no exception is returned as it is.
    """
    try:
        failure = json.loads(payload)
    except ValueError:
        failure = None
    if not isinstance(failure, dict) or "errorMessage" not in failure:
        return payload.decode("utf-8", "replace")
    kind, message = failure.get("errorType"), failure["errorMessage"]
    last = f"{kind}: {message}" if kind else str(message)
    frames = failure.get("stackTrace")
    if not isinstance(frames, list) or not frames:
        return last
    return "\n".join(["Traceback (most recent call last):", *_lines(frames), last])


def _lines(frames: Sequence[object]) -> Iterator[str]:
    """Yield frames, which are text or, of old runtimes, ``[path, line, function, code]``."""
    for frame in frames:
        match frame:
            case [path, line, function, code]:
                yield f'  File "{path}", line {line}, in {function}'
                if code:
                    yield f"    {code}"
            case _:
                yield str(frame).rstrip("\n")
