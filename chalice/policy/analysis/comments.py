"""Declarations in comments: ``# chalice: needs dynamodb:Query on orders``.

One in a function, or on the lines before its ``def`` or decorators, belongs to that function, any
other to its module. Several actions are separated by commas; without ``on`` any resource is meant.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from chalice.policy.analysis.findings import Declared, Place, Unresolved

_COMMENT = re.compile(r"#\s*chalice:\s*needs\b(.*)")
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z*?]+")


def read_declarations(
    source: str, tree: ast.Module, file: str
) -> tuple[dict[int, list[Declared]], list[Unresolved]]:
    """Return the declarations by line of their function (0: module), and what is not understood."""
    if "chalice:" not in source:
        return {}, []
    spans = list(_spans(tree))
    found: dict[int, list[Declared]] = {}
    wrong: list[Unresolved] = []
    for line, text in _comments(source):
        match = _COMMENT.match(text)
        if match is None:
            continue
        place = Place(file, line)
        owner = _owner(spans, line, source)
        for action, resource in _needs(match[1]):
            if _ACTION.fullmatch(action):
                found.setdefault(owner, []).append(Declared(action, resource, place))
            else:
                wrong.append(
                    Unresolved(
                        place,
                        f"the declaration names no action: `{text.strip()}`",
                        "write it as `# chalice: needs dynamodb:Query on orders`",
                    )
                )
    return found, wrong


def _needs(text: str) -> Iterator[tuple[str, str | None]]:
    actions, _, resources = text.partition(" on ")
    for action in actions.split(","):
        for resource in resources.split(",") if resources.strip() else [""]:
            yield action.strip(), resource.strip() or None


def _comments(source: str) -> Iterator[tuple[int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError):
        return  # the tokenizer is stricter than the parser about the end of a file


def _spans(tree: ast.Module) -> Iterator[tuple[int, int, int]]:
    """Yield first line (decorators included), last line and line of ``def`` of each function."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            yield first, node.end_lineno or node.lineno, node.lineno


def _owner(spans: list[tuple[int, int, int]], line: int, source: str) -> int:
    inside = [span for span in spans if span[0] <= line <= span[1]]
    if inside:
        return max(inside)[2]
    lines = source.splitlines()
    below = line
    while below < len(lines) and (not lines[below].strip() or lines[below].lstrip()[0] == "#"):
        if not lines[below].strip():
            return 0
        below += 1
    return next((start for first, _, start in spans if first == below + 1), 0)
