"""The user's app, imported from the project directory."""

from __future__ import annotations

import importlib
import os
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType

from chalice.app import Chalice
from chalice.config.checks import environment_problems
from chalice.config.config import Config
from chalice.config.entry import Entry
from chalice.config.places import inside
from chalice.errors import ToolError, pointing_at, together

DISTRIBUTIONS = {
    "bs4": "beautifulsoup4",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "jwt": "PyJWT",
    "PIL": "pillow",
    "yaml": "PyYAML",
}
"""Well-known packages that are not installed under the name they are imported by."""


def load_app(config: Config, *, quiet: bool = True) -> Chalice:
    """Import the module that the app is in, and return the app.

    The project directory goes to the front of ``sys.path`` and ``vendor/`` to its end; the
    environment variables of ``config`` are set in this process. With ``quiet``, what the app prints
    while it is imported goes to stderr. Raises ``ToolError``.
    """
    project = Path(config.project_dir).resolve()
    entry = config.entry
    file = entry.file(project)
    if file is None:
        raise _missing(entry, config)
    shown = file.relative_to(project).as_posix()
    _extend_path(project)
    _forget_other_projects(entry)
    try:
        os.environ.update(config.environment_variables)
    except (OSError, TypeError, ValueError):
        raise together([*environment_problems(config)]) from None
    with _without_compiled_files(), redirect_stdout(sys.stderr if quiet else sys.stdout):
        module = _import(project, entry, shown)
    name = entry.variable
    app = getattr(module, name, None)
    if isinstance(app, Chalice):
        return app
    others = [name for name, value in vars(module).items() if isinstance(value, Chalice)]
    if others:
        hint = f"name the app `{name}`, not `{others[0]}`"
    else:
        hint = f'chalice deploys this variable: {name} = Chalice(app_name="{config.app_name}")'
    if app is None:
        raise ToolError(f"{shown} has no variable `{name}`", where=shown, hint=hint)
    summary = f"`{name}` is not a Chalice app but an object of type `{type(app).__name__}`"
    raise ToolError(summary, where=shown, hint=hint)


def _missing(entry: Entry, config: Config) -> ToolError:
    if config.app is None:
        return ToolError(
            "the project has no app.py",
            hint="chalice deploys the variable `app` of that file;"
            " `app` in .chalice/config.json can name another",
        )
    return ToolError(
        f"the project has no {entry.shown_file}",
        where=config.where("app"),
        hint=f"`app` names the module `{entry.module}`, which is looked for in the project",
    )


def _extend_path(project: Path) -> None:
    if str(project) in sys.path:
        sys.path.remove(str(project))
    sys.path.insert(0, str(project))
    vendor = project / "vendor"
    if vendor.is_dir() and str(vendor) not in sys.path:
        sys.path.append(str(vendor))
    importlib.invalidate_caches()


def _forget_other_projects(entry: Entry) -> None:
    """Drop modules that are called as the project's own, so that its own are imported."""
    for name in list(sys.modules):
        if name.partition(".")[0] in (entry.top, "chalicelib"):
            del sys.modules[name]


@contextmanager
def _without_compiled_files() -> Iterator[None]:
    """Keep the project free of compiled files.

    A compiled file is trusted when its second and size agree, so one that was written by a
    deploy could hide the next edit.
    """
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _import(project: Path, entry: Entry, shown: str) -> ModuleType:
    try:
        return importlib.import_module(entry.module)
    except SyntaxError as error:
        raise _syntax_error(error, project, shown) from error
    except SystemExit as error:
        raise ToolError(
            f"{shown} exits while it is imported (with {error.code!r})",
            where=_innermost(error, project, shown),
            hint='move what should only run as a program under `if __name__ == "__main__":`',
        ) from error
    except Exception as error:
        summary = f"importing {shown} raised {type(error).__name__}"
        message = str(error)
        raise ToolError(
            f"{summary}: {message}" if message else summary,
            where=_innermost(error, project, shown),
            hint=_hint(error, project),
        ) from error


def _syntax_error(error: SyntaxError, project: Path, shown: str) -> ToolError:
    place = inside(error.filename, project)
    if place is None or error.lineno is None:
        what = f"{error.filename or 'a module'} has a syntax error: {error.msg}"
        return ToolError(what, where=_innermost(error, project, shown))
    excerpt = None
    if error.text:
        excerpt = pointing_at(error.text.rstrip("\r\n"), max(error.offset or 1, 1))
    return ToolError(
        f"{place} has a syntax error: {error.msg}",
        where=f"{place}:{error.lineno}",
        excerpt=excerpt,
    )


def _innermost(error: BaseException, project: Path, otherwise: str) -> str:
    """Return the place of the last frame of the traceback that is the user's own code."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        place = inside(frame.filename, project)
        if place is not None:
            within = "" if frame.name == "<module>" else f" in `{frame.name}`"
            return f"{place}:{frame.lineno}{within}"
    return otherwise


def _hint(error: Exception, project: Path) -> str | None:
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        if package == "chalicelib":
            return "modules of the project live in `chalicelib/`, which needs an `__init__.py`"
        distribution = DISTRIBUTIONS.get(package, package)
        if _requires(project, distribution):
            return "requirements.txt has it; install it here: pip install -r requirements.txt"
        return (
            f"add `{distribution}` to requirements.txt and install it here:"
            f" pip install {distribution}"
        )
    frames = traceback.extract_tb(error.__traceback__)
    if (
        isinstance(error, KeyError)
        and frames
        and Path(frames[-1].filename).name
        in (
            "os.py",
            "<frozen os>",
        )
    ):
        return (
            f"set `{error.args[0]}` in `environment_variables` of .chalice/config.json,"
            " or in this shell"
        )
    return None


def _requires(project: Path, distribution: str) -> bool:
    try:
        text = (project / "requirements.txt").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    name = re.sub(r"[-_.]+", "[-_.]+", re.escape(distribution).replace(r"\-", "-"))
    return re.search(rf"(?im)^\s*{name}\s*($|[\[<>=!~;#@ ])", text) is not None
