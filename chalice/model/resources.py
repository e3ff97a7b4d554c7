"""AWS resources as plain data. A resource says what should exist; it does nothing.

The union ``Resource`` is closed on purpose: every choice by kind is a ``match`` that ends in
``assert_never``, so mypy lists each place where a new kind must be handled. What the planner
needs to know of a field is its metadata: see ``chalice.model.fields``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Literal, TypeAlias, cast

from chalice.model.apis import (
    ApiKey,
    ApiMapping,
    DomainName,
    FunctionUrl,
    HttpApi,
    RestApi,
    UsagePlan,
    WebsocketApi,
)
from chalice.model.functions import Alias, Function, Layer, LogGroup, Permission, Role
from chalice.model.triggers import BucketNotification, EventSourceMapping, Rule, TopicSubscription
from chalice.model.values import Arn, Outputs, Place, Ref, refs, resolve_document

Resource: TypeAlias = (
    Role
    | LogGroup
    | Layer
    | Function
    | Alias
    | Permission
    | RestApi
    | HttpApi
    | FunctionUrl
    | WebsocketApi
    | DomainName
    | ApiMapping
    | ApiKey
    | UsagePlan
    | EventSourceMapping
    | Rule
    | BucketNotification
    | TopicSubscription
)
"""Every kind there is."""

Kind: TypeAlias = Literal[
    "Role",
    "LogGroup",
    "Layer",
    "Function",
    "Alias",
    "Permission",
    "RestApi",
    "HttpApi",
    "FunctionUrl",
    "WebsocketApi",
    "DomainName",
    "ApiMapping",
    "ApiKey",
    "UsagePlan",
    "EventSourceMapping",
    "Rule",
    "BucketNotification",
    "TopicSubscription",
]
"""The names of the classes, as states and plans write them."""

Identity: TypeAlias = Mapping[str, str]
"""What tells one AWS resource from all others of its kind, known before it exists."""


def kind_of(resource: Resource) -> Kind:
    """Return the name of the resource's kind."""
    return cast("Kind", type(resource).__name__)


def identity(resource: Resource) -> Identity | None:
    """Return how AWS can be asked whether the resource exists; None while that is not known."""
    values = {
        field.name: getattr(resource, field.name)
        for field in fields(resource)
        if field.metadata.get("identity")
    }
    if any(isinstance(value, (Ref, Arn)) for value in values.values()):
        return None
    return {
        name: ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in values.items()
    }


def dependencies(resource: Resource) -> frozenset[str]:
    """Return the names of the resources that must exist before this one."""
    return frozenset[str]().union(*(refs(value) for value in _values(resource).values()))


def resolved(resource: Resource, place: Place, known: Mapping[str, Outputs]) -> Resource:
    """Return ``resource`` with every value that is known replaced by its string."""
    values = {name: _resolved(value, place, known) for name, value in _values(resource).items()}
    return replace(resource, **values)


def _values(resource: Resource) -> dict[str, Any]:
    return {field.name: getattr(resource, field.name) for field in fields(resource)}


def _resolved(value: Any, place: Place, known: Mapping[str, Outputs]) -> Any:
    if isinstance(value, tuple):
        return tuple(_resolved(item, place, known) for item in value)
    if isinstance(value, (Ref, Arn, Mapping)):
        return resolve_document(value, place, known)
    return value
