"""Stands between a command and the embedded cloud, and listens, or strikes at one of the calls."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable, Collection
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import unquote, urlsplit

_FUNCTION = re.compile(r"/\d{4}-\d\d-\d\d/functions/[^/?]+")
_VERSION = re.compile(r"/\d{4}-\d\d-\d\d")
_ID = re.compile(
    "/(restapis|apis|domainnames|apikeys|usageplans|deployments|stages|routes|integrations|"
    "basepathmappings|apimappings|event-source-mappings|policy|keys|tags)/[^/?]+"
)
_READS = re.compile(r"GET\b|HEAD\b|Get|List|Describe")
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "host"}


class StrikingProxy:
    """Forwards every call to ``target``; at call number ``at`` (from 1) it runs ``strike``.

    With ``after``, the call is forwarded first, so it takes effect but its answer is lost. ``at``
    0 is never. Where ``at`` are shapes of operations, it strikes at the first call that has one of
    them, which is ``struck_at`` then. ``writes`` are the calls that are not for reading
    alone: ``PUT /code`` of a Lambda function, ``CreateRole`` of services that have but one path.
    """

    def __init__(self, target: str, at: int | Collection[str] = 0, *, after: bool = False) -> None:
        self.calls = 0
        self.struck_at: str | None = None
        self.writes: list[str] = []
        self.strike: Callable[[], None] = lambda: None
        parts = urlsplit(target)
        lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                operation = _operation(self.command, self.path, self.headers, body)
                with lock:
                    proxy.calls += 1
                    if _READS.match(operation) is None:
                        proxy.writes.append(operation)
                    form = shape(operation)
                    wanted = proxy.calls == at if isinstance(at, int) else form in at
                    struck = wanted and proxy.struck_at is None
                    if struck:
                        proxy.struck_at = form
                if struck and not after:
                    proxy.strike()
                    self.close_connection = True
                    return
                try:
                    self.relay(body, answered=not struck)
                except OSError:  # there is no cloud any more
                    self.close_connection = True
                if struck:
                    proxy.strike()
                    self.close_connection = True

            def relay(self, body: bytes, *, answered: bool) -> None:
                upstream = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
                headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
                upstream.request(self.command, self.path, body, headers)
                answer = upstream.getresponse()
                content = answer.read()
                upstream.close()
                if not answered:
                    return
                self.send_response(answer.status)
                for key, value in answer.getheaders():
                    if key.lower() not in HOP_BY_HOP | {"server", "date"}:
                        self.send_header(key, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = forward  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def take_writes(self) -> list[str]:
        """Return the writes since the last time, in the order of the alphabet."""
        taken, self.writes = sorted(self.writes), []
        return taken

    def __enter__(self) -> StrikingProxy:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def shape(operation: str) -> str:
    """Return the operation without ids: ``DELETE /restapis/*``."""
    return _ID.sub(r"/\1/*", operation)


def _operation(command: str, path: str, headers: Message, body: bytes) -> str:
    target = headers.get("X-Amz-Target")
    if target is not None:
        return target.rpartition(".")[2]
    if body.startswith(b"Action="):
        return body.decode().split("&")[0].removeprefix("Action=")
    return f"{command} {_VERSION.sub('', _FUNCTION.sub('', unquote(path)))}".rstrip("/ ")
