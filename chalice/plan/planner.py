"""Compare what should exist with what does. Pure: no AWS, no files, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import Field, fields, replace

from chalice.model.resources import Kind, Resource, kind_of, resolved
from chalice.model.state import Found, Record
from chalice.model.triggers import BucketNotification
from chalice.model.values import Outputs, Place, digest, leaves, refs
from chalice.plan.actions import Action, Change, Create, Delete, Keep, Plan, Replace, Update

# Who stops using whom first: events end before the function, and a role goes last.
DELETION_ORDER: tuple[Kind, ...] = (
    "EventSourceMapping",
    "TopicSubscription",
    "BucketNotification",
    "Rule",
    "ApiMapping",
    "DomainName",
    "UsagePlan",
    "ApiKey",
    "FunctionUrl",
    "Permission",
    "RestApi",
    "HttpApi",
    "WebsocketApi",
    "Alias",
    "Function",
    "Layer",
    "Role",
    "LogGroup",
)


def plan(
    desired: Sequence[Resource],
    recorded: Mapping[str, Record],
    retired: Sequence[Record],
    actual: Mapping[str, Found],
    place: Place,
) -> Plan:
    """Return the actions that turn ``actual`` into ``desired``, in an order that works.

    ``desired`` is in dependency order. ``recorded`` holds a record for each resource of ours,
    ``actual`` the same names as far as they still exist. Deletions come last.
    """
    known: dict[str, Outputs] = {name: actual[name].outputs for name in recorded if name in actual}
    actions: list[Action] = []
    gone = list(retired)
    for resource in desired:
        action = _action(resource, recorded.get(resource.name), actual, known, place)
        if isinstance(action, (Create, Replace)):
            known.pop(resource.name, None)
        if isinstance(action, Replace) and not action.deleted_first:
            gone.append(action.record)
        actions.append(action)
    wanted = {resource.name for resource in desired}
    gone += [record for name, record in recorded.items() if name not in wanted]
    actions = [_in_the_place_of_one(action, gone, wanted, actual) for action in actions]
    gone.sort(key=lambda record: DELETION_ORDER.index(record.kind))
    return (*actions, *(Delete(record) for record in gone))


def _in_the_place_of_one(
    action: Action, gone: list[Record], wanted: set[str], actual: Mapping[str, Found]
) -> Action:
    """Let a new notification of a bucket take the place of one that goes: S3 takes no two that
    are for the same objects, as those of a renamed handler are.

    It is the one of the same name, which a killed deploy left behind, or one that is not wanted
    and not known to be for other objects.
    """
    if isinstance(action, Create) and isinstance(action.resource, BucketNotification):
        name = action.resource.name
        going = [
            record
            for record in gone
            if record.kind == "BucketNotification"
            and record.outputs.get("bucket") == action.resource.bucket
            and (
                record.name == name
                or (record.name not in wanted and _overlap(action.resource, record, actual))
            )
        ]
        if going:
            record = min(going, key=lambda each: (each.name != name, each.name not in actual))
            gone.remove(record)
            return Replace(action.resource, record, (), deleted_first=True)
    return action


def _overlap(new: BucketNotification, record: Record, actual: Mapping[str, Found]) -> bool:
    """Whether a recorded notification of the bucket may be for objects that ``new`` is for too."""
    found = actual.get(record.name)
    if found is None or not isinstance(found.resource, BucketNotification):
        return True
    old = found.resource
    prefixes = sorted((old.prefix, new.prefix), key=len)
    suffixes = sorted((old.suffix, new.suffix), key=len)
    return prefixes[1].startswith(prefixes[0]) and suffixes[1].endswith(suffixes[0])


def _action(
    resource: Resource,
    record: Record | None,
    actual: Mapping[str, Found],
    known: Mapping[str, Outputs],
    place: Place,
) -> Action:
    found = actual.get(resource.name)
    if record is None:
        return Create(resource)
    if record.kind != kind_of(resource):
        return Replace(resource, record, ())
    if found is None:
        return Create(resource)
    want = resolved(resource, place, known)
    current = replace(record, outputs=found.outputs)
    changes = tuple(
        Change(field.name, _seen(field, want, found.resource, record), getattr(want, field.name))
        for field in fields(want)
        if field.compare and _differs(field, want, found.resource, record)
    )
    if not changes:
        return Keep(current)
    changed = {change.field for change in changes}
    fixed = [f.metadata for f in fields(want) if f.name in changed and f.metadata.get("fixed")]
    if fixed:
        return Replace(resource, current, changes, all("sole" in each for each in fixed))
    return Update(resource, current, changes)


def _seen(field: Field[object], want: Resource, have: Resource, record: Record) -> object:
    """Return the value that is there; of further parameters, those of ours that differ."""
    current, wanted = getattr(have, field.name), getattr(want, field.name)
    if not field.metadata.get("parameters"):
        return current
    changed = {path.partition(".")[0] for path in _gone(wanted, record)}
    changed |= {key for key, value in wanted.items() if not _covers(current.get(key), value)}
    kept = {key: value for key, value in wanted.items() if key not in changed}
    return {**kept, **{key: current[key] for key in sorted(changed) if key in current}}


def _gone(wanted: Mapping[str, object], record: Record) -> set[str]:
    """Return which further parameters were set and are not wanted any more."""
    return set(record.parameter_keys) - set(leaves(wanted))


def _covers(current: object, wanted: object) -> bool:
    """Whether everything that is wanted is there; AWS leaves out and fills in what is empty."""
    if isinstance(wanted, Mapping):
        have = current if isinstance(current, Mapping) else {}
        return all(_covers(have.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, (list, tuple)) and isinstance(current, (list, tuple)):
        pairs = zip(current, wanted, strict=False)
        return len(current) == len(wanted) and all(_covers(*pair) for pair in pairs)
    return current == wanted or not (current or wanted)


def _differs(field: Field[object], want: Resource, have: Resource, record: Record) -> bool:
    wanted, current = getattr(want, field.name), getattr(have, field.name)
    if field.metadata.get("tags"):
        ours = {*wanted, *record.tag_keys}
        return bool(wanted != {key: current[key] for key in ours if key in current})
    if field.metadata.get("parameters"):
        return bool(_gone(wanted, record)) or not _covers(current, wanted)
    if field.metadata.get("digest"):
        return bool(refs(wanted)) or digest(wanted) != current
    if isinstance(wanted, (list, dict, tuple)):
        return bool(refs(wanted)) or digest(wanted) != digest(current)
    return bool(wanted != current)
