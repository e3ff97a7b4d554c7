"""Does a Content-Type or Accept header name one of these media types?"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

JSON = "application/json"
_KNOWN_LIMIT = 64


class MediaTypes(list[str]):
    """Media types in the order given, prepared for matching; not to be changed afterwards.

    `*/*` in it matches every header; `image/*` every image.
    """

    __slots__ = ("_families", "_known", "_names", "any")

    def __init__(self, types: Iterable[str]) -> None:
        super().__init__(types)
        self._names = frozenset(name.lower() for name in self)
        self._families = tuple(
            name[:-1] for name in self._names if name.endswith("/*") and name != "*/*"
        )
        self._known: dict[str, bool] = {}
        self.any = "*/*" in self._names

    def matches(self, header: str) -> bool:
        """Case and parameters do not count; `*/*` in the header matches, `image/*` does not.

        API Gateway compares an Accept header with binary media types literally, so a range that we
        would accept here would reach the client as base64 text.
        """
        known = self._known.get(header)
        if known is None:
            if len(self._known) >= _KNOWN_LIMIT:
                self._known.clear()
            known = self._known[header] = self._compare(header)
        return known

    def _compare(self, header: str) -> bool:
        if self.any or "*/*" in header:
            return True
        names = self._names
        for element in header.lower().split(","):
            name = element.partition(";")[0].strip()
            if name in names or (self._families and name.startswith(self._families)):
                return True
        return False


def _matches_content_type(content_type: str, valid_content_types: Iterable[str]) -> bool:
    return MediaTypes(valid_content_types).matches(content_type)


def content_type_of(headers: Mapping[str, Any]) -> str | None:
    """The Content-Type of request or response headers in any spelling; the first of a list."""
    value = headers.get("content-type") or headers.get("Content-Type")
    if value is None:
        for name in headers:  # as header_value, without the cost of a call
            if len(name) == 12 and name.lower() == "content-type":
                value = headers[name]
                break
        else:
            return None
    if isinstance(value, list):
        value = value[0] if value else None
    return value


def header_value(headers: Mapping[str, Any], lower_name: str) -> Any:
    """The value of the header in any spelling, None without it."""
    length = len(lower_name)
    for name in headers:
        if len(name) == length and name.lower() == lower_name:
            return headers[name]
    return None
