"""Patterns of paths, as ``bundle_include`` and ``bundle_exclude`` have them.

``*`` is anything but ``/``, ``?`` one such character, ``**`` any number of directories. What names
a directory is about all that is in it. A pattern counts from the top.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

_PARTS = re.compile(r"(\*\*/?|\*|\?)")


@dataclass(frozen=True)
class Patterns:
    """Patterns, any of which a path may match."""

    written: Sequence[str] = ()

    def __contains__(self, path: str) -> bool:
        return bool(self.written) and self._matcher.fullmatch(path) is not None

    @cached_property
    def _matcher(self) -> re.Pattern[str]:
        return re.compile("|".join(_translated(pattern) for pattern in self.written))

    def unused(self, paths: Sequence[str]) -> Iterator[str]:
        """Yield the patterns that none of the paths matches."""
        for pattern in self.written:
            matcher = re.compile(_translated(pattern))
            if not any(matcher.fullmatch(path) for path in paths):
                yield pattern

    @property
    def starts(self) -> Sequence[str]:
        """The directories or files, one for each pattern, that all it matches is in."""
        return sorted({_start(pattern) for pattern in self.written})


def _start(pattern: str) -> str:
    plain: list[str] = []
    for part in pattern.removeprefix("./").strip("/").split("/"):
        if _PARTS.search(part):
            break
        plain.append(part)
    return "/".join(plain)


def _translated(pattern: str) -> str:
    words = {"*": "[^/]*", "?": "[^/]", "**": ".*", "**/": "(?:.*/)?"}
    pieces = _PARTS.split(pattern.removeprefix("./").strip("/"))
    return "".join(words.get(piece) or re.escape(piece) for piece in pieces) + "(?:/.*)?"
