"""The data: operations, actions, types of resources and their ARNs, one document an IAM prefix.

Taken from AWS's Service Authorization Reference by ``tools/iam_catalog.py``. See ``NOTICE``.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

DATA = Path(__file__).with_name("reference.zip")

Level: TypeAlias = Literal["Read", "List", "Write", "Tagging", "Permissions management"]
Standing: TypeAlias = Literal["known", "open", "assumed", "missing"]

LEVELS: Mapping[str, Level] = {
    "R": "Read",
    "L": "List",
    "W": "Write",
    "T": "Tagging",
    "P": "Permissions management",
}


class UnknownOperationError(LookupError):
    """botocore, as it was when the data was made, has no such service or operation."""


class UndocumentedError(LookupError):
    """The service is not governed by actions that AWS documents; ``action`` is a guess."""

    def __init__(self, service: str, operation: str, action: str) -> None:
        super().__init__(f"AWS documents no IAM action for {service} {operation}")
        self.service = service
        self.operation = operation
        self.action = action


@dataclass(frozen=True)
class Kind:
    """A type of resource of an action, with its ARN's shapes; mostly there is one."""

    name: str
    shapes: tuple[str, ...]
    is_required: bool


@dataclass(frozen=True)
class Entry:
    """What the data says of one operation.

    ``actions`` are those that it always needs. ``route`` is ``METHOD /path/{Parameter}`` of
    an operation of API Gateway. ``roles`` are paths of parameters that hold a role.
    """

    prefix: str
    standing: Standing
    actions: tuple[str, ...] = ()
    route: str | None = None
    roles: tuple[str, ...] = ()


def services() -> tuple[str, ...]:
    """Return botocore's names of all services."""
    return tuple(sorted(_about()["services"]))


def prefix_of(service: str) -> str:
    """Return the IAM prefix of a botocore service: ``states`` for ``stepfunctions``."""
    try:
        return str(_about()["services"][service])
    except KeyError:
        raise UnknownOperationError(f"no such service: {service}") from None


def operations_of(service: str) -> tuple[str, ...]:
    """Return the names of all operations of a botocore service."""
    return tuple(sorted(_service(service)[1]))


def operation_called(service: str, method: str) -> str:
    """Return the operation of a client's method: ``GetItem`` for ``get_item``."""
    plain = method.replace("_", "").lower()
    for name in _service(service)[1]:
        if name.lower() == plain:
            return name
    raise UnknownOperationError(f"no such method: {service} {method}")


def standing(service: str, operation: str) -> Standing:
    """Return how an operation's actions are known.

    ``known``: from AWS's reference. ``open``: it needs no permission. ``assumed``: the
    reference does not have it yet, and AWS's habit of naming gives the action.
    ``missing``: ``needs`` raises ``UndocumentedError``.
    """
    return entry(service, operation).standing


def actions_of(prefix: str) -> tuple[str, ...]:
    """Return all actions of an IAM prefix, without it: ``GetItem``; nothing if it is unknown."""
    return tuple(sorted(document(prefix)["actions"]))


def access_level(action: str) -> Level | None:
    """Return what kind of access an action gives, or None if the action is unknown."""
    prefix, _, name = action.partition(":")
    row = document(prefix)["actions"].get(name)
    return LEVELS[row[0]] if row else None


def kinds_of(action: str) -> tuple[Kind, ...]:
    """Return the types of resources that an action takes; none when it takes only ``*``."""
    prefix, _, name = action.partition(":")
    loaded = document(prefix)
    names = loaded["actions"].get(name, ["W"])[1:]
    return tuple(
        Kind(n.rstrip("*"), tuple(loaded["types"][n.rstrip("*")]), n.endswith("*")) for n in names
    )


def entry(service: str, operation: str) -> Entry:
    """Return what the data says of one operation of a botocore service."""
    _, rows = _service(service)
    try:
        return rows[operation]
    except KeyError:
        raise UnknownOperationError(f"no such operation: {service} {operation}") from None


@lru_cache(maxsize=32)
def document(prefix: str) -> Mapping[str, Any]:
    """Return the document of an IAM prefix, an empty one if there is none."""
    try:
        return dict(json.loads(_archive().read(f"{prefix}.json")))
    except KeyError:
        return {"types": {}, "actions": {}, "services": {}}


@lru_cache(maxsize=32)
def _service(service: str) -> tuple[str, Mapping[str, Entry]]:
    prefix = prefix_of(service)
    row = document(prefix)["services"][service]
    roles = {name: tuple(paths.split()) for name, paths in row.get("roles", {}).items()}
    routes = row.get("routes", {})
    stands: dict[str, tuple[Standing, tuple[str, ...]]] = {
        name: ("known", tuple(actions)) for name, actions in row.get("other", {}).items()
    }
    stands |= {name: ("known", (f"{prefix}:{name}",)) for name in row.get("named", "").split()}
    stands |= dict.fromkeys(routes, ("known", ()))
    stands |= dict.fromkeys(row.get("open", "").split(), ("open", ()))
    for assumed in row.get("assumed", "").split():
        name, _, action = assumed.partition("=")
        stands[name] = ("assumed", (f"{prefix}:{action or name}",))
    stands |= {name: ("missing", (f"{prefix}:{name}",)) for name in row.get("missing", "").split()}
    return prefix, {
        name: Entry(prefix, stand, actions, routes.get(name), roles.get(name, ()))
        for name, (stand, actions) in stands.items()
    }


@lru_cache(maxsize=1)
def _archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(DATA.read_bytes()))


@lru_cache(maxsize=1)
def _about() -> Mapping[str, Any]:
    return dict(json.loads(_archive().read("about.json")))
