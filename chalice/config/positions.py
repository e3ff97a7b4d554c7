"""On which line of the configuration file each key and each list item stands."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chalice.config.kinds import Path

CONFIG_FILE = ".chalice/config.json"
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')


@dataclass(frozen=True)
class Positions:
    """Lines, from 1, by path; ``repeated`` lists the keys that stand twice in one object.

    A repeated key has the line of its last appearance, which is the one that counts.
    """

    lines: Mapping[Path, int] = field(default_factory=dict)
    repeated: Sequence[Path] = ()

    def line(self, path: Path) -> int:
        """Return the line of ``path``, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def place(self, path: Path) -> str:
        """Return the place of ``path``: ``.chalice/config.json:3``."""
        return f"{CONFIG_FILE}:{self.line(path)}" if self.lines else CONFIG_FILE


@dataclass
class Frame:
    """An object or list being read. ``at`` is where the next value goes; None before a key."""

    path: Path
    at: str | int | None
    keys: set[str] = field(default_factory=set)


def locate(text: str) -> Positions:
    """Return the positions in ``text``, which is valid JSON."""
    lines: dict[Path, int] = {}
    repeated: list[Path] = []
    frames: list[Frame] = []
    line, counted = 1, 0
    for token in TOKEN.finditer(text):
        line += text.count("\n", counted, token.start())
        counted = token.start()
        mark = token.group()
        frame = frames[-1] if frames else None
        if mark in ("]", "}"):
            frames.pop()
        elif mark == "," and frame is not None:
            frame.at = frame.at + 1 if isinstance(frame.at, int) else None
        elif mark == ":":
            continue
        elif frame is not None and frame.at is None:
            frame.at = key = json.loads(mark)
            path: Path = (*frame.path, key)
            lines[path] = line
            if key in frame.keys:
                repeated.append(path)
            frame.keys.add(key)
        else:
            path = () if frame is None or frame.at is None else (*frame.path, frame.at)
            if frame is None or isinstance(frame.at, int):
                lines[path] = line
            if mark in ("[", "{"):
                frames.append(Frame(path, 0 if mark == "[" else None))
    return Positions(lines, repeated)
