"""Archives from elsewhere: what one may hold, and which are refused before they are unpacked.

Nothing in an archive may lie outside of the folder that it is unpacked into, in one place with
something else, or be anything but a file, a directory or a link within.
"""

from __future__ import annotations

import posixpath
import re
import stat
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chalice.errors import ToolError

MOST_UNPACKED = 2 * 1024**3
"""Bytes that one archive may claim to hold: eight times what Lambda takes."""
MOST_MEMBERS = 200_000
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class Entry:
    """A member of an archive; ``link`` is where it leads from the top, None if it is no link.

    ``is_special`` says that it is neither file nor directory nor link.
    """

    name: str
    size: int
    is_directory: bool = False
    link: str | None = None
    is_special: bool = False


def check_wheel(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse a wheel that holds what none may hold; links are not in wheels at all."""
    _check(name, _zipped(archive), links=False)


def check_archive(path: Path, name: str) -> None:
    """Refuse an archive of sources, a tar or a zip, that holds what none may hold."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as zipped:
                _check(name, _zipped(zipped), links=True)
        else:
            with tarfile.open(path) as tar:
                _check(name, map(_tarred, tar), links=True)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise ToolError(f"`{name}` cannot be read: {error}", hint="it is damaged") from error


def _zipped(archive: zipfile.ZipFile) -> Iterator[Entry]:
    for info in archive.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        link = None
        if kind == stat.S_IFLNK:
            is_path = info.file_size < 4096
            target = archive.read(info).decode("utf-8", "replace") if is_path else ".."
            link = _joined(info.orig_filename, target)
        yield Entry(
            info.orig_filename,
            info.file_size,
            info.is_dir(),
            link,
            kind not in (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK),
        )


def _tarred(info: tarfile.TarInfo) -> Entry:
    link = None
    if info.issym():
        link = _joined(info.name, info.linkname)
    elif info.islnk():
        link = info.linkname
    is_known = info.isfile() or info.isdir() or link is not None
    return Entry(info.name, info.size, info.isdir(), link, not is_known)


def _joined(name: str, target: str) -> str:
    return target if target.startswith("/") else posixpath.join(posixpath.dirname(name), target)


def _check(name: str, entries: Iterable[Entry], *, links: bool) -> None:
    size = 0
    places: dict[str, str] = {}
    for count, entry in enumerate(entries, 1):
        if reason := _fault(entry, links=links):
            raise _refusal(name, entry.name, reason)
        size += entry.size
        if size > MOST_UNPACKED or count > MOST_MEMBERS:
            raise ToolError(
                f"`{name}` is refused: it claims to hold more than any that Lambda could take",
                hint=f"{size / 1024**2:.0f} MB in {count} files, up to `{_shown(entry.name)}`",
            )
        if entry.is_directory:
            continue
        place = posixpath.normpath(entry.name)
        folded = place.casefold()
        if folded in places:
            other = places[folded]
            reason = "comes twice" if other == place else f"differs only in case from `{other}`"
            raise _refusal(name, entry.name, reason)
        places[folded] = place


def _fault(entry: Entry, *, links: bool) -> str | None:
    if entry.is_special:
        return "is neither a file nor a directory"
    if _is_outside(entry.name):
        return "would lie outside of it"
    if entry.link is not None and not links:
        return "is a symbolic link, which no wheel has"
    if entry.link is not None and _is_outside(entry.link):
        return f"is a link that leads out of it, to `{_shown(entry.link)}`"
    return None


def _is_outside(name: str) -> bool:
    path = posixpath.normpath(name.replace("\\", "/"))
    is_absolute = path.startswith("/") or _DRIVE.match(path) is not None
    return is_absolute or path == ".." or path.startswith("../") or "\0" in name


def _refusal(name: str, member: str, reason: str) -> ToolError:
    return ToolError(
        f"`{name}` is refused: its member `{_shown(member)}` {reason}",
        hint="do not trust whoever made it, or the place that it came from",
    )


def _shown(name: str) -> str:
    return name.encode("ascii", "backslashreplace").decode()[:200]
