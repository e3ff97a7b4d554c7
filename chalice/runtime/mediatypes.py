"""Does a Content-Type or Accept header name one of these media types?"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

JSON = "application/json"
_LOWER = "content-type"
_USUAL = "Content-Type"


class MediaTypes(list[str]):
    """Media types in the order given, prepared for matching; not to be changed afterwards.

    `*/*` in it matches every header; `image/*` every image.
    """

    __slots__ = ("_families", "_names", "any")

    def __init__(self, types: Iterable[str]) -> None:
        super().__init__(types)
        self._names = frozenset(name.lower() for name in self)
        self._families = tuple(
            name[:-1] for name in self._names if name.endswith("/*") and name != "*/*"
        )
        self.any = "*/*" in self._names

    def matches(self, header: str) -> bool:
        """Case and parameters do not count; `*/*` in the header matches, `image/*` does not.

        API Gateway compares an Accept header with binary media types literally, so a range that we
        would accept here would reach the client as base64 text.
        """
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
    value = headers.get(_LOWER)
    if value is None:
        value = headers.get(_USUAL)
    if value is None:
        for name in headers:
            if len(name) == 12 and name.lower() == _LOWER:
                value = headers[name]
                break
        else:
            return None
    if isinstance(value, list):
        value = value[0] if value else None
    return value
