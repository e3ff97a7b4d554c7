"""How APIs are recognised as ours, and what they serve as what they should.

An API carries the stage it belongs to (``app/stage``) as a tag. Each deployment has the digest of
what it serves in its description, so that it can be compared without exporting the API.
"""

from __future__ import annotations

from chalice.model.values import Document, digest

TAG = "chalice-stage"
_DIGEST = "document sha256:"


def description_of(document: Document) -> str:
    """Return the description of a deployment that serves ``document``."""
    return _DIGEST + digest(document)


def digest_in(description: str) -> str:
    """Return the digest in a deployment's description, or what stands there in its place."""
    return description.removeprefix(_DIGEST)
