"""Look at what is recorded, what was begun, and what exists without either."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from chalice.model.resources import Resource, identity, kind_of, resolved
from chalice.model.state import Found, Intent, Record, State
from chalice.model.values import Outputs, Place
from chalice.plan.port import Cloud

WORKERS = 8
T = TypeVar("T")
R = TypeVar("R")


@dataclass
class Observation:
    """The world as the planner needs it.

    ``recorded`` are the resources of the stage, by name, those just found included; ``actual``
    are those of them that exist. Every intent has become a record, or come to nothing.
    """

    recorded: dict[str, Record] = field(default_factory=dict)
    retired: list[Record] = field(default_factory=list)
    actual: dict[str, Found] = field(default_factory=dict)

    def known(self) -> Mapping[str, Outputs]:
        """Return the outputs of what exists."""
        return {name: found.outputs for name, found in self.actual.items()}


def observe(cloud: Cloud, desired: Sequence[Resource], state: State, place: Place) -> Observation:
    """Read what is recorded and wanted, settle the intents, find what else is there already.

    What is recorded and not wanted is not read: it will be deleted, whatever it is.
    """
    seen = Observation(dict(state.records), list(state.retired))
    with ThreadPoolExecutor(WORKERS, "observe") as pool:
        names = {resource.name for resource in desired}
        wanted = [record for record in state.records.values() if record.name in names]
        _read(cloud, seen, wanted, pool)
        _settle(cloud, seen, desired, state, place, pool)
        _reinstate(cloud, seen, desired, place, pool)
        _adopt(cloud, seen, desired, place, pool)
    return seen


def _read(
    cloud: Cloud, seen: Observation, records: Iterable[Record], pool: ThreadPoolExecutor
) -> None:
    for record, found in _each(pool, cloud.read, list(records)):
        if found is not None:
            seen.actual[record.name] = found


def _settle(
    cloud: Cloud,
    seen: Observation,
    desired: Sequence[Resource],
    state: State,
    place: Place,
    pool: ThreadPoolExecutor,
) -> None:
    """Turn each creation that was begun into a record, if something came of it."""

    def find(intent: Intent) -> Outputs | None:
        return cloud.find(intent.kind, intent.identity)

    wanted = {r.name: identity(resolved(r, place, seen.known())) for r in desired}
    found_records = []
    for intent, outputs in _each(pool, find, list(state.intents.values())):
        if outputs is None:
            continue
        record = Record(intent.name, intent.kind, outputs)
        is_wanted = wanted.get(intent.name, intent.identity) in (None, intent.identity)
        if is_wanted and intent.name not in seen.actual:
            seen.recorded[intent.name] = record
            found_records.append(record)
        elif intent.name not in seen.recorded or seen.recorded[intent.name].outputs != outputs:
            seen.retired.append(record)
    _read(cloud, seen, found_records, pool)


def _reinstate(
    cloud: Cloud,
    seen: Observation,
    desired: Sequence[Resource],
    place: Place,
    pool: ThreadPoolExecutor,
) -> None:
    """Take back what was retired and is wanted again: a change was begun, and then taken back."""
    names = {resource.name for resource in desired}
    retired = [record for record in seen.retired if record.name in names]
    found = [(record, have) for record, have in _each(pool, cloud.read, retired) if have]
    for resource in desired if found else ():
        want = resolved(resource, place, seen.known())
        current = seen.actual.get(want.name)
        if identity(want) is None or (current and _same(current.resource, want)):
            continue
        for record, have in found:
            if record.name == want.name and _same(have.resource, want):
                seen.retired.remove(record)
                replaced = seen.recorded.get(want.name)
                if replaced is not None and not replaced.adopted:
                    seen.retired.append(replaced)
                seen.recorded[want.name] = record
                seen.actual[want.name] = have
                break


def _same(one: Resource, other: Resource) -> bool:
    return kind_of(one) == kind_of(other) and identity(one) == identity(other)


def _adopt(
    cloud: Cloud,
    seen: Observation,
    desired: Sequence[Resource],
    place: Place,
    pool: ThreadPoolExecutor,
) -> None:
    """Find wanted resources that exist without a record, in as many rounds as they depend."""
    tried: set[str] = set()

    def find(resource: Resource) -> tuple[Record, Found] | None:
        outputs = cloud.find(kind_of(resource), identity(resource) or {})
        if outputs is None:
            return None
        record = Record(resource.name, kind_of(resource), outputs)
        found = cloud.read(record)
        return None if found is None else (record, found)

    while True:
        known = seen.known()
        missing = [
            resolved(resource, place, known)
            for resource in desired
            if resource.name not in seen.recorded and resource.name not in tried
        ]
        ready = [resource for resource in missing if identity(resource) is not None]
        if not ready:
            return
        for resource, match in _each(pool, find, ready):
            tried.add(resource.name)
            if match is not None:
                record, found = match
                seen.recorded[record.name] = Record(
                    record.name, record.kind, record.outputs, adopted=not found.ours
                )
                seen.actual[record.name] = found


def _each(
    pool: ThreadPoolExecutor, call: Callable[[T], R], items: Sequence[T]
) -> Iterable[tuple[T, R]]:
    return zip(items, pool.map(call, items), strict=True)
