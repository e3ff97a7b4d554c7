from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.local.console.lab import shop
from tests.local.program import Program


@pytest.fixture(scope="package")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with shop(tmp_path_factory.mktemp("shop")) as running:
        yield running
