"""The image that an app is put on: an OCI image layout, or what ``docker save`` writes.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalice.errors import ToolError
from chalice.image.blobs import CHUNK, LAYER, MANIFEST, Blob, is_digest
from chalice.image.stores import Store

INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFESTS = (MANIFEST, "application/vnd.docker.distribution.manifest.v2+json")
PLATFORMS = {"x86_64": "amd64", "arm64": "arm64"}
"""Architectures as Lambda calls them, as images do."""
_DOCKER_LAYERS = {
    "application/vnd.docker.image.rootfs.diff.tar": LAYER,
    "application/vnd.docker.image.rootfs.diff.tar.gzip": f"{LAYER}+gzip",
}


@dataclass(frozen=True)
class Base:
    """The configuration of an image, and its layers, the lowest first."""

    config: Mapping[str, Any]
    layers: Sequence[Blob]


def read(store: Store, architecture: str, where: str) -> Base:
    """Return the image in ``store`` that runs on ``architecture``, ``x86_64`` or ``arm64``.

    Raises ToolError if there is none, or more than one.
    """
    if store.size("index.json") is not None:
        found = list(_of_layout(store, _json(store, "index.json")))
    elif store.size("manifest.json") is not None:
        found = list(_of_docker(store))
    else:
        raise ToolError(
            "the base image has neither `index.json` nor `manifest.json`",
            where=where,
            hint="make it with `skopeo copy docker://IMAGE oci-archive:base.tar`, or"
            " `docker save IMAGE -o base.tar`",
        )
    wanted = PLATFORMS[architecture]
    fitting = [base for base in found if _platform(base) == wanted]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        has = ", ".join(sorted({_platform(base) for base in found})) or "none"
        raise ToolError(
            f"the base image has no variant for {wanted} ({architecture}); it has: {has}",
            where=where,
            hint="get the image for that platform, or change `lambda_architecture`",
        )
    raise ToolError(
        f"{len(fitting)} images here run on {wanted}",
        where=where,
        hint="leave the one in it that the app is to be put on",
    )


def _platform(base: Base) -> str:
    return str(base.config.get("architecture", "unknown"))


def _of_layout(store: Store, index: Mapping[str, Any]) -> Iterator[Base]:
    """Yield the images of an index. What only describes an image (attestations) is none."""
    for descriptor in _objects(index.get("manifests")):
        architecture = (descriptor.get("platform") or {}).get("architecture")
        if architecture == "unknown":
            continue
        document = _blob(store, descriptor).document()
        media_type = document.get("mediaType") or descriptor.get("mediaType")
        if media_type in INDEXES or "manifests" in document:
            yield from _of_layout(store, document)
        elif media_type in MANIFESTS:
            yield Base(
                _blob(store, document.get("config")).document(),
                [_blob(store, layer) for layer in _objects(document.get("layers"))],
            )


def _of_docker(store: Store) -> Iterator[Base]:
    """Yield the images of an archive as Docker before version 25 writes it."""
    for image in _objects(_json(store, "manifest.json")):
        config = _json(store, str(image.get("Config")))
        layers = [_measured(store, str(name)) for name in image.get("Layers") or ()]
        if isinstance(config, dict):
            yield Base(config, layers)


def _measured(store: Store, name: str) -> Blob:
    """Return the blob of a file whose digest nothing tells."""
    size = store.size(name)
    if size is None:
        raise ToolError(f"the base image lacks its part `{name}`", hint="get the image anew")
    digest = hashlib.sha256()
    with store.open(name) as stream:
        start = stream.read(2)
        digest.update(start)
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    media_type = f"{LAYER}+gzip" if start == b"\x1f\x8b" else LAYER
    return Blob(media_type, f"sha256:{digest.hexdigest()}", size, lambda: store.open(name))


def _blob(store: Store, descriptor: object) -> Blob:
    if not isinstance(descriptor, dict) or not is_digest(descriptor.get("digest")):
        raise ToolError(f"the base image refers to {descriptor!r}, which is no sha256 digest")
    digest = descriptor["digest"]
    name = f"blobs/{digest.replace(':', '/')}"
    size = store.size(name)
    if size is None:
        raise ToolError(f"the base image lacks its part {digest}", hint="get the image anew")
    media_type = str(descriptor.get("mediaType"))
    media_type = _DOCKER_LAYERS.get(media_type, media_type)
    return Blob(media_type, digest, size, lambda: store.open(name))


def _json(store: Store, name: str) -> Any:
    try:
        with store.open(name) as stream:
            return json.load(stream)
    except (OSError, ValueError) as error:
        raise ToolError(f"`{name}` of the base image cannot be read: {error}") from error


def _objects(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
