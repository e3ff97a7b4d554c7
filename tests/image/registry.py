"""A registry on loopback, over a layout in a folder."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

USER = base64.b64encode(b"ann:secret").decode()


class Registry:
    """Serves one image as ``team/base:1``; with ``guarded``, to those who bring a token."""

    def __init__(self, layout: Path, guarded: bool) -> None:
        self.asked: list[str] = []
        index = json.loads((layout / "index.json").read_text())
        top = index["manifests"][0]
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                registry.asked.append(self.path)
                if self.path.startswith("/token?"):
                    if self.headers["Authorization"] != f"Basic {USER}":
                        self.send_error(401)
                    else:
                        self._send(b'{"token": "good"}', "application/json")
                elif guarded and self.headers["Authorization"] != "Bearer good":
                    self.send_response(401)
                    realm = f'realm="http://{registry.host}/token",service="here"'
                    self.send_header("WWW-Authenticate", f"Bearer {realm}")
                    self.end_headers()
                else:
                    self._blob()

            def _blob(self) -> None:
                _, _, team, name, kind, version = self.path.split("/")
                tag = {"1": top["digest"]}
                path = layout / "blobs" / tag.get(version, version).replace(":", "/")
                if (team, name) != ("team", "base") or not path.exists():
                    self.send_error(404)
                    return
                data = path.read_bytes()
                media_type = "application/octet-stream"
                if kind == "manifests":
                    document = json.loads(data)
                    media_type = document.get("mediaType") or top["mediaType"]
                self._send(data, media_type)

            def _send(self, data: bytes, media_type: str) -> None:
                self.send_response(200)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"


@contextmanager
def serving(layout: Path, *, guarded: bool = False) -> Iterator[Registry]:
    registry = Registry(layout, guarded)
    thread = threading.Thread(target=registry.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield registry
    finally:
        registry.server.shutdown()
        thread.join()
        registry.server.server_close()
