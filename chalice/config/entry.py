"""Where the app is: a module and the variable in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_WRITTEN = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)(?::([^\W\d]\w*))?")


@dataclass(frozen=True)
class Entry:
    """The module of the app and its variable; those of a project that says nothing are ``app``."""

    module: str = "app"
    variable: str = "app"

    @classmethod
    def parse(cls, written: str) -> Entry | None:
        """Read ``package.module:variable``; None for what is not such. The variable may lack."""
        match = _WRITTEN.fullmatch(written)
        return cls(match[1], match[2] or "app") if match else None

    def __str__(self) -> str:
        return f"{self.module}:{self.variable}"

    @property
    def top(self) -> str:
        """The module or package at the top of the project that it is in."""
        return self.module.partition(".")[0]

    @property
    def handler(self) -> str:
        """What Lambda calls for the routes: ``package.module.variable``."""
        return f"{self.module}.{self.variable}"

    def located(self, handler: str) -> str:
        """Return a handler as Lambda finds it.

        An app does not know the module that it is in, and calls that ``app``: ``app.app`` for
        the routes, ``app.job``. Handlers of blueprints have modules of their own.
        """
        module, _, name = handler.rpartition(".")
        if module != "app":
            return handler
        return self.handler if name == "app" else f"{self.module}.{name}"

    def file(self, project: Path) -> Path | None:
        """Return the file of the module, None if the project has none."""
        path = project.joinpath(*self.module.split("."))
        return next(
            (file for file in (path / "__init__.py", path.with_name(f"{path.name}.py"))
             if file.is_file()),
            None,
        )  # fmt: skip

    @property
    def shown_file(self) -> str:
        """The file where a person would look for the app."""
        return self.module.replace(".", "/") + ".py"
