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
from typing import NamedTuple

from chalice.policy.analysis.findings import Declared, Place, Unresolved

_COMMENT = re.compile(r"#\s*chalice:\s*needs\b(.*)")
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z*?]+")


class _Span(NamedTuple):
    """A function: first line (decorators included), last line, line and column of ``def``."""

    first: int
    last: int
    line: int
    column: int


def read_declarations(
    source: str, tree: ast.Module, file: str
) -> tuple[dict[int, list[Declared]], list[Unresolved]]:
    """Return the declarations by line of their function (0: module), and what is not understood."""
    if "chalice:" not in source:
        return {}, []
    spans = list(_spans(tree))
    found: dict[int, list[Declared]] = {}
    wrong: list[Unresolved] = []
    lines = source.splitlines()
    for line, column, text in _comments(source):
        match = _COMMENT.match(text)
        if match is None:
            continue
        place = Place(file, line)
        owner = _owner(spans, line, column, lines)
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


def _comments(source: str) -> Iterator[tuple[int, int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                yield *token.start, token.string
    except (tokenize.TokenError, SyntaxError):
        return  # the tokenizer is stricter than the parser about the end of a file


def _spans(tree: ast.Module) -> Iterator[_Span]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            last = node.end_lineno or node.lineno
            yield _Span(first, last, node.lineno, node.col_offset)


def _owner(spans: list[_Span], line: int, column: int, lines: list[str]) -> int:
    """Return the line of the ``def`` that a comment belongs to, 0 when it is the module's."""
    inside = [span for span in spans if _is_inside(span, line, column, lines)]
    if inside:
        return max(inside, key=lambda span: span.first).line
    for below in range(line, len(lines)):
        text = lines[below].strip()
        if not text:
            return 0
        if not text.startswith("#"):
            return next((span.line for span in spans if span.first == below + 1), 0)
    return 0


def _is_inside(span: _Span, line: int, column: int, lines: list[str]) -> bool:
    if span.first <= line <= span.last:
        return True
    # The last lines of a function may be comments, which no statement counts in.
    between = lines[span.last : line]
    return (
        span.last < line
        and column > span.column
        and all(not text.strip() or text.lstrip().startswith("#") for text in between)
    )
