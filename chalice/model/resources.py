"""AWS resources as plain data. A resource says what should exist; it does nothing.

The union ``Resource`` is closed on purpose: every stage matches on it and ends in
``assert_never``, so mypy lists each place where a new kind must be handled.

Field metadata steers the planner: ``FIXED`` marks what AWS cannot change in place (a change
replaces the resource), ``TAGS`` a mapping of which we own only our own keys, ``DIGEST`` a
document that is compared by its digest, because AWS does not give it back as it was sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from typing_extensions import assert_never

from chalice.model.values import (
    Arn,
    Document,
    Outputs,
    Place,
    Ref,
    Value,
    refs,
    resolve_document,
)

FIXED: Mapping[str, object] = {"fixed": True}
TAGS: Mapping[str, object] = {"tags": True}
DIGEST: Mapping[str, object] = {"digest": True}


@dataclass(frozen=True, kw_only=True)
class Role:
    """An IAM role that functions assume. ``policy`` is its one inline policy, named as the role."""

    name: str
    role_name: str = field(metadata=FIXED)
    trust_policy: Document
    policy: Document


@dataclass(frozen=True, kw_only=True)
class LogGroup:
    """How many days the log group keeps events. The group itself outlives the stage."""

    name: str
    log_group_name: str = field(metadata=FIXED)
    retention_in_days: int


@dataclass(frozen=True, slots=True)
class Code:
    """A bundle: what AWS calls CodeSha256 (base64), and the zip to upload when it differs."""

    sha256: str
    path: Path = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Function:
    """A Lambda function. ``timeout`` is in seconds, ``memory_size`` in MiB."""

    name: str
    function_name: str = field(metadata=FIXED)
    runtime: str
    handler: str
    role: Value
    code: Code
    architecture: str = "x86_64"
    timeout: int
    memory_size: int
    environment: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict, metadata=TAGS)
    tracing: bool = False
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    reserved_concurrency: int | None = None
    after: Ref | None = field(default=None, compare=False)
    """The log group, which must exist before the function can make one of its own."""


@dataclass(frozen=True, kw_only=True)
class RestApi:
    """An API Gateway REST API and the one stage it serves ``document`` from.

    ``document`` is the whole API document. ``minimum_compression_size`` is in bytes, None for
    no compression. ``stage_key`` (``app/stage``) is how an API is recognised as ours.
    """

    name: str
    title: str
    stage_key: str
    document: Document = field(metadata=DIGEST)
    stage_name: str
    endpoint_type: str = "EDGE"
    minimum_compression_size: int | None = None
    tracing: bool = False


@dataclass(frozen=True, kw_only=True)
class Permission:
    """``principal`` may invoke ``function`` on behalf of ``source_arn``."""

    name: str
    function: Value = field(metadata=FIXED)
    principal: str = field(metadata=FIXED)
    source_arn: Value = field(metadata=FIXED)


Resource: TypeAlias = Role | LogGroup | Function | RestApi | Permission
"""Every kind there is."""

Kind: TypeAlias = Literal["Role", "LogGroup", "Function", "RestApi", "Permission"]

Identity: TypeAlias = Mapping[str, str]
"""What tells one AWS resource from all others of its kind, known before it exists."""


def kind_of(resource: Resource) -> Kind:
    """Return the name of the resource's kind, as states and plans write it."""
    match resource:
        case Role():
            return "Role"
        case LogGroup():
            return "LogGroup"
        case Function():
            return "Function"
        case RestApi():
            return "RestApi"
        case Permission():
            return "Permission"
        case _:
            assert_never(resource)


def identity(resource: Resource) -> Identity | None:
    """Return how AWS can be asked whether the resource exists; None while that is not known."""
    match resource:
        case Role():
            return {"role_name": resource.role_name}
        case LogGroup():
            return {"log_group_name": resource.log_group_name}
        case Function():
            return {"function_name": resource.function_name}
        case RestApi():
            return {"stage_key": resource.stage_key, "stage_name": resource.stage_name}
        case Permission():
            function, source_arn = resource.function, resource.source_arn
            if not isinstance(function, str) or not isinstance(source_arn, str):
                return None
            return {
                "function": function,
                "principal": resource.principal,
                "source_arn": source_arn,
            }
        case _:
            assert_never(resource)


def statement_id(permission: Permission) -> str:
    """Return the Sid of a (resolved) permission: the same for the same grant."""
    grant = f"{permission.principal} {permission.source_arn}"
    return f"{permission.name}-{hashlib.sha256(grant.encode()).hexdigest()[:12]}"


def dependencies(resource: Resource) -> frozenset[str]:
    """Return the names of the resources that must exist before this one."""
    return frozenset[str]().union(*(refs(value) for value in _values(resource).values()))


def resolved(resource: Resource, place: Place, known: Mapping[str, Outputs]) -> Resource:
    """Return ``resource`` with every value that is known replaced by its string."""
    values = {name: _resolved(value, place, known) for name, value in _values(resource).items()}
    return replace(resource, **values)


def _values(resource: Resource) -> dict[str, Any]:
    return {field_.name: getattr(resource, field_.name) for field_ in fields(resource)}


def _resolved(value: Any, place: Place, known: Mapping[str, Outputs]) -> Any:
    if isinstance(value, (Ref, Arn, Mapping)):
        return resolve_document(value, place, known)
    return value
