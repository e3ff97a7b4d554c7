"""Fixtures for tests of a Chalice app, which pytest finds by itself where chalice is installed.

`chalice_client` calls the app in the process of the tests. `chalice_cloud` is an embedded cloud of
the tests' own, to deploy to. Nothing of chalice is imported before a test asks for one of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from chalice.app import Chalice
    from chalice.test import Client
    from chalice.test.cloud import TestCloud


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the settings of the fixtures."""
    parser.addini("chalice_app", "the app of `chalice_app`: module:variable", default="app:app")
    parser.addini("chalice_stage", "the stage of `chalice_client`", default="dev")
    parser.addini("chalice_project", "the folder of the project, if not the rootdir", default="")


@pytest.fixture(scope="session")
def chalice_project(pytestconfig: pytest.Config) -> Path:
    """The folder of the project: the setting of that name, the rootdir, or where pytest was run."""
    named = str(pytestconfig.getini("chalice_project"))
    if named:
        return (pytestconfig.rootpath / named).resolve()
    places = (pytestconfig.rootpath, pytestconfig.invocation_params.dir)
    for place in places:
        if (place / ".chalice" / "config.json").is_file() or (place / "app.py").is_file():
            return place
    raise pytest.UsageError(
        f"no Chalice project in {places[0]}: say where it is by `chalice_project` in pytest.ini"
    )


@pytest.fixture(scope="session")
def chalice_app(pytestconfig: pytest.Config, chalice_project: Path) -> Chalice:
    """The app of the project, imported from its folder. Override it for an app from elsewhere.

    An app that no test module has imported yet finds the variables of the stage in the environment.
    """
    from chalice.app import Chalice  # noqa: PLC0415
    from chalice.test.environment import variables  # noqa: PLC0415

    named = str(pytestconfig.getini("chalice_app"))
    module, _, variable = named.partition(":")
    if str(chalice_project) not in sys.path:
        sys.path.insert(0, str(chalice_project))
    with variables(chalice_project, str(pytestconfig.getini("chalice_stage"))):
        found = vars(import_module(module)).get(variable or "app")
    if not isinstance(found, Chalice):
        raise pytest.UsageError(f"`chalice_app` is {named}, which is no Chalice app: {found!r}")
    return found


@pytest.fixture
def chalice_client(
    chalice_app: Chalice, chalice_project: Path, pytestconfig: pytest.Config
) -> Iterator[Client]:
    """A client of the app, with the configuration of its project."""
    from chalice.test import Client  # noqa: PLC0415

    with Client(chalice_app, str(pytestconfig.getini("chalice_stage")), chalice_project) as client:
        yield client


@pytest.fixture(scope="session")
def chalice_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestCloud]:
    """An embedded cloud that begins empty and ends with the tests; AWS calls of this process reach
    it. With several processes (pytest-xdist) each has its own.
    """
    from chalice.test.cloud import TestCloud  # noqa: PLC0415

    with TestCloud(tmp_path_factory.mktemp("chalice-cloud")) as cloud:
        yield cloud
