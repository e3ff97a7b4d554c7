"""The state while a plan runs: each step is on disk before the next one depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from threading import Lock

from chalice.model.resources import Resource, identity, kind_of
from chalice.model.state import Intent, Record, State
from chalice.model.values import Outputs
from chalice.plan.port import Store


class Journal:
    """Records what happens, thread-safe, writing the store after every step.

    A process may be killed between any two lines: an intent without a record tells the next
    run to look whether the resource exists.
    """

    def __init__(self, state: State, store: Store) -> None:
        self._records = dict(state.records)
        self._retired = list(state.retired)
        self._intents = dict(state.intents)
        self._saved = state
        self._store = store
        self._lock = Lock()

    @property
    def state(self) -> State:
        """The state as it was last written."""
        return self._saved

    def outputs(self) -> Mapping[str, Outputs]:
        """Return the outputs of every recorded resource, by name."""
        with self._lock:
            return {name: record.outputs for name, record in self._records.items()}

    def begin(self, resource: Resource, retiring: Record | None = None) -> None:
        """Say that ``resource`` is about to be created, in the place of ``retiring``."""
        known = identity(resource)
        if known is None:
            raise ValueError(f"{resource.name} waits for another resource")
        with self._lock:
            if retiring is not None:
                self._records.pop(retiring.name, None)
                if not retiring.adopted:
                    self._retired.append(retiring)
            self._intents[resource.name] = Intent(resource.name, kind_of(resource), known)
            self._save()

    def record(self, record: Record) -> None:
        """Say that the resource of ``record`` exists, with these outputs."""
        with self._lock:
            unchanged = self._records.get(record.name) == record
            if unchanged and record.name not in self._intents:
                return
            self._records[record.name] = record
            self._intents.pop(record.name, None)
            self._save()

    def forget(self, record: Record) -> None:
        """Say that the resource of ``record`` is gone."""
        with self._lock:
            self._drop(record)

    def forget_replaced(self, record: Record, name: str) -> None:
        """Forget ``record``, which made room, unless its place is the one called ``name``."""
        with self._lock:
            if record in self._retired or record.name != name:
                self._drop(record)

    def forget_copy(self, record: Record) -> bool:
        """Forget ``record`` if another one is of the same resource; say whether that was so.

        What was retired may be wanted again by now.
        """
        with self._lock:
            is_retired = record in self._retired
            for other in self._records.values():
                is_another = is_retired or other.name != record.name
                if is_another and (other.kind, other.outputs) == (record.kind, record.outputs):
                    self._drop(record)
                    return True
        return False

    def _drop(self, record: Record) -> None:
        if record in self._retired:
            self._retired.remove(record)
        else:
            if self._records.get(record.name, record).outputs == record.outputs:
                self._records.pop(record.name, None)
            self._intents.pop(record.name, None)
        self._save()

    def _save(self) -> None:
        state = replace(
            self._saved,
            records=dict(self._records),
            retired=tuple(self._retired),
            intents=dict(self._intents),
        )
        self._store.save(state)
        self._saved = state
