"""A server in the place of AWS, told beforehand what to say to which call."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ACCOUNT = "123456789012"
CALLER = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    f"<GetCallerIdentityResult><Account>{ACCOUNT}</Account></GetCallerIdentityResult>"
    "</GetCallerIdentityResponse>"
)
LAMBDA = {
    r"GET /2015-03-31/functions/[^/]+/configuration": "GetFunctionConfiguration",
    r"POST /2015-03-31/functions/[^/]+/invocations": "Invoke",
}


@dataclass(frozen=True)
class Answer:
    """``code`` makes it an error. It comes after ``delay`` seconds."""

    body: object = None
    code: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0


def error(code: str, message: str = "AWS's own sentence", status: int = 400) -> Answer:
    return Answer({"__type": code, "message": message}, code, status)


@dataclass(frozen=True)
class Call:
    """``body`` is parsed where it is JSON."""

    operation: str
    body: Any
    headers: Mapping[str, str]


class ScriptedAws(ThreadingHTTPServer):
    """Gives the answers that ``script`` has for an operation, one a call, the last for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        self.script: dict[str, list[Answer]] = {
            "GetFunctionConfiguration": [Answer({})],
            "GetCallerIdentity": [Answer(CALLER)],
        }
        self.calls: list[Call] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def says(self, operation: str, *answers: Answer) -> None:
        self.script[operation] = list(answers)

    def asked(self, operation: str) -> Sequence[Any]:
        """Return the body of each call of an operation."""
        return [call.body for call in self.calls if call.operation == operation]

    def environment(self) -> dict[str, str]:
        """Return what a program needs to take this for AWS."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_MAX_ATTEMPTS": "1",
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedAws

    def answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        operation = self.operation(content)
        self.server.calls.append(Call(operation, _parsed(content), dict(self.headers)))
        script = self.server.script[operation]
        answer = script.pop(0) if len(script) > 1 else script[0]
        time.sleep(answer.delay)
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.code:
            self.send_header("x-amzn-ErrorType", answer.code)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def operation(self, content: bytes) -> str:
        target = self.headers.get("X-Amz-Target")
        if target is not None:
            return target.rpartition(".")[2]
        for pattern, name in LAMBDA.items():
            if re.match(pattern, f"{self.command} {self.path}"):
                return name
        return content.decode().partition("Action=")[2].partition("&")[0]

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _parsed(content: bytes) -> object:
    try:
        return json.loads(content)
    except ValueError:
        return content


@contextmanager
def scripted_aws() -> Iterator[ScriptedAws]:
    with ScriptedAws() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def log_event(
    at: int, message: str = "", *, id_: str = "", stream: str = "s[$LATEST]abcdefgh"
) -> Any:
    """Return an event as FilterLogEvents does; ``at`` is in milliseconds."""
    return {
        "timestamp": at,
        "message": message or f"at {at}",
        "eventId": id_ or f"id-{at}",
        "logStreamName": stream,
    }


def page(*events: Any, then: str | None = None) -> Answer:
    """Return an answer of FilterLogEvents, with the token of the next page if there is one."""
    return Answer({"events": list(events), **({"nextToken": then} if then else {})})
