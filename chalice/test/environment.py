"""The environment variables of a function, for as long as a call of it takes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from chalice.app import Chalice

if TYPE_CHECKING:
    from chalice.config import Config


class BaseClient:
    """Calls functions of an app under a configuration."""

    def __init__(self, app: Chalice, config: Config) -> None:
        self._app = app
        self._config = config

    @contextmanager
    def _environment(self, function_name: str) -> Iterator[Config]:
        """Set the variables of a function and give its configuration; then undo every change."""
        config = self._config.scope(self._config.chalice_stage, function_name)
        with _having(config.environment_variables):
            yield config


def config_of(project_dir: Path, stage_name: str) -> Config:
    """Return the configuration of a project; the default one where the project has none."""
    from chalice.config import Config, load  # noqa: PLC0415  # most tests of events need none
    from chalice.config.positions import CONFIG_FILE  # noqa: PLC0415

    if (project_dir / CONFIG_FILE).exists():
        return load(project_dir, stage_name)
    return Config.create(stage_name)


@contextmanager
def variables(project_dir: Path, stage_name: str) -> Iterator[None]:
    """Set the variables of a stage; then undo every change."""
    with _having(config_of(project_dir, stage_name).environment_variables):
        yield


@contextmanager
def _having(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    try:
        os.environ.update(variables)
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
