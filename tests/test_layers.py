"""Imports point down only, and each foreign library has its one owner."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "chalice"

# Top row first. A room may import from the rows below its own, never sideways or up.
ROWS: tuple[tuple[str, ...], ...] = (
    ("__main__",),
    ("cli", "cdk", "pytest_plugin"),
    ("test",),
    ("deploy", "package", "local", "cloud"),
    ("assembly", "render"),
    ("gateway", "aws", "bundle", "image", "policy", "plan"),
    ("graph",),
    ("sources",),
    ("openapi", "config"),
    ("app",),
    ("model", "runtime", "errors", "constants", "files", "iam"),
)
OWNERS: dict[str, tuple[str, ...]] = {
    "botocore": ("aws", "cloud"),
    "boto3": ("cloud", "render"),
    "moto": ("cloud",),
    "aws_cdk": ("cdk",),
    "constructs": ("cdk",),
    "uvicorn": ("cloud", "gateway", "local"),
    "watchfiles": ("local",),
    "click": ("cli",),
    "rich": ("cli",),
    "pytest": ("pytest_plugin",),
    "subprocess": ("bundle", "cloud", "test"),
}
RANK = {room: rank for rank, row in enumerate(ROWS) for room in row}


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            module = node.module or ""
            yield node.lineno, module
            if module == "chalice":
                yield from ((node.lineno, f"chalice.{alias.name}") for alias in node.names)


MODULES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    room = room_of(path)
    assert room in RANK, f"{room} has no row in the house"
    breaches = []
    for line, module in imports(path):
        parts = module.split(".")
        if parts[0] == "chalice" and len(parts) > 1 and parts[1] in RANK:
            other = parts[1]
            if other != room and RANK[other] <= RANK[room]:
                breaches.append(f"{path}:{line}: {room} imports {other}")
        owners = OWNERS.get(parts[0])
        if owners is not None and room not in owners:
            breaches.append(f"{path}:{line}: {room} imports {parts[0]}, which {owners} own")
    assert not breaches, "\n".join(breaches)


def test_only_the_command_line_prints() -> None:
    breaches = []
    for path in MODULES:
        if room_of(path) == "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="print" | "exit" | "quit" as name)):
                    breaches.append(f"{path}:{node.lineno}: {name}()")
    assert not breaches, "\n".join(breaches)
