"""Projects given as texts, and what the analysis says of them in a short form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

from chalice.aws.models import BotocoreModels
from chalice.policy.analysis import Findings, analyse, discover


@lru_cache(maxsize=1)
def models() -> BotocoreModels:
    return BotocoreModels()


def findings(
    source: str | Mapping[str, str],
    environment: Mapping[str, str] | None = None,
    functions: Mapping[str, str] | None = None,
) -> Mapping[str, Findings]:
    """Analyse a project: the text of app.py, or texts by path; its own functions by default."""
    files = {"app.py": source} if isinstance(source, str) else source
    with TemporaryDirectory() as directory:
        for name, text in files.items():
            path = Path(directory, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        found = functions or discover(Path(directory), models()) or {"api_handler": "app.app"}
        return analyse(Path(directory), found, lambda _: environment or {}, models())


def only(source: str | Mapping[str, str], environment: Mapping[str, str] | None = None) -> Findings:
    """Analyse a project that has one function."""
    [found] = findings(source, environment).values()
    return found


def operations(found: Findings) -> set[str]:
    """Return the calls without their parameters: ``{"s3:GetObject"}``."""
    return {f"{call.service}:{call.operation}" for call in found.calls}


def parameter(found: Findings, operation: str, name: str) -> list[object]:
    """Return the values of a parameter in all calls of an operation."""
    return [
        call.parameters.get(name, "not passed")
        for call in found.calls
        if call.operation == operation
    ]
