"""Any Python file as a program in which everything is called."""

from __future__ import annotations

import ast
import tokenize
import warnings
from pathlib import Path


def everything_called(path: Path) -> str | None:
    """Return the source with calls of all its functions and classes; None if it is no Python."""
    try:
        with tokenize.open(path) as stream:
            source = stream.read()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    calls = []
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                calls.append(f"{name}(*unknown_, **unknown_)")
            case ast.ClassDef(name=name, body=body):
                calls.append(f"it_ = {name}(*unknown_, **unknown_)")
                calls += [
                    f"it_.{each.name}(*unknown_, **unknown_)"
                    for each in body
                    if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
                ]
    return "\n".join([source, "from unknown_ import unknown_", *calls, ""])
