"""What a user's own files beside the template refer to."""

from __future__ import annotations

from pathlib import Path

NULL_DATA_SOURCE = "null_data_source.chalice"
"""What templates of AWS Chalice have the names of app and stage in."""
_PATTERNS = ("*.tf", "*.tf.json")


def uses_null_data_source(folder: Path, template: str) -> bool:
    """Return whether a file in ``folder`` other than the template reads that data source."""
    return any(
        NULL_DATA_SOURCE in path.read_text(encoding="utf-8", errors="replace")
        for pattern in _PATTERNS
        for path in folder.glob(pattern)
        if path.name != template
    )
