"""A server of one project in this process: its port, its thread, and the loading anew."""

from __future__ import annotations

import errno
import logging
import os
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import uvicorn

from chalice.errors import ToolError
from chalice.gateway.server import server_config
from chalice.local.front import Front
from chalice.local.project import Project
from chalice.local.tree import Tree

log = logging.getLogger(__name__)

_GRACE = 1  # seconds that requests under way get when the server stops
MANAGEMENT_URL = "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"


@dataclass(frozen=True)
class Address:
    """A bound socket that listens."""

    bound: socket.socket
    host: str

    @property
    def port(self) -> int:
        """The port; the system chose it if 0 was asked for."""
        port: int = self.bound.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """The URL of the root."""
        return _url(self.host, self.port)


def listen(host: str, port: int) -> Address:
    """Return a socket that listens at a name or address of this machine. Raises ToolError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError, OverflowError) as error:
        raise ToolError(
            f"`{host}` is no name of this machine", hint="use `--host 127.0.0.1`"
        ) from error
    family, kind, _, _, address = found[0]
    # asyncio turns Nagle's delay off only for sockets that say they are TCP.
    bound = socket.socket(family, kind, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(2048)
    except OSError as error:
        bound.close()
        raise _unusable(host, port, error) from error
    return Address(bound, host)


def _unusable(host: str, port: int, error: OSError) -> ToolError:
    if error.errno == errno.EADDRINUSE:
        return ToolError(
            f"port {port} is in use", hint="choose another: `--port NUMBER`, or 0 for any"
        )
    if error.errno == errno.EACCES:
        return ToolError(
            f"port {port} is not for everybody", hint="choose one above 1023: `--port NUMBER`"
        )
    return ToolError(f"cannot listen at {host}, port {port}: {error.strerror}")


class LocalServer:
    """Serves a project at an address until it is told to stop.

    The server has a thread of its own. The app is imported by whoever calls, the main thread if
    need be, as on Lambda: signal handlers and event loops of the app find what they expect.
    """

    def __init__(self, project: Project, address: Address, front: Front) -> None:
        self._project = project
        self._address = address
        self._front = front
        self._tree = Tree(project.directory)  # before anything is imported: no change is missed
        self._thread: threading.Thread | None = None
        self._server: uvicorn.Server | None = None
        # What the app's own clients of API Gateway ask for the connections of its WebSocket API.
        os.environ[MANAGEMENT_URL] = _url(_reachable(address.host), address.port)

    @property
    def has_sockets(self) -> bool:
        """Whether the app that is served has a WebSocket API."""
        return self._front.sockets() is not None

    @property
    def contents(self) -> str:
        """What is served, in words: ``7 routes and a WebSocket API``."""
        return self._front.contents

    @property
    def problem(self) -> ToolError | None:
        """Why the project as it is now is not what is served, None if it is."""
        return self._front.problem

    def load(self, changed: Iterable[str] = ()) -> None:
        """Serve the project as it is now. Raises ToolError; what was served before stays.

        ``changed`` are the files that did since it was loaded.
        """
        try:
            served = self._project.load(changed)
        except ToolError as problem:
            self._front.show_problem(problem)
            raise
        self._front.show(served)

    def start(self) -> None:
        """Begin to answer."""
        _allow_many_connections()
        server = uvicorn.Server(server_config(self._front, grace=_GRACE))
        self._server = server
        self._thread = threading.Thread(
            target=server.run, args=([self._address.bound],), name="server", daemon=True
        )
        self._thread.start()

    def wait(self) -> None:
        """Wait until it is stopped."""
        assert self._thread is not None
        while self._thread.is_alive():
            self._thread.join(3600)  # with a limit, so that Ctrl-C is heard on every system

    def reload(self, show: Callable[[ToolError], None]) -> None:
        """Load the project anew whenever its files change, until KeyboardInterrupt."""
        for changed in self._tree.changes():
            log.info("Restarting local dev server.")
            began = time.perf_counter()
            try:
                self.load(changed)
            except ToolError as problem:
                show(problem)
            else:
                took = (time.perf_counter() - began) * 1000
                log.info("Serving what %s says now (%.0f ms).", _names(changed), took)

    def stop(self) -> None:
        """Let requests under way end for a second, and answer no more."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._front.close()
            self._thread.join(_GRACE + 2)
        self._address.bound.close()


def _names(changed: list[str]) -> str:
    return ", ".join(changed) if len(changed) < 4 else f"{changed[0]} and {len(changed) - 1} more"


def _reachable(host: str) -> str:
    """Return where this machine reaches what listens at ``host``."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _allow_many_connections() -> None:
    """Raise the number of files this process may open as far as it may itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
