"""The files of the console's pages, which the package brings along."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

_TYPES = {
    "css": b"text/css; charset=utf-8",
    "html": b"text/html; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "svg": b"image/svg+xml",
}


def find_page(name: str) -> tuple[bytes, bytes] | None:
    """Return type and content of a file: ``main.js``, and nothing for the page itself."""
    return _pages().get(name or "index.html")


@lru_cache(maxsize=1)
def _pages() -> dict[str, tuple[bytes, bytes]]:
    return {
        each.name: (_TYPES[each.name.rpartition(".")[2]], each.read_bytes())
        for each in files("chalice.local.console").joinpath("static").iterdir()
        if each.is_file() and each.name.rpartition(".")[2] in _TYPES
    }
