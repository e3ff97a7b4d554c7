"""How a source says that there may be something to read."""

from __future__ import annotations

from typing import Protocol


class Arrivals(Protocol):
    """What waits for messages and records, told from any thread."""

    def arrived(self, source_arn: str) -> None:
        """The source has something new."""
