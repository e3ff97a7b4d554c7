"""The environment variables of all functions of a stage, for a process that runs all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from chalice.config import Config
from chalice.config.checks import environment_problems
from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.errors import ToolError


@dataclass(frozen=True)
class Conflict:
    """A function wants another value of a variable than the process has."""

    function: str
    name: str
    where: str


@dataclass(frozen=True)
class Variables:
    """``values`` are what the process gets: those of the function that serves routes, and what
    other functions have besides, each for all.
    """

    values: Mapping[str, str]
    conflicts: tuple[Conflict, ...]

    def warnings(self, functions: Iterable[str]) -> Iterator[ToolError]:
        """Yield a warning for each conflict of one of these functions."""
        for conflict in self.conflicts:
            if conflict.function in functions:
                yield ToolError(
                    f"function `{conflict.function}` does not have its own value of "
                    f"`{conflict.name}` here",
                    where=conflict.where,
                    hint="all functions run in one process; `chalice deploy --local` and "
                    f"`chalice invoke --local {conflict.function}` give each its own",
                )


def variables_of(config: Config) -> Variables:
    """Return the variables of the stage. What one function has is what others see as well, unless
    they disagree: then the one of the routes has its way, or else the first in the file.
    """
    values = dict(_scope(config, DEFAULT_HANDLER_NAME).environment_variables)
    conflicts: list[Conflict] = []
    for function in _functions(config):
        scope = _scope(config, function)
        for name, value in scope.environment_variables.items():
            if values.setdefault(name, value) != value:
                where = scope.where("environment_variables", name)
                conflicts.append(Conflict(function, name, where))
    return Variables(values, tuple(conflicts))


def variable_problems(config: Config) -> Iterator[ToolError]:
    """Yield what no environment can hold, of any function, each once."""
    seen: set[tuple[str, str | None]] = set()
    for function in (DEFAULT_HANDLER_NAME, *_functions(config)):
        for problem in environment_problems(_scope(config, function)):
            if (problem.summary, problem.where) not in seen:
                seen.add((problem.summary, problem.where))
                yield problem


def _functions(config: Config) -> list[str]:
    """Return the names of the functions that have a section of their own."""
    file = config.config_from_disk
    stages = _section(file, "stages")
    sections = (
        _section(_section(stages, config.chalice_stage), "lambda_functions"),
        _section(file, "lambda_functions"),
    )
    names = dict.fromkeys(name for section in sections for name in section)
    return [name for name in names if name != DEFAULT_HANDLER_NAME]


def _scope(config: Config, function: str) -> Config:
    return config.scope(config.chalice_stage, function)


def _section(values: Mapping[str, object], name: str) -> Mapping[str, object]:
    inner = values.get(name)
    return inner if isinstance(inner, Mapping) else {}
