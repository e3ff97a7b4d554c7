"""What the pages of the console ask for, and what they have done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chalice import openapi
from chalice.errors import ToolError
from chalice.gateway.invoker import Invoker
from chalice.gateway.request import Scope
from chalice.gateway.server import App
from chalice.local.console import calling
from chalice.local.console.calling import BadRequestError
from chalice.local.console.calls import Calls
from chalice.local.console.clients import Client, Clients
from chalice.local.console.data import Data, DataError
from chalice.local.console.events import sample_of
from chalice.local.console.handlers import handlers_of, routes_of
from chalice.local.console.journal import Journal
from chalice.local.console.maps import map_of
from chalice.local.console.stream import Stream
from chalice.local.served import Served


class Api:
    """Answers with what `json` takes. ``served`` returns the app that is served now.

    Methods raise BadRequestError, and KeyError with the name of what is not there.
    """

    def __init__(
        self,
        project: Path,
        journal: Journal,
        clients: Clients,
        stream: Stream,
        app: App,
        invoker: Invoker,
        served: Callable[[], Served | None],
        data: Data | None,
    ) -> None:
        self._project = project
        self._journal = journal
        self._clients = clients
        self._stream = stream
        self._app = app
        self._invoker = invoker
        self._served = served
        self._data = data
        self._calls = Calls(project, stream)
        self._problem: ToolError | None = None

    def shown(self, problem: ToolError | None) -> None:
        """Take note of another app, or of why there is none."""
        self._problem = problem
        self._stream.tell("app", None, self._describe)

    async def get(self, name: str, query: Mapping[str, str]) -> object:
        """Return what there is of a name: ``app``, ``exchanges/7``."""
        match name.split("/"):
            case ["app"]:
                return self._describe()
            case ["map"]:
                return self._map()
            case ["openapi"]:
                return self._document()
            case ["exchanges"]:
                return [each.summary() for each in self._journal.exchanges()]
            case ["exchanges", id]:
                exchange = self._journal.exchange(_number(id))
                if exchange is None:
                    raise KeyError("such request any more")
                return exchange.detail()
            case ["lines"]:
                return [line.data() for line in self._journal.lines()]
            case ["clients"]:
                return [each.data() for each in self._clients.all()]
            case ["clients", id]:
                client = self._client(id)
                return {**client.data(), "said": list(client.frames)}
            case ["samples", handler]:
                return sample_of(self._served(), handler, query, self._clients.last_open())
            case ["data"]:
                return await self._stores()
            case ["data", kind]:
                return await self._items(kind, query.get("name", ""))
        raise KeyError(name)

    async def post(self, name: str, asked: Mapping[str, Any], scope: Scope) -> object:
        """Do something and return what came of it; ``scope`` is that of the page's request."""
        match name.split("/"):
            case ["send"]:
                # A task of its own has its own exchange.
                return await asyncio.create_task(
                    calling.send(self._journal, self._app, asked, scope)
                )
            case ["invoke"]:
                return await asyncio.create_task(
                    calling.invoke(self._journal, self._invoker, self._served(), asked)
                )
            case ["clear"]:
                self._journal.clear()
                return {}
            case ["clients", id, "send"]:
                text = asked.get("text")
                if not isinstance(text, str):
                    raise BadRequestError("A frame is text.")
                return await self._to_client(id, {"type": "websocket.send", "text": text})
            case ["clients", id, "close"]:
                return await self._to_client(id, {"type": "websocket.close", "code": 1000})
        raise KeyError(name)

    def _describe(self) -> dict[str, object]:
        served = self._served()
        problem = (
            None if self._problem is None else [_problem(each) for each in _all(self._problem)]
        )
        if served is None:
            return {
                "name": self._project.name,
                "generation": None,
                "problem": problem,
                "routes": [],
                "handlers": [],
                "sockets": False,
                "data": self._data is not None,
            }
        return {
            "name": served.app.app_name,
            "generation": served.generation,
            "problem": problem,
            "protocol": _protocol(served),
            "routes": routes_of(served.app, self._project),
            "handlers": handlers_of(served, self._project),
            "sockets": served.sockets is not None,
            "data": self._data is not None,
        }

    def _map(self) -> dict[str, object]:
        served = self._served()
        if served is None:
            return {"nodes": [], "edges": [], "complete": True}
        calls = self._calls.of(served)
        return {**map_of(served, self._project, calls or {}), "complete": calls is not None}

    def _document(self) -> object:
        served = self._served()
        if served is None or not served.app.routes:
            return {}
        if served.routes is not None:
            return served.routes.document
        return openapi.http_document(served.app, uri="", authorizer_uri=lambda name: name, tags={})

    async def _stores(self) -> object:
        if self._data is None:
            raise KeyError("data")
        try:
            stores = await asyncio.to_thread(self._data.stores)
        except DataError as error:
            raise BadRequestError(str(error)) from error
        return [{"kind": each.kind, "name": each.name, "facts": each.facts} for each in stores]

    async def _items(self, kind: str, name: str) -> object:
        match kind:
            case "queue" | "bucket" | "table" | "topic" | "stream" | "rule" if self._data:
                try:
                    items = await asyncio.to_thread(self._data.items, kind, name)
                except DataError as error:
                    raise BadRequestError(str(error)) from error
            case _:
                raise KeyError(kind)
        return [{"name": each.name, "facts": each.facts, "text": each.text} for each in items]

    def _client(self, id: str) -> Client:
        client = self._clients.find(_number(id))
        if client is None:
            raise KeyError("such client any more")
        return client

    async def _to_client(self, id: str, message: dict[str, object]) -> object:
        client = self._client(id)
        if client.state != "open":
            raise BadRequestError("The client is not connected any more.")
        try:
            await client.send(message)
        except (OSError, RuntimeError) as error:  # what servers raise for one that just left
            raise BadRequestError(f"The client is not connected any more: {error}") from error
        return client.data()


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise KeyError(text)
    return int(text)


def _protocol(served: Served) -> str:
    if served.url is not None:
        return "function URL"
    if served.routes is None:
        return "no routes"
    return "REST API" if served.routes.protocol == "REST" else "HTTP API"


def _all(problem: ToolError) -> list[ToolError]:
    return [found for each in problem.problems for found in _all(each)] or [problem]


def _problem(problem: ToolError) -> dict[str, object]:
    return {
        "summary": problem.summary,
        "where": problem.where,
        "hint": problem.hint,
        "excerpt": problem.excerpt,
    }
