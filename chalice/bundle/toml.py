"""TOML, read with the standard library where that can."""

from __future__ import annotations

import sys
from typing import Any


def parse(text: str) -> dict[str, Any]:
    """Return the tables of a document. Raises ``ValueError`` for what is no TOML."""
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415
    else:
        import tomli as tomllib  # noqa: PLC0415
    tables: dict[str, Any] = tomllib.loads(text)
    return tables
