"""Function logs in CloudWatch Logs: written without an API call, and no more than fit in memory."""

from __future__ import annotations

from collections.abc import Sequence

from moto.logs.models import LogGroup, logs_backends

MAX_EVENTS = 5_000
"""Events kept in one log group of a function; the oldest go first."""
MAX_STREAMS = 200
"""Log streams kept in one log group of a function."""


def write_log_events(
    account: str, region: str, group: str, stream: str, events: Sequence[tuple[int, str]]
) -> None:
    """Put ``events`` (milliseconds since 1970 and message, oldest first) into a log stream.

    The group and the stream are made where they are missing, as Lambda does.
    """
    backend = logs_backends[account][region]
    backend.ensure_log_group(group)
    backend.ensure_log_stream(group, stream)
    kept = [{"timestamp": at, "message": message} for at, message in events[-MAX_EVENTS:]]
    backend.put_log_events(group, stream, kept)
    _trim(backend.groups[group])


def _trim(group: LogGroup) -> None:
    excess = sum(len(stream.events) for stream in group.streams.values()) - MAX_EVENTS
    for name, stream in list(group.streams.items()):
        if excess > 0:
            dropped = min(excess, len(stream.events))
            stream.stored_bytes -= sum(len(event.message) for event in stream.events[:dropped])
            del stream.events[:dropped]
            excess -= dropped
        if not stream.events and len(group.streams) > MAX_STREAMS:
            del group.streams[name]
    for name in list(group.streams)[:-MAX_STREAMS]:
        del group.streams[name]
