"""What the toolchain knows of each trigger: one file a source, named as in ``runtime/events``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice.app import BaseEventSourceConfig, SQSEventConfig
from chalice.sources.base import Problem, Source, Target
from chalice.sources.sqs import SQSSource

__all__ = ["SOURCES", "Problem", "Source", "Target", "source_of"]

SOURCES: Mapping[type[BaseEventSourceConfig], Source[Any]] = {
    SQSEventConfig: SQSSource(),
}
"""What a decorator records -> its source."""


def source_of(trigger: BaseEventSourceConfig) -> Source[Any]:
    """Return the source that knows such triggers."""
    return SOURCES[type(trigger)]
