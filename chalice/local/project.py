"""The app of a project, imported anew whenever its files have changed, in the same process."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from chalice.app import Chalice
from chalice.config import Config, load
from chalice.config.application import load_app
from chalice.config.checks import check_features, check_routes
from chalice.errors import ToolError, together
from chalice.graph.doors import door_problems
from chalice.graph.handlers import handlers
from chalice.local.modules import replaceable
from chalice.local.proofs import NO_PROOFS, GivenProofs, read_proofs
from chalice.local.served import Served, describe, region
from chalice.local.tree import VENDOR
from chalice.local.variables import Variables, variable_problems, variables_of


class Project:
    """A project as it is on the disk now. ``environ`` is that of the process.

    ``fixed`` are variables that are set whatever the configuration says. ``loaded`` is told of
    each app that can be served; it may raise ToolError.
    """

    def __init__(
        self,
        directory: Path,
        stage: str,
        *,
        open_doors: bool = False,
        given: GivenProofs = NO_PROOFS,
        warn: Callable[[ToolError], None],
        environ: MutableMapping[str, str] = os.environ,
        fixed: Mapping[str, str] | None = None,
        loaded: Callable[[Chalice, Config], None] | None = None,
    ) -> None:
        self.directory = directory.resolve()
        self._stage = stage
        self._open_doors = open_doors
        self._given = given
        self._warn = warn
        self._environ = environ
        self._fixed = fixed or {}
        self._loaded = loaded
        self._replaced: dict[str, str | None] = {}
        self._generation = 0
        self._is_vendor_stale = False

    def load(self, changed: Iterable[str] = ()) -> Served:
        """Import the project's modules and return what they serve. Raises ToolError.

        ``changed`` are the files that did since the last time: packages in ``vendor`` are imported
        anew only if there are any of theirs among them. After a failure the modules are those of
        before, so that what they still serve works on.
        """
        if any(name.startswith(f"{VENDOR}/") for name in changed):
            self._is_vendor_stale = True
        before = replaceable(self.directory, vendored=self._is_vendor_stale)
        for name in before:
            del sys.modules[name]
        try:
            served = self._import()
        except BaseException:
            for name in replaceable(self.directory, vendored=self._is_vendor_stale):
                del sys.modules[name]
            sys.modules.update(before)
            raise
        self._is_vendor_stale = False
        return served

    def _import(self) -> Served:
        importlib.invalidate_caches()
        config = load(self.directory, self._stage)
        for warning in config.warnings:
            self._warn(warning)
        variables = self._set_environment(config)
        proofs = read_proofs(config, self._given)
        app = load_app(config, quiet=False)
        problems = (*self._problems(app, config),)
        if problems:
            raise together(problems)
        lend_credentials(app)
        self._generation += 1
        generation = str(self._generation)
        served = describe(app, config, generation, proofs, open_doors=self._open_doors)
        functions = {each.name for each in served.functions.values()}
        if self._loaded is not None:
            self._loaded(app, config)
            functions |= {each.name for each in handlers(app)}
        for warning in variables.warnings(functions):
            self._warn(warning)
        return served

    def _problems(self, app: Chalice, config: Config) -> Iterator[ToolError]:
        yield from check_routes(app, self.directory)
        yield from check_features(app, self.directory)
        yield from door_problems(app, config)

    def _set_environment(self, config: Config) -> Variables:
        """Set the variables of the configuration and return them; those that it has no longer get
        back the value that they had before.
        """
        problems = (*variable_problems(config),)
        if problems:
            raise together(problems)
        variables = variables_of(config)
        for name, value in self._replaced.items():
            if value is None:
                self._environ.pop(name, None)
            else:
                self._environ[name] = value
        wanted = {"AWS_REGION": region(), **variables.values, **self._fixed}
        self._replaced = {name: self._environ.get(name) for name in wanted}
        self._environ.update(wanted)
        return variables


class _LentSession:
    """A boto3 session that needs no account to reach the clients connected here."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def client(self, service_name: str, **options: Any) -> Any:
        """Return a client with a signature that only this process takes."""
        return self._session.client(
            service_name,
            **{
                "region_name": region(),
                "aws_access_key_id": "local",
                "aws_secret_access_key": "local",
                **options,
            },
        )


def lend_credentials(app: Chalice) -> None:
    """Let the app send to WebSocket clients without an AWS account."""
    if app.websocket_handlers and app.websocket_api.session is not None:
        app.websocket_api.session = _LentSession(app.websocket_api.session)
