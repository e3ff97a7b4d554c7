"""What a message in the log of a function tells: who wrote it, for which request, how grave it is.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from chalice.aws.log_events import LogEvent

_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_OF_LAMBDA = re.compile(
    r"(?:START|END|REPORT) RequestId|(?:INIT|RESTORE)_(?:START|REPORT)\b|(?:EXTENSION|TELEMETRY)\t"
)
_BEGIN = re.compile(rf"START RequestId: ({_ID})")
_LAST = re.compile(r"REPORT RequestId")
_NAMED = (
    re.compile(rf"(?:(?:START|END|REPORT) )?RequestId: ({_ID})"),
    re.compile(rf"\[[A-Z]+\]\t\S+Z\t({_ID})\t"),  # what the logging module writes in Python
    re.compile(rf"\S+Z ({_ID}) "),  # a time-out
)
_LEVEL = r"(DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)"
_LEVELS = (
    re.compile(rf"\[{_LEVEL}\]\s"),
    re.compile(rf"\S+ - {_LEVEL} - "),  # what app.log writes
)
_ID_KEYS = ("requestId", "AWSRequestId", "aws_request_id", "function_request_id")


def is_of_lambda(message: str) -> bool:
    """Whether Lambda itself wrote it, around what the function logs."""
    text = message.strip()
    return _OF_LAMBDA.match(text) is not None or _platform_type(_object(text)) is not None


def level_of(message: str) -> str | None:
    """Return the level of a message that has one: ``INFO``."""
    text = message.strip()
    level = _object(text).get("level")
    if isinstance(level, str):
        return level
    return _first_group(_LEVELS, text)


class Requests:
    """Tells the request of each event, shown all events of its log stream in order.

    An execution environment has one request at a time, so what it logs between the messages that
    begin and end one is of that request.
    """

    def __init__(self) -> None:
        self._running: dict[tuple[str, str], str] = {}

    def id_of(self, event: LogEvent) -> str | None:
        """Return the id of the request that the event is of, None if it cannot be told."""
        text = event.message.strip()
        document = _object(text)
        kind = _platform_type(document)
        named = _named_in(text, document)
        stream = event.function, event.stream
        request = named or self._running.get(stream)
        if named and (_BEGIN.match(text) or kind == "platform.start"):
            self._running[stream] = named
        elif _LAST.match(text) or kind == "platform.report":
            self._running.pop(stream, None)
        return request


def _named_in(text: str, document: Mapping[str, object]) -> str | None:
    record = document.get("record")
    for values in (document, record if isinstance(record, dict) else {}):
        for key in _ID_KEYS:
            value = values.get(key)
            if isinstance(value, str):
                return value
    return _first_group(_NAMED, text)


def _first_group(patterns: Iterable[re.Pattern[str]], text: str) -> str | None:
    for pattern in patterns:
        found = pattern.match(text)
        if found is not None:
            return found.group(1)
    return None


def _platform_type(document: Mapping[str, object]) -> str | None:
    """Return the type of a message that Lambda writes where the log format is JSON."""
    kind = document.get("type")
    if isinstance(kind, str) and kind.startswith("platform.") and "record" in document:
        return kind
    return None


def _object(text: str) -> Mapping[str, object]:
    """Return the JSON object that the message is, an empty one if it is none."""
    if not text.startswith("{"):
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
