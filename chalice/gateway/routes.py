"""Which resource of an API a path belongs to.

Paths are compared segment by segment. A literal segment beats a parameter (``{id}``), a parameter
beats a greedy one (``{proxy+}``), the segment furthest to the left decides, and a choice that leads
nowhere is taken back: with ``/a/b/c`` and ``/a/{x}/d``, the path ``/a/b/d`` is the second. Captures
are percent-decoded and never empty; ``%2F`` inside a segment does not split it. One slash at the
end is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar
from urllib.parse import unquote

T = TypeVar("T")


class _Node(Generic[T]):
    """A position in the tree of segments."""

    __slots__ = ("greedy", "literals", "parameters", "value")

    def __init__(self) -> None:
        self.literals: dict[str, _Node[T]] = {}
        self.parameters: dict[str, _Node[T]] = {}
        self.greedy: tuple[str, T] | None = None
        self.value: T | None = None


class RouteTable(Generic[T]):
    """Finds the value of the route (``/users/{id}``) that a path matches."""

    def __init__(self, routes: Mapping[str, T]) -> None:
        self._literal: dict[str, T] = {}
        self._root: _Node[T] = _Node()
        # Sorted, so that of two parameters in the same place the same one always wins.
        for path in sorted(routes):
            if "{" not in path and "%" not in path:
                self._literal[path] = routes[path]
            self._add(path, routes[path])

    def match(self, path: str) -> tuple[T, dict[str, str]] | None:
        """Return the value for a percent-encoded path, and what the parameters captured."""
        value = self._literal.get(path)
        if value is not None:
            return value, {}
        if not path.startswith("/"):
            return None
        captures: list[tuple[str, str]] = []
        value = _walk(self._root, segments(path), 0, captures)
        return None if value is None else (value, dict(captures))

    def _add(self, path: str, value: T) -> None:
        if not path.startswith("/"):
            raise ValueError(f"a route begins with a slash: {path!r}")
        node = self._root
        parts = path.split("/")[1:] if path != "/" else []
        for index, part in enumerate(parts):
            name = part[1:-1] if part.startswith("{") and part.endswith("}") else ""
            if name.endswith("+"):
                if index != len(parts) - 1:
                    raise ValueError(f"nothing may follow a greedy parameter: {path!r}")
                if node.greedy is None:
                    node.greedy = (name[:-1], value)
                return
            children = node.parameters if name else node.literals
            node = children.setdefault(name or part, _Node())
        node.value = value


def segments(path: str) -> list[str]:
    """Return the decoded segments of a path: ``/a%20b/c/`` has ``["a b", "c"]``, ``/`` has none."""
    parts = path[1:].removesuffix("/").split("/") if len(path) > 1 else []
    return [unquote(part) if "%" in part else part for part in parts]


def canonical(path: str) -> str:
    """Return a path in the one spelling that policies compare: ``/a%2Db/`` is ``a-b``.

    Segments are decoded, except that a slash or percent sign inside one stays encoded: what a
    policy says of a path cannot be escaped by spelling it otherwise.
    """
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in segments(path))


def _walk(
    node: _Node[T], parts: list[str], index: int, captures: list[tuple[str, str]]
) -> T | None:
    if index == len(parts):
        return node.value
    part = parts[index]
    child = node.literals.get(part)
    if child is not None:
        found = _walk(child, parts, index + 1, captures)
        if found is not None:
            return found
    if part:
        for name, child in node.parameters.items():
            captures.append((name, part))
            found = _walk(child, parts, index + 1, captures)
            if found is not None:
                return found
            captures.pop()
    if node.greedy is not None:
        name, value = node.greedy
        rest = "/".join(parts[index:])
        if rest:
            captures.append((name, rest))
            return value
    return None
