"""Python values to compact JSON text."""

from __future__ import annotations

import json.encoder
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def handle_extra_types(obj: Any) -> Any:
    """What JSON makes of a type that it does not know; raises TypeError for all others.

    Decimal becomes a float, MultiDict its last values, CaseInsensitiveMapping a dict, bytes become
    text: as UTF-8 if they are that, else as base64.
    """
    decimal = sys.modules.get("decimal")
    if decimal is not None and isinstance(obj, decimal.Decimal):
        return float(obj)
    if isinstance(obj, bytes):
        return text_or_base64(obj)[0]
    from chalice.runtime.datastructures import CaseInsensitiveMapping, MultiDict  # noqa: PLC0415

    if isinstance(obj, MultiDict):
        return obj.last_values()
    if isinstance(obj, CaseInsensitiveMapping):
        return dict(obj)
    raise TypeError(f"Object of type {type(obj).__name__} is not JSON serializable")


def text_or_base64(data: bytes) -> tuple[str, bool]:
    """The bytes as text, and whether they had to be base64."""
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return base64_text(data), True


def base64_text(data: bytes) -> str:
    """Standard base64 on one line."""
    from binascii import b2a_base64  # noqa: PLC0415

    return b2a_base64(data, newline=False).decode("ascii")


def _default(obj: Any) -> Any:
    return handle_extra_types(obj)  # by its module's name, so that assigning to it has effect


def _portable_encoder() -> Callable[[Any], str]:
    return json.encoder.JSONEncoder(
        separators=(",", ":"), check_circular=False, default=_default
    ).encode


def _encoder() -> Callable[[Any], str]:
    """The C encoder, made once: `JSONEncoder.encode` makes a new one for every call.

    It keeps no record of the containers it is in (one encoder serves all threads), so a structure
    that contains itself ends in a RecursionError.
    """
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:  # not CPython
        return _portable_encoder()
    escape = json.encoder.encode_basestring_ascii
    try:
        chunks = make(None, _default, escape, None, ":", ",", False, False, True)
        chunks([0], 0)
    except TypeError:  # another signature than that of CPython 3.10 to 3.14
        return _portable_encoder()
    join = "".join
    return lambda value: join(chunks(value, 0))


encode = _encoder()
"""Compact JSON with ASCII escapes; raises TypeError for what `handle_extra_types` refuses."""
