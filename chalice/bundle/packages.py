"""Packages that are to be bundled, each with its files as they will lie in the bundle.

https://packaging.python.org/en/latest/specifications/recording-installed-packages/
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser

from chalice.bundle.archive import File, Member
from chalice.bundle.bytecode import module_of
from chalice.bundle.requirements import normalise, specifier

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)")
# Facts about a machine (paths, times, who installed) that have no place in a bundle.
_OF_A_MACHINE = ("direct_url.json", "uv_cache.json", "uv_build.json", "REQUESTED")


@dataclass(frozen=True)
class Package:
    """A package called ``NAME-VERSION``, as its ``.dist-info`` is.

    ``members`` are its files but for ``RECORD``; ``sums`` has the hash and size of each, as
    that writes them.
    """

    folder: str
    members: list[Member]
    sums: Mapping[str, tuple[str, str]]

    @property
    def name(self) -> str:
        """The name under which all spellings of it are one."""
        return normalise(self.folder.split("-")[0])

    @property
    def label(self) -> str:
        """As people write it: ``numpy 2.2.6``."""
        return self.folder.replace("-", " ", 1)

    @property
    def needs(self) -> list[str]:
        """What it requires, as it says: ``urllib3<3,>=1.26``."""
        place = f"{self.folder}.dist-info/METADATA"
        text = next((each.read() for each in self.members if each.name == place), b"")
        headers = HeaderParser().parsestr(text.decode("utf-8", "replace"), headersonly=True)
        return headers.get_all("Requires-Dist", [])

    @property
    def record(self) -> File:
        """The RECORD of what is bundled of it."""
        place = f"{self.folder}.dist-info/RECORD"
        rows = [(each.name, *self.sums.get(each.name, ("", ""))) for each in self.members]
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(sorted([*rows, (place, "", "")]))
        return File(place, out.getvalue().encode(), False)


def needed(package: Package) -> list[tuple[str, str]]:
    """Return what a package requires without extras: name, and what it says of the version."""
    found = []
    for need in package.needs:
        match = _NAME.match(need)
        if match and not re.search(r"\bextra\s*==", need):
            found.append((normalise(match[1]), specifier(need[match.end() :])))
    return found


def reachable(packages: Sequence[Package], roots: Collection[str]) -> list[Package]:
    """Return the packages that these need, with all their extras, and these themselves."""
    by_name = {each.name: each for each in packages}
    pending, found = list(roots), set[str]()
    while pending:
        name = pending.pop()
        if name not in found and name in by_name:
            found.add(name)
            needs = filter(None, map(_NAME.match, by_name[name].needs))
            pending += [normalise(match[1]) for match in needs]
    return [each for each in packages if each.name in found]


def dependents(packages: Iterable[Package]) -> dict[str, str]:
    """Return who needs a package, by the name of that."""
    found: dict[str, str] = {}
    for each in packages:
        for name, _ in needed(each):
            found.setdefault(name, each.name)
    return found


def recorded(record: bytes) -> list[tuple[str, str, str]]:
    """Return the rows of a RECORD: path, hash and size."""
    rows = (row for row in csv.reader(io.StringIO(record.decode("utf-8", "replace"))) if row)
    return [(row[0], row[1] if row[1:] else "", row[2] if row[2:] else "") for row in rows]


def summed(data: bytes) -> tuple[str, str]:
    """Return the hash and the size of a file as a RECORD writes them."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest}", str(len(data))


def is_bundled(place: str) -> bool:
    """Whether a file of a package belongs into a bundle, whoever installed it.

    Left out are compiled files, traces of a machine, and any other ``chalice``.
    """
    first, _, rest = place.partition("/")
    if first in (".lock", "chalice") or re.fullmatch(r"chalice-[^/]*\.dist-info", first):
        return False
    if first.endswith(".dist-info") and rest in _OF_A_MACHINE:
        return False
    return not place.endswith((".pyc", ".pyo"))


def is_record(place: str) -> bool:
    """Whether it is the RECORD of a package; packages may bring those of others."""
    return place.count("/") == 1 and place.endswith(".dist-info/RECORD")


def owners(files: Collection[File | Member]) -> dict[str, str]:
    """Return path -> label of the package that it came from."""
    found = {
        row[0]: file.name.partition(".dist-info/")[0].replace("-", " ", 1)
        for file in files
        if is_record(file.name)
        for row in recorded(file.read())
    }
    compiled = ((file.name, module_of(file.name)) for file in files)
    found.update((name, found[module]) for name, module in compiled if module in found)
    return found
