"""What JSON makes of types that it does not know."""

from __future__ import annotations

import sys

from chalice.runtime.encoding import text_or_base64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def handle_extra_types(obj: Any) -> Any:
    """What JSON makes of a type that it does not know; raises TypeError for all others.

    Decimal becomes a float; datetime, date and time become ISO 8601 text, UUID and Path their text,
    an Enum its value, a dataclass a dict, a set a list; MultiDict its last values,
    CaseInsensitiveMapping a dict; bytes become text: as UTF-8 if they are that, else as base64.
    """
    if isinstance(obj, bytes):
        return text_or_base64(obj)[0]
    if isinstance(obj, (set, frozenset)):
        return list(obj)
    for module, name, convert in _CONVERSIONS:
        loaded = sys.modules.get(module)  # an object of a class means that its module is loaded
        if loaded is not None and isinstance(obj, vars(loaded)[name]):
            return convert(obj)
    if hasattr(obj, "__dataclass_fields__") and not isinstance(obj, type):
        from dataclasses import fields  # noqa: PLC0415

        return {field.name: getattr(obj, field.name) for field in fields(obj)}
    from chalice.runtime.datastructures import CaseInsensitiveMapping, MultiDict  # noqa: PLC0415

    if isinstance(obj, MultiDict):
        return obj.last_values()
    if isinstance(obj, CaseInsensitiveMapping):
        return dict(obj)
    raise TypeError(f"Object of type {type(obj).__name__} is not JSON serializable")


_CONVERSIONS: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("decimal", "Decimal", float),
    ("datetime", "date", lambda date: date.isoformat()),
    ("datetime", "time", lambda time: time.isoformat()),
    ("uuid", "UUID", str),
    ("enum", "Enum", lambda member: member.value),
    ("pathlib", "PurePath", str),
)
