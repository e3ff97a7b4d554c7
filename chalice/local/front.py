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

from chalice.app import Chalice
from chalice.errors import ToolError
from chalice.gateway.answers import Answer, GatewayResponse, RefusedError
from chalice.gateway.deployment import ApiKey, Deployment, FunctionUrl
from chalice.gateway.gateway import Gateway
from chalice.gateway.mounts import Target
from chalice.gateway.request import Receive, Request, Scope, Send
from chalice.gateway.server import App
from chalice.gateway.sockets.sockets import Sockets
from chalice.local.access_log import AccessLog
from chalice.local.cloud import Endpoint, RunningCloud
from chalice.local.errands import Errands
from chalice.local.invoker import AppInvoker
from chalice.local.issuers import NO_AUTH, Keys, KnownIssuers
from chalice.local.served import ROUTES_ID, SOCKETS_ID, Served
from chalice.local.signers import KnownSigners

if TYPE_CHECKING:
    from chalice.aws.own_credentials import OwnCredentials, OwnKey
    from chalice.local.console import Console

log = logging.getLogger(__name__)

_DEBUGGERS = frozenset(("bdb", "pydevd"))
_random = random.Random()  # noqa: S311

_API_KEYS = "Those are good that `--api-key VALUE` or `local.api_keys` in the configuration gives."

STALE = b"x-chalice-error"
"""The header of what an old app answers while the new one cannot be loaded: why not."""


class Front:
    """Serves the app that was shown last, at the root.

    ``problem`` is why a newer one could not be loaded, None unless that is so.
    ``report`` gets the lines of the access log; ``endpoint`` tells where an embedded cloud is
    that knows callers. ``console`` shows what happens, None is for none.
    """

    def __init__(
        self,
        report: Callable[[str], None],
        *,
        endpoint: Endpoint = lambda: None,
        console: Console | None = None,
    ) -> None:
        self.cloud_url: str | None = None
        """Where an embedded cloud beside the app takes AWS calls, None without `--aws`."""
        self._served: Served | None = None
        self._before: Served | None = None
        self.problem: ToolError | None = None
        self._credentials: OwnCredentials | None = None
        self._log = AccessLog(report)
        self._console = console
        prepare = None if console is None else console.journal.prepare
        cloud, errands = RunningCloud(endpoint), Errands()
        invoker = AppInvoker(self._of_generation, is_debugged, prepare)
        self._gateway = Gateway(
            self,
            invoker,
            clock=time.time,
            new_id=_new_id,
            api_keys=self._find_key,
            signatures=KnownSigners(cloud, self._find_own_key, errands),
            issuers=KnownIssuers(self._find_issuer_keys, cloud, errands),
            sockets=Sockets(
                _Catalog(self), invoker, clock=time.time, new_id=uuid.uuid4, api_keys=self._find_key
            ),
            urls=_Urls(self),
            socket_mount=_SocketMount(self),
            address=self._address,
            answered=self._answered,
            is_debugged=is_debugged,
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
        self.problem = None
        if self._console is not None:
            self._console.shown(served)

    def show_problem(self, problem: ToolError) -> None:
        """Say in each answer that the app could not be loaded, and why."""
        self.problem = problem
        if self._console is not None:
            self._console.broken(problem)

    @property
    def has_console(self) -> bool:
        """Whether there is a console to look at."""
        return self._console is not None

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

    def app(self) -> Chalice | None:
        """Return the app, None while none could be loaded."""
        return None if self._served is None else self._served.app

    def sockets(self) -> Deployment | None:
        """Return the WebSocket API, None if there is none."""
        return None if self._served is None else self._served.sockets

    @property
    def contents(self) -> str:
        """What is served, in words."""
        if self._served is None:
            return "nothing yet"
        count = len(self._served.app.routes)
        words = [f"{count} route{'' if count == 1 else 's'}"] if count else []
        if self._served.sockets is not None:
            words.append("a WebSocket API")
        return " and ".join(words) or "nothing"

    def url(self) -> FunctionUrl | None:
        """Return the function URL, None if there is none."""
        return None if self._served is None else self._served.url

    def _of_generation(self, generation: str) -> Served | None:
        for served in (self._served, self._before):
            if served is not None and served.generation == generation:
                return served
        return None

    def _find_key(self, deployment: Deployment, key: str) -> ApiKey | None:
        found = None if self._served is None else self._served.proofs.api_keys.get(key)
        if found is None:
            log.error("Refused an API key. %s %s", _API_KEYS, NO_AUTH)
        return found

    def _find_issuer_keys(self, issuer: str) -> Keys | None:
        return None if self._served is None else self._served.proofs.issuers.find(issuer)

    def _find_own_key(self) -> OwnKey | None:
        """Return the key of the developer, and log why it is not known; called in a thread."""
        from chalice.aws.own_credentials import OwnCredentials  # noqa: PLC0415  # imports botocore

        profile = None if self._served is None else self._served.proofs.profile
        if self._credentials is None or self._credentials.profile != profile:
            self._credentials = OwnCredentials(profile)
        try:
            return self._credentials.find()
        except ToolError as problem:
            log.error("Your AWS credentials are not known: %s", problem.summary)
            return None

    def _address(self, request: Request) -> tuple[str, str] | None:
        if self.url() is None or request.path.startswith(f"/{SOCKETS_ID}/"):
            return None
        return ROUTES_ID, request.path

    def _answered(self, request: Request, answer: Answer) -> None:
        if self.problem is not None:
            answer.headers.append((STALE, _sentence(self.problem).encode("ascii", "replace")))
        self._log.add(request, answer)
        if self._console is not None:
            self._console.journal.end(request, answer)

    def _no_app(self) -> GatewayResponse:
        said = "The app is not loaded yet." if self.problem is None else _sentence(self.problem)
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


def is_debugged() -> bool:
    """Say whether a debugger was loaded: `breakpoint()` does that, and an editor's own."""
    return not _DEBUGGERS.isdisjoint(sys.modules)


def _new_id() -> uuid.UUID:
    """Return an id that nobody needs to guess; the system's random numbers take longer."""
    return uuid.UUID(int=_random.getrandbits(128), version=4)


def _sentence(problem: ToolError) -> str:
    """Return a problem in one line: ``app.py has a syntax error: … (app.py:3)``."""
    text = " ".join(problem.summary.split())[:500]
    return text if problem.where is None else f"{text} ({problem.where})"
