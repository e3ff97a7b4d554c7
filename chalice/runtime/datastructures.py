"""Query parameters that repeat, and headers whose names have no case."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class MultiDict(MutableMapping[str, "Any"]):
    """Names with several values each: `d[name]` is the last one, `d.getlist(name)` all of them.

    Wraps `{"name": ["first", "last"]}` itself, not a copy: a change here shows there.
    """

    def __init__(self, mapping: MutableMapping[str, list[Any]] | None) -> None:
        self._lists: MutableMapping[str, list[Any]] = {} if mapping is None else mapping

    def __getitem__(self, name: str) -> Any:
        values = self._lists[name]
        if not values:
            raise KeyError(name)
        return values[-1]

    def __setitem__(self, name: str, value: Any) -> None:
        self._lists[name] = [value]

    def __delitem__(self, name: str) -> None:
        del self._lists[name]

    def getlist(self, name: str) -> list[Any]:
        """All values of `name` in a list of your own; raises KeyError if there are none."""
        return list(self._lists[name])

    def last_values(self) -> dict[str, Any]:
        """The last value of each name; None where the list is empty."""
        return {name: values[-1] if values else None for name, values in self._lists.items()}

    def __len__(self) -> int:
        return len(self._lists)

    def __iter__(self) -> Iterator[str]:
        return iter(self._lists)

    def __repr__(self) -> str:
        return f"MultiDict({self._lists})"


class CaseInsensitiveMapping(Mapping[str, "Any"]):
    """A read-only mapping whose names are looked up in any case and listed in lower case."""

    def __init__(self, mapping: Mapping[str, Any] | None) -> None:
        self._values = {name.lower(): value for name, value in (mapping or {}).items()}

    def __getitem__(self, name: str) -> Any:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"CaseInsensitiveMapping({self._values})"
