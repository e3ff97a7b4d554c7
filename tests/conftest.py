"""What several rooms' tests share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalice.cloud import CloudStatus, ensure_running, stop

# Shells start background jobs with SIGINT ignored; what tests start would ignore it as well.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudStatus]:
    """An embedded cloud of the tests' own: a real process, on free ports, with its own state."""
    home = tmp_path_factory.mktemp("cloud")
    running = ensure_running(home, say=lambda _: None, port=0)
    yield running
    stop(home)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of a cloud that a test starts itself; what runs there at the end is stopped."""
    monkeypatch.setenv("CHALICE_CLOUD_HOME", str(tmp_path / "cloud"))
    monkeypatch.setenv("CHALICE_CLOUD_PORT", "0")
    yield Path(os.environ["CHALICE_CLOUD_HOME"])
    stop(tmp_path / "cloud")
