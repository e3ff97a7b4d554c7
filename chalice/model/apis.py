"""APIs in front of functions."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalice.model.fields import DIGEST, IDENTITY
from chalice.model.values import Document


@dataclass(frozen=True, kw_only=True)
class RestApi:
    """An API Gateway REST API and the one stage it serves ``document`` from.

    ``document`` is the whole API document. ``minimum_compression_size`` is in bytes, None for
    no compression. ``stage_key`` (``app/stage``) is how an API is recognised as ours.
    """

    name: str
    title: str
    stage_key: str = field(metadata=IDENTITY)
    document: Document = field(metadata=DIGEST)
    stage_name: str = field(metadata=IDENTITY)
    endpoint_type: str = "EDGE"
    minimum_compression_size: int | None = None
    tracing: bool = False
