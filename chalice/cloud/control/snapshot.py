"""Everything moto holds, and our stacks, as bytes, and back.

moto keeps state in memory only. A snapshot is a pickle of the attributes of every backend; one
backend's reference to another is kept as a reference. Large byte strings (code of functions,
S3 objects) are not in it but named by their digest, and stored once as ``Blobs``.

A snapshot is read by the versions that wrote it: moto's classes and Python's byte code are in it.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import marshal
import pickle
import platform
import sys
import threading
import types
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

from joserfc.jwk import RSAKey
from moto.core.base_backend import BackendDict, BaseBackend
from moto.logs.models import LogEvent, logs_backends

from chalice import __version__
from chalice.cloud.control.service import CorrectedBackend
from chalice.cloud.home import write_atomically

_BLOB = 64 * 1024
"""Byte strings of at least this size are stored apart."""

_OURS = frozenset({"chalice.cloud.stacks.store"})
"""Modules with backends that moto has not."""

Place: TypeAlias = tuple[str, str, str, str]
"""Where a backend is: module, registry, account, region."""


UsedBlobs: TypeAlias = dict[int, tuple[bytes, str]]
"""Byte strings that a snapshot names, by identity: the string, so that it lives, and its digest."""


class ChangedError(Exception):
    """The state changed while it was read."""


class UnreadableSnapshotError(Exception):
    """The snapshot was written by another version, or is damaged."""


class Blobs:
    """Byte strings by digest, one file each in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: UsedBlobs = {}  # of the last snapshot: what is the same is not read again

    def keep(self, content: bytes, used: UsedBlobs) -> str:
        """Store ``content`` unless it is stored, note it in ``used``, and return its digest."""
        known = used.get(id(content)) or self._known.get(id(content))
        digest = known[1] if known else hashlib.sha256(content).hexdigest()
        used[id(content)] = (content, digest)
        path = self._folder / digest
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content)
        return digest

    def read(self, digest: str) -> bytes:
        """Return the string of that digest. Raises ``OSError``."""
        return (self._folder / digest).read_bytes()

    def keep_only(self, used: UsedBlobs) -> None:
        """Delete what the snapshot that is now on disk does not name."""
        self._known = used
        names = {digest for _, digest in used.values()}
        for path in self._folder.glob("*"):
            if path.name not in names:
                path.unlink(missing_ok=True)

    def size(self) -> int:
        """Return how many bytes are stored."""
        return sum(path.stat().st_size for path in self._folder.glob("*"))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state as bytes, the blobs it names, and the modules of moto whose state is not in it,
    each with the reason.
    """

    content: bytes
    blobs: UsedBlobs
    left_out: Mapping[str, str]


def dump(blobs: Blobs) -> Snapshot:
    """Return the state as it is now, without the services whose state cannot be pickled.

    Raises ``ChangedError`` when it changed meanwhile, ``OSError`` when a blob cannot be stored.
    """
    backends = dict(_backends())
    used: UsedBlobs = {}
    left_out: dict[str, str] = {}
    try:
        content = _pickle(backends, backends, blobs, used)
    except (ChangedError, OSError):
        raise
    except Exception:
        left_out = dict(_unpicklable(backends, blobs, used))
        kept = {place: each for place, each in backends.items() if place[0] not in left_out}
        content = _pickle(kept, backends, blobs, used)
    header = json.dumps(_versions(), sort_keys=True).encode()
    return Snapshot(header + b"\n" + content, used, left_out)


def load(content: bytes, blobs: Blobs) -> None:
    """Give moto's backends the state in ``content``. Raises ``UnreadableSnapshotError``."""
    header, _, rest = content.partition(b"\n")
    try:
        written = json.loads(header)
        differ = {name: written.get(name) for name in _versions()}
    except (ValueError, AttributeError):
        raise UnreadableSnapshotError("it is damaged") from None
    if differ != _versions():
        was = ", ".join(f"{name} {value}" for name, value in differ.items())
        raise UnreadableSnapshotError(f"it was written by other versions: {was}")
    try:
        state = _Unpickler(io.BytesIO(rest), blobs).load()
    except Exception as error:
        raise UnreadableSnapshotError(f"it is damaged: {error!r}") from error
    for place, attributes in state.items():
        vars(_backend_at(place)).update(attributes)
    _continue_event_ids()


def _versions() -> dict[str, str]:
    return {"chalice": __version__, "moto": version("moto"), "python": platform.python_version()}


def _backends() -> Iterator[tuple[Place, BaseBackend]]:
    """Yield every backend that exists, once."""
    seen: set[int] = set()
    for name, module in sorted(sys.modules.items()):
        if not (name.startswith("moto.") and name.endswith(".models")) and name not in _OURS:
            continue
        for attribute, registry in list(vars(module).items()):
            if isinstance(registry, BackendDict) and id(registry) not in seen:
                seen.add(id(registry))
                for account, region, backend in list(registry.iter_backends()):
                    yield (name, attribute, account, region), backend


