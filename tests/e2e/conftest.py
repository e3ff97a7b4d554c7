"""One embedded cloud for all end-to-end tests of a process, and projects deployed to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.project import Project, clean_environment, run


@pytest.fixture(scope="session")
def user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a user whose embedded cloud is stopped at the end."""
    home = tmp_path_factory.mktemp("home")
    environment = clean_environment(home)
    yield environment
    run(environment, home, "cloud", "stop")


@pytest.fixture(scope="module")
def new_project(
    user: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Project]:
    """Make a project with ``chalice new-project``."""

    def make(name: str) -> Project:
        folder: Path = tmp_path_factory.mktemp(name)
        parent = Project(folder, user)
        parent.run("new-project", name)
        return Project(folder / name, user)

    return make
