"""The analysis as a whole."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from chalice.model.services import ServiceModels
from chalice.policy.analysis.calls import call
from chalice.policy.analysis.engine import Engine
from chalice.policy.analysis.entries import ROUTES_FUNCTION, Entries
from chalice.policy.analysis.findings import Findings
from chalice.policy.analysis.project import Project
from chalice.policy.analysis.reports import findings_of
from chalice.policy.analysis.statements import execute

_STACK = 512 * 1024 * 1024  # bytes; only what is used of it takes memory
_RECURSION = 60_000

Environment = Callable[[str], Mapping[str, str]]
_Result = TypeVar("_Result")


def analyse(
    project_dir: Path,
    functions: Mapping[str, str],
    environment: Environment,
    models: ServiceModels,
    libraries: Sequence[Path] = (),
    app: str = "app.app",
) -> Mapping[str, Findings]:
    """Return what each function can do, in the order of `functions`.

    `functions` has name -> handler: ``app.app`` for all routes of that app, ``app.process``,
    ``chalicelib.jobs.clean``. `environment` gives the variables of a function by its name.
    `libraries` are directories of installed packages to read as if they were the project's.
    `app` is the handler of the app's routes; its module is run for every function.
    """

    def run() -> Mapping[str, Findings]:
        variables = {name: environment(name) for name in functions}
        engine = _engine(project_dir, models, list(variables.values()), libraries)
        entries = Entries(engine, functions, app)
        entries.run()
        return {
            name: findings_of(engine, root, variables[name]) for name, root in entries.roots.items()
        }

    return _with_room(run)


def discover(
    project_dir: Path,
    models: ServiceModels,
    libraries: Sequence[Path] = (),
    app: str = "app.app",
) -> Mapping[str, str]:
    """Return the functions that the source declares, as `analyse` takes them, by name."""

    def run() -> Mapping[str, str]:
        engine = _engine(project_dir, models, [], libraries)
        entries = Entries(engine, {ROUTES_FUNCTION: app}, app)
        entries.load()
        return entries.discovered()

    return _with_room(run)


def _engine(
    project_dir: Path,
    models: ServiceModels,
    environments: Sequence[Mapping[str, str]],
    libraries: Sequence[Path],
) -> Engine:
    project = Project(project_dir, libraries)
    return Engine(project, models, _distinct(environments), execute, call)


def _distinct(environments: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    found: list[Mapping[str, str]] = []
    for each in environments:
        if each not in found:
            found.append(each)
    return found


def _with_room(run: Callable[[], _Result]) -> _Result:
    """Run in a thread whose stack has room for code that is nested deeply."""
    results: list[_Result] = []
    errors: list[BaseException] = []

    def work() -> None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, _RECURSION))
        collects = gc.isenabled()
        gc.disable()  # syntax trees are large and live to the end: collecting only takes time
        try:
            results.append(run())
        except BaseException as error:
            errors.append(error)
        finally:
            sys.setrecursionlimit(limit)
            if collects:
                gc.enable()

    size = threading.stack_size(_STACK)
    try:
        thread = threading.Thread(target=work, name="analysis")
        thread.start()
    finally:
        threading.stack_size(size)
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
