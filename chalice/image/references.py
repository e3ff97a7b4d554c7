"""Names of images in registries: ``public.ecr.aws/lambda/python:3.12``.

https://github.com/distribution/reference
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_NAME = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATTERN = re.compile(
    rf"(?:(?P<host>[A-Za-z0-9.-]+(?::[0-9]+)?|\[[0-9a-f:]+\](?::[0-9]+)?)/)?"
    rf"(?P<name>{_NAME}(?:/{_NAME})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_HUB = "registry-1.docker.io"


@dataclass(frozen=True)
class Reference:
    """An image in a registry. ``version`` is a tag or a digest."""

    host: str
    name: str
    version: str

    def __str__(self) -> str:
        between = "@" if self.is_fixed else ":"
        return f"{self.host}/{self.name}{between}{self.version}"

    @property
    def is_fixed(self) -> bool:
        """Whether it always means the same image."""
        return self.version.startswith("sha256:")


def parse(text: str) -> Reference | None:
    """Return what ``text`` refers to, None if it is no name of an image in a registry.

    The first part is a host if it has a dot or a port, as Docker reads it; without one the image
    is Docker Hub's.
    """
    found = _PATTERN.fullmatch(text.removeprefix("docker://"))
    if found is None:
        return None
    host, name = found["host"] or "", found["name"]
    if host and not ("." in host or ":" in host or host == "localhost"):
        host, name = "", f"{host}/{name}"
    if host in ("", "docker.io"):
        host, name = _HUB, name if "/" in name else f"library/{name}"
    return Reference(host, name, found["digest"] or found["tag"] or "latest")


def is_file(text: str, project_dir: Path) -> bool:
    """Say whether ``text`` means a file or folder, not an image in a registry."""
    return text.startswith((".", "/", "~")) or (project_dir / text).exists() or parse(text) is None
