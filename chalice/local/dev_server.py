"""A server of one app in this process, for programs that start it themselves."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING

from chalice.app import Chalice

if TYPE_CHECKING:
    import uvicorn

    from chalice.config import Config
    from chalice.gateway.request import Receive, Scope, Send
    from chalice.local.front import Front

log = logging.getLogger(__name__)


def create_local_server(
    app_obj: Chalice, config: Config | None, host: str, port: int
) -> LocalDevServer:
    """Return a server that listens at an address of this machine. Raises ToolError.

    It serves the app as ``chalice local`` does, but never loads it again. ``config`` None stands
    for no project; ``port`` 0 is any that is free.
    """
    return LocalDevServer(app_obj, config, host, port)


class LocalDevServer:
    """Serves ``app_object``. ``server`` is what listens: ``server.server_port`` is its port."""

    def __init__(self, app_object: Chalice, config: Config | None, host: str, port: int) -> None:
        self.app_object = app_object
        self.host = host
        self.port = port
        self.server = AppServer(app_object, config, host, port)

    def handle_single_request(self) -> None:
        """Answer one request, and return. Requests that come at the same time are answered too."""
        self.server.handle_request()

    def serve_forever(self) -> None:
        """Answer requests until another thread calls ``shutdown``, or Ctrl-C."""
        log.info("Serving on http://%s:%s", self.host, self.server.server_port)
        self.server.serve_forever()

    def shutdown(self) -> None:
        """Answer no more, once requests under way have ended or a second has passed."""
        self.server.shutdown()


class AppServer:
    """Listens from the moment that it is made until ``shutdown``. What arrives before it serves
    waits. The app is looked at when it begins to serve: routes may be added until then.
    """

    def __init__(self, app: Chalice, config: Config | None, host: str, port: int) -> None:
        from chalice.local.server import listen  # noqa: PLC0415  # brings the server's libraries

        self._app = app
        self._config = config
        self._address = listen(host, port)
        self._port, self._url = self._address.port, self._address.url
        self._running: uvicorn.Server | None = None
        self._is_shut = False
        self._idle = threading.Event()
        self._idle.set()

    @property
    def server_port(self) -> int:
        """The port; the system chose it if 0 was asked for."""
        return self._port

    @property
    def server_address(self) -> tuple[str, int]:
        """The host and the port."""
        return self._address.host, self._port

    def handle_request(self) -> None:
        """Serve until one request has been answered."""
        self._serve(only_once=True)

    def serve_forever(self) -> None:
        """Serve until ``shutdown``."""
        self._serve(only_once=False)

    def shutdown(self) -> None:
        """Stop serving, and listening."""
        self._is_shut = True
        if self._running is not None:
            self._running.should_exit = True
        self._idle.wait()
        self._address.bound.close()

    def _serve(self, *, only_once: bool) -> None:
        import uvicorn  # noqa: PLC0415

        from chalice.gateway.server import server_config  # noqa: PLC0415

        front = self._show()

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            await front(scope, receive, send)
            server.should_exit = server.should_exit or only_once

        server = uvicorn.Server(server_config(serve, grace=1))
        self._idle.clear()
        self._running = server  # known before it is looked whether all is over
        try:
            if not self._is_shut:
                server.run([self._address.bound.dup()])  # it closes what it is given
        finally:
            self._running = None
            self._idle.set()

    def _show(self) -> Front:
        """Return what serves the app."""
        from chalice.config import Config  # noqa: PLC0415
        from chalice.local.front import Front  # noqa: PLC0415
        from chalice.local.project import lend_credentials  # noqa: PLC0415
        from chalice.local.proofs import NO_PROOFS, read_proofs  # noqa: PLC0415
        from chalice.local.served import describe, region  # noqa: PLC0415
        from chalice.local.server import MANAGEMENT_URL  # noqa: PLC0415

        config = self._config or Config.create(app_name=self._app.app_name)
        os.environ.setdefault("AWS_REGION", region())
        os.environ[MANAGEMENT_URL] = self._url
        lend_credentials(self._app)
        front = Front(log.info)
        proofs = read_proofs(config, NO_PROOFS)
        front.show(describe(self._app, config, "1", proofs, open_doors=False))
        return front
