"""What two events have in common when only their values differ."""

from __future__ import annotations


def shape(value: object) -> object:
    """The names and types in a document, of lists those of the first element."""
    match value:
        case dict():
            return {name: shape(each) for name, each in value.items()}
        case list():
            return [shape(value[0])] if value else []
        case _:
            return type(value).__name__
