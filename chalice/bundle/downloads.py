"""Archives of packages, fetched from where uv found them and kept for the next time."""

from __future__ import annotations

import base64
import hashlib
import netrc
import os
import shutil
import ssl
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from chalice.bundle.resolution import Archive

_KEPT = 60 * 24 * 3600.0  # seconds that an archive stays without being used
_TIMEOUT = 30.0  # seconds without a byte
_INDEXES = (
    *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"),
)


class UnavailableError(Exception):
    """An archive could not be fetched this way; uv may know a better one."""


@dataclass(frozen=True)
class Downloads:
    """Fetches archives with the certificates, proxies and passwords that ``environ`` has."""

    environ: Mapping[str, str]

    @property
    def folder(self) -> Path:
        """Where archives are kept, by their hashes."""
        home = self.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(home, "chalice", "packages")

    def fetch(self, archive: Archive, scratch: Path) -> Path:
        """Return the file of an archive, in ``scratch`` if it has no hash to be kept by.

        Raises ``UnavailableError``, also for a file that is not the one that was promised.
        """
        if isinstance(archive.location, Path):
            if archive.sha256 is not None and _digest(archive.location) != archive.sha256:
                raise UnavailableError(str(archive.location))
            return archive.location
        if archive.sha256 is None:
            return self._download(archive, scratch)
        path = self.folder / archive.sha256
        if path.is_file() and _digest(path) == archive.sha256:
            with suppress(OSError):
                os.utime(path)
            return path
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=self.folder) as folder:
            found = self._download(archive, Path(folder))
            if _digest(found) != archive.sha256:
                raise UnavailableError(archive.name)
            found.replace(path)
        return path

    def prune(self, now: float) -> None:
        """Remove what was not used for long."""
        with suppress(OSError):
            for path in self.folder.iterdir():
                if path.stat().st_mtime < now - _KEPT:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _download(self, archive: Archive, folder: Path) -> Path:
        if self.environ.get("UV_OFFLINE", "").lower() not in ("", "0", "false"):
            raise UnavailableError(archive.name)
        path = folder / archive.name.replace("/", "_")
        request = self._request(str(archive.location))
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer, path.open("wb") as file:
                shutil.copyfileobj(answer, file, 1024 * 1024)
        except (OSError, ValueError) as error:
            raise UnavailableError(archive.name) from error
        return path

    def _request(self, url: str) -> urllib.request.Request:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        plain = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
        request = urllib.request.Request(plain)  # noqa: S310 - the scheme is checked by uv
        word = _password(url) or self._passwords.get(f"{parts.scheme}://{host}")
        word = word or self._from_netrc(parts.hostname or "")
        if word:
            encoded = base64.b64encode(word.encode()).decode()
            request.add_unredirected_header("Authorization", f"Basic {encoded}")
        return request

    @cached_property
    def _passwords(self) -> dict[str, str]:
        """``user:password`` by scheme and host, from the addresses of indexes."""
        found: dict[str, str] = {}
        for name in _INDEXES:
            for each in self.environ.get(name, "").replace(",", " ").split():
                url = each.rpartition("=")[2] if "://" not in each.partition("=")[0] else each
                parts = urlsplit(url)
                if word := _password(url):
                    found[f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"] = word
        return found

    def _from_netrc(self, host: str) -> str | None:
        try:
            path = self.environ.get("NETRC") or str(Path.home() / ".netrc")
            known = netrc.netrc(path).authenticators(host)
        except (OSError, netrc.NetrcParseError):
            return None
        return f"{known[0]}:{known[2]}" if known else None

    @cached_property
    def _opener(self) -> urllib.request.OpenerDirector:
        context = ssl.create_default_context()
        with suppress(OSError, ssl.SSLError):
            if file := self.environ.get("SSL_CERT_FILE"):
                context.load_verify_locations(cafile=file)
            if folder := self.environ.get("SSL_CERT_DIR"):
                context.load_verify_locations(capath=folder)
        return urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))


def now() -> float:
    """Return the time by which files are old."""
    return time.time()


def _password(url: str) -> str | None:
    word, separator, _ = urlsplit(url).netloc.rpartition("@")
    return unquote(word) if separator else None


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            for block in iter(lambda: file.read(1024 * 1024), b""):
                digest.update(block)
    except OSError as error:
        raise UnavailableError(str(path)) from error
    return digest.hexdigest()
