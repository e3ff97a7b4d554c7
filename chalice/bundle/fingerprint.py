"""A digest of named parts, such that no two different lists of parts share one."""

from __future__ import annotations

import hashlib


class Fingerprint:
    """SHA-256 over parts in the order given; each is framed by its length."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, *parts: str | bytes) -> None:
        """Take in text and bytes; ``add("ab", "c")`` differs from ``add("a", "bc")``."""
        for part in parts:
            data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
            self._hash.update(b"%d:" % len(data))
            self._hash.update(data)

    def hexdigest(self) -> str:
        """The digest of what was added so far."""
        return self._hash.hexdigest()
