"""What neither Lambda nor a file system takes, found before anything is written.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from chalice.bundle.archive import MAX_MEMBERS
from chalice.errors import ToolError

MAX_UNPACKED = 250 * 1024 * 1024  # bytes, layers included
MAX_IMAGE = 10 * 1024 * 1024 * 1024  # bytes
_LARGEST = 10


def check_size(
    sizes: Mapping[str, int], owners: Callable[[], Mapping[str, str]], most: int = MAX_UNPACKED
) -> None:
    """Refuse what Lambda would not unpack, more than ``most`` bytes, naming what weighs most.

    ``sizes`` are bytes by path. ``owners``, called only then, says which package a path belongs
    to; the directory at the top stands for a path without one.
    """
    total = sum(sizes.values())
    if total > most:
        weights: Counter[str] = Counter()
        owner_of = owners()
        for name, size in sizes.items():
            weights[owner_of.get(name) or name.partition("/")[0]] += size
        largest = ", ".join(
            f"{owner} {_megabytes(size)}" for owner, size in weights.most_common(_LARGEST)
        )
        raise ToolError(
            f"the bundle unpacks to {_megabytes(total)}, Lambda takes {_megabytes(most)}",
            hint=f"leave out what the app does not need; the largest parts: {largest}",
        )
    if len(sizes) > MAX_MEMBERS:
        raise ToolError(
            f"the bundle has {len(sizes)} files, a zip takes {MAX_MEMBERS}",
            hint="leave out what the app does not need",
        )


def check_names(names: Iterable[str]) -> None:
    """Refuse paths that cannot lie side by side on every file system."""
    places = set(names)
    spellings: dict[str, str] = {}
    for place in sorted(places):
        if place.startswith("/") or ".." in place.split("/"):
            raise ToolError(f"`{place}` would lie outside of the bundle")
        other = spellings.setdefault(place.casefold(), place)
        if other != place:
            raise ToolError(
                f"two files of the bundle differ only in case: `{other}` and `{place}`",
                hint="rename one; requirements, chalicelib/ and vendor/ share one directory there",
            )
        for cut in (at for at, character in enumerate(place) if character == "/"):
            if place[:cut] in places:
                raise ToolError(
                    f"`{place[:cut]}` is a file in one part of the bundle, a directory in another",
                    hint="rename one; requirements, app and vendor/ share one directory there",
                )


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"
