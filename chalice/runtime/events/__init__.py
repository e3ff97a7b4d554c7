"""What triggers a function besides HTTP: one module a source, each with its event and its record.

Here is what all of them share. https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar
    from typing import Generic as Generic

    from chalice.runtime.events.streams import StreamOptions

    Event = TypeVar("Event", bound="BaseLambdaEvent")
else:
    Event = "Event"

    class Generic:
        """In place of `typing.Generic`: importing `typing` takes longer than all of this."""

        def __class_getitem__(cls, _parameters: Any) -> type:
            return cls


class BaseLambdaEvent:
    """What Lambda sent, its content as attributes; raises KeyError if some of it is missing."""

    EVENT_SOURCE = ""
    """What AWS calls the source in each record."""

    def __init__(self, event_dict: dict[str, Any], context: Any) -> None:
        self.context = context
        self._event_dict = event_dict
        self._extract_attributes(event_dict)

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        raise NotImplementedError("_extract_attributes")

    def to_dict(self) -> dict[str, Any]:
        """The event itself, not a copy."""
        return self._event_dict

    @classmethod
    def recognizes(cls, event_dict: Any) -> bool:
        """Whether this is what such a source sends, going by its first record."""
        try:
            record = event_dict["Records"][0]
            source = record.get("eventSource") or record.get("EventSource")
        except (AttributeError, IndexError, KeyError, TypeError):
            return False
        return bool(source == cls.EVENT_SOURCE)


class BaseEventSourceConfig:
    """What the toolchain deploys for one handler: a function, and what triggers it."""

    def __init__(self, name: str, handler_string: str) -> None:
        self.name = name
        self.handler_string = handler_string


def checked_filters(filters: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
    """Event filter patterns, as they are; raises TypeError for anything but a list of dicts."""
    if filters is not None and not (
        isinstance(filters, list) and all(isinstance(pattern, dict) for pattern in filters)
    ):
        raise TypeError(f"filters must be a list of patterns, which are dicts, not {filters!r}")
    return filters


def checked_options(given: StreamOptions) -> StreamOptions:
    """Options of a stream, as they are; raises TypeError for a name that is none of them."""
    if given:
        from chalice.runtime.events.streams import check  # noqa: PLC0415

        check(given)
    return given
