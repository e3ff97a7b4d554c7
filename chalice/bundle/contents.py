"""The files of a bundle that are the project's own, and those of the runtime.

Symbolic links are followed to files and directories of the project, and nowhere else.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from chalice.bundle.archive import File
from chalice.bundle.patterns import Patterns
from chalice.bundle.settings import Settings
from chalice.config.entry import Entry
from chalice.errors import ToolError

# Within the package `chalice`; the rest of it is the tool.
_SHIPPED = ("__init__.py", "app.py", "runtime/**/*.py")
_ENTRY = "chalice/runtime/entry.py"
_BYTECODE = (".pyc", ".pyo")


def runtime_files() -> dict[str, Path]:
    """What of the installed ``chalice`` ships to Lambda: path in the zip -> file here."""
    package = Path(__file__).parent.parent
    shipped = sorted(path for pattern in _SHIPPED for path in package.glob(pattern))
    return {path.relative_to(package.parent).as_posix(): path for path in shipped}


def runtime(entry: Entry) -> list[File]:
    """The runtime's files, never executable; they know the module of the app."""
    files = [File(name, path.read_bytes(), False) for name, path in runtime_files().items()]
    if entry.module == Entry().module:
        return files
    told = f'"""The module that the app is in."""\n\nMODULE = "{entry.module}"\n'.encode()
    return [File(_ENTRY, told, False) if file.name == _ENTRY else file for file in files]


def app(project_dir: Path, settings: Settings) -> list[File]:
    """The module or package that the app is in, ``chalicelib/``, and what is to be included."""
    project = project_dir.resolve()
    entry = settings.entry
    if entry.file(project) is None:
        source = project / f"{entry.top}.py"
        if not source.is_symlink() or source.exists():
            raise ToolError(
                f"there is no {entry.shown_file} to bundle",
                where=str(project_dir),
                hint="run the command in a project's directory, or name one with `--project-dir`",
            )
    top = entry.top
    files = _tree(project / top, f"{top}/", project)
    if not files:
        path = project / f"{top}.py"
        files = [_file(path, _real(path, project), path.name, project)]
    files += _tree(project / "chalicelib", "chalicelib/", project)
    files += _included(settings.include, project)
    return [*{file.name: file for file in files if file.name not in settings.exclude}.values()]


def _included(include: Patterns, project: Path) -> Iterator[File]:
    """Yield the files that patterns name; not what tools keep in hidden directories."""
    for start in include.starts:
        path = project / start
        if path.is_file():
            yield _file(path, _real(path, project), start, project)
        elif path.is_dir():
            prefix = f"{start}/" if start else ""
            real = _real(path, project)
            yield from _walk(path, real, prefix, project, (), include)


def vendor(project_dir: Path, settings: Settings) -> list[File]:
    """The contents of ``vendor/``, which come to lie at the root of the zip."""
    project = project_dir.resolve()
    files = _tree(project / "vendor", "", project)
    return [file for file in files if file.name not in settings.exclude]


def _tree(directory: Path, prefix: str, project: Path) -> list[File]:
    real = _real(directory, project)
    return list(_walk(directory, real, prefix, project, ())) if real.is_dir() else []


def _walk(
    directory: Path,
    real: Path,
    prefix: str,
    project: Path,
    above: tuple[Path, ...],
    wanted: Patterns | None = None,
) -> Iterator[File]:
    """Yield the files below; ``above`` are the real directories on the way here.

    With ``wanted`` only what it matches, and nothing in hidden directories: those are of tools.
    """
    place = _place(directory, project)
    if real in above:
        raise ToolError(
            "a symbolic link leads back to a directory that contains it",
            where=place,
            hint="remove the link",
        )
    try:
        paths = sorted(directory.iterdir())
    except OSError as error:
        raise ToolError(f"cannot list the directory: {error.strerror}", where=place) from error
    for path in paths:
        if path.name == "__pycache__" or path.suffix in _BYTECODE:
            continue
        name = prefix + path.name
        is_wanted = wanted is None or name in wanted
        if not is_wanted and (path.is_symlink() or path.name.startswith(".")):
            continue
        child = _real(path, project) if path.is_symlink() else real / path.name
        if child.is_dir():
            yield from _walk(path, child, f"{name}/", project, (*above, real), wanted)
        elif is_wanted:
            yield _file(path, child, name, project)


def _real(path: Path, project: Path) -> Path:
    """Where ``path`` leads; a ToolError when that is nowhere, or outside the project."""
    if not path.is_symlink():
        return path
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise ToolError(
            f"a symbolic link leads nowhere: `{_text(path.readlink())}`",
            where=_place(path, project),
            hint="remove the link, or create what it names",
        ) from error
    if not real.is_relative_to(project):
        raise ToolError(
            f"a symbolic link leads out of the project: `{_text(real)}`",
            where=_place(path, project),
            hint="copy what it names into the project; only that is there on every machine that"
            " deploys",
        )
    return real


def _file(path: Path, real: Path, name: str, project: Path) -> File:
    place = _place(path, project)
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise ToolError(
            "a file's name is not valid UTF-8", where=place, hint="rename the file"
        ) from error
    try:
        mode = real.stat().st_mode
        if not stat.S_ISREG(mode):
            raise ToolError(
                "neither a file nor a directory",
                where=place,
                hint="move it out of what is bundled, or name it in `bundle_exclude`",
            )
        return File(name, real.read_bytes(), bool(mode & stat.S_IXUSR))
    except OSError as error:
        raise ToolError(f"cannot read the file: {error.strerror}", where=place) from error


def _place(path: Path, project: Path) -> str:
    return _text(path.relative_to(project))


def _text(path: Path) -> str:
    """A path that any terminal can show."""
    return str(path).encode("utf-8", "backslashreplace").decode()
