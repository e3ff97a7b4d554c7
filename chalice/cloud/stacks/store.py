"""Stacks as they are: what the snapshot keeps of them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any, Literal, TypeAlias

from moto.core.base_backend import BackendDict, BaseBackend
from moto.utilities.utils import get_partition

from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.stacks.blueprints import Blueprint, Definition
from chalice.cloud.stacks.template import Template

_DELETED = 100  # stacks that can still be asked for by their ids

OnFailure: TypeAlias = Literal["ROLLBACK", "DELETE", "DO_NOTHING"]


@dataclass(frozen=True, slots=True)
class Version:
    """What a caller wants of a stack, and what it comes to.

    ``body`` is the template as it was sent, ``source`` what it says, ``template`` the same without
    transforms. ``parameters``
    are as given. ``role`` is the ARN of the role that acts, and ``access_key`` whose key the
    caller had when there is no role; empty for the root. ``imported`` are names of exports.
    """

    body: str
    source: Template
    template: Template
    parameters: Mapping[str, str]
    values: Mapping[str, Any]
    blueprint: Blueprint
    capabilities: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    topics: tuple[str, ...] = ()
    role: str | None = None
    access_key: str = ""
    imported: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource that was made. ``properties`` and ``attributes`` are what they came to."""

    definition: Definition
    physical_id: str
    properties: Mapping[str, Any]
    attributes: Mapping[str, Any]

    @property
    def logical_id(self) -> str:
        """The name in the template."""
        return self.definition.logical_id


@dataclass(frozen=True, slots=True)
class Status:
    """How far a resource is, and since when."""

    type: str
    physical_id: str
    status: str
    reason: str | None
    at: datetime
    metadata: Any = None


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to the stack or to one of its resources."""

    id: str
    logical_id: str
    status: Status
    token: str | None = None
    properties: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an update did, so that it can be undone: ``before`` is what was there, None
    when nothing was, ``after`` what is there since.
    """

    before: Resource | None
    after: Resource
    in_place: bool = False


@dataclass(slots=True)
class ChangeSet:
    """Changes that are proposed. ``changes`` are as the API shows them."""

    name: str
    id: str
    kind: Literal["CREATE", "UPDATE"]
    version: Version | None
    created: datetime
    description: str | None = None
    status: str = "CREATE_COMPLETE"
    execution: str = "AVAILABLE"
    reason: str | None = None
    changes: list[dict[str, Any]] = field(default_factory=list)
    on_failure: OnFailure | None = None


@dataclass(slots=True)
class Stack:
    """One stack. ``version`` is what was asked for last, ``former`` what an update goes back to.

    ``undo`` is what the update that goes on has done; ``leftovers`` are resources to delete at
    its end. ``made`` are the resources, in the order in which they were made.
    """

    name: str
    id: str
    region: str
    created: datetime
    version: Version | None = None
    former: Version | None = None
    status: str = "REVIEW_IN_PROGRESS"
    reason: str | None = None
    updated: datetime | None = None
    deleted: datetime | None = None
    token: str | None = None
    on_failure: OnFailure = "ROLLBACK"
    is_protected: bool = False
    parent: str | None = None
    made: dict[str, Resource] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)
    outputs: list[dict[str, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    undo: list[Change] = field(default_factory=list)
    leftovers: list[Resource] = field(default_factory=list)
    retained: frozenset[str] = frozenset()
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)

    @property
    def partition(self) -> str:
        """``aws``, or that of other parts of the world."""
        return self.id.split(":")[1]

    @property
    def is_busy(self) -> bool:
        """Whether something goes on."""
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    def exports(self) -> dict[str, str]:
        """Return the values that other stacks may import, by name."""
        if self.status == "DELETE_COMPLETE":
            return {}
        found = self.outputs
        return {each["ExportName"]: each["OutputValue"] for each in found if "ExportName" in each}

    def say(self, status: str, reason: str | None = None) -> None:
        """Be in another state from now on."""
        self.status, self.reason = status, reason
        at = now()
        about = Status("AWS::CloudFormation::Stack", self.id, status, reason, at)
        self.events.append(Event(str(uuid.uuid4()), self.name, about, self.token))

    def say_of(
        self,
        definition: Definition,
        status: str,
        physical_id: str = "",
        reason: str | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> None:
        """Have a resource in another state from now on."""
        about = Status(definition.type, physical_id, status, reason, now(), definition.metadata)
        self.statuses[definition.logical_id] = about
        name = f"{definition.logical_id}-{status}-{uuid.uuid4()}"
        self.events.append(Event(name, definition.logical_id, about, self.token, properties))

    def keep(self, resource: Resource) -> None:
        """Have a resource, as the one that was made last."""
        self.made.pop(resource.logical_id, None)
        self.made[resource.logical_id] = resource

    def change(self, **members: Any) -> None:
        """Have other members in the version that was asked for."""
        assert self.version is not None
        self.version = replace(self.version, **members)


class StackStore(BaseBackend):
    """The stacks of one region, by id, those that are deleted too."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.stacks: dict[str, Stack] = {}

    def new(self, name: str, **members: Any) -> Stack:
        """Return a stack with nothing in it, which is not kept yet."""
        partition = get_partition(self.region_name)
        stack_id = (
            f"arn:{partition}:cloudformation:{self.region_name}:{ACCOUNT}:"
            f"stack/{name}/{uuid.uuid4()}"
        )
        return Stack(name, stack_id, self.region_name, now(), **members)

    def add(self, stack: Stack) -> None:
        """Keep a stack; of those that are deleted the newest are enough."""
        self.stacks[stack.id] = stack
        gone = [each.id for each in self.stacks.values() if each.status == "DELETE_COMPLETE"]
        for stack_id in gone[:-_DELETED]:
            del self.stacks[stack_id]

    def find(self, name: str) -> Stack | None:
        """Return the stack of that name that is not deleted, or any by its id."""
        if name.startswith("arn:"):
            return self.stacks.get(name)
        found = (each for each in list(self.stacks.values()) if each.name == name)
        return next((each for each in found if each.status != "DELETE_COMPLETE"), None)

    def living(self) -> list[Stack]:
        """Return the stacks that are not deleted, the newest first."""
        found = [each for each in self.stacks.values() if each.status != "DELETE_COMPLETE"]
        return sorted(found, key=lambda each: each.created, reverse=True)


stack_stores: BackendDict[StackStore] = BackendDict(StackStore, "cloudformation")


def store_of(region: str) -> StackStore:
    """Return the stacks of a region."""
    return stack_stores[ACCOUNT][region]


def all_stacks() -> list[Stack]:
    """Return the stacks of all regions."""
    return [
        stack
        for _, _, store in list(stack_stores.iter_backends())
        if isinstance(store, StackStore)
        for stack in list(store.stacks.values())
    ]


def now() -> datetime:
    """Return the moment, as AWS's answers have it."""
    return datetime.now(timezone.utc)
