"""The console as an ASGI application in front of the app's own."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from chalice.errors import ToolError
from chalice.gateway.invoker import Invoker
from chalice.gateway.request import MAXIMUM_BODY, Receive, Scope, Send
from chalice.gateway.server import App
from chalice.local.console.api import Api
from chalice.local.console.calling import BadRequestError
from chalice.local.console.clients import Clients
from chalice.local.console.data import Data
from chalice.local.console.guards import HEADERS, refusal
from chalice.local.console.journal import Journal
from chalice.local.console.pages import find_page
from chalice.local.console.stream import Stream
from chalice.local.served import Served

log = logging.getLogger(__name__)

ROOT = "/_chalice"
_API = f"{ROOT}/api/"
_JSON = b"application/json"


class Console:
    """What happens in an app, for those who look at ``/_chalice/``; everything else is the app's.

    An app with a route of its own there keeps it, and has no console.
    """

    def __init__(self, project: Path, *, data: Data | None = None) -> None:
        self._stream = Stream()
        self._clients = Clients(self._stream)
        self.journal = Journal(project, self._stream, self._clients.identify)
        self._project = project
        self._data = data
        self._app: App | None = None
        self._api: Api | None = None
        self._is_hidden = False

    def around(
        self, app: App, invoker: Invoker, served: Callable[[], Served | None]
    ) -> Callable[[Scope, Receive, Send], Any]:
        """Return what serves the console, and through it the app."""
        self._app = app
        self._api = Api(
            self._project,
            self.journal,
            self._clients,
            self._stream,
            app,
            invoker,
            served,
            self._data,
        )
        return self

    def shown(self, served: Served) -> None:
        """Take note of another app."""
        was_hidden = self._is_hidden
        self._is_hidden = any(
            path == ROOT or path.startswith(f"{ROOT}/") for path in served.app.routes
        )
        if self._is_hidden and not was_hidden:
            log.warning("The app has a route at %s, so there is no console.", ROOT)
        assert self._api is not None
        self._api.shown(None)

    def broken(self, problem: ToolError) -> None:
        """Take note that the app could not be loaded again."""
        assert self._api is not None
        self._api.shown(problem)

    def close(self) -> None:
        """Let those go who look."""
        self._stream.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        assert self._app is not None
        match scope["type"]:
            case "http" if scope["path"].startswith(ROOT) and self._claims(scope["path"]):
                await self._serve(scope, receive, send)
            case "http":
                self.journal.begin(scope)
                try:
                    await self._app(scope, receive, send)
                finally:
                    self.journal.end(None, None)  # which counts only where there was no answer
            case "websocket":
                await self._clients.serve(self._app, scope, receive, send)
            case _:
                await self._app(scope, receive, send)

    def _claims(self, path: str) -> bool:
        return not self._is_hidden and (path == ROOT or path.startswith(f"{ROOT}/"))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = refusal(scope)
        path: str = scope["path"]
        if refused is not None:
            await _answer(send, refused.status, b"text/plain", refused.sentence.encode())
        elif path == ROOT:
            await _answer(send, 307, b"text/plain", b"", (b"location", b"/_chalice/"))
        elif path == f"{_API}events":
            await self._serve_events(scope, receive, send)
        elif path.startswith(_API):
            await self._serve_api(scope, path.removeprefix(_API), receive, send)
        else:
            found = find_page(path.removeprefix(f"{ROOT}/"))
            if found is None or scope["method"] == "POST":
                await _answer(send, 404, b"text/plain", b"The console has no such page.")
            else:
                await _answer(send, 200, *found)

    async def _serve_api(self, scope: Scope, name: str, receive: Receive, send: Send) -> None:
        assert self._api is not None
        status, content = 200, None
        try:
            if scope["method"] == "POST":
                asked = await _read(receive)
                content = await self._api.post(name, asked, scope)
            else:
                query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
                content = await self._api.get(name, query)
        except BadRequestError as error:
            status, content = 400, {"error": str(error)}
        except KeyError as error:
            status, content = 404, {"error": f"The console has no {error.args[0]}."}
        await _answer(send, status, _JSON, json.dumps(content).encode())

    async def _serve_events(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream"), *HEADERS]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        gone = asyncio.ensure_future(_until_gone(receive))
        messages = self._stream.subscribe()
        try:
            while True:
                following = asyncio.ensure_future(anext(messages, None))
                await asyncio.wait((gone, following), return_when=asyncio.FIRST_COMPLETED)
                if not following.done():
                    following.cancel()
                    await asyncio.wait((following,))
                    return
                message = following.result()
                if message is None:
                    break
                await send({"type": "http.response.body", "body": message, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            await messages.aclose()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read(receive: Receive) -> Mapping[str, Any]:
    """Return the JSON object that a page sent."""
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequestError("The page is gone.")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > 2 * MAXIMUM_BODY:
            raise BadRequestError("That is more than the console takes.")
        more = message.get("more_body", False)
    try:
        asked = json.loads(b"".join(chunks))
    except (ValueError, RecursionError):
        raise BadRequestError("The body is not JSON.") from None
    if not isinstance(asked, dict):
        raise BadRequestError("The body is no object.")
    return asked


async def _answer(
    send: Send, status: int, kind: bytes, body: bytes, *more: tuple[bytes, bytes]
) -> None:
    length = (b"content-length", b"%d" % len(body))
    headers = [(b"content-type", kind), length, *HEADERS, *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
