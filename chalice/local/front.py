"""What answers requests while the app behind it is replaced: an ASGI application."""

from __future__ import annotations

import json
import logging
import random
import sys
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from chalice.errors import ToolError
from chalice.gateway.answers import Answer, GatewayResponse, RefusedError
from chalice.gateway.deployment import ApiKey, Deployment, FunctionUrl
from chalice.gateway.gateway import Gateway
from chalice.gateway.mounts import Target
from chalice.gateway.request import Receive, Request, Scope, Send
from chalice.gateway.server import App
from chalice.gateway.sockets.sockets import Sockets
from chalice.gateway.tokens import NO_ISSUERS, Issuers
from chalice.local.access_log import AccessLog
from chalice.local.invoker import AppInvoker
from chalice.local.served import ROUTES_ID, SOCKETS_ID, Served
from chalice.local.strangers import NO_AUTH, NoAccount

if TYPE_CHECKING:
    from chalice.local.console import Console

log = logging.getLogger(__name__)

_DEBUGGERS = frozenset(("bdb", "pydevd"))
_random = random.Random()  # noqa: S311

STALE = b"x-chalice-error"
"""The header of what an old app answers while the new one cannot be loaded: why not."""


class Front:
    """Serves the app that was shown last, at the root.

    ``report`` gets the lines of the access log, ``api_keys`` are those that requests may
    have, ``issuers`` those whose tokens count. ``console`` shows what happens, None is for none.
    """

    def __init__(
        self,
        report: Callable[[str], None],
        *,
        api_keys: frozenset[str] = frozenset(),
        issuers: Issuers = NO_ISSUERS,
        console: Console | None = None,
    ) -> None:
        self._served: Served | None = None
        self._before: Served | None = None
        self._problem: ToolError | None = None
        self._api_keys = api_keys
        self._log = AccessLog(report)
        self._console = console
        prepare = None if console is None else console.journal.prepare
        invoker = AppInvoker(self._of_generation, _is_debugged, prepare)
        self._gateway = Gateway(
            self,
            invoker,
            clock=time.time,
            new_id=_new_id,
            api_keys=self._find_key,
            signatures=NoAccount(),
            issuers=issuers,
            sockets=Sockets(
                _Catalog(self), invoker, clock=time.time, new_id=uuid.uuid4, api_keys=self._find_key
            ),
            urls=_Urls(self),
            socket_mount=_SocketMount(self),
            address=self._address,
            answered=self._answered,
            is_debugged=_is_debugged,
        )
        self._app: App = self._gateway
        if console is not None:
            self._app = console.around(self._gateway, invoker, lambda: self._served)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        await self._app(scope, receive, send)

    def show(self, served: Served) -> None:
        """Serve this from the next request on; requests under way end where they began."""
        self._before, self._served = self._served, served
        self._problem = None
        if self._console is not None:
            self._console.shown(served)

    def show_problem(self, problem: ToolError) -> None:
        """Say in each answer that the app could not be loaded, and why."""
        self._problem = problem
        if self._console is not None:
            self._console.broken(problem)

    def close(self) -> None:
        """Let those go who look at the console."""
        if self._console is not None:
            self._console.close()

    def find(self, host: str, path: str) -> Target | None:
        """Return the API of the routes, or the WebSocket API for those who send to its clients.

        Raises RefusedError with the problem while there is no app.
        """
        served = self._served
        if served is None:
            raise RefusedError(self._no_app())
        sockets = served.sockets
        if sockets is not None:
            prefix = f"/{SOCKETS_ID}/{sockets.stage}"
            if path.startswith(f"{prefix}/@connections/"):
                return Target(sockets, prefix, path[len(prefix) :])
        return None if served.routes is None else Target(served.routes, "", path)

    def sockets(self) -> Deployment | None:
        """Return the WebSocket API, None if there is none."""
        return None if self._served is None else self._served.sockets

    def url(self) -> FunctionUrl | None:
        """Return the function URL, None if there is none."""
        return None if self._served is None else self._served.url

    def _of_generation(self, generation: str) -> Served | None:
        for served in (self._served, self._before):
            if served is not None and served.generation == generation:
                return served
        return None

    def _find_key(self, deployment: Deployment, key: str) -> ApiKey | None:
        if key in self._api_keys:
            return ApiKey(key)
        log.error("Refused an API key that was not given with `--api-key`. %s", NO_AUTH)
        return None

    def _address(self, request: Request) -> tuple[str, str] | None:
        if self.url() is None or request.path.startswith(f"/{SOCKETS_ID}/"):
            return None
        return ROUTES_ID, request.path

    def _answered(self, request: Request, answer: Answer) -> None:
        if self._problem is not None:
            answer.headers.append((STALE, _sentence(self._problem).encode("ascii", "replace")))
        self._log.add(request, answer)
        if self._console is not None:
            self._console.journal.end(request, answer)

    def _no_app(self) -> GatewayResponse:
        said = "The app is not loaded yet." if self._problem is None else _sentence(self._problem)
        return GatewayResponse(
            502, "InternalServerErrorException", json.dumps({"message": said}).encode()
        )


class _SocketMount:
    """The WebSocket API at the root, and under the name of its stage."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def find(self, host: str, path: str) -> Target | None:
        deployment = self._front.sockets()
        if deployment is None:
            return None
        at_root = path.strip("/") in ("", deployment.stage)
        return Target(deployment, "", "/" if at_root else path)


class _Catalog:
    """Knows the WebSocket API, whatever app has it now."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def find(self, api_id: str, stage: str) -> Deployment | None:
        found = self._front.sockets()
        return found if found and (found.api_id, found.stage) == (api_id, stage) else None


class _Urls:
    """Knows the function URL, whatever app has it now."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def find(self, url_id: str) -> FunctionUrl | None:
        return self._front.url()


def _is_debugged() -> bool:
    """Say whether a debugger was loaded: `breakpoint()` does that, and an editor's own."""
    return not _DEBUGGERS.isdisjoint(sys.modules)


def _new_id() -> uuid.UUID:
    """Return an id that nobody needs to guess; the system's random numbers take longer."""
    return uuid.UUID(int=_random.getrandbits(128), version=4)


def _sentence(problem: ToolError) -> str:
    """Return a problem in one line: ``app.py has a syntax error: … (app.py:3)``."""
    text = " ".join(problem.summary.split())[:500]
    return text if problem.where is None else f"{text} ({problem.where})"
