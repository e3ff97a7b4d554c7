"""What a user's own template adds to ours, or puts in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merged(template: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``template`` with ``extra`` in it: objects are merged, all else is replaced.

    Lists are not joined and null stays null. Keys keep their order, new ones come last.
    """
    result = dict(template)
    for key, value in extra.items():
        present = result.get(key)
        if isinstance(present, Mapping) and isinstance(value, Mapping):
            result[key] = merged(present, value)
        else:
            result[key] = value
    return result
