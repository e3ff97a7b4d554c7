"""The route that a URL belongs to, by the gateway's rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from chalice.gateway.request import parse_query
from chalice.gateway.routes import RouteTable


class UnknownRouteError(ValueError):
    """No route matches."""


class MatchResult(NamedTuple):
    """A route such as `/users/{id}`, what it captured, and all values of each query parameter."""

    route: str
    captured: dict[str, str]
    query_params: dict[str, list[str]]


class RouteMatcher:
    """Finds routes among `route_urls`, which it keeps sorted."""

    def __init__(self, route_urls: Iterable[str]) -> None:
        self.route_urls = sorted(route_urls)
        self._table = RouteTable({route: route for route in self.route_urls})

    def match_route(self, url: str) -> MatchResult:
        """Return the route of a path and query string. Raises ValueError without one.

        A literal segment goes before `{name}`, that before `{name+}`; captures are decoded.
        """
        path, _, query = url.partition("?")
        found = self._table.match(path)
        if found is None:
            raise UnknownRouteError(f"No matching route found for: {url}")
        return MatchResult(*found, parse_query(query))
