"""Unzipped packages and layers, one read-only directory each, shared by whoever runs them."""

from __future__ import annotations

import asyncio
import calendar
import hashlib
import io
import os
import shutil
import stat
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath

from chalice.cloud.functions.function import FunctionConfig
from chalice.cloud.functions.outcomes import SandboxError

_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)  # encrypted: RuntimeError


class CodeStore:
    """The directory ``home``, and the bytecode compiled from what is in it, under ``pycache``.

    What a killed process left half unzipped is removed.
    """

    def __init__(self, home: Path, pycache: Path) -> None:
        self._home = home
        self._pycache = pycache
        self._holders: Counter[str] = Counter()
        self._unwanted: set[str] = set()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        home.mkdir(parents=True, exist_ok=True)
        for leftover in home.glob(".*"):
            remove_tree(leftover)

    def hold(self, function: FunctionConfig) -> None:
        """Somebody is going to run the function's code: it stays until ``release``."""
        for name in directory_names(function):
            self._holders[name] += 1
            self._unwanted.discard(name)

    async def unzip(self, function: FunctionConfig) -> Path:
        """The directory of the function's code, filled on first use. Raises SandboxError."""
        return await self._unzip(function, _code_name(function), [function.code])

    async def unzip_layers(self, function: FunctionConfig) -> Path | None:
        """The directory that is ``/opt`` on Lambda, None for a function without layers.

        What a later layer has stands over what an earlier one has. Raises SandboxError.
        """
        name = _layers_name(function)
        zips = [layer.content for layer in function.layers if layer.content is not None]
        return None if name is None else await self._unzip(function, name, zips)

    async def _unzip(self, function: FunctionConfig, name: str, zips: Sequence[bytes]) -> Path:
        target = self._home / name
        try:
            async with self._locks[name]:
                if not target.is_dir():
                    await asyncio.to_thread(_unzip, zips, target)
        except (OSError, ValueError, *_BROKEN_ZIP) as error:
            raise SandboxError(
                "Runtime.InvalidCode", f"cannot unzip the code of {function.name}: {error}"
            ) from error
        return target

    async def release(self, function: FunctionConfig) -> None:
        """One holder less. The code stays for the next one, unless it was discarded."""
        for name in directory_names(function):
            self._holders[name] -= 1
            await self._remove_unwanted(name)

    async def discard(self, function: FunctionConfig, kept: Collection[str]) -> None:
        """Remove the function's code as soon as nobody holds it, but for the ``kept`` names."""
        for name in directory_names(function):
            if name not in kept:
                self._unwanted.add(name)
                await self._remove_unwanted(name)

    async def _remove_unwanted(self, name: str) -> None:
        async with self._locks[name]:
            if name in self._unwanted and not self._holders[name]:
                self._unwanted.discard(name)
                await asyncio.to_thread(_remove_code, self._home / name)
                compiled = self._pycache / (self._home / name).relative_to(self._home.anchor)
                await asyncio.to_thread(remove_tree, compiled)


def remove_tree(path: Path) -> None:
    """Remove a directory, also one that holds directories without the permission to."""
    for directory, names, _ in os.walk(path):
        for child in (Path(directory, name) for name in (".", *names)):
            if not child.is_symlink():
                child.chmod(0o700)
    shutil.rmtree(path, ignore_errors=True)


def directory_names(function: FunctionConfig) -> Sequence[str]:
    """Return the names of the directories that the function's code and its layers are in."""
    layers = _layers_name(function)
    return [_code_name(function), *([] if layers is None else [layers])]


def _code_name(function: FunctionConfig) -> str:
    return _directory_name(function.code_sha256)


def _layers_name(function: FunctionConfig) -> str | None:
    present = [layer.sha256 for layer in function.layers if layer.content is not None]
    return _directory_name("layers " + " ".join(present)) if present else None


def _directory_name(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()[:32]


def _remove_code(directory: Path) -> None:
    """Remove it all at once: a killed cloud leaves no half of a package."""
    if directory.is_dir():
        doomed = directory.with_name(f".{directory.name}")
        directory.chmod(0o700)
        directory.rename(doomed)
        remove_tree(doomed)


def _unzip(zips: Sequence[bytes], target: Path) -> None:
    """Fill ``target``, all at once. Raises ValueError for a member that would leave it."""
    unfinished = target.with_name(f".{target.name}")
    remove_tree(unfinished)
    try:
        unfinished.mkdir()
        for content in zips:
            _extract_all(content, unfinished)
        for directory, _, _ in os.walk(unfinished):
            if directory != str(unfinished):
                os.chmod(directory, 0o555)  # noqa: PTH101, S103
        unfinished.rename(target)
        target.chmod(0o555)
    except BaseException:
        remove_tree(unfinished)
        raise


def _extract_all(content: bytes, root: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        links = [
            member for member in archive.infolist() if stat.S_ISLNK(member.external_attr >> 16)
        ]
        for member in archive.infolist():
            if member not in links:
                _extract(archive, member, root)
        # Links come last, so that no member can be written through one.
        for member in links:
            _link(member.filename, archive.read(member).decode(), root)


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, root: Path) -> None:
    path = _inside(root, member.filename)
    if member.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        return
    _make_way(path, root)
    with archive.open(member) as source, path.open("wb") as destination:
        shutil.copyfileobj(source, destination, 1 << 20)
    # The package's own times, so that bytecode compiled from an earlier unzipping still fits.
    modified = calendar.timegm((*member.date_time, 0, 0, 0))
    os.utime(path, (modified, modified))
    path.chmod(0o555 if member.external_attr >> 16 & 0o111 else 0o444)


def _link(name: str, goal: str, root: Path) -> None:
    path = _inside(root, name)
    _inside(root, str(PurePosixPath(name).parent / goal))
    _make_way(path, root)
    path.symlink_to(goal)


def _make_way(path: Path, root: Path) -> None:
    """Make the directory of ``path``, and remove what an earlier layer has there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.parent.resolve().is_relative_to(root.resolve()):
        raise ValueError(f"`{path.relative_to(root)}` leads out of the package")
    path.unlink(missing_ok=True)


def _inside(root: Path, name: str) -> Path:
    path = Path(os.path.normpath(root / name))
    if root not in path.parents:
        raise ValueError(f"`{name}` leads out of the package")
    return path