def _backend_at(place: Place) -> BaseBackend:
    module, attribute, account, region = place
    registry = vars(importlib.import_module(module))[attribute]
    backend: BaseBackend = registry[account][region]
    return backend


def _attributes(backend: BaseBackend) -> dict[str, Any]:
    unsaved = backend.unsaved if isinstance(backend, CorrectedBackend) else frozenset()
    return {name: value for name, value in vars(backend).items() if name not in unsaved}


def _unpicklable(
    backends: Mapping[Place, BaseBackend], blobs: Blobs, used: UsedBlobs
) -> Iterator[tuple[str, str]]:
    """Yield the modules whose backends cannot be pickled, and why."""
    for module in sorted({place[0] for place in backends}):
        own = {place: each for place, each in backends.items() if place[0] == module}
        try:
            _pickle(own, backends, blobs, used)
        except (ChangedError, OSError):
            raise
        except Exception as error:
            yield module, repr(error)


def _pickle(
    backends: Mapping[Place, BaseBackend],
    known: Mapping[Place, BaseBackend],
    blobs: Blobs,
    used: UsedBlobs,
) -> bytes:
    file = io.BytesIO()
    places = {id(backend): place for place, backend in known.items()}
    pickler = _Pickler(file, places, lambda content: blobs.keep(content, used))
    try:
        pickler.dump({place: _attributes(backend) for place, backend in backends.items()})
    except RuntimeError as error:
        if isinstance(error, RecursionError):
            raise
        raise ChangedError(str(error)) from error  # a dictionary, as Python says
    return file.getvalue()


class _Pickler(pickle.Pickler):
    def __init__(
        self, file: io.BytesIO, places: Mapping[int, Place], keep: Callable[[bytes], str]
    ) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._places = places
        self._keep = keep

    def persistent_id(self, obj: Any) -> Any:
        if type(obj) is bytes and len(obj) >= _BLOB:
            return ("blob", self._keep(obj))
        place = self._places.get(id(obj))
        return ("backend", place) if place else None

    def reducer_override(self, obj: Any) -> Any:
        match obj:
            case weakref.WeakValueDictionary():
                return weakref.WeakValueDictionary, (dict(obj),)
            case types.ModuleType():
                return importlib.import_module, (obj.__name__,)
            case types.FunctionType() if "<" in obj.__qualname__:
                # The default of a defaultdict, or another function within a function.
                cells = tuple(cell.cell_contents for cell in obj.__closure__ or ())
                code = marshal.dumps(obj.__code__)
                return _function, (code, obj.__module__, obj.__defaults__, cells)
            case defaultdict() if type(obj) is not defaultdict:
                # pickle would give its first argument to a class that may want others.
                items = iter(dict.items(obj))
                return _default_dict, (type(obj), obj.default_factory), vars(obj), None, items
            case RSAKey():  # of user pools
                return RSAKey.import_key, (obj.as_dict(private=True),)
            case threading.Condition() | threading.Event():
                return type(obj), ()
        return (_LOCKS[type(obj)], ()) if type(obj) in _LOCKS else NotImplemented


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, blobs: Blobs) -> None:
        super().__init__(file)
        self._blobs = blobs

    def persistent_load(self, pid: Any) -> Any:
        kind, value = pid
        return self._blobs.read(value) if kind == "blob" else _backend_at(value)


_LOCKS: Mapping[type, Callable[[], object]] = {
    type(threading.Lock()): threading.Lock,
    type(threading.RLock()): threading.RLock,
}


def _default_dict(
    kind: type[defaultdict[Any, Any]], factory: Callable[[], Any] | None
) -> defaultdict[Any, Any]:
    made = kind.__new__(kind)
    made.default_factory = factory
    return made


def _function(
    code: bytes, module: str, defaults: tuple[Any, ...] | None, cells: tuple[Any, ...]
) -> types.FunctionType:
    names = vars(importlib.import_module(module))
    closure = tuple(types.CellType(cell) for cell in cells) or None
    return types.FunctionType(
        marshal.loads(code),  # noqa: S302  # our own file, written by this very Python
        names,
        argdefs=defaults,
        closure=closure,
    )


def _continue_event_ids() -> None:
    """Let new log events have ids that no restored event has."""
    LogEvent._event_id = 1 + max(
        (
            event.event_id
            for regions in logs_backends.values()
            for backend in regions.values()
            for group in backend.groups.values()
            for stream in group.streams.values()
            for event in stream.events
        ),
        default=-1,
    )
