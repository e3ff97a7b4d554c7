"""What a person gives for a sample event: options as text, ``key=uploads/a.png``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalice.errors import ToolError


class Given:
    """The options that were given, by name. What cannot be read raises ToolError."""

    def __init__(self, options: Mapping[str, str]) -> None:
        self._options = options

    def text(self, name: str, default: str) -> str:
        """Return an option as it is."""
        return self._options.get(name, default)

    def number(self, name: str, default: int, least: int = 0, most: int | None = None) -> int:
        """Return an option that is a whole number from ``least`` to ``most``, None for no end."""
        text = self._options.get(name)
        if text is None:
            return default
        try:
            number = int(text)
        except ValueError:
            raise ToolError(f"`{name}={text}` is no number") from None
        if number < least or (most is not None and number > most):
            wanted = f"{least} or more" if most is None else f"{least} to {most}"
            raise ToolError(f"`{name}={text}` is not {wanted}")
        return number

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """Return an option that is one of ``choices``."""
        text = self._options.get(name, default)
        if text not in choices:
            raise ToolError(f"`{name}={text}` is none of {', '.join(choices)}")
        return text

    def document(self, name: str, default: Mapping[str, Any]) -> dict[str, Any]:
        """Return an option that is a JSON object."""
        text = self._options.get(name)
        if text is None:
            return dict(default)
        try:
            found = json.loads(text)
        except ValueError as error:
            raise ToolError(f"`{name}` is no JSON: {error}", hint=f"it is `{text}`") from None
        if not isinstance(found, dict):
            raise ToolError(f"`{name}={text}` is no JSON object", hint='write {"name": "value"}')
        return found

    def __contains__(self, name: str) -> bool:
        return name in self._options
