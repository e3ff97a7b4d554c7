"""The cloud itself: one process, one event loop, two ports.

moto takes most of a second to import, so it is imported in a thread while the ports are already
open; requests wait for it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, TypeAlias

import uvicorn

from chalice import __version__
from chalice.cloud.access.sessions import FunctionKeys
from chalice.cloud.front import AwsFront
from chalice.cloud.functions import Attachment, Executor, LogBatch
from chalice.cloud.functions.sandbox import bootstrap
from chalice.cloud.home import CloudRecord, Home
from chalice.cloud.ports import HOST, bind_any, port_of, url_of
from chalice.cloud.wsgi import Receive, Scope, Send
from chalice.gateway.mounts import DEFAULT_STAGE
from chalice.gateway.server import server_config

if TYPE_CHECKING:
    from chalice.cloud.certificates import Certificates
    from chalice.cloud.plane import ControlPlane

LOGGER = logging.getLogger(__name__)

App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_TRUST = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
"""Where boto3, requests, and Python itself look for the authorities to trust."""
_GRACE = 3  # seconds that requests under way get when the cloud stops
_HOME_CHECK = 2  # seconds between looks at whether the home is still there


class Cloud:
    """A running cloud. Made inside its event loop; ``serve`` runs it to its end.

    ``is_ours`` says whether ``home`` is still there and ours; without it the cloud ends, since
    nobody could find it. ``attachment`` leads to a process that runs functions itself, without
    which the cloud ends too.
    """

    def __init__(
        self,
        home: Home,
        is_ours: Callable[[], bool],
        aws: socket.socket,
        gateway: socket.socket,
        *,
        enforce_iam: bool,
        attachment: socket.socket | None = None,
    ) -> None:
        self._home = home
        self._is_ours = is_ours
        self._sockets = aws, gateway
        self._tls = bind_any()
        self._record = CloudRecord(
            os.getpid(), url_of(aws), url_of(gateway), __version__, time.time()
        )
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._plane: asyncio.Future[ControlPlane] = self._loop.create_future()
        self._enforce_iam = enforce_iam
        self._keys = FunctionKeys()
        self._parent = os.getppid()
        self._attachment = None if attachment is None else Attachment(attachment, self._attached)
        self._executor = Executor(
            home.functions,
            log_sink=self._write_logs,
            environment={
                "AWS_ENDPOINT_URL": self._record.endpoint_url,
                "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": self._record.gateway_url,
                **dict.fromkeys(_TRUST, str(home.tls / "bundle.pem")),
                bootstrap.APIS: f"{HOST}:{port_of(self._tls)} {HOST}:{port_of(aws)}",
            },
            credentials=self._keys.credentials,
            attachment=self._attachment,
        )
        self._front = AwsFront(self._plane, self._health, self._report, self._attachment)

    async def serve(self, on_ready: Callable[[], None]) -> None:
        """Serve until SIGTERM or SIGINT; ``on_ready`` is called once everything answers."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stopping.set)
        _allow_many_connections()
        if self._attachment is not None:
            self._hearing = self._loop.create_task(self._attachment.serve())
            self._hearing.add_done_callback(lambda _: self._stopping.set())
        async with AsyncExitStack() as running:
            # They end in reverse: nothing is begun by ourselves, then no more requests, events,
            # functions, and then the state.
            running.callback(self._front.close)
            running.push_async_callback(self._leave)
            running.push_async_callback(self._executor.close)
            running.push_async_callback(self._halt)
            aws, gateway = self._sockets
            await running.enter_async_context(
                _serving((self._front, aws), (self._serve_api, gateway))
            )
            plane, certificates = await self._load()
            await running.enter_async_context(
                _serving((self._serve_named, self._tls), tls=certificates.context)
            )
            running.push_async_callback(self._quiet)
            self._home.write_ports(port_of(aws), port_of(gateway))
            self._home.write_record(self._record)
            LOGGER.info("ready: %s, %s", self._record.endpoint_url, self._record.gateway_url)
            on_ready()
            if self._attachment is not None:
                self._attachment.say_ready()
            await asyncio.to_thread(plane.preload)
            await self._wait()
            LOGGER.info("stopping")

    async def _wait(self) -> None:
        """Wait for a signal, or for the home to be deleted."""
        while self._is_ours() and not self._is_orphan():
            try:
                await asyncio.wait_for(self._stopping.wait(), _HOME_CHECK)
                return
            except asyncio.TimeoutError:
                continue
        gone = "the process that started it" if self._is_ours() else self._home.path
        LOGGER.warning("%s is gone", gone)

    def _is_orphan(self) -> bool:
        """Whether the attached process has ended. Its end of the socket may be open all the same:
        a child that it forked has it.
        """
        return self._attachment is not None and os.getppid() != self._parent

    def _attached(self) -> None:
        if self._plane.done():
            self._plane.result().wake_pollers()

    async def _halt(self) -> None:
        if self._plane.done():
            await self._plane.result().halt()

    async def _quiet(self) -> None:
        if self._plane.done():
            await self._plane.result().quiet()

    async def _leave(self) -> None:
        ours = self._is_ours()
        if self._plane.done():
            await self._plane.result().close(save=ours)
        if ours:
            self._home.remove_record()

    async def _load(self) -> tuple[ControlPlane, Certificates]:
        def load() -> tuple[ControlPlane, Certificates]:
            from chalice.cloud.certificates import Certificates  # noqa: PLC0415  # as moto does
            from chalice.cloud.plane import ControlPlane  # noqa: PLC0415  # imports moto

            plane = ControlPlane(
                self._executor,
                self._loop,
                self._home.state,
                self._keys,
                self._record.gateway_url,
                self._record.endpoint_url,
            )
            return plane, Certificates(self._home.tls)

        plane, certificates = await asyncio.to_thread(load)
        plane.authority.enforced = self._enforce_iam
        plane.start()
        self._plane.set_result(plane)
        return plane, certificates

    async def _serve_api(self, scope: Scope, receive: Receive, send: Send) -> None:
        plane = await asyncio.shield(self._plane)
        await plane.gateway(scope, receive, send)

    async def _serve_named(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve what functions ask for under AWS's names."""
        from chalice.cloud.certificates import is_cognito  # noqa: PLC0415  # it is loaded by now

        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        serve = self._front if hosts and is_cognito(hosts[0]) else self._serve_api
        await serve(scope, receive, send)

    def _write_logs(self, batch: LogBatch) -> None:
        self._plane.result().write_logs(batch)

    def _health(self) -> Mapping[str, object]:
        plane = self._plane.result() if self._plane.done() else None
        return {
            "ready": plane is not None,
            "pid": self._record.pid,
            "version": self._record.version,
            "notice": plane.keeper.notice if plane else None,
            "enforces_iam": plane.authority.enforced if plane else self._enforce_iam,
        }

    def _url_of(self, api: Mapping[str, str]) -> str:
        stage = "" if api["stage"] == DEFAULT_STAGE else f"{api['stage']}/"
        url = f"{self._record.gateway_url}/{api['id']}/{stage}"
        return url.replace("http", "ws", 1) if api["protocol"] == "WEBSOCKET" else url

    def _report(self) -> Mapping[str, object]:
        if not self._plane.done():
            return {}
        plane = self._plane.result()
        apis = [{**api, "url": self._url_of(api)} for api in plane.list_apis()]
        return {
            "functions": plane.list_functions(),
            "apis": apis,
            "user_pool_regions": plane.user_pools.regions(),
            "state_bytes": plane.keeper.size(),
        }


class _Server(uvicorn.Server):
    """A server that leaves signals to the cloud."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _serving(
    *apps: tuple[App, socket.socket], tls: ssl.SSLContext | None = None
) -> AsyncIterator[None]:
    """Serve each application on its bound socket within a block."""
    servers = [_Server(_config(app, tls)) for app, _ in apps]
    tasks = [
        asyncio.create_task(server.serve([bound]))
        for server, (_, bound) in zip(servers, apps, strict=True)
    ]
    try:
        yield
    finally:
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*tasks)


def _config(app: App, tls: ssl.SSLContext | None) -> uvicorn.Config:
    config = server_config(app, grace=_GRACE)
    config.ssl = tls
    return config


def _allow_many_connections() -> None:
    """Raise the number of files this process may open as far as it may itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
