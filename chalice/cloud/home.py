"""The folder that an embedded cloud lives in: its record, its locks, its log and its state.

```
cloud.json      what runs: pid, URLs, version (CloudRecord)
ports.json      the two ports of the last start, so that URLs stay the same
cloud.log       what the cloud says; cloud.log.1 is the log before it
cloud.lock      locked by the running cloud for as long as it lives
start.lock      locked by whoever starts or stops a cloud
state/          the snapshot of everything in the cloud
functions/      unpacked code of functions
tls/            which certificates functions trust
```
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from chalice.errors import ToolError
from chalice.files import replacing

try:
    import fcntl
except ImportError:
    raise ToolError("the embedded cloud runs on Linux and macOS") from None


@dataclass(frozen=True, slots=True)
class CloudRecord:
    """What a running cloud writes about itself. ``started`` is in seconds since 1970."""

    pid: int
    endpoint_url: str
    gateway_url: str
    version: str
    started: float


class Home:
    """One such folder; it is made, for its owner only, when something is first written to it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def log(self) -> Path:
        """What the cloud says."""
        return self.path / "cloud.log"

    @property
    def state(self) -> Path:
        """The folder of the snapshot."""
        return self.path / "state"

    @property
    def functions(self) -> Path:
        """The folder of the Lambda executor."""
        return self.path / "functions"

    @property
    def tls(self) -> Path:
        """The folder of the certificates."""
        return self.path / "tls"

    def make(self) -> None:
        """Make the folder. Raises ``ToolError`` when that is not possible."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise ToolError(
                f"cannot make the folder of the embedded cloud, {self.path}: {error.strerror}",
                hint="set CHALICE_CLOUD_HOME to a folder that can be written",
            ) from None

    def read_record(self) -> CloudRecord | None:
        """Return what a cloud wrote, which may have ended since; None when there is nothing."""
        found = _read_json(self.path / "cloud.json")
        try:
            return CloudRecord(
                pid=int(str(found["pid"])),
                endpoint_url=str(found["endpoint_url"]),
                gateway_url=str(found["gateway_url"]),
                version=str(found["version"]),
                started=float(str(found["started"])),
            )
        except (KeyError, ValueError):
            return None

    def write_record(self, record: CloudRecord) -> None:
        """Say what runs."""
        write_atomically(self.path / "cloud.json", json.dumps(asdict(record)).encode())

    def remove_record(self) -> None:
        """Say that nothing runs."""
        (self.path / "cloud.json").unlink(missing_ok=True)

    def read_ports(self) -> tuple[int, int] | None:
        """Return the ports of the last start: AWS, gateway."""
        found = _read_json(self.path / "ports.json")
        aws, gateway = found.get("aws"), found.get("gateway")
        return (aws, gateway) if isinstance(aws, int) and isinstance(gateway, int) else None

    def write_ports(self, aws: int, gateway: int) -> None:
        """Remember the ports for the next start."""
        write_atomically(
            self.path / "ports.json", json.dumps({"aws": aws, "gateway": gateway}).encode()
        )

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Wait until nobody else starts or stops this cloud, and keep others waiting."""
        self.make()
        with (self.path / "start.lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def alive(self) -> Iterator[Callable[[], bool]]:
        """Be the cloud of this home. The operating system ends that with the process, however it
        ends. Raises ``BlockingIOError`` when another process is it.

        Gives a function that says whether this is still so: a home can be deleted.
        """
        self.make()
        with (self.path / "cloud.lock").open("ab") as file:
            for _ in range(20):  # who asks is_alive() holds the lock for an instant
                with suppress(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                time.sleep(0.05)
            else:
                raise BlockingIOError(f"{self.path} belongs to another cloud")
            own = os.fstat(file.fileno()).st_ino

            def is_ours() -> bool:
                try:
                    return (self.path / "cloud.lock").stat().st_ino == own
                except FileNotFoundError:
                    return False

            yield is_ours

    def is_alive(self) -> bool:
        """Whether some process is the cloud of this home, whether or not it answers."""
        try:
            file = (self.path / "cloud.lock").open("rb")
        except FileNotFoundError:
            return False
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


def default_home(environ: Mapping[str, str]) -> Path:
    """Return ``CHALICE_CLOUD_HOME``, else ``chalice/cloud`` in the XDG state folder."""
    named = environ.get("CHALICE_CLOUD_HOME")
    if named:
        return Path(named).expanduser().absolute()
    state = environ.get("XDG_STATE_HOME")
    own = Path(state) if state else None
    base = own if own and own.is_absolute() else Path.home() / ".local" / "state"
    return base / "chalice" / "cloud"


def write_atomically(path: Path, content: bytes) -> None:
    """Write ``content`` so that ``path`` holds the old or the new content at every instant."""
    with replacing(path, f".{path.name}.", mode=0o600) as file:
        file.write(content)


def _read_json(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
