"""Which route a path belongs to, by API Gateway's rules.

Paths are compared segment by segment. A literal segment beats a parameter (``{id}``), a parameter
beats a greedy one (``{proxy+}``), the segment furthest to the left decides, and a choice that leads
nowhere is taken back: with ``/a/b/c`` and ``/a/{x}/d``, the path ``/a/b/d`` is the second. Captures
are percent-decoded and never empty; ``%2F`` inside a segment does not split it. One slash at the
end is ignored.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class _Node:
    """A position in the tree of segments; `greedy` is the parameter's name and the route."""

    __slots__ = ("greedy", "literals", "parameters", "route")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameters: dict[str, _Node] = {}
        self.greedy: tuple[str, str] | None = None
        self.route: str | None = None


class PathTable:
    """Finds the route, such as ``/users/{id}``, that a path matches."""

    def __init__(self, routes: Iterable[str]) -> None:
        self._literal: set[str] = set()
        self._root = _Node()
        # Sorted, so that of two parameters in the same place the same one always wins.
        for route in sorted(routes):
            if "{" not in route and "%" not in route:
                self._literal.add(route)
            self._add(route)

    def match(self, path: str) -> tuple[str, dict[str, str]] | None:
        """Return the route for a percent-encoded path, and what the parameters captured."""
        if path in self._literal:
            return path, {}
        if not path.startswith("/"):
            return None
        captures: list[tuple[str, str]] = []
        route = _walk(self._root, segments(path), 0, captures)
        return None if route is None else (route, dict(captures))

    def _add(self, route: str) -> None:
        problem = problem_of(route)
        if problem is not None:
            raise ValueError(problem)
        node = self._root
        for part in route.split("/")[1:] if route != "/" else ():
            name = part[1:-1] if part.startswith("{") and part.endswith("}") else ""
            if name.endswith("+"):
                node.greedy = node.greedy or (name[:-1], route)
                return
            children = node.parameters if name else node.literals
            node = children.setdefault(name or part, _Node())
        node.route = route


def problem_of(route: str) -> str | None:
    """Return why API Gateway would not take the route, None if it does."""
    if not route.startswith("/"):
        return f"a route begins with a slash: {route!r}"
    if any(part.startswith("{") and part.endswith("+}") for part in route.split("/")[:-1]):
        return f"nothing may follow a greedy parameter: {route!r}"
    return None


def segments(path: str) -> list[str]:
    """Return the decoded segments of a path: ``/a%20b/c/`` has ``["a b", "c"]``, ``/`` has none."""
    parts = path[1:].removesuffix("/").split("/") if len(path) > 1 else []
    if "%" not in path:
        return parts
    from urllib.parse import unquote  # noqa: PLC0415

    return [unquote(part) for part in parts]


def _walk(node: _Node, parts: list[str], index: int, captures: list[tuple[str, str]]) -> str | None:
    if index == len(parts):
        return node.route
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
        name, route = node.greedy
        rest = "/".join(parts[index:])
        if rest:
            captures.append((name, rest))
            return route
    return None
