"""The generated policies of an app without a deploy: from its source alone, or with its app."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from chalice import graph
from chalice.config import Config
from chalice.config.entry import Entry
from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.errors import ToolError
from chalice.model.functions import Code as Bundle
from chalice.model.functions import Function, Role
from chalice.model.resources import Resource
from chalice.model.values import Document, Ref
from chalice.policy.analysis import Place, ServiceModels, discover
from chalice.policy.code import Code
from chalice.policy.grants import Grant, Granted, warnings
from chalice.policy.stage import StagePolicies
from chalice.policy.statements import broad, combined, scoped

Models = Callable[[], ServiceModels]


@dataclass(frozen=True)
class Generated:
    """What the functions of a stage are granted, and their policies.

    ``policy`` returns that of some of the functions, by their names. ``resources`` are those of
    the stage, if the app was loaded.
    """

    grants: Mapping[str, Sequence[Grant]]
    left_out: Mapping[str, Sequence[Grant]]
    warnings: Sequence[ToolError]
    policy: Callable[[Sequence[str]], Document]
    resources: Sequence[Resource] = ()


def from_source(
    config: Config, models: Models, file: Path | None = None, libraries: Sequence[Path] = ()
) -> Generated:
    """Return what the code needs, which is read and not run; ``file`` instead of ``app.py``.

    ``libraries`` has directories of installed packages to read as well.
    """
    with _as_project(config, file) as (directory, beside):
        libraries = (*beside, *libraries)
        entry = config.entry if file is None else Entry()
        found = discover(directory, models(), libraries, entry.handler)
        functions = found or {DEFAULT_HANDLER_NAME: entry.handler}
        code = Code(config, functions, models, libraries, directory, entry.handler)
        policies = StagePolicies(directory, code)
        granted = {name: _as_read(policies.code(name), file) for name in functions}

    def policy(names: Sequence[str]) -> Document:
        wide = [name for name in names if _scope(config, name).autogen_policy in (True, "broad")]
        statements = [
            *scoped(grant for name in names if name not in wide for grant in granted[name].grants),
            *broad(grant for name in wide for grant in granted[name].grants),
        ]
        return {"Version": "2012-10-17", "Statement": statements}

    return Generated(
        {name: each.grants for name, each in granted.items()},
        {name: each.left_out for name, each in granted.items()},
        warnings(granted.values()),
        policy,
    )


def from_app(config: Config, models: Models, libraries: Sequence[Path] = ()) -> Generated:
    """Return what a deploy would grant: also for triggers, logs and settings. Loads the app."""
    app = config.chalice_app
    located = config.entry.located
    functions = {handler.name: located(handler.entry) for handler in graph.handlers(app)}
    policies = StagePolicies(Path(config.project_dir), Code(config, functions, models, libraries))
    code = Bundle("", Path(), bucket=config.deployment_bucket or "")
    layer = code if config.automatic_layer else None
    resources = graph.build(app, config, code, policies, layer)
    roles = {each.name: each.policy for each in resources if isinstance(each, Role)}
    used = {
        each.name: each.role.resource
        for each in resources
        if isinstance(each, Function) and isinstance(each.role, Ref)
    }

    def policy(names: Sequence[str]) -> Document:
        wanted = dict.fromkeys(used[name] for name in names if name in used)
        return combined([roles[role] for role in wanted])

    return Generated(
        {name: policies.granted.get(name, ()) for name in functions},
        {name: policies.code(name).left_out for name in functions},
        policies.warnings,
        policy,
        resources,
    )


def _scope(config: Config, function: str) -> Config:
    return config.scope(config.chalice_stage, function)


def _as_read(granted: Granted, file: Path | None) -> Granted:
    """Return what is granted with the places as the person who named the file knows them."""
    if file is None or file.name == "app.py":
        return granted

    def place(found: Place) -> Place:
        path = Path(found.file)
        if found.file == "app.py":
            return replace(found, file=file.name)
        inside = path.is_relative_to(file.parent)
        return replace(found, file=path.relative_to(file.parent).as_posix()) if inside else found

    def grants(found: Sequence[Grant]) -> tuple[Grant, ...]:
        return tuple(
            replace(
                grant,
                reason=replace(
                    grant.reason,
                    place=place(grant.reason.place) if grant.reason.place else None,
                    path=tuple(map(place, grant.reason.path)),
                ),
            )
            for grant in found
        )

    return Granted(
        grants(granted.grants),
        grants(granted.left_out),
        tuple(replace(each, place=place(each.place)) for each in granted.unresolved),
    )


@contextmanager
def _as_project(config: Config, file: Path | None) -> Iterator[tuple[Path, Sequence[Path]]]:
    """Yield a directory in which the file is called ``app.py``, and where its imports are."""
    if file is None:
        yield Path(config.project_dir), ()
        return
    if file.name == "app.py":
        yield file.parent, ()
        return
    with tempfile.TemporaryDirectory(prefix="chalice-policy-") as directory:
        shutil.copyfile(file, Path(directory, "app.py"))
        yield Path(directory), (file.parent,)
