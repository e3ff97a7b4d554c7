from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cloud.functions.lab import Lab


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("functions")


@pytest.fixture(scope="session")
def lab(home: Path) -> Iterator[Lab]:
    """One executor for all tests that need no special one."""
    lab = Lab(home / "shared", environment={"AWS_ENDPOINT_URL": "http://cloud"})
    yield lab
    lab.close()


@pytest.fixture
def open_lab(home: Path) -> Iterator[Callable[..., Lab]]:
    """Makes labs of one's own, one after another on one home: ``open_lab(max_environments=1)``."""
    labs: list[Lab] = []

    def open_lab(**options: object) -> Lab:
        while labs:
            labs.pop().close()
        labs.append(Lab(home / "own", **options))
        return labs[0]

    yield open_lab
    while labs:
        labs.pop().close()


@pytest.fixture(scope="session")
def names() -> Iterator[str]:
    """Fresh function names."""
    return (f"f{number}" for number in itertools.count())


@pytest.fixture
def name(names: Iterator[str]) -> str:
    return next(names)
