"""A project's configuration, read from its directory."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from chalice.config.application import load_app
from chalice.config.config import Config
from chalice.config.document import read
from chalice.config.python_version import runtime_warnings
from chalice.constants import DEFAULT_HANDLER_NAME


def load(project_dir: Path, stage: str, **overrides: object) -> Config:
    """Return the configuration of a stage; its app is imported when it is first asked for.

    ``overrides`` are the keys given on the command line, None for those that were not. Raises
    ``ToolError`` with everything that is wrong with the file; what is only odd is in
    ``Config.warnings``.
    """
    project_dir = project_dir.absolute()
    document = read(project_dir)

    @cache
    def app() -> object:
        return load_app(config)

    is_chosen = Config(stage, DEFAULT_HANDLER_NAME, overrides, document.values).python_version
    config = Config(
        stage,
        DEFAULT_HANDLER_NAME,
        {**overrides, "project_dir": str(project_dir), "chalice_app": app},
        document.values,
        positions=document.positions,
        warnings=(*document.warnings, *(() if is_chosen else runtime_warnings())),
    )
    return config
