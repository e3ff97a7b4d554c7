"""Which records of a source a function wants: the filter criteria of an event source mapping.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from chalice.cloud.delivery.patterns import Pattern

Record: TypeAlias = Mapping[str, Any]
"""A record as the function gets it."""


class Filters:
    """The filters of a mapping: a record must match one of them, if there are any.

    ``criteria`` is AWS's ``FilterCriteria``. What a record carries (the body of a message, the
    data of a Kinesis record) is matched as JSON, and only if the record holds JSON. A message
    whose body is no JSON can be matched as text.
    """

    def __init__(self, criteria: Mapping[str, Any] | None) -> None:
        filters = (criteria or {}).get("Filters") or []
        self._patterns = [Pattern.parse(each["Pattern"]) for each in filters]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._patterns)

    def let_through(self, record: Record) -> bool:
        """Whether the function wants the record."""
        if not self._patterns:
            return True
        event, carrier = _event(record)
        return any(self._matches(pattern, event, carrier) for pattern in self._patterns)

    def _matches(self, pattern: Pattern, event: Record, carrier: str) -> bool:
        wanted = pattern.document.get(carrier)
        if wanted is not None and isinstance(wanted, list) is _is_json(event.get(carrier)):
            return False
        return pattern.matches(event)


def _event(record: Record) -> tuple[Record, str]:
    """Return what a pattern is matched with, and the name in it of what the record carries."""
    if "kinesis" in record:
        kinesis = record["kinesis"]
        try:
            data = _decoded(base64.b64decode(kinesis["data"], validate=True).decode())
        except (binascii.Error, UnicodeDecodeError):
            data = None
        details = {**kinesis, "data": data}
        return {**record, **details, "kinesis": details}, "data"
    if "body" in record:
        return {**record, "body": _decoded(record["body"])}, "body"
    return record, ""


def _decoded(text: str) -> object:
    """The JSON object or array in ``text``, else ``text``."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if _is_json(value) else text


def _is_json(value: object) -> bool:
    return isinstance(value, (dict, list))
