"""The settings of pip, from its variables and its configuration files.

https://pip.pypa.io/en/stable/topics/configuration/
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from configparser import Error, RawConfigParser
from pathlib import Path

_SECTIONS = ("global", "install")


def settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return every setting under the name of its variable: ``PIP_INDEX_URL``.

    A variable goes before a file, and a file nearer to the user before another.
    """
    found: dict[str, str] = {}
    for path in _files(environ):
        parser = RawConfigParser(strict=False)
        try:
            parser.read(path, encoding="utf-8")
        except (OSError, Error, UnicodeDecodeError):
            continue  # pip itself says what is wrong with it
        for section in _SECTIONS:
            if parser.has_section(section):
                for name, value in parser.items(section):
                    found[f"PIP_{name.upper().replace('-', '_')}"] = value
    variables = {name: value for name, value in environ.items() if name.startswith("PIP_")}
    return {**found, **{name: value for name, value in variables.items() if value}}


def _files(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files that pip reads, the one that counts most last."""
    own = environ.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return
    home = Path(environ.get("HOME") or Path.home())
    name = "pip.ini" if sys.platform == "win32" else "pip.conf"
    for directory in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep):
        yield Path(directory, "pip", name)
    yield Path("/etc", name)
    if sys.platform == "darwin":
        yield home / "Library" / "Application Support" / "pip" / name
    if sys.platform == "win32":
        yield Path(environ.get("APPDATA") or home, "pip", name)
    yield home / ".pip" / name
    yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config", "pip", name)
    yield Path(environ.get("VIRTUAL_ENV") or sys.prefix, name)
    if own:
        yield Path(own)
