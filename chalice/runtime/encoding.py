"""Python values to compact JSON text."""

from __future__ import annotations

import json.encoder
from _contextvars import ContextVar  # `contextvars` is one more file to read at a cold start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    T = TypeVar("T")


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


_own_default: ContextVar[Callable[[Any], Any] | None] = ContextVar("chalice_json_default")


def with_default(default: Callable[[Any], Any], encode: Callable[..., T], *arguments: Any) -> T:
    """What `encode` returns; `default` is asked first about types that JSON does not know."""
    token = _own_default.set(default)
    try:
        return encode(*arguments)
    finally:
        _own_default.reset(token)


def _default(obj: Any) -> Any:
    from chalice.runtime import jsontypes  # noqa: PLC0415

    own = _own_default.get(None)
    if own is not None:
        try:
            return own(obj)
        except TypeError:
            return jsontypes.handle_extra_types(obj)
    return jsontypes.handle_extra_types(obj)  # by its module, so that assigning to it has effect


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
