"""Media types that API Gateway treats as binary."""

from __future__ import annotations

from collections.abc import Iterable


class MediaTypes:
    """A set such as ``["image/png", "audio/*"]``; ``*/*`` in it means everything.

    A header matches by its *first* media type alone: that is API Gateway's rule for ``Accept``.
    """

    def __init__(self, types: Iterable[str]) -> None:
        self._types = frozenset(item.strip().lower() for item in types)
        self._everything = "*/*" in self._types

    def match(self, header: str) -> bool:
        """Say whether the first media type of a ``Content-Type`` or ``Accept`` is one of these."""
        if self._everything:
            return True
        first = header.partition(",")[0].partition(";")[0].strip().lower()
        return first in self._types or f"{first.partition('/')[0]}/*" in self._types
