"""Keeps the state of the cloud on disk: soon after each change, and when the cloud stops."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from chalice.cloud.control.snapshot import (
    Blobs,
    ChangedError,
    Snapshot,
    UnreadableSnapshotError,
    dump,
    load,
)
from chalice.cloud.home import write_atomically

LOGGER = logging.getLogger(__name__)

_DEBOUNCE = 0.5  # seconds from a change to its snapshot; what happens meanwhile goes with it
_PATIENCE = 0.25  # seconds a snapshot waits for requests under way; a long poll takes longer
_SHARE = 10  # a snapshot that takes a second is made at most every ten
_ATTEMPTS = 5


class Traffic:
    """Requests to the control plane, which can be held for the time of a snapshot."""

    def __init__(self) -> None:
        self._under_way = 0
        self._open = asyncio.Event()
        self._open.set()
        self._quiet = asyncio.Event()
        self._quiet.set()

    @asynccontextmanager
    async def request(self) -> AsyncIterator[None]:
        """Be a request: wait while requests are held."""
        while not self._open.is_set():
            await self._open.wait()
        self._under_way += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._quiet.set()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold new requests, and wait a little for those under way."""
        self._open.clear()
        try:
            try:
                await asyncio.wait_for(self._quiet.wait(), _PATIENCE)
            except asyncio.TimeoutError:
                LOGGER.debug("a request takes long; the snapshot does not wait for it")
            yield
        finally:
            self._open.set()


class Keeper:
    """Writes snapshots into ``folder``, one after the other."""

    def __init__(self, folder: Path, traffic: Traffic) -> None:
        self._path = folder / "snapshot"
        self._blobs = Blobs(folder / "blobs")
        self._traffic = traffic
        self._changed = asyncio.Event()
        self._saving = asyncio.Lock()
        self._digest = ""
        self._took = 0.0
        self._lost: str | None = None
        self._unsaved: str | None = None

    @property
    def notice(self) -> str | None:
        """What the user should know: the state is not saved, or could not be restored."""
        return self._unsaved or self._lost

    def restore(self) -> None:
        """Give moto the state of the last snapshot, if there is one that can be read."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return
        try:
            load(content, self._blobs)
        except UnreadableSnapshotError as error:
            self._lost = (
                f"the state of the last run could not be restored, the cloud starts empty: {error}"
            )
            LOGGER.warning("%s", self._lost)
            self._path.replace(self._path.with_name("snapshot.unreadable"))

    def touch(self) -> None:
        """Say that something may have changed."""
        self._changed.set()

    async def run(self) -> None:
        """Save after changes, until cancelled."""
        while True:
            await self._changed.wait()
            await asyncio.sleep(max(_DEBOUNCE, _SHARE * self._took))
            self._changed.clear()
            began = time.monotonic()
            await self.save()
            self._took = time.monotonic() - began

    async def save(self) -> None:
        """Write a snapshot unless it would be the same as the last one."""
        async with self._saving:
            for attempt in range(_ATTEMPTS):
                try:
                    async with self._traffic.held():
                        snapshot = await asyncio.to_thread(dump, self._blobs)
                    await asyncio.to_thread(self._write, snapshot)
                except ChangedError as error:
                    LOGGER.debug("snapshot %d: %s", attempt, error)
                    await asyncio.sleep(0.05)
                except OSError as error:
                    self._say_unsaved(f"the state of the cloud is not saved: {error}")
                    return
                else:
                    left = ", ".join(snapshot.left_out)
                    self._say_unsaved(f"the state of {left} cannot be saved" if left else None)
                    return
            self._say_unsaved("the state of the cloud changes too fast to be saved")

    def size(self) -> int:
        """Return how many bytes the state takes on disk."""
        own = self._path.stat().st_size if self._path.exists() else 0
        return own + self._blobs.size()

    def _say_unsaved(self, notice: str | None) -> None:
        if notice is not None and notice != self._unsaved:
            LOGGER.warning("%s", notice)
        self._unsaved = notice

    def _write(self, snapshot: Snapshot) -> None:
        digest = hashlib.sha256(snapshot.content).hexdigest()
        if digest != self._digest:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, snapshot.content)
            self._digest = digest
        self._blobs.keep_only(snapshot.blobs)
