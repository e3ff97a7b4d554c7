"""Tests here import apps; each leaves the process as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.config.projects import untouched_process


@pytest.fixture(autouse=True)
def _process() -> Iterator[None]:
    with untouched_process():
        yield
