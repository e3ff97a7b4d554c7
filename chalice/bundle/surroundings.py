"""What uv finds around it: where it is itself, its variables and pip's, its files of settings."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from chalice.bundle import pip

_PIP_MORE = "PIP_EXTRA_INDEX_URL"
# What pip reads -> what uv reads, unless one of the uv names is already set; the separator
# that uv wants between several values.
_PIP_NAMES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("PIP_INDEX_URL", ("UV_DEFAULT_INDEX", "UV_INDEX_URL"), " "),
    (_PIP_MORE, ("UV_INDEX", "UV_EXTRA_INDEX_URL"), " "),
    ("PIP_NO_INDEX", ("UV_NO_INDEX",), " "),
    ("PIP_FIND_LINKS", ("UV_FIND_LINKS",), ","),
    ("PIP_TRUSTED_HOST", ("UV_INSECURE_HOST",), " "),
    ("PIP_CERT", ("SSL_CERT_FILE",), " "),
)
# Variables of uv that say how it works, not what it installs.
_NO_EFFECT = re.compile(
    r"UV_(CACHE_DIR|LINK_MODE|NO_PROGRESS|OFFLINE|SYSTEM_CERTS|NATIVE_TLS|CONCURRENT_\w+|HTTP_\w+"
    r"|PYTHON\w*|TOOL_\w+|\w+_(USERNAME|PASSWORD|TOKEN))"
)
_NAMING_FILES = (
    "UV_CONFIG_FILE", "UV_CONSTRAINT", "UV_BUILD_CONSTRAINT", "UV_OVERRIDE", "UV_EXCLUDE"
)  # fmt: skip


def find_binary() -> str:
    """The uv that is installed with chalice, else the one on ``PATH``; FileNotFoundError."""
    try:
        from uv import find_uv_bin  # noqa: PLC0415 - absent where people bring their own uv

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        binary = shutil.which("uv")
        if binary is None:
            raise FileNotFoundError("uv") from None
        return binary


def uv_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The caller's variables, with pip's taken over; output that can be parsed."""
    ours = {"UV_NO_WRAP": "1", "UV_NO_EDITABLE": "1", "UV_PYTHON_DOWNLOADS": "never"}
    configured = pip.settings(environ)
    for theirs, names, separator in _PIP_NAMES:
        value = configured.get(theirs)
        if value and not any(environ.get(name) for name in names):
            ours[names[0]] = separator.join(value.split())
            if theirs == _PIP_MORE:
                # As pip, ask the others too for what the first that knows a name has not.
                ours["UV_INDEX_STRATEGY"] = environ.get("UV_INDEX_STRATEGY", "unsafe-first-match")
    return {**environ, **ours}


def choices(project_dir: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, str, bytes]]:
    """Yield kind, name and contents of what may lead uv to choose other packages."""
    for name, value in sorted(environ.items()):
        if name.startswith("UV_") and not _NO_EFFECT.fullmatch(name):
            yield "variable", name, value.encode("utf-8", "surrogateescape")
    for path in _settings(project_dir, environ):
        if path.is_file():
            yield "settings", path.name, path.read_bytes()


def _settings(project_dir: Path, environ: Mapping[str, str]) -> list[Path]:
    """The files that uv may take settings from, here and for the user and the machine."""
    project = project_dir.resolve()
    home = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return [
        *(folder / name for folder in (project, *project.parents)
          for name in ("uv.toml", "pyproject.toml")),
        *(project / name for variable in _NAMING_FILES
          for name in environ.get(variable, "").split()),
        home / "uv" / "uv.toml",
        Path("/etc/uv/uv.toml"),
    ]  # fmt: skip
