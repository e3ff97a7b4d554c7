"""Layers of an image from the zips that functions run, the same bytes for the same contents."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from chalice.image import tar
from chalice.image.blobs import CHUNK, LAYER_GZIP, Blob
from chalice.image.tar import Entry

TASK_ROOT = "var/task"
"""Where Lambda's images have the code."""
_LEVEL = 6
_GZIP = 31  # of zlib: the deflate format in a gzip frame, with no date in it


@dataclass(frozen=True)
class Layer:
    """A compressed layer. ``diff_id`` is the digest of the archive before compression."""

    blob: Blob
    diff_id: str


def layer(path: Path, above: str, folder: Path) -> Layer:
    """Return the layer that puts the files of a zip under ``/var/task``.

    Of each name ``above`` is taken away: ``python/`` of the zips of Lambda layers. The layer's
    file is written into ``folder``, and is deleted by whoever owns that.
    """
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    plain, compressed = hashlib.sha256(), hashlib.sha256()
    descriptor, name = tempfile.mkstemp(prefix="layer-", suffix=".tar.gz", dir=folder)
    with os.fdopen(descriptor, "wb") as stream, zipfile.ZipFile(path) as source:

        def put(data: bytes) -> None:
            compressed.update(data)
            stream.write(data)

        for piece in tar.stream(_entries(source, above)):
            plain.update(piece)
            put(compressor.compress(piece))
        put(compressor.flush())
    made = Path(name)
    digest = f"sha256:{compressed.hexdigest()}"
    blob = Blob(LAYER_GZIP, digest, made.stat().st_size, lambda: made.open("rb"))
    return Layer(blob, f"sha256:{plain.hexdigest()}")


def _entries(source: zipfile.ZipFile, above: str) -> Iterator[Entry]:
    """Yield the folders and files of a zip, by name."""
    infos = {info.filename.removeprefix(above): info for info in source.infolist()}
    folders: set[str] = set()
    for name in sorted(infos):
        for folder in reversed(PurePosixPath(name).parents[:-1]):
            if str(folder) not in folders:
                folders.add(str(folder))
                yield Entry(f"{TASK_ROOT}/{folder}", 0, None)
        info = infos[name]
        is_executable = bool(info.external_attr >> 16 & 0o100)
        contents = _chunks(source, info)
        yield Entry(f"{TASK_ROOT}/{name}", info.file_size, contents, is_executable)


def _chunks(source: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with source.open(info) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
