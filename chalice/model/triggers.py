"""What makes events reach functions."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalice.model.fields import FIXED, NAME
from chalice.model.values import Document, Value


@dataclass(frozen=True, kw_only=True)
class EventSourceMapping:
    """Lambda reads ``source``, the ARN of a queue or a stream, and invokes ``function``.

    Up to ``batch_size`` records come at once, at most ``maximum_batching_window_in_seconds``
    after the first. ``filters`` are event filter patterns, of which a record must match one.
    ``reports_failures``: the function says which records of a batch come again.
    """

    name: str
    function: Value = field(metadata=NAME)
    source: Value = field(metadata=NAME)
    batch_size: int
    maximum_batching_window_in_seconds: int = 0
    maximum_concurrency: int | None = None
    starting_position: str | None = field(default=None, metadata=FIXED)
    filters: tuple[Document, ...] = ()
    reports_failures: bool = False
