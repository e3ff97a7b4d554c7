"""Stands between a command and the embedded cloud, and strikes at the n-th call."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "host"}


class StrikingProxy:
    """Forwards every call to ``target``; at call number ``at`` (from 1) it runs ``strike``.

    With ``after``, the call is forwarded first, so it takes effect but its answer is lost.
    """

    def __init__(self, target: str, at: int, *, after: bool) -> None:
        self.calls = 0
        self.strike: Callable[[], None] = lambda: None
        parts = urlsplit(target)
        lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self) -> None:
                with lock:
                    proxy.calls += 1
                    struck = proxy.calls == at
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
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
