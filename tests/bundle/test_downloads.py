"""What was fetched once is kept, and is what it was promised to be."""

from __future__ import annotations

import functools
import hashlib
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalice.bundle.downloads import Downloads, UnavailableError
from chalice.bundle.resolution import Archive

DATA = b"a wheel, for all that matters here"
DIGEST = hashlib.sha256(DATA).hexdigest()
DAY = 24 * 3600.0


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The address of a file with ``DATA``."""
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "a.whl").write_bytes(DATA)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    handler = functools.partial(Handler, directory=str(tmp_path / "served"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/a.whl"
        server.shutdown()
        thread.join()


def downloads(tmp_path: Path, **variables: str) -> Downloads:
    return Downloads({"XDG_CACHE_HOME": str(tmp_path / "cache"), **variables})


def test_an_archive_is_fetched_once_and_again_when_its_copy_is_damaged(
    url: str, tmp_path: Path
) -> None:
    archive = Archive("a.whl", url, DIGEST, is_wheel=True)
    found = downloads(tmp_path).fetch(archive, tmp_path)
    assert found.read_bytes() == DATA
    (tmp_path / "served" / "a.whl").unlink()
    assert downloads(tmp_path).fetch(archive, tmp_path) == found
    found.write_bytes(b"damaged")
    with pytest.raises(UnavailableError):
        downloads(tmp_path).fetch(archive, tmp_path)


def test_another_file_than_was_promised_is_not_kept(url: str, tmp_path: Path) -> None:
    archive = Archive("a.whl", url, "0" * 64, is_wheel=True)
    with pytest.raises(UnavailableError):
        downloads(tmp_path).fetch(archive, tmp_path)
    assert list(downloads(tmp_path).folder.iterdir()) == []


def test_offline_only_what_is_kept_is_had(url: str, tmp_path: Path) -> None:
    archive = Archive("a.whl", url, DIGEST, is_wheel=True)
    offline = downloads(tmp_path, UV_OFFLINE="1")
    with pytest.raises(UnavailableError):
        offline.fetch(archive, tmp_path)
    downloads(tmp_path).fetch(archive, tmp_path)
    assert offline.fetch(archive, tmp_path).read_bytes() == DATA


def test_what_was_not_used_for_long_is_removed(url: str, tmp_path: Path) -> None:
    mine = downloads(tmp_path)
    found = mine.fetch(Archive("a.whl", url, DIGEST, is_wheel=True), tmp_path)
    used = found.stat().st_mtime
    mine.prune(used + 59 * DAY)
    assert found.exists()
    os.utime(found, (used - 2 * DAY, used - 2 * DAY))
    mine.prune(used + 59 * DAY)
    assert not found.exists()
