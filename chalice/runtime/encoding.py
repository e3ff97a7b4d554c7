"""Python values to compact JSON text."""

from __future__ import annotations

import json.encoder
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
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


def _json_chunks() -> Callable[[Any, int], Iterable[str]]:
    """The C encoder, made once: `JSONEncoder.encode` makes a new one for every call.

    It keeps no record of the containers it is in (one encoder serves all threads), so a structure
    that contains itself ends in a RecursionError.
    """
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is not None:  # CPython
        escape = json.encoder.encode_basestring_ascii
        try:
            chunks: Callable[[Any, int], Iterable[str]] = make(
                None, _default, escape, None, ":", ",", False, False, True
            )
            chunks([0], 0)
        except TypeError:  # another signature than that of CPython 3.10 to 3.14
            pass
        else:
            return chunks
    encoder = json.encoder.JSONEncoder(
        separators=(",", ":"), check_circular=False, default=_default
    )
    return lambda value, _level: (encoder.encode(value),)


json_chunks = _json_chunks()
"""`"".join(json_chunks(value, 0))` is compact JSON in ASCII; raises TypeError for unknown types."""
