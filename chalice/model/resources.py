"""AWS resources as plain data. A resource says what should exist; it does nothing.

The union ``Resource`` is closed on purpose: every stage matches on it and ends in
``assert_never``, so mypy lists each place where a new kind must be handled.

Field metadata steers the planner: ``FIXED`` marks what AWS cannot change in place (a change
replaces the resource), ``TAGS`` a mapping of which we own only our own keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from chalice.model.values import Document, Ref, Value

FIXED: Mapping[str, object] = {"fixed": True}
TAGS: Mapping[str, object] = {"tags": True}


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
    """A resource that must exist first, though nothing of it is used: the log group."""


@dataclass(frozen=True, kw_only=True)
class RestApi:
    """An API Gateway REST API and the one stage it serves ``document`` from.

    ``document`` is the whole API document. ``minimum_compression_size`` is in bytes, None for
    no compression. ``stage_key`` (``app/stage``) is how an API is recognised as ours.
    """

    name: str
    title: str
    stage_key: str = field(metadata=FIXED)
    document: Document
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
