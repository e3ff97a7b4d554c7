"""Which resource of an API a path belongs to; `chalice.runtime.matching` has the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from chalice.runtime.matching import PathTable, segments

T = TypeVar("T")


class RouteTable(Generic[T]):
    """Finds the value of the route (``/users/{id}``) that a path matches."""

    def __init__(self, routes: Mapping[str, T]) -> None:
        self._values = dict(routes)
        self._paths = PathTable(routes)

    def match(self, path: str) -> tuple[T, dict[str, str]] | None:
        """Return the value for a percent-encoded path, and what the parameters captured."""
        found = self._paths.match(path)
        return None if found is None else (self._values[found[0]], found[1])


def canonical(path: str) -> str:
    """Return a path in the one spelling that policies compare: ``/a%2Db/`` is ``a-b``.

    Segments are decoded, except that a slash or percent sign inside one stays encoded: what a
    policy says of a path cannot be escaped by spelling it otherwise.
    """
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in segments(path))
