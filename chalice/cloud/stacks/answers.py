"""What custom resources answer: functions put it to a URL that they are given."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalice.cloud.front import ANSWERS
from chalice.cloud.stacks.calls import Calls
from chalice.cloud.stacks.errors import ResourceError

_LOOK = 0.5  # seconds between looks at whether the cloud stops


@dataclass(slots=True)
class _Wait:
    came: threading.Event = field(default_factory=threading.Event)
    body: bytes = b""


class Answers:
    """The answers that are waited for. The cloud is at ``endpoint_url``."""

    def __init__(self, endpoint_url: str) -> None:
        self._url = f"{endpoint_url}{ANSWERS}"
        self._waiting: dict[str, _Wait] = {}

    def take(self, token: str, body: bytes) -> bool:
        """Take what was put to a URL; return whether somebody waits for it."""
        wait = self._waiting.get(token)
        if wait is None:
            return False
        if not wait.came.is_set():
            wait.body = body
            wait.came.set()
        return True

    def ask(
        self,
        call: Calls,
        target: str,
        request: Mapping[str, Any],
        patience: float,
        stopping: Callable[[], None],
    ) -> Mapping[str, Any]:
        """Send a request to a function or a topic, by ARN, and return its answer.

        Raises ``ResourceError`` when the function fails, and when ``patience`` in seconds is over.
        """
        token, wait = secrets.token_urlsafe(24), _Wait()
        self._waiting[token] = wait
        try:
            _send(call, target, {**request, "ResponseURL": f"{self._url}{token}"}, wait)
            deadline = time.monotonic() + patience
            while not wait.came.wait(_LOOK):
                stopping()
                if time.monotonic() > deadline:
                    raise ResourceError(
                        "CloudFormation did not receive a response from your Custom Resource. "
                        f"Please check your logs for requestId [{request['RequestId']}]. It "
                        f"waited {patience:.0f} seconds."
                    )
        finally:
            del self._waiting[token]
        return _parse(wait.body)


def _send(call: Calls, target: str, request: Mapping[str, Any], wait: _Wait) -> None:
    place = target.split(":")
    there = replace(call, region=place[3])
    if place[2] == "sns":
        values = {"TopicArn": target, "Message": json.dumps(request)}
        there("sns", "publish", {**values, "Subject": "AWS CloudFormation custom resource request"})
        return
    # AWS sends an event, and waits an hour for a function that fails. Here it is known at once.
    values = {"FunctionName": target, "Payload": json.dumps(request)}
    answer = there("lambda", "invoke", values)
    if "FunctionError" in answer and not wait.came.is_set():
        said = answer["Payload"].read().decode(errors="replace")
        raise ResourceError(f"The function {place[6]} failed: {said:.1000}")


def _parse(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ResourceError(f"Response is not valid JSON: {body[:200]!r}")
    return found
