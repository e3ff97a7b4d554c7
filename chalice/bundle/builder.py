"""From a project to the zip that Lambda runs; an unchanged project gets the zip it has."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from chalice import __version__
from chalice.bundle import archive, contents, interpreters
from chalice.bundle.archive import File, Member
from chalice.bundle.bytecode import compiled, module_of
from chalice.bundle.dependencies import Dependencies
from chalice.bundle.fingerprint import Fingerprint
from chalice.bundle.interpreters import Interpreter
from chalice.bundle.limits import MAX_UNPACKED, check_names, check_size
from chalice.bundle.packages import owners
from chalice.bundle.settings import Settings
from chalice.bundle.target import Target
from chalice.errors import ToolError

# Files this module makes, and how many of each it leaves when it makes another.
_KEPT = (
    (re.compile(r"[0-9a-f]{64}-python3\.\d+\.zip"), 5),
    (re.compile(r"layer-[0-9a-f]{64}-python3\.\d+\.zip"), 3),
    (re.compile(r"dependencies-[0-9a-f]{64}-python3\.\d+\.zip"), 3),
    (re.compile(r"dependencies-[0-9a-f]{64}-python3\.\d+"), 1),
    (re.compile(r"imported-[0-9a-f]{64}"), 10),
)
_HINTS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "free some space on the disk"),
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM, errno.EROFS), "allow yourself to read and write there"
    ),
}
_PLAIN = Settings()
_ABANDONED = ".bundle-*.tmp"
_ABANDONED_AFTER = 3600.0  # seconds


@dataclass(frozen=True)
class Bundle:
    """A finished zip. ``sha256`` is base64, as Lambda's ``CodeSha256``; ``size`` is in bytes.

    ``reused`` says that nothing had changed since it was made.
    """

    path: Path
    sha256: str
    size: int
    reused: bool


@dataclass(frozen=True)
class Bundles:
    """What functions run: the code of the app, and the layer of what it needs, if there is one."""

    code: Bundle
    layer: Bundle | None = None


def build(
    project_dir: Path,
    target: Target,
    *,
    say: Callable[[str], None],
    settings: Settings = _PLAIN,
) -> Bundle:
    """Make, or find made, the zip of a project in its ``.chalice/deployments``.

    ``say`` gets progress a line at a time. Raises ToolError when a requirement does not run on
    ``target``, a file cannot be bundled, the whole is larger than Lambda takes, or the disk
    refuses it; earlier zips are intact then, and no part of a new one is left.
    """
    say("Creating deployment package.")
    with reporting("cannot read what is to be bundled", project_dir):
        parts = (*_app(project_dir, settings), contents.vendor(project_dir, settings))
        python = _compiler(target, settings)
        required = Dependencies.read(project_dir, target, os.environ, settings)
    wanted = _Zip(parts, required, python, most=settings.most)
    return _make(wanted, project_dir, target, "deployment package", say)


def build_with_layer(
    project_dir: Path,
    target: Target,
    *,
    say: Callable[[str], None],
    settings: Settings = _PLAIN,
) -> Bundles:
    """Make, or find made, two zips: of the app, and of the layer that its requirements go into.

    What is vendored is in the layer too. A layer in which nothing would be is none. Raises
    ToolError as ``build`` does.
    """
    with reporting("cannot read what is to be bundled", project_dir):
        app = _app(project_dir, settings)
        vendored = contents.vendor(project_dir, settings)
        python = _compiler(target, settings)
        required = Dependencies.read(project_dir, target, os.environ, settings)
    layer = None
    if required or any(file.data for file in vendored):
        say("Creating shared layer deployment package.")
        of_layer = _Zip((vendored,), required, python, target.layer_folder, settings.most)
        layer = _make(of_layer, project_dir, target, "shared layer deployment package", say)
    say("Creating app deployment package.")
    of_app = _Zip(app, None, python, most=settings.most)
    code = _make(of_app, project_dir, target, "app deployment package", say)
    together = sum(_unpacked(each.path) for each in (code, layer) if each)
    check_size({"app and layer": together}, dict, settings.most)
    return Bundles(code, layer if layer is not None and _unpacked(layer.path) else None)


def _compiler(target: Target, settings: Settings) -> Interpreter | None:
    return interpreters.find(target.python_version) if settings.bytecode else None


def _app(project_dir: Path, settings: Settings) -> tuple[list[File], list[File]]:
    return contents.runtime(settings.entry), contents.app(project_dir, settings)


@dataclass(frozen=True)
class _Zip:
    """What goes into a zip, later ``parts`` over earlier ones, all of it below ``prefix``.

    ``python`` compiles the modules. ``most`` is how many bytes they may have.
    """

    parts: Sequence[Sequence[File]]
    required: Dependencies | None = None
    python: Interpreter | None = None
    prefix: str = ""
    most: int = MAX_UNPACKED


def _make(
    wanted: _Zip, project_dir: Path, target: Target, title: str, say: Callable[[str], None]
) -> Bundle:
    folder = project_dir / ".chalice" / "deployments"
    kind = "layer-" if wanted.prefix else ""
    path = folder / f"{kind}{_key(wanted, target)}-python{target.python_version}.zip"
    is_made = zipfile.is_zipfile(path)
    with reporting("cannot write the bundle", folder):
        if is_made:
            say(f"Reusing existing {title}.")
            with suppress(OSError):  # its age only says what to prune first
                os.utime(path)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            required = wanted.required
            installed = required.members(folder, say) if required else []
            members = _merged(installed, wanted)
            archive.write(path, [_below(wanted.prefix, member) for member in members])
            _prune(folder)
        data = path.read_bytes()
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return Bundle(path, digest, len(data), is_made)


def _below(prefix: str, member: Member) -> Member:
    return replace(member, name=prefix + member.name) if prefix else member


def _unpacked(path: Path) -> int:
    """Return how many bytes the files in a zip have."""
    with zipfile.ZipFile(path) as made:
        return sum(member.file_size for member in made.infolist())


def _key(wanted: _Zip, target: Target) -> str:
    key = Fingerprint()
    key.add(__version__, target.python_version, target.architecture)
    key.add(wanted.required.key if wanted.required else "")
    key.add(wanted.python.release if wanted.python else "")
    for part in wanted.parts:
        key.add(str(len(part)))
        for file in sorted(part, key=lambda file: file.name):
            key.add(file.name, "x" if file.executable else "", file.data)
    return key.hexdigest()


def _merged(installed: Sequence[Member], wanted: _Zip) -> list[Member]:
    """One member a path: later parts win over earlier ones and over what is installed."""
    parts = wanted.parts
    files = {file.name: file for part in parts for file in part}
    kept = [
        member
        for member in installed
        if member.name not in files and module_of(member.name) not in files
    ]
    if wanted.python is not None:
        kept += compiled(files.values(), wanted.python)
    sizes = {member.name: member.size for member in kept}
    sizes.update((name, len(file.data)) for name, file in files.items())
    check_names(sizes)

    def all_owners() -> dict[str, str]:
        vendored = ((file.name, f"vendor/{file.name.partition('/')[0]}") for file in parts[-1])
        return {**owners(kept), **dict(vendored)}

    check_size(sizes, all_owners, wanted.most)
    return [*kept, *archive.compress(files.values())]


def _prune(folder: Path) -> None:
    """Remove zips that newer ones replaced, and what killed builds left."""
    ages: dict[Path, float] = {}
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # another build may be at it
            ages[path] = path.stat().st_mtime
    paths = sorted(ages, key=ages.__getitem__)
    latest = ages[paths[-1]]
    old = [
        path for path in paths if path.match(_ABANDONED) and ages[path] < latest - _ABANDONED_AFTER
    ]
    for pattern, count in _KEPT:
        old += [path for path in paths if pattern.fullmatch(path.name)][:-count]
    for path in old:
        with suppress(OSError):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def reporting(summary: str, place: Path) -> Iterator[None]:
    """Turn a refusal of the operating system into a ToolError that says what and where."""
    try:
        yield
    except OSError as error:
        raise ToolError(
            f"{summary}: {error.strerror}",
            where=str(error.filename or place),
            hint=_HINTS.get(error.errno or 0),
        ) from error
