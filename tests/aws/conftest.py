"""A scripted AWS for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.aws.scripted import ScriptedAws, scripted_aws


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedAws]:
    """A server that says what a test tells it, with the environment that leads to it."""
    with scripted_aws() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        yield server
