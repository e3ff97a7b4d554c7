"""The environment variables of a function, for as long as a call of it takes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
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
        before = dict(os.environ)
        try:
            os.environ.update(config.environment_variables)
            yield config
        finally:
            for name in os.environ.keys() - before.keys():
                del os.environ[name]
            os.environ.update(before)
