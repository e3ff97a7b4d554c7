"""Words of a command line that ask for a sample event: ``s3 key=uploads/a.png``, ``GET /x``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

import click

from chalice.errors import ToolError

if TYPE_CHECKING:
    from chalice.app import Chalice, RouteEntry
    from chalice.config import Config
    from chalice.sources.occasions import Occasion
    from chalice.sources.requests import Door
    from chalice.sources.samples import Handler
    from chalice.test.handlers import Found

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class Words:
    """What stands after the options of a command, read from the left."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)

    def take_name(self) -> str | None:
        """Take the name of a handler, or the two words of a request: ``GET /x``."""
        request = self.take_request()
        if request is not None or not self._words or "=" in self._words[0]:
            return request
        return self._words.pop(0)

    def take_request(self) -> str | None:
        """Take a method and a path, as two words or as one; None if none is next."""
        match self._words:
            case [method, path, *rest] if method in METHODS and path.startswith("/"):
                self._words = rest
                return f"{method} {path}"
            case [both, *rest] if is_request(both):
                self._words = rest
                return both
            case _:
                return None

    def take_kind(self) -> str | None:
        """Take the name of a kind of events, None if none is next."""
        if not self._words or "=" in self._words[0]:
            return None
        return self._words.pop(0)

    def take_options(self) -> Mapping[str, str]:
        """Take all that is left, which must be ``name=value``. Raises UsageError."""
        options: dict[str, str] = {}
        for word in self._words:
            name, equals, value = word.partition("=")
            if not equals:
                raise click.UsageError(f"`{word}` is no option of a sample: write NAME=VALUE.")
            options[name] = value
        self._words = []
        return options

    def end(self) -> None:
        """Raise UsageError for what nobody has taken."""
        if self._words:
            raise click.UsageError(f"Got an unexpected argument: `{self._words[0]}`.")


def is_request(text: str) -> bool:
    """Whether a text is a method and a path: ``GET /x``."""
    method, _, path = text.partition(" ")
    return method in METHODS and path.startswith("/")


def sample_of(
    app: Chalice, config: Config, name: str, found: Found, words: Words
) -> dict[str, Any]:
    """Return the sample that the words ask for, of the handler ``found`` under ``name``.

    Raises ToolError.
    """
    from chalice.constants import DEFAULT_HANDLER_NAME

    if name == DEFAULT_HANDLER_NAME:
        request = words.take_request()
        if request is None:
            raise ToolError(
                "a sample of all routes needs to know which",
                hint=f"write the request: --sample {_a_request(app)}",
            )
        return request_sample(app, config, request, words.take_options())
    records = _of_kind(name, found.records, words.take_kind())
    return _first_sample(records, words.take_options(), config)


def request_sample(
    app: Chalice, config: Config, request: str, options: Mapping[str, str]
) -> dict[str, Any]:
    """Return a request to a route, ``GET /users/7?full=1``, as the app's door sends it.

    Raises ToolError.
    """
    from chalice.constants import DEFAULT_HANDLER_NAME
    from chalice.sources.samples import sample

    method, _, url = request.partition(" ")
    entry, captured = _route(app, method, url)
    query = url.partition("?")[2]
    given = {**captured, **({"query": query} if query else {}), **options}
    scope = config.scope(config.chalice_stage, DEFAULT_HANDLER_NAME)
    door = cast("Door", scope.api_gateway_type)
    return sample(entry, given, occasion=_occasion(scope), door=door)


def _route(app: Chalice, method: str, url: str) -> tuple[RouteEntry, Mapping[str, str]]:
    from chalice.local.routes import RouteMatcher, UnknownRouteError

    try:
        match = RouteMatcher(app.routes).match_route(url)
    except UnknownRouteError:
        close = get_close_matches(url, app.routes, n=1, cutoff=0.3)
        hint = f"did you mean `{close[0]}`?" if close else "the app has no routes"
        raise ToolError(f"no route has the path `{url}`", hint=hint) from None
    entries = app.routes[match.route]
    if method not in entries:
        hint = f"it has {', '.join(entries)}"
        raise ToolError(f"the route `{match.route}` has no method {method}", hint=hint)
    return entries[method], match.captured


def _of_kind(name: str, records: Sequence[Handler], wanted: str | None) -> Sequence[Handler]:
    from chalice.sources.samples import kind

    kinds = [*dict.fromkeys(map(kind, records))]
    if wanted is None and len(kinds) > 1:
        hint = f"say which: --sample {kinds[0]}"
        raise ToolError(f"`{name}` gets events of several kinds: {', '.join(kinds)}", hint=hint)
    if wanted is not None and wanted not in kinds:
        hint = f"it gets {', '.join(kinds)}: --sample {kinds[0]}"
        raise ToolError(f"`{name}` gets no events of the kind `{wanted}`", hint=hint)
    return [record for record in records if wanted is None or kind(record) == wanted]


def _first_sample(
    records: Sequence[Handler], options: Mapping[str, str], config: Config
) -> dict[str, Any]:
    """Return a sample of the first trigger that can have these options."""
    from chalice.sources.samples import sample

    problem: ToolError | None = None
    for record in records:
        try:
            return sample(record, options, occasion=_occasion(config))
        except ToolError as error:
            problem = problem or error
    assert problem is not None
    raise problem


def _occasion(config: Config) -> Occasion:
    from dataclasses import replace

    from chalice.graph.handlers import name_prefix
    from chalice.local.served import region
    from chalice.sources.occasions import PLACE, Occasion

    return Occasion(
        place=replace(PLACE, region=region()),
        prefix=name_prefix(config),
        api_stage=config.api_gateway_stage,
    )


def _a_request(app: Chalice) -> str:
    return next((f"{method} {path}" for path in app.routes for method in app.routes[path]), "GET /")
