"""Times as AWS writes them."""

from __future__ import annotations

from datetime import datetime, timezone


def iso_milliseconds(seconds: float) -> str:
    """Return ``2026-01-31T12:00:00.123Z`` for seconds since 1970."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def iso_seconds(seconds: float) -> str:
    """Return ``2026-01-31T12:00:00Z`` for seconds since 1970."""
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
