"""Which packages are built on this machine, because no wheel of them fits."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from chalice.bundle.requirements import normalise
from chalice.bundle.target import Target

_NEEDS_BUILDING = (
    re.compile(r"Wheels are required for `([^`]+)`"),
    re.compile(r"Building source distributions for `([^`]+)` is disabled"),
    re.compile(r"Package `([^`]+)` can't be installed because it is marked as `--no-build`"),
    re.compile(r"attempted to build `([^`]+)`"),
)
_BUILDING_IS_OFF = "Building source distributions is disabled"


@dataclass(frozen=True)
class Built:
    """The packages that may be built on this machine; None is all of them."""

    names: frozenset[str] | None

    def __contains__(self, name: str) -> bool:
        return self.names is None or normalise(name) in self.names

    def __str__(self) -> str:
        return "the requirements" if self.names is None else ", ".join(sorted(self.names))

    def options(self) -> list[str]:
        """As uv is told: wheels only, save for these."""
        if self.names is None:
            return []
        return ["--only-binary", ":all:", *each("--no-binary", sorted(self.names))]

    def grown(self, stderr: str) -> Built:
        """With the packages that uv said have no wheel; equal to this one if it named no new."""
        if self.names is None:
            return self
        found = {normalise(name) for words in _NEEDS_BUILDING for name in words.findall(stderr)}
        if not found and _BUILDING_IS_OFF in stderr:
            return Built(None)
        return Built(self.names | found)


def compilers(target: Target) -> dict[str, str]:
    """No C compiler where it could only make what does not run on the target.

    Packages whose C is optional are built without; the others fail at once, not after minutes.
    """
    here = sys.platform, platform.machine(), f"{sys.version_info[0]}.{sys.version_info[1]}"
    is_alike = here == ("linux", target.machine, target.python_version)
    return {} if is_alike else {"CC": "false", "CXX": "false"}


def each(option: str, values: Iterable[str]) -> list[str]:
    """The option once for each value."""
    return [part for value in values for part in (option, value)]
