"""Bodies as people see them: text as text, anything else by its length, long ones cut."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

MOST = 64 * 1024
"""Bytes, or characters, that are kept of a body."""

_SHOWN_BYTES = 64


def kept(body: bytes) -> bytes:
    """Return what is kept of a body."""
    return body if len(body) <= MOST else body[:MOST]


def shown(body: bytes, size: int) -> dict[str, object]:
    """Return a body that has ``size`` bytes in all and of which these were kept.

    ``{"text": "hi", "size": 2, "cut": False}``; of bytes that are not text, the first in
    hexadecimal digits: ``{"hex": "89504e47", "size": 3000, "cut": True}``.
    """
    is_cut = size > len(body)
    try:
        # The last character may have been cut.
        text = body.decode("utf-8") if not is_cut else body[: _whole(body)].decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is None or "\0" in text:
        return {"hex": body[:_SHOWN_BYTES].hex(), "size": size, "cut": size > _SHOWN_BYTES}
    return {"text": text, "size": size, "cut": is_cut}


def _whole(body: bytes) -> int:
    """Return where the last character of UTF-8 ends that has not been cut."""
    end = len(body)
    for back in range(1, min(4, end) + 1):
        byte = body[end - back]
        if byte < 0x80:
            return end
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return end if back >= length else end - back
    return end


def body_of(event: Mapping[str, Any]) -> bytes:
    """Return the body in an event of an API."""
    body = event.get("body")
    if not isinstance(body, str):
        return b""
    if event.get("isBase64Encoded"):
        try:
            return base64.b64decode(body)
        except (binascii.Error, ValueError):
            return body.encode("utf-8", "replace")
    return body.encode("utf-8", "replace")
