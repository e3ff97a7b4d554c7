"""The modules in this process that come from a project, and are imported anew with it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

from chalice.local.tree import is_own_file, is_vendored

_OURS = frozenset(("chalice", "__main__", "__mp_main__"))


def replaceable(project: Path, *, vendored: bool) -> dict[str, ModuleType]:
    """Return the modules that are the project's own code; with ``vendored`` also its packages.

    Files that are not Python but C cannot be imported twice: they stay, and in ``vendor`` the
    packages that have some.
    """
    own: dict[str, ModuleType] = {}
    brought: dict[str, ModuleType] = {}
    compiled = set(_OURS)
    for name, module in list(sys.modules.items()):
        place = _place(module)
        package = name.partition(".")[0]
        if place is None or package in _OURS:
            continue
        is_python = place.suffix in ("", ".py")
        if vendored and is_vendored(place, project):
            brought[name] = module
            if not is_python:
                compiled.add(package)
        elif is_python and is_own_file(place, project):
            own[name] = module
    whole = {name: each for name, each in brought.items() if name.partition(".")[0] not in compiled}
    return own | whole


def _place(module: ModuleType | None) -> Path | None:
    """Return the file of a module, the folder of a package that is no more than that."""
    file = getattr(module, "__file__", None)
    if file is not None:
        return Path(file)
    places = list(getattr(module, "__path__", ()))
    return Path(places[0]) if places else None
