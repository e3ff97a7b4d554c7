"""The recorded state of a stage: ``.chalice/deployed/<stage>.json``.

The rows under ``resources`` have the shape that schema version 2.0 of the file documents, so a
stage that an older tool deployed is taken over. What that shape has no place for is under the
key ``chalice``. Where there is no such file, the one of all stages that came before it is read.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from chalice.aws import legacy_state
from chalice.aws.rows import records_of, row_of
from chalice.errors import ToolError
from chalice.files import replacing
from chalice.model.state import Intent, Record, State

if sys.platform != "win32":
    import fcntl

_SCHEMA_VERSION = "2.0"


class StateFile:
    """The state of one stage on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> State:
        """Return what is recorded; an empty state if there is no file."""
        state = _read(self.path, _parse)
        if state is None and self.path.parent.name == "deployed":
            stage = self.path.stem
            legacy = self.path.parent.with_name("deployed.json")
            state = _read(legacy, lambda document: legacy_state.state_of(document, stage))
        return state or State()

    def save(self, state: State) -> None:
        """Replace the file atomically and have it on the disk before returning."""
        text = json.dumps(_document(state), indent=2) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self.path, ".state-", mode=0o600) as file:
                file.write(text.encode())
            _sync(self.path.parent)
        except OSError as error:
            raise ToolError(
                f"cannot write the recorded state: {error.strerror}",
                where=str(self.path),
                hint="make room or fix the permissions, then run the same command again: "
                "it finds what was made",
            ) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process from deploying this stage from this folder meanwhile."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with (self.path.parent / f".{self.path.name}.lock").open("a") as file:
            if sys.platform == "win32":  # it has no advisory locks of this kind
                yield
                return
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ToolError(
                    "another chalice command is changing this stage right now",
                    where=str(self.path),
                    hint="wait until it has ended, then run this command again",
                ) from error
            yield


def _read(path: Path, parse: Callable[[Any], State]) -> State | None:
    """Return the state in a file, None if there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ToolError(
            f"cannot read the recorded state: {error.strerror}", where=str(path)
        ) from error
    try:
        return parse(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ToolError(
            f"the recorded state is damaged: {error}",
            where=str(path),
            hint="restore the file from version control or a backup; nothing was changed",
        ) from error


def _sync(folder: Path) -> None:
    """Have the new directory entry on the disk, where the system can be asked for that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _parse(document: Any) -> State:
    version = document.get("schema_version", "1.0")
    if version != _SCHEMA_VERSION:
        raise ValueError(f"unsupported schema version {version!r}")
    own = document.get("chalice", {})
    tags = own.get("tag_keys", {})
    parameters = own.get("parameter_keys", {})
    adopted = own.get("adopted", [])
    records = {}
    foreign = []
    for row in document.get("resources", []):
        found = records_of(row)
        if not found:
            foreign.append(row)
        for record in found:
            name = record.name
            records[name] = replace(
                record,
                tag_keys=tuple(tags.get(name, ())),
                parameter_keys=tuple(parameters.get(name, ())),
                adopted=name in adopted,
            )
    for row in own.get("records", []):
        records[row["name"]] = _record(row)
    return State(
        records=records,
        retired=tuple(_record(row) for row in own.get("retired", [])),
        intents={
            row["name"]: Intent(row["name"], row["kind"], row["identity"])
            for row in own.get("intents", [])
        },
        foreign=tuple(foreign),
    )


def _record(row: Any) -> Record:
    return Record(row["name"], row["kind"], row["outputs"])


def _document(state: State) -> dict[str, object]:
    rows = []
    beside = []
    for record in state.records.values():
        row = row_of(record, state.records.values())
        if row is None:
            beside.append(_row(record))
        else:
            rows.append(row)
    own = {
        "records": beside,
        "retired": [_row(record) for record in state.retired],
        "intents": [
            {"name": intent.name, "kind": intent.kind, "identity": dict(intent.identity)}
            for intent in state.intents.values()
        ],
        "tag_keys": {r.name: list(r.tag_keys) for r in state.records.values() if r.tag_keys},
        "parameter_keys": {
            r.name: list(r.parameter_keys) for r in state.records.values() if r.parameter_keys
        },
        "adopted": [r.name for r in state.records.values() if r.adopted],
    }
    document: dict[str, object] = {
        "resources": [*rows, *state.foreign],
        "schema_version": _SCHEMA_VERSION,
        "backend": "api",
    }
    filled = {key: value for key, value in own.items() if value}
    return {**document, "chalice": filled} if filled else document


def _row(record: Record) -> dict[str, object]:
    return {"name": record.name, "kind": record.kind, "outputs": dict(record.outputs)}
