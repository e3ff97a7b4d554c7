"""``.chalice/config.json`` read and checked: every problem at once, each with its line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from chalice.config.kinds import Path, Problem, name, unknown
from chalice.config.positions import CONFIG_FILE, Positions, locate
from chalice.config.schema import NAMES, SCOPES, Scope, names_at
from chalice.errors import ToolError, pointing_at, together


@dataclass(frozen=True)
class Document:
    """A valid configuration file. ``warnings`` are about what stands in it and means nothing."""

    values: Mapping[str, object]
    positions: Positions
    warnings: Sequence[ToolError]


def read(project_dir: FilePath) -> Document:
    """Return the configuration of the project. Raises ``ToolError`` with all its problems."""
    if not project_dir.is_dir():
        raise ToolError(f"there is no directory `{project_dir}`")
    try:
        data = (project_dir / CONFIG_FILE).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise ToolError(
            f"`{project_dir}` is not a chalice project: it has no {CONFIG_FILE}",
            hint="make one with `chalice new-project NAME`, or name it: `--project-dir DIR`",
        ) from None
    except OSError as error:
        raise ToolError(f"cannot read {CONFIG_FILE}: {error.strerror}", where=CONFIG_FILE) from None
    return parse(data)


def parse(data: bytes) -> Document:
    """Return what the bytes of a configuration file say. Raises ``ToolError``."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ToolError("the file is not UTF-8", where=f"{CONFIG_FILE}:{line}") from None
    values = _json(text)
    if not isinstance(values, dict):
        raise ToolError(
            "the file must hold a JSON object",
            where=f"{CONFIG_FILE}:1",
            hint='at least {"version": "2.0", "app_name": "NAME"}',
        )
    positions = locate(text)
    errors: list[ToolError] = []
    warnings: list[ToolError] = []
    for problem in sorted(
        problems(values, positions), key=lambda problem: positions.line(problem.path)
    ):
        found = ToolError(problem.summary, hint=problem.hint, where=positions.place(problem.path))
        (errors if problem.fatal else warnings).append(found)
    if errors:
        raise together(errors, warnings)
    return Document(values, positions, warnings)


def problems(values: Mapping[str, object], positions: Positions) -> Iterator[Problem]:
    """Yield everything that is wrong with a configuration."""
    if values.get("app_name") is None:
        yield Problem((), "`app_name` is missing", 'add "app_name": "NAME", the name of the app')
    for path in positions.repeated:
        yield Problem(path, f"{name(path)} stands here twice; the last one counts", fatal=False)
    yield from _section(values, (), "global")


def _section(values: Mapping[str, object], path: Path, level: Scope) -> Iterator[Problem]:
    for word, value in values.items():
        here = (*path, word)
        key = NAMES.get(word)
        if key is None:
            yield from unknown(here, names_at(level))
        elif not key.stands_at(level):
            yield Problem(here, f"{name(here)} has no effect here", _home(key.scope), fatal=False)
        elif value is not None:
            yield from key.kind.problems(value, here)
            if word in ("stages", "lambda_functions") and isinstance(value, Mapping):
                inner: Scope = "stage" if word == "stages" else "function"
                for section, contents in value.items():
                    if isinstance(contents, Mapping):
                        yield from _section(contents, (*here, section), inner)


def _home(scope: Scope) -> str:
    if scope == SCOPES[0]:
        return "move it to the top level of the file"
    return "move it to the stage, or to the top level of the file"


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ToolError(
            f"the file is not valid JSON: {error.msg}",
            where=f"{CONFIG_FILE}:{error.lineno}:{error.colno}",
            excerpt=pointing_at(text.split("\n")[error.lineno - 1], error.colno),
        ) from None
    except RecursionError:
        raise ToolError("the file is nested too deeply", where=CONFIG_FILE) from None
    except ValueError as error:
        raise ToolError(f"the file is not valid JSON: {error}", where=CONFIG_FILE) from None
