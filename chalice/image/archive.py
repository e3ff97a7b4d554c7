"""The file that holds a finished image: ``docker load`` takes it, and so does ``skopeo copy``.

It is an OCI image layout that has Docker's ``manifest.json`` beside its own ``index.json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from chalice.files import replacing
from chalice.image import tar
from chalice.image.blobs import Blob
from chalice.image.tar import Entry


def write(path: Path, manifest: Blob, config: Blob, layers: Sequence[Blob], tag: str) -> None:
    """Write an image, called ``tag``, whole or not at all.

    Raises OSError with nothing left behind when the disk does not take it.
    """
    with replacing(path, ".image-") as stream:
        for piece in tar.stream(_entries(manifest, config, layers, tag)):
            stream.write(piece)


def _entries(manifest: Blob, config: Blob, layers: Sequence[Blob], tag: str) -> Iterator[Entry]:
    index = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [
            {
                **manifest.descriptor(),
                "annotations": {
                    "io.containerd.image.name": f"docker.io/library/{tag}",
                    "org.opencontainers.image.ref.name": tag.rpartition(":")[2],
                },
            }
        ],
    }
    docker = [
        {
            "Config": _name(config),
            "RepoTags": [tag],
            "Layers": [_name(layer) for layer in layers],
        }
    ]
    yield _document("oci-layout", {"imageLayoutVersion": "1.0.0"})
    yield _document("index.json", index)
    yield _document("manifest.json", docker)
    blobs = {blob.digest: blob for blob in (manifest, config, *layers)}
    for digest in sorted(blobs):
        blob = blobs[digest]
        yield Entry(_name(blob), blob.size, blob.chunks())


def _name(blob: Blob) -> str:
    return f"blobs/{blob.digest.replace(':', '/')}"


def _document(name: str, document: object) -> Entry:
    data = json.dumps(document, indent=2).encode() + b"\n"
    return Entry(name, len(data), [data])
