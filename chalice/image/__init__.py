"""Container images, put together without Docker: the layers of a base, and the app's above them.

https://github.com/opencontainers/image-spec
"""

from __future__ import annotations

import errno
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalice.errors import ToolError
from chalice.image import archive, bases, stores
from chalice.image.bases import PLATFORMS, Base
from chalice.image.blobs import CONFIG, MANIFEST, Blob, of_document
from chalice.image.layers import TASK_ROOT, Layer, layer
from chalice.image.references import is_file, parse
from chalice.image.registry import pull

__all__ = ["Part", "build", "located"]

_CLIENT = "awslambdaric"
"""The module of Lambda's runtime interface client, without which no image runs on Lambda."""


@dataclass(frozen=True)
class Part:
    """A zip whose files become a layer under ``/var/task``; ``above`` is cut off their names."""

    path: Path
    above: str = ""


def located(
    text: str,
    project_dir: Path,
    architecture: str,
    say: Callable[[str], None],
    environment: Mapping[str, str],
) -> Path:
    """Return where the base image called ``text`` lies, getting it first if a registry has it.

    Files are seen from the project. What registries have is kept in the user's cache folder.
    """
    reference = None if is_file(text, project_dir) else parse(text)
    if reference is None:
        return project_dir / Path(text).expanduser()
    cache = environment.get("XDG_CACHE_HOME")
    folder = (Path(cache) if cache else Path.home() / ".cache") / "chalice" / "images"
    return pull(reference, architecture, folder, say, environment)


def build(
    base: Path, parts: Sequence[Part], path: Path, *, architecture: str, handler: str, tag: str
) -> str:
    """Write the image of ``parts``, the lowest first, on ``base``; return its digest.

    ``architecture`` is ``x86_64`` or ``arm64``. ``handler`` is what the image runs when nothing
    else is said. The file at ``path`` is called ``tag`` once loaded. Raises ToolError, and leaves
    what was at ``path`` as it was, when the base does not fit or a disk refuses.
    """
    try:
        with (
            tempfile.TemporaryDirectory(prefix="chalice-image-") as folder,
            stores.opened(base) as store,
        ):
            found = bases.read(store, architecture, str(base))
            made = [layer(part.path, part.above, Path(folder)) for part in parts]
            entry = _entry(found, parts, base)
            config = of_document(_config(found, made, entry, architecture, handler), CONFIG)
            layers = [*found.layers, *(each.blob for each in made)]
            manifest = of_document(_manifest(config, layers), MANIFEST)
            archive.write(path, manifest, config, layers, tag)
    except OSError as error:
        hint = "free some space on the disk" if error.errno == errno.ENOSPC else None
        raise ToolError(
            f"cannot write the image: {error.strerror or error}", where=str(path), hint=hint
        ) from error
    return manifest.digest


def _entry(base: Base, parts: Sequence[Part], where: Path) -> Mapping[str, Any]:
    """Return what starts the handler: the base's own program, or Lambda's client for Python."""
    if (base.config.get("config") or {}).get("Entrypoint"):
        return {}
    if not any(_has_client(part) for part in parts):
        raise ToolError(
            "the base image has no entry point, and the app brings none",
            where=str(where),
            hint=f"add `{_CLIENT}` to requirements.txt, or use an image that AWS makes for Lambda",
        )
    env = (base.config.get("config") or {}).get("Env") or []
    return {
        "Entrypoint": ["python3", "-m", _CLIENT],
        "Env": [*env, f"LAMBDA_TASK_ROOT=/{TASK_ROOT}"],
    }


def _has_client(part: Part) -> bool:
    with zipfile.ZipFile(part.path) as source:
        return f"{part.above}{_CLIENT}/__main__.py" in source.namelist()


def _config(
    base: Base, layers: Sequence[Layer], entry: Mapping[str, Any], architecture: str, handler: str
) -> dict[str, Any]:
    """Return the configuration of the image: the base's, on which the app is."""
    of_base = dict(base.config)
    runs = {
        **(of_base.get("config") or {}),
        **entry,
        "Cmd": [handler],
        "WorkingDir": f"/{TASK_ROOT}",
    }
    rootfs = of_base.get("rootfs") or {}
    below = list(rootfs.get("diff_ids") or ())
    if len(below) != len(base.layers):
        raise ToolError(
            f"the base image has {len(base.layers)} layers and describes {len(below)}",
            hint="get the image anew",
        )
    history = [{"created_by": "chalice package", "comment": "the app"} for _ in layers]
    return {
        **of_base,
        "architecture": PLATFORMS[architecture],
        "os": "linux",
        "config": runs,
        "rootfs": {"type": "layers", "diff_ids": [*below, *(each.diff_id for each in layers)]},
        "history": [*(of_base.get("history") or ()), *history],
    }


def _manifest(config: Blob, layers: Sequence[Blob]) -> dict[str, Any]:
    return {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config.descriptor(),
        "layers": [each.descriptor() for each in layers],
    }
