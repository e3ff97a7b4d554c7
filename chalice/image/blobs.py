"""Pieces of an image, each named by the digest of its bytes.

https://github.com/opencontainers/image-spec/blob/main/descriptor.md
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from chalice.errors import ToolError

CHUNK = 1 << 20
_DIGEST = re.compile("sha256:[0-9a-f]{64}")

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
LAYER_GZIP = f"{LAYER}+gzip"


@dataclass(frozen=True)
class Blob:
    """``size`` bytes with that ``digest``, ``sha256:…``; ``open`` gives them, each time anew."""

    media_type: str
    digest: str
    size: int
    open: Callable[[], IO[bytes]]

    def descriptor(self) -> dict[str, Any]:
        """Return what refers to the blob."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size}

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes. Raises ToolError if they are not what the digest says."""
        seen, size = hashlib.sha256(), 0
        with self.open() as stream:
            while chunk := stream.read(CHUNK):
                seen.update(chunk)
                size += len(chunk)
                yield chunk
        if f"sha256:{seen.hexdigest()}" != self.digest or size != self.size:
            raise ToolError(
                f"the base image is damaged: its part {self.digest} has other contents",
                hint="get the image anew",
            )

    def read(self) -> bytes:
        """Return all bytes, checked."""
        return b"".join(self.chunks())

    def document(self) -> dict[str, Any]:
        """Return the JSON object that the bytes are. Raises ToolError if they are not one."""
        try:
            document = json.loads(self.read())
        except ValueError as error:
            raise ToolError(f"the base image's part {self.digest} is not JSON") from error
        if not isinstance(document, dict):
            raise ToolError(f"the base image's part {self.digest} is not a JSON object")
        return document


def of_bytes(data: bytes, media_type: str) -> Blob:
    """Return the blob of bytes in memory."""
    return Blob(media_type, digest_of(data), len(data), lambda: BytesIO(data))


def of_document(document: Mapping[str, Any], media_type: str) -> Blob:
    """Return the blob of a JSON object, the same for equal objects."""
    return of_bytes(
        json.dumps(document, sort_keys=True, separators=(",", ":")).encode(), media_type
    )


def digest_of(data: bytes) -> str:
    """Return the digest of bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def is_digest(text: object) -> bool:
    """Say whether ``text`` is a digest as images have them: nothing else becomes a path."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None
