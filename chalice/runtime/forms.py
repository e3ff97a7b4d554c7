"""What HTML forms send: text by name, and files.

https://url.spec.whatwg.org/#urlencoded-parsing and https://www.rfc-editor.org/rfc/rfc7578
"""

from __future__ import annotations

from urllib.parse import unquote_plus


def parse_urlencoded(text: str) -> dict[str, list[str]]:
    """The decoded values of each name: `a=1&a=&b` is `{"a": ["1", ""], "b": [""]}`.

    Bytes that are not UTF-8 become U+FFFD.
    """
    values: dict[str, list[str]] = {}
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            values.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return values
